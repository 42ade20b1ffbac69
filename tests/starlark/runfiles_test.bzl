"""Tests of //bazel/private/lib:runfiles.bzl."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//bazel/private/lib:runfiles.bzl", "runfiles")

_LOCATIONS = {
    "../other~1/pkg/file": "other~1/pkg/file",
    "file": "_main/file",
    "pkg/file": "_main/pkg/file",
}

# (path, start): way
_WAYS = {
    ("_main/a/x", "_main/a"): "x",
    ("_main/a/x", "_main/b"): "../a/x",
    ("_main/a/x", ""): "_main/a/x",
    ("_main/x", "_main/a/b"): "../../x",
    ("other/x", "_main/a"): "../../other/x",
    # A file is never its own folder: the last part of a path is not shared.
    ("_main/a", "_main/a"): "../a",
}

def _location_test_impl(ctx):
    env = unittest.begin(ctx)
    for short_path, expected in _LOCATIONS.items():
        asserts.equals(env, expected, runfiles.location(short_path, "_main"))
    return unittest.end(env)

def _relative_test_impl(ctx):
    env = unittest.begin(ctx)
    for (path, start), expected in _WAYS.items():
        asserts.equals(env, expected, runfiles.relative(path, start))
    return unittest.end(env)

_location_test = unittest.make(_location_test_impl)
_relative_test = unittest.make(_relative_test_impl)

def runfiles_test_suite(name):
    unittest.suite(name, _location_test, _relative_test)
