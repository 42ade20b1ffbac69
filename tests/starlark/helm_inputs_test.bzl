"""Analysis tests of which file each target of helm_chart reads: what a change re-runs, and that the stamp re-runs nothing."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

_STAMPED = {"//command_line_option:stamp": True}

# They lay the runfiles out, or pack them where somebody asks for a zip.
_RUNFILES_ACTIONS = ["Middleman", "PythonZipper", "RepoMappingManifest", "SourceSymlinkManifest", "SymlinkTree"]

def _names(files):
    return [file.basename for file in files.to_list()]

def _runfiles_test_impl(ctx):
    env = analysistest.begin(ctx)
    found = _names(analysistest.target_under_test(env)[DefaultInfo].default_runfiles.files)
    for name in ctx.attr.expected:
        asserts.true(env, name in found, "{} is missing".format(name))
    for name in ctx.attr.unexpected:
        asserts.false(env, name in found, "{} is not to be read".format(name))
    return analysistest.end(env)

_runfiles_test = analysistest.make(
    _runfiles_test_impl,
    attrs = {"expected": attr.string_list(), "unexpected": attr.string_list()},
)

def _reads_stamp_test_impl(ctx):
    env = analysistest.begin(ctx)
    reading = [
        action.mnemonic
        for action in analysistest.target_actions(env)
        if action.mnemonic not in _RUNFILES_ACTIONS and "stable-status.txt" in _names(action.inputs)
    ]
    asserts.equals(env, ctx.attr.expected, reading)
    return analysistest.end(env)

_reads_stamp_test = analysistest.make(
    _reads_stamp_test_impl,
    attrs = {"expected": attr.string_list()},
    config_settings = _STAMPED,
)

_CHART = "//helm/shop:chart"

# target: what is among its runfiles, and what is not
_RUNFILES = {
    ".chart-rules": (["chart"], ["chart.rendered", "chart.render.values.json"]),
    ".image-set": (["chart", "chart.render.values.json", "chart.render.values-demo.json"], ["chart.rendered"]),
    ".package": (["chart", "chart.sources.json", "_helpers.tpl"], ["chart.rendered", "chart.render.values.json"]),
    ".update": (["chart", "chart.render.values-demo.json"], ["values-demo.yaml"]),
    ".values-demo.lint": (
        ["chart.rendered", "chart.render.values-demo.json", "values-demo.yaml"],
        ["chart", "chart.render.values.json", "values-demo-staging.yaml"],
    ),
}

# target: its actions that read the stamp in a build with --stamp
_STAMPED_ACTIONS = {
    "": [],
    ".gates": [],
    ".render.values": [],
    ".tgz": ["ChartPackage"],
    ".update": [],
    ".values.lint": [],
}

def helm_inputs_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    tests = []
    for target, (expected, unexpected) in _RUNFILES.items():
        tests.append(name + target)
        _runfiles_test(
            name = tests[-1],
            expected = expected,
            target_under_test = _CHART + target,
            unexpected = unexpected + ["stable-status.txt"],
        )
    for target, expected in _STAMPED_ACTIONS.items():
        tests.append("{}{}_stamp".format(name, target))
        _reads_stamp_test(name = tests[-1], expected = expected, target_under_test = _CHART + target)
    native.test_suite(name = name, tests = tests)
