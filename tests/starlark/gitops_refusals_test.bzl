"""Analysis tests of what environments refuses."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("//bazel:gitops.bzl", "environment", "environments", "gate", "scm")
load("//bazel:helm.bzl", "helm_chart")
load("//bazel:push_targets.bzl", "push_targets")

def _refusal_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

_refusal_test = analysistest.make(_refusal_test_impl, attrs = {"message": attr.string()}, expect_failure = True)

def _releases(name):
    """Declares releases with no chart, one and two; returns their sets."""
    for chart in ("shop", "mall"):
        folder = "gitops_refused/" + chart
        write_file(name = "{}.{}_yaml".format(name, chart), out = folder + "/Chart.yaml", tags = ["manual"])
        helm_chart(name = "{}.{}".format(name, chart), srcs = [folder + "/Chart.yaml"], gates = [], tags = ["manual"])
    for count in range(3):
        push_targets(
            name = "{}.push{}".format(name, count),
            charts = {"{}.{}".format(name, chart): "charts" for chart in ["shop", "mall"][:count]},
            images = {"//docker/images:core": "shop/core"},
            record_repository = "shop/release",
            registry = "ghcr.io/acme",
            set_name = "shop",
            tags = ["manual"],
        )
    return ["{}.push{}.set".format(name, count) for count in range(3)]

def _refusals(name, none, one, two):
    """Declares what is refused; returns the message of each."""
    alone = {"chart": "shop", "registry": "ghcr.io/acme", "set_name": "shop"}
    demo = environment("demo")
    cases = {
        "chart": ({"chart": "", "set_name": "x"}, "chart: missing; give it, or the `release` that it follows from"),
        "charts": ({"release": two}, "chart: expected one of the release's charts: shop, mall; found \"\""),
        "gates": ({"gates": [gate.e2e(), gate.e2e()]}, "gates: the gate e2e is declared in gates, too"),
        "no_chart": ({"release": none}, "chart: expected one of the release's charts: it has none; found \"\""),
        "other_chart": ({"chart": "fair", "release": one}, "expected one of the release's charts: shop; found \"fair\""),
        "registry": (alone | {"registry": ""}, "registry: missing"),
        "set_name": (alone | {"set_name": ""}, "set_name: missing"),
        "twice": (alone | {"environments": [demo, demo]}, "environments: two are called demo"),
        "values": (alone | {"environments": [environment("demo", values = [name + ".two"])]}, "two gives 2 files"),
    }
    charts = [":{}.{}_yaml".format(name, chart) for chart in ("shop", "mall")]
    native.filegroup(name = name + ".two", srcs = charts, tags = ["manual"])
    for case, (attributes, _) in cases.items():
        attributes = {"environments": [demo], "repository": scm.github("acme", "shop-deploy", 7), "tags": ["manual"]} | attributes
        environments(name = "{}.{}".format(name, case), **attributes)
    return {case: message for case, (_, message) in cases.items()}

def gitops_refusals_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    none, one, two = _releases(name)
    tests = []
    for case, message in _refusals(name, none, one, two).items():
        tests.append("{}.{}_refused".format(name, case))
        _refusal_test(name = tests[-1], message = message, target_under_test = "{}.{}".format(name, case))
    native.test_suite(name = name, tests = tests)
