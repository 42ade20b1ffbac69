"""Analysis tests of push_targets(signer = ...): the program and its runfiles go along, for the machine that runs it."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_python//python:py_binary.bzl", "py_binary")
load("//bazel:push_targets.bzl", "push_targets")

def _fake_layout_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(outputs = [folder], command = "mkdir -p " + folder.path, mnemonic = "FakeLayout")
    return [DefaultInfo(files = depset([folder]))]

_fake_layout = rule(doc = "An image target.", implementation = _fake_layout_impl)

def _option_test_impl(ctx):
    env = analysistest.begin(ctx)
    actions = [action for action in analysistest.target_actions(env) if "%{arguments}" in action.substitutions]
    arguments = actions[0].substitutions["%{arguments}"]
    asserts.true(env, "\"--signer\", \"{runfiles}/_main/tests/starlark/signer.program\"" in arguments, arguments)
    return analysistest.end(env)

_option_test = analysistest.make(_option_test_impl)

def _runfiles_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    files = {file.short_path: file for file in target[DefaultInfo].default_runfiles.files.to_list()}
    for path in ["tests/starlark/signer.program", "tests/starlark/signer_test.bzl"]:
        asserts.true(env, path in files, path + " is a runfile")
    program, main = files["tests/starlark/signer.program"], target[DefaultInfo].files_to_run.executable
    asserts.equals(env, main.root.path, program.root.path)
    return analysistest.end(env)

_runfiles_test = analysistest.make(_runfiles_test_impl)

def _refusal_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, "signer.image is no program")
    return analysistest.end(env)

_refusal_test = analysistest.make(_refusal_test_impl, expect_failure = True)

def signer_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    _fake_layout(name = name + ".image", tags = ["manual"])
    py_binary(
        name = name + ".program",
        srcs = ["signer_program.py"],
        data = ["signer_test.bzl"],
        main = "signer_program.py",
        tags = ["manual"],
    )
    images = {name + ".image": "core"}
    push_targets(name = name + ".push", images = images, signer = name + ".program", tags = ["manual"])
    push_targets(name = name + ".file", images = images, signer = name + ".image", tags = ["manual"])
    _option_test(name = name + "_option", target_under_test = name + ".push.main")
    _runfiles_test(name = name + "_runfiles", target_under_test = name + ".push")
    _refusal_test(name = name + "_refused", target_under_test = name + ".file.main")
    native.test_suite(
        name = name,
        tests = [name + "_option", name + "_refused", name + "_runfiles"],
    )
