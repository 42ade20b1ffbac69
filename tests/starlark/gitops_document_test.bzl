"""Analysis tests of environments: the document that it writes."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@bazel_skylib//rules:write_file.bzl", "write_file")
load("//bazel:gitops.bzl", "argocd", "environment", "environments", "gate", "promoter", "scm", "sync")
load("//bazel:helm.bzl", "helm_chart")
load("//bazel:push_targets.bzl", "push_targets")

_SCM = scm.github(owner = "acme", name = "shop-deploy", app_id = 7)
_REPOSITORY = {"provider": "github", "owner": "acme", "name": "shop-deploy", "app_id": 7}
_SCHEMA = "rules_release/environments/v1"

def _written(env, suffix):
    """Returns what the target writes into the file whose path ends so."""
    for action in analysistest.target_actions(env):
        if action.mnemonic == "FileWrite" and action.outputs.to_list()[0].short_path.endswith(suffix):
            return json.decode(action.content)
    return None

def _document_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, json.decode(ctx.attr.expected), _written(env, ".json"))
    return analysistest.end(env)

_document_test = analysistest.make(_document_test_impl, attrs = {"expected": attr.string()})

def _values_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, {"replicas": 1}, _written(env, "/staging-1/inline.yaml"), "inline values are a file beside the document")
    files = analysistest.target_under_test(env)[DefaultInfo].default_runfiles.files.to_list()
    name = analysistest.target_under_test(env).label.name
    places = [file.short_path.partition(name + ".values/")[2] for file in files]
    asserts.equals(env, ["staging-1/inline.yaml", "tests/starlark/gitops/all.yaml"], sorted([each for each in places if each]))
    return analysistest.end(env)

_values_test = analysistest.make(_values_test_impl)

def _everything(name):
    """Declares environments with all that they can have; returns the document."""
    environments(
        name = name,
        argocd = argocd(release = "3.5.1", project = "shop"),
        chart = "mall",
        chart_repository = "helm",
        command = "make {command}",
        delivery = "application",
        environments = [
            environment("staging", tracks = "*", values = ["gitops/all.yaml", {"replicas": 1}]),
            environment("demo", gates = [gate.e2e()], sync = sync(wave = 1), value_files = ["v.yaml"]),
            environment("live", automatic = False, cluster = "live", namespace = "shop", values = ["gitops/all.yaml"]),
        ],
        gates = [gate.argocd_health()],
        oci = "native",
        promoter = promoter(release = "0.39.0"),
        record_repository = "records",
        registry = "r.example",
        repository = _SCM,
        set_name = "other",
        tags = ["manual"],
    )
    folder = name + ".values/"
    return {
        "schema": _SCHEMA,
        "name": "other",
        "repository": _REPOSITORY,
        "chart": {"registry": "r.example", "repository": "helm", "name": "mall", "form": "native"},
        "record_repository": "records",
        "promoter": {"release": "0.39.0"},
        "argocd": {"release": "3.5.1", "project": "shop"},
        "command": "make {command}",
        "delivery": "application",
        "gates": [{"kind": "argocd-health"}],
        "environments": [
            {
                "name": "staging",
                "tracks": "*",
                "values": [folder + "tests/starlark/gitops/all.yaml", folder + "staging-1/inline.yaml"],
            },
            {"name": "demo", "gates": [{"kind": "e2e"}], "sync": {"wave": 1}, "value_files": ["v.yaml"]},
            {
                "name": "live",
                "automatic": False,
                "cluster": "live",
                "namespace": "shop",
                "values": [folder + "tests/starlark/gitops/all.yaml"],
            },
        ],
    }

def _of_release(name, release):
    """Declares as little as can be; returns the document."""
    environments(
        name = name,
        environments = [environment("demo")],
        release = release,
        repository = _SCM,
        tags = ["manual"],
    )
    return {
        "schema": _SCHEMA,
        "name": "shop",
        "repository": _REPOSITORY,
        "chart": {"registry": "ghcr.io/acme", "repository": "charts", "name": "shop", "form": "classic"},
        "record_repository": "shop/release",
        "command": "bazel run //tests/starlark:%s.{command} --" % name,
        "delivery": "manifests",
        "environments": [{"name": "demo"}],
    }

def gitops_document_test_suite(name):
    """Declares the tests.

    Args:
      name: string: the test suite's name
    """
    write_file(name = name + ".all_yaml", out = "gitops/all.yaml", tags = ["manual"])
    write_file(name = name + ".chart_yaml", out = "gitops/shop/Chart.yaml", tags = ["manual"])
    helm_chart(name = name + ".shop", srcs = ["gitops/shop/Chart.yaml"], gates = [], tags = ["manual"])
    push_targets(
        name = name + ".push",
        charts = {name + ".shop": "charts"},
        images = {"//docker/images:core": "shop/core"},
        record_repository = "shop/release",
        registry = "ghcr.io/acme",
        set_name = "shop",
        tags = ["manual"],
    )
    documents = {
        name + ".everything": _everything(name + ".everything"),
        name + ".of_release": _of_release(name + ".of_release", name + ".push.set"),
    }
    tests = [name + ".values_test"]
    _values_test(name = tests[0], target_under_test = name + ".everything")
    for target, expected in documents.items():
        tests.append(target + "_test")
        _document_test(name = tests[-1], expected = json.encode(expected), target_under_test = target)
    native.test_suite(name = name, tests = tests)
