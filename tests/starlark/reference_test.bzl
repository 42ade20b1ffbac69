"""Tests of //bazel/private/lib:reference.bzl."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//bazel/private/lib:reference.bzl", "reference")

_LEGAL = ["core", "shop/core", "a/b/c", "a.b", "a_b", "a__b", "a-b", "a---b", "0/1", "a" * 255]
_ILLEGAL = ["", "/", "shop/", "/shop", "shop//core", "Shop", "a..b", "a___b", "a._b", "-a", "a-", "a b", "a:b", "a@b", "a" * 256]

def _is_repository_test_impl(ctx):
    env = unittest.begin(ctx)
    for name in _LEGAL:
        asserts.true(env, reference.is_repository(name), name + " is legal")
    for name in _ILLEGAL:
        asserts.false(env, reference.is_repository(name), repr(name) + " is not legal")
    return unittest.end(env)

def _image_names_test_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, {}, reference.image_names([]))
    asserts.equals(env, {"shop/core": "core", "web": "web"}, reference.image_names(["shop/core", "web"]))
    asserts.equals(
        env,
        {"a/image": "a/image", "b/image": "b/image", "c/web": "web"},
        reference.image_names(["a/image", "b/image", "c/web"]),
    )
    return unittest.end(env)

_is_repository_test = unittest.make(_is_repository_test_impl)
_image_names_test = unittest.make(_image_names_test_impl)

def reference_test_suite(name):
    unittest.suite(name, _is_repository_test, _image_names_test)
