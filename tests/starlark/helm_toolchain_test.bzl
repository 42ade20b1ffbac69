"""Tests of what modules declare of Helm, and of what stands in where they declare nothing."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts", "unittest")
load("//bazel:helm.bzl", "helm_toolchain")
load("//bazel/private/helm:declarations.bzl", "declarations")
load("//bazel/private/helm:platforms.bzl", "PLATFORMS", "archive_kind", "program")

def _release(version, sha256 = {}):
    return struct(sha256 = sha256, urls = [], version = version)

def _local(version):
    return struct(path = "", version = version)

def _module(name, toolchain = [], local = []):
    return struct(name = name, tags = struct(local = local, toolchain = toolchain))

# modules: (releases, locals) by major version
_CHOSEN = [
    ([_module("root")], ({}, [])),
    ([_module("root", [_release("4.3.1"), _release("3.19.5")])], ({"3": "3.19.5", "4": "4.3.1"}, [])),
    ([_module("root", [_release("4.3.1")], [_local("3")])], ({"4": "4.3.1"}, ["3"])),
    ([_module("root", [_release("4.2.0")]), _module("other", [_release("4.3.1")])], ({"4": "4.2.0"}, [])),
    ([_module("root", [_release("4.2.0")]), _module("other", [], [_local("4")])], ({"4": "4.2.0"}, [])),
    ([_module("root"), _module("a", [_release("4.2.0")]), _module("b", [_release("4.3.1")])], ({"4": "4.2.0"}, [])),
]

# modules: a part of the error
_REFUSED = [
    ([_module("root", [_release("v4.3.1")])], "version: expected such as 4.3.1"),
    ([_module("root", [_release("4.3")])], "version: expected such as 4.3.1"),
    ([_module("root", [_release("2.17.0")])], "of Helm 3 or 4; found \"2.17.0\""),
    ([_module("root", [_release("4.3.1", {"linux/amd64": ""})])], "sha256: expected platforms of darwin-amd64"),
    ([_module("root", [_release("4.3.1"), _release("4.2.0")])], "there is one Helm 4"),
    ([_module("root", [_release("4.3.1")], [_local("4")])], "helm.toolchain(\"4.3.1\") and root: helm.local(\"4\")"),
]

def _declarations_test_impl(ctx):
    env = unittest.begin(ctx)
    for modules, (releases, locals) in _CHOSEN:
        found = declarations.collect(modules)
        asserts.equals(env, None, found.error)
        asserts.equals(env, releases, {major: tag.version for major, tag in found.toolchains.items()})
        asserts.equals(env, locals, found.locals.keys())
    for modules, expected in _REFUSED:
        error = declarations.collect(modules).error or "none"
        asserts.true(env, expected in error, "expected {}; found {}".format(expected, error))
    return unittest.end(env)

def _platforms_test_impl(ctx):
    env = unittest.begin(ctx)
    for platform in PLATFORMS:
        is_windows = platform == "windows-amd64"
        asserts.equals(env, "zip" if is_windows else "tar.gz", archive_kind(platform))
        asserts.equals(env, "helm.exe" if is_windows else "helm", program(platform))
    return unittest.end(env)

def _own_toolchain_test_impl(ctx):
    env = analysistest.begin(ctx)
    helm = analysistest.target_under_test(env)[platform_common.ToolchainInfo].helm_info
    asserts.equals(env, "4.9.9", helm.version)
    asserts.equals(env, "workspace_status.sh", helm.binary.basename)
    return analysistest.end(env)

def _missing_helm_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, "Helm 4 is missing. Declare it in MODULE.bazel")
    return analysistest.end(env)

_declarations_test = unittest.make(_declarations_test_impl)
_platforms_test = unittest.make(_platforms_test_impl)
_own_toolchain_test = analysistest.make(_own_toolchain_test_impl)
_missing_helm_test = analysistest.make(
    _missing_helm_test_impl,
    config_settings = {
        "//command_line_option:extra_toolchains": [str(Label("//bazel/toolchain:helm_4_toolchain_type.missing"))],
    },
    expect_failure = True,
)

def helm_toolchain_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    helm_toolchain(
        name = name + ".own",
        binary = "//:workspace_status.sh",
        tags = ["manual"],
        version = "4.9.9",
    )
    unittest.suite(name + "_declarations", _declarations_test, _platforms_test)
    _own_toolchain_test(name = name + "_own", target_under_test = name + ".own")
    _missing_helm_test(name = name + "_missing", target_under_test = "//helm/shop:chart.render.values")
    native.test_suite(name = name, tests = [name + "_declarations", name + "_own", name + "_missing"])
