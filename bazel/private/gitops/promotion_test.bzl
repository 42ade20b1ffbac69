"""Tests that play a scenario of promotions."""

load("//bazel/private/gitops:kit_test.bzl", "kit_test")

visibility(["//bazel"])

def promotion_test(name, environments, scenario, **kwargs):
    """Declares a test that plays a scenario: what happens when, who reports which gate, and what must come of it.

    It is the state machine of GitOps Promoter over real git repositories; [Promotion](../promotion.md) says how
    to write a scenario.

    Args:
      name: string: the target's
      environments: label: an [environments](#environments) target
      scenario: label: the scenario, a YAML file
      **kwargs: attributes common to all tests, such as `size` and `tags`
    """
    kit_test(
        name = name,
        args = ["simulate", "$(rootpath {})".format(scenario), "--environments", "$(rootpath {})".format(environments)],
        data = [environments, scenario],
        **kwargs
    )
