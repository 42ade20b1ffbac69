"""Analysis tests of charts in push_targets: what the release set says of them, and what the command brings along."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//bazel:push_targets.bzl", "push_targets")

def _document_test_impl(ctx):
    env = analysistest.begin(ctx)
    action = [action for action in analysistest.target_actions(env) if action.mnemonic == "FileWrite"][0]
    asserts.equals(env, [{
        "images": [
            {"image": "core", "values": "images.core"},
            {"image": "datasvc", "values": "images.datasvc"},
            {"image": "web", "values": "images.web"},
        ],
        "name": "shop",
        "repository": "charts",
        "source": "../../helm/shop/chart",
    }], json.decode(action.content)["charts"])
    return analysistest.end(env)

_document_test = analysistest.make(_document_test_impl)

def _runfiles_test_impl(ctx):
    env = analysistest.begin(ctx)
    files = analysistest.target_under_test(env)[DefaultInfo].default_runfiles.files.to_list()
    paths = [file.short_path for file in files]
    asserts.equals(env, ctx.attr.charts, "helm/shop/chart" in paths, "the chart")
    asserts.equals(env, ctx.attr.charts, any(["pyyaml" in path for path in paths]), "a package that only charts need")
    return analysistest.end(env)

_runfiles_test = analysistest.make(_runfiles_test_impl, attrs = {"charts": attr.bool()})

_IMAGES = {"//docker/images:{}".format(image): "shop/{}".format(image) for image in ("core", "datasvc", "web")}

def helm_push_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    push_targets(name = name + ".charts", charts = {"//helm/shop:chart": "charts"}, images = _IMAGES, tags = ["manual"])
    push_targets(name = name + ".images", images = _IMAGES, tags = ["manual"])
    _document_test(name = name + "_document", target_under_test = name + ".charts.set")
    _runfiles_test(name = name + "_with_charts", charts = True, target_under_test = name + ".charts")
    _runfiles_test(name = name + "_without_charts", charts = False, target_under_test = name + ".images")
    native.test_suite(name = name, tests = [name + suffix for suffix in ("_document", "_with_charts", "_without_charts")])
