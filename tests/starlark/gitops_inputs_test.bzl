"""Analysis tests of which file each target of environments reads: a new version or commit re-runs none of them."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

_STAMPED = {"//command_line_option:stamp": True}

# They lay the runfiles out, or pack them where somebody asks for a zip.
_RUNFILES_ACTIONS = ["Middleman", "PythonZipper", "RepoMappingManifest", "SourceSymlinkManifest", "SymlinkTree"]

def _names(files):
    return [file.basename for file in files.to_list()]

def _inputs_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    found = _names(target[DefaultInfo].default_runfiles.files)
    for name in ctx.attr.expected:
        asserts.true(env, name in found, "{} is missing".format(name))
    for name in ctx.attr.unexpected:
        asserts.false(env, name in found, "{} is not to be read".format(name))
    reading = [
        action.mnemonic
        for action in analysistest.target_actions(env)
        if action.mnemonic not in _RUNFILES_ACTIONS and "stable-status.txt" in _names(action.inputs)
    ]
    asserts.equals(env, [], reading, "actions that read the stamp")
    return analysistest.end(env)

_inputs_test = analysistest.make(
    _inputs_test_impl,
    attrs = {"expected": attr.string_list(), "unexpected": attr.string_list()},
    config_settings = _STAMPED,
)

# What has to do with images and charts, and what an environment's branch is generated from.
_RELEASE = ["chart", "core", "push.set.json"]
_DECLARATION = ["environments.json", "inline.yaml", "values-demo-staging.yaml"]

# target: what is among its runfiles, and what is not
_RUNFILES = {
    "//gitops:environments": (_DECLARATION[1:], _RELEASE),
    "//gitops:environments.hydrate": (_DECLARATION, _RELEASE + ["helm"]),
    "//gitops:environments.status": (_DECLARATION, _RELEASE),
    "//gitops:environments.tree": (_DECLARATION + ["strategy.yaml"], _RELEASE + ["happy_path.yaml"]),
    "//gitops:environments.update": (_DECLARATION, _RELEASE + ["strategy.yaml"]),
    "//gitops:environments.validate": (["chart", "strategy.yaml"], _RELEASE[1:] + ["happy_path.yaml"]),
    "//gitops:happy_path_test": (_DECLARATION + ["happy_path.yaml"], _RELEASE + ["strategy.yaml", "supersession.yaml"]),
    "//tests/starlark:gitops_document.of_release.hydrate": (["helm"], _RELEASE),
}

def gitops_inputs_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    tests = []
    for target, (expected, unexpected) in _RUNFILES.items():
        tests.append("{}.{}".format(name, target.partition(":")[2]))
        _inputs_test(
            name = tests[-1],
            expected = expected,
            target_under_test = target,
            unexpected = unexpected + ["stable-status.txt"],
        )
    native.test_suite(name = name, tests = tests)
