"""Analysis tests of what an image target of rules_oci hands over, whichever rules_oci this build has."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

def _one_directory_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    files = target[DefaultInfo].files.to_list()
    asserts.equals(env, [target.label.name], [file.basename for file in files])
    asserts.true(env, files[0].is_directory, "a directory artifact")
    asserts.false(env, hasattr(target[OutputGroupInfo], "oci_layout"), "no output group of rules_img")
    return analysistest.end(env)

_one_directory_test = analysistest.make(_one_directory_test_impl)

def _runfiles_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    names = [file.basename for file in target[DefaultInfo].default_runfiles.files.to_list()]
    asserts.equals(env, sorted(ctx.attr.runfiles), sorted(names))
    return analysistest.end(env)

_runfiles_test = analysistest.make(_runfiles_test_impl, attrs = {"runfiles": attr.string_list()})

def _digest_test_impl(ctx):
    env = analysistest.begin(ctx)
    files = analysistest.target_under_test(env)[DefaultInfo].files.to_list()
    asserts.equals(env, [ctx.attr.file], [file.basename for file in files])
    return analysistest.end(env)

_digest_test = analysistest.make(_digest_test_impl, attrs = {"file": attr.string()})

# What the layout's links lead to. An index has no link.
_RUNFILES = {
    "based": ["gzip_layer.tar.gz", "mixed", "plain_layer.tar", "upper_layer.tar", "zstd_layer.tar.zst"],
    "chained": [
        "based",
        "gzip_layer.tar.gz",
        "mixed",
        "plain_layer.tar",
        "top_layer.tgz",
        "upper_layer.tar",
        "zstd_layer.tar.zst",
    ],
    "empty": [],
    "index": [],
    "plain": ["plain_layer.tar"],
}

def shape_test_suite(name):
    """Declares the tests.

    Args:
      name: string
    """
    for image, runfiles in _RUNFILES.items():
        _one_directory_test(
            name = "{}_{}_is_one_directory_test".format(name, image),
            target_under_test = image,
        )
        _runfiles_test(
            name = "{}_{}_runfiles_test".format(name, image),
            runfiles = runfiles,
            target_under_test = image,
        )
        _digest_test(
            name = "{}_{}_digest_test".format(name, image),
            file = image + ".json.sha256",
            target_under_test = image + ".digest",
        )
    native.test_suite(name = name)
