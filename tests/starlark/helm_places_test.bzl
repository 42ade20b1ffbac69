"""Tests of //bazel/private/lib:chart_places.bzl."""

load("@bazel_skylib//lib:unittest.bzl", "asserts", "unittest")
load("//bazel/private/lib:chart_places.bzl", "chart_places")

# files: folder of the chart
_ROOTS = {
    ("Chart.yaml", "charts/a/Chart.yaml"): "",
    ("a/Chart.yaml", "b/Chart.yaml"): None,
    ("a/Chart.yaml", "a-b/templates/x.yaml"): "a",
    ("helm/shop/charts/lib/Chart.yaml", "helm/shop/Chart.yaml", "helm/shop/values.yaml"): "helm/shop",
    ("helm/shop/MyChart.yaml",): None,
}

# (path, folder): place
_PLACES = {
    ("a/b/c.yaml", "a"): "b/c.yaml",
    ("a/b/c.yaml", "a/b"): "c.yaml",
    ("a-b/c.yaml", "a"): None,
    ("c.yaml", ""): "c.yaml",
}

_STEMS = {
    "//helm/shop:values.yaml": "values",
    ":values-prod.yaml": "values-prod",
    "ci/tls values.yml": "ci-tls-values",
    "v1.2_values.yaml": "v1.2_values",
    "values": "values",
}

_IN_REPOSITORY = {
    "../other~/pkg/file": "pkg/file",
    "../other~/file": "file",
    "pkg/file": "pkg/file",
}

def _places_test_impl(ctx):
    env = unittest.begin(ctx)
    for files, expected in _ROOTS.items():
        asserts.equals(env, expected, chart_places.root(files))
    for (path, folder), expected in _PLACES.items():
        asserts.equals(env, expected, chart_places.place(path, folder))
    for label, expected in _STEMS.items():
        asserts.equals(env, expected, chart_places.stem(label))
    asserts.equals(env, "ci-tls-values", chart_places.stem(":shop/ci/tls-values.yaml", "shop"))
    asserts.equals(env, "common-values", chart_places.stem("common/values.yaml", "shop"))
    for path, expected in _IN_REPOSITORY.items():
        asserts.equals(env, expected, chart_places.in_repository(path))
    return unittest.end(env)

_places_test = unittest.make(_places_test_impl)

def helm_places_test_suite(name):
    unittest.suite(name, _places_test)
