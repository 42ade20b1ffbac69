"""Analysis tests of helm_chart: what stands where in the chart's folder, in its documents, and in a rendering."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("//bazel:helm.bzl", "helm_chart")
load("//bazel:providers.bzl", "ChartInfo")

def _names(files):
    return [file.basename for file in files.to_list()]

def _actions(env, mnemonic):
    return [action for action in analysistest.target_actions(env) if action.mnemonic == mnemonic]

def _documents(env):
    """Returns the JSON documents that the target writes, by name."""
    actions = [action for action in _actions(env, "FileWrite") if action.outputs.to_list()[0].extension == "json"]
    return {action.outputs.to_list()[0].basename: json.decode(action.content) for action in actions}

def _folder_test_impl(ctx):
    env = analysistest.begin(ctx)
    chart = analysistest.target_under_test(env)[ChartInfo]
    asserts.equals(env, "shop", chart.name)
    documents = _documents(env)
    places = [file["place"] for file in documents["helm_chart.shop.files.json"]["files"]]
    asserts.equals(env, [
        "Chart.yaml",
        "templates/core.yaml",
        "values.yaml",
        "values-prod.yaml",
        "charts/library",
        "charts/redis-1.0.0.tgz",
    ], places)
    rendered = [file["place"] for file in documents["helm_chart.shop.rendered.files.json"]["files"]]
    asserts.equals(env, [place for place in places if place != "values-prod.yaml"], rendered)
    asserts.equals(env, ["a.image", "library.image"], chart.images.values()[0].values)
    return analysistest.end(env)

_folder_test = analysistest.make(_folder_test_impl)

def _source_places_test_impl(ctx):
    env = analysistest.begin(ctx)
    files = _documents(env)["chart.files.json"]["files"]
    asserts.true(env, {
        "place": "templates/_helpers.tpl",
        "source": "helm/shop/templates/_helpers.tpl",
        "workspace_path": "helm/shop/templates/_helpers.tpl",
    } in files, "a source file is named with its place in the source tree")
    return analysistest.end(env)

_source_places_test = analysistest.make(_source_places_test_impl)

def _gates_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, {
        "crds": ["crds/tests/starlark/shop/crd.yaml"],
        "golden": "../golden",
        "images": [{"values": "a.image"}, {"values": "library.image"}],
        "release": "shop",
        "schema": "rules_release/chart-gates/v1",
        "values": ["values.yaml", {"file": "values-prod.yaml", "api_versions": ["a/v1", "b/v1"]}, "values-test.yaml"],
    }, _documents(env)["gates.json"])
    return analysistest.end(env)

_gates_test = analysistest.make(_gates_test_impl)

def _rendering_test_impl(ctx):
    env = analysistest.begin(ctx)
    action = _actions(env, "HelmRender")[0]
    inputs = _names(action.inputs)
    asserts.true(env, "values-prod.yaml" in inputs, "it reads its values file")
    asserts.false(env, "values-test.yaml" in inputs, "it reads another values file")
    asserts.true(env, "helm_chart.shop.rendered" in inputs, "it reads the chart without its values files")
    asserts.false(env, "helm_chart.shop" in inputs, "it reads all of the chart")
    return analysistest.end(env)

_rendering_test = analysistest.make(_rendering_test_impl)

def _files(folder, names):
    """Declares files of a chart and returns their labels."""
    for name in names:
        path = "{}/{}".format(folder, name)
        write_file(name = path.replace("/", "_") + ".file", out = path, tags = ["manual"])
    return ["{}/{}".format(folder, name) for name in names]

def _charts(name):
    """Declares a chart with all that a chart can have, and returns its name."""
    values = _files("shop", ["values.yaml", "values-prod.yaml", "values-test.yaml"])
    helm_chart(
        name = name + ".library",
        srcs = _files("library", ["Chart.yaml"]),
        images = {"//docker/images:core": "image"},
        tags = ["manual"],
    )
    helm_chart(
        name = name + ".shop",
        srcs = _files("shop", ["Chart.yaml", "templates/core.yaml"]) + values[:2],
        api_versions = {values[1]: ["a/v1", "b/v1"]},
        config = {"release": "shop"},
        crds = _files("shop", ["crd.yaml"]),
        helm = ["4", "3"],
        images = {"//docker/images:core": ["a.image", "library.image"]},
        tags = ["manual"],
        values = values,
        deps = [name + ".library"] + _files("third_party", ["redis-1.0.0.tgz"]),
    )
    return name + ".shop"

def helm_chart_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    chart = _charts(name)
    _folder_test(name = name + "_folder", target_under_test = chart)
    _source_places_test(name = name + "_source_places", target_under_test = "//helm/shop:chart")
    _gates_test(name = name + "_gates", target_under_test = chart + ".gates")
    tests = [name + suffix for suffix in ("_folder", "_source_places", "_gates")]
    for helm, rendering in {"helm4": chart + ".render", "helm3": chart + ".helm3.render"}.items():
        tests.append("{}_rendering_{}".format(name, helm))
        _rendering_test(name = tests[-1], target_under_test = rendering + ".values-prod")
    native.test_suite(name = name, tests = tests)
