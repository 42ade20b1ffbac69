"""Analysis tests of what helm_chart, and charts in push_targets, refuse."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("//bazel:helm.bzl", "helm_chart")
load("//bazel:push_targets.bzl", "push_targets")

def _refusal_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ctx.attr.message)
    return analysistest.end(env)

_refusal_test = analysistest.make(_refusal_test_impl, attrs = {"message": attr.string()}, expect_failure = True)

_CORE = "//docker/images:core"

def _chart(name, chart, **kwargs):
    """Declares a chart with nothing but a Chart.yaml."""
    write_file(name = name + ".chart_yaml", out = "{}/Chart.yaml".format(chart), tags = ["manual"])
    helm_chart(name = name, srcs = [chart + "/Chart.yaml"], gates = [], tags = ["manual"], **kwargs)
    return name

def _charts(name):
    """Declares charts that are refused; returns the message of each."""
    library = _chart(name + ".library", "refused_library", images = {_CORE: "image"})
    srcs = ["refused_library/Chart.yaml"]
    cases = {
        "dependency": ({"deps": [library]}, "//docker/images:core is missing, an image of the dependency"),
        "layout": ({"images": {"//:VERSION": "a", "//tools:release_kit": "b"}}, "expected one OCI image layout directory"),
        "no_chart": ({"srcs": ["//helm/shop:values.yaml"]}, "expected one Chart.yaml above all others"),
        "outside": ({"srcs": srcs + ["//:VERSION"]}, "VERSION is not in the chart's folder"),
        "archive": ({"deps": [":{}.library.chart_yaml".format(name)]}, "gives Chart.yaml; expected a chart"),
    }
    for case, (attributes, _) in cases.items():
        attributes = {"gates": [], "srcs": srcs, "tags": ["manual"]} | attributes
        helm_chart(name = "{}.{}".format(name, case), **attributes)
    return {case: message for case, (_, message) in cases.items()}

def _sets(name):
    """Declares release sets that are refused; returns the message of each."""
    chart = _chart(name + ".chart", "refused", images = {_CORE: "image"})
    twin = _chart(name + ".twin", "refused_twin", chart_name = "refused")
    images = {_CORE: "shop/core"}
    cases = {
        "image": ({"charts": {chart: "charts"}, "images": {}}, "//docker/images:core, which the set lacks"),
        "illegal": ({"charts": {chart: "Charts"}, "images": images}, "\"Charts/refused\" is no legal repository"),
        "image_repository": ({"charts": {chart: "shop"}, "images": {_CORE: "shop/refused"}}, "repository shop/refused"),
        "twins": ({"charts": {chart: "a", twin: "a"}, "images": images}, "share the repository a/refused"),
        "names": ({"charts": {chart: "a", twin: "b"}, "images": images}, "two charts are called refused"),
    }
    for case, (attributes, _) in cases.items():
        push_targets(name = "{}.push_{}".format(name, case), tags = ["manual"], **attributes)
    return {"push_{}.set".format(case): message for case, (_, message) in cases.items()}

def helm_refusals_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    messages = _charts(name) | _sets(name)
    for case, message in messages.items():
        target = "{}.{}".format(name, case)
        _refusal_test(name = target + "_refused", message = message, target_under_test = target)
    native.test_suite(name = name, tests = ["{}.{}_refused".format(name, case) for case in messages])
