"""Analysis tests of container_tags: what the tag action reads, with --stamp and without."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//bazel:container_tags.bzl", "container_tags")
load("//bazel:providers.bzl", "TagPolicyInfo")

_STAMPED = {"//command_line_option:stamp": True}
_UNSTAMPED = {"//command_line_option:stamp": False}

def _tag_action(env):
    actions = [action for action in analysistest.target_actions(env) if action.mnemonic == "ContainerTags"]
    asserts.equals(env, 1, len(actions))
    return actions[0]

def _reads_status_test_impl(ctx):
    env = analysistest.begin(ctx)
    action = _tag_action(env)
    asserts.equals(env, ctx.attr.expected, "stable-status.txt" in [file.basename for file in action.inputs.to_list()])
    asserts.equals(env, ctx.attr.expected, "--status-file" in action.argv)
    asserts.false(
        env,
        "volatile-status.txt" in [file.basename for file in action.inputs.to_list()],
        "a volatile key in a tag would be stale",
    )
    return analysistest.end(env)

_ATTRS = {"expected": attr.bool()}
_stamped_build_test = analysistest.make(_reads_status_test_impl, attrs = _ATTRS, config_settings = _STAMPED)
_unstamped_build_test = analysistest.make(_reads_status_test_impl, attrs = _ATTRS, config_settings = _UNSTAMPED)

def _policy_test_impl(ctx):
    env = analysistest.begin(ctx)
    policy = analysistest.target_under_test(env)[TagPolicyInfo]
    asserts.equals(env, ["commit-{{STABLE_COMMIT_SHA}}", "{{STABLE_VERSION}}"], policy.immutable)
    asserts.equals(env, ["edge"], policy.moving)
    asserts.equals(env, "digest-", policy.digest_prefix)
    asserts.equals(env, 16, policy.short_length)
    return analysistest.end(env)

_policy_test = analysistest.make(_policy_test_impl)

def container_tags_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    container_tags(
        name = name + ".custom",
        commit_tags = ["commit-{{STABLE_COMMIT_SHA}}"],
        digest_prefix = "digest-",
        short_length = 16,
        static_tags = ["edge"],
        tags = ["manual"],
        version_tags = ["{{STABLE_VERSION}}"],
    )
    tests = [name + "_policy"]
    _policy_test(name = tests[0], target_under_test = name + ".custom")
    for stamp in (-1, 0, 1):
        target = "{}.stamp{}".format(name, stamp)
        container_tags(name = target, stamp = stamp, tags = ["manual"])
        cases = {"stamped": (_stamped_build_test, stamp != 0), "unstamped": (_unstamped_build_test, stamp == 1)}
        for build, (test, expected) in cases.items():
            tests.append("{}_{}_{}".format(name, build, stamp))
            test(name = tests[-1], expected = expected, target_under_test = target)
    native.test_suite(name = name, tests = tests)
