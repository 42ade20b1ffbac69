"""Analysis tests of the flag //bazel/settings:push_strategy: layers are runfiles, or stay in the remote cache."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//bazel:push_targets.bzl", "push_targets")
load(":fake_layout.bzl", "fake_layout")

_LAZY = {str(Label("//bazel/settings:push_strategy")): "lazy"}

def _document(env):
    actions = [action for action in analysistest.target_actions(env) if action.mnemonic == "FileWrite"]
    return json.decode(actions[0].content)

def _runfiles_names(env):
    files = analysistest.target_under_test(env)[DefaultInfo].default_runfiles.files.to_list()
    return sorted([file.basename for file in files])

def _eager_runfiles_test_impl(ctx):
    env = analysistest.begin(ctx)
    names = _runfiles_names(env)
    for name in ("push_strategy.oci", "push_strategy.img", "push_strategy.oci.layer.tar", "push_strategy.img.layer.tar"):
        asserts.true(env, name in names, "{} is a runfile".format(name))
    asserts.equals(env, [], [action for action in analysistest.target_actions(env) if action.mnemonic == "SparseLayout"])
    return analysistest.end(env)

_eager_runfiles_test = analysistest.make(_eager_runfiles_test_impl)

def _lazy_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(
        env,
        ["push_strategy.img.descriptor.json", "push_strategy.push.set.json", "shop+core", "shop+web"],
        _runfiles_names(env),
    )
    asserts.equals(
        env,
        [("push_strategy.push.set.layouts/shop+core", "remote-cache"), ("push_strategy.push.set.layouts/shop+web", "remote-cache")],
        [(image["layout"], image["layers"]) for image in _document(env)["images"]],
    )
    asserts.equals(env, "push_strategy.img.descriptor.json", _document(env)["images"][1]["descriptor"])
    sparse = [action for action in analysistest.target_actions(env) if action.mnemonic == "SparseLayout"]
    asserts.equals(env, 2, len(sparse))
    asserts.true(env, "--descriptor" in sparse[1].argv, "the root of an image of rules_img is told")
    return analysistest.end(env)

_lazy_test = analysistest.make(_lazy_test_impl, config_settings = _LAZY)

def push_strategy_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    fake_layout(name = name + ".oci", tags = ["manual"])
    fake_layout(name = name + ".img", as_output_group = True, tags = ["manual"])
    push_targets(
        name = name + ".push",
        images = {name + ".oci": "shop/core", name + ".img": "shop/web"},
        tags = ["manual"],
    )
    _eager_runfiles_test(name = name + "_eager", target_under_test = name + ".push.set")
    _lazy_test(name = name + "_lazy", target_under_test = name + ".push.set")
    native.test_suite(name = name, tests = [name + "_eager", name + "_lazy"])
