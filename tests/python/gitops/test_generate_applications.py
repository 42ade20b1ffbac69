"""Applications of Argo CD: what runs in an environment, from where, and at which version."""

from typing import Any

import pytest

from release_kit.documents.environments import Environments
from release_kit.engines.gitops import applications, health
from release_kit.errors import InputError
from tests.support import gitops_trees as trees

pinned, branch = applications.pinned_application, applications.branch_application


def one(text: str) -> dict[str, Any]:
    (found,) = trees.objects(text)
    return found


def environment(made: Environments, name: str) -> Any:
    return made.environment(name, "here")


def test_a_branch_is_followed_where_its_manifests_are() -> None:
    made = trees.declared("full")
    found = one(branch(made, environment(made, "demo")))
    assert found["spec"]["source"] == {
        "repoURL": made.repository.url,
        "targetRevision": "environment/demo",
        "path": "manifests",
        "directory": {"recurse": True},
    }
    assert found["spec"]["destination"] == {"name": "demo-cluster", "namespace": "demo"}


def test_what_the_gate_selects_are_the_applications_of_branches() -> None:
    made = trees.declared("tracking")
    label = "rules-release/strategy"
    labelled = {
        name for name, each in trees.of_kind(made, "Application").items() if label in each["metadata"]["labels"]
    }
    assert labelled == {"pin-kiosk-demo", "pin-kiosk-release"}
    gate = trees.of_kind(made, "ArgoCDCommitStatus")["kiosk-argocd-health"]
    assert gate["spec"]["applicationSelector"] == {"matchLabels": {label: "kiosk"}}


@pytest.mark.parametrize("name", trees.NAMES)
def test_selected_applications_name_one_repository_and_the_strategys_branches(name: str) -> None:
    made = trees.declared(name)
    chosen = [
        each["spec"]["source"]
        for each in trees.of_kind(made, "Application").values()
        if "rules-release/strategy" in each["metadata"]["labels"]
    ]
    assert {source["repoURL"] for source in chosen} == {made.repository.url}
    (strategy,) = trees.of_kind(made, "PromotionStrategy").values()
    assert {source["targetRevision"] for source in chosen} == {e["branch"] for e in strategy["spec"]["environments"]}


def test_waves_are_the_order_unless_declared() -> None:
    waves = {
        name: each["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"]
        for name, each in trees.of_kind(trees.declared("full"), "Application").items()
    }
    assert waves == {"shop-demo-staging": "0", "shop-demo": "5", "shop-release": "2"}


def test_the_first_wave_can_be_declared_of_any_environment() -> None:
    made = trees.declared("full", edit=lambda it: it["environments"][2].update(sync={"wave": 0}))
    assert applications.wave(made, made.environments[2]) == 0


def test_an_option_that_is_said_twice_stands_once() -> None:
    options = {"options": ["CreateNamespace=true", "Replace=true", "Replace=true"]}
    made = trees.declared("full", edit=lambda it: it["environments"][0].update(sync=options))
    policy = one(branch(made, made.environments[0]))["spec"]["syncPolicy"]
    assert policy["syncOptions"] == ["CreateNamespace=true", "Replace=true"]


@pytest.mark.parametrize("address", ["https://10.0.0.1:6443", "http://kube"])
def test_a_cluster_is_named_by_its_address_where_it_has_one(address: str) -> None:
    made = trees.declared("full", edit=lambda it: it["environments"][0].update(cluster=address))
    assert one(branch(made, made.environments[0]))["spec"]["destination"]["server"] == address


def test_a_sync_policy_is_as_declared() -> None:
    made = trees.declared("full")
    staging, release = (one(branch(made, environment(made, name)))["spec"] for name in ("demo-staging", "release"))
    assert staging["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    assert staging["syncPolicy"]["syncOptions"] == ["CreateNamespace=true", "ServerSideApply=true"]
    assert {*release["syncPolicy"]} == {"retry"}
    assert release["destination"] == {"server": "https://release.acme.example:6443", "namespace": "shop"}


def test_a_classic_chart_has_its_name_beside_an_address_without_a_scheme() -> None:
    made = trees.declared("full")
    source = one(pinned(made, environment(made, "demo"), "1.2.3", {"replicas": 3}))["spec"]["source"]
    assert source == {
        "repoURL": "ghcr.io/acme/charts",
        "chart": "shop",
        "targetRevision": "1.2.3",
        "helm": {"releaseName": "shop", "valueFiles": ["values-demo.yaml"], "valuesObject": {"replicas": 3}},
    }


def test_a_native_chart_is_the_address() -> None:
    made = trees.declared("tracking")
    source = one(pinned(made, environment(made, "demo"), "1.2.3", {}))["spec"]["source"]
    assert source == {
        "repoURL": "oci://registry.acme.example:5000/kiosk/charts/kiosk",
        "path": ".",
        "targetRevision": "1.2.3",
        "helm": {"releaseName": "kiosk"},
    }


def test_a_native_chart_is_named_by_its_tag() -> None:
    classic, native = trees.declared("full"), trees.declared("tracking")
    revisions = [
        one(pinned(made, environment(made, "demo"), "1.2.3+5", {}))["spec"]["source"]["targetRevision"]
        for made in (classic, native)
    ]
    assert revisions == ["1.2.3+5", "1.2.3_5"]


@pytest.mark.parametrize("version", ["*", "1.x", "1.2", "v1.2.3", "", "1.2.3 ", ">=1.0.0", "latest"])
def test_a_pinned_environment_takes_one_version_only(version: str) -> None:
    made = trees.declared("full")
    with pytest.raises(InputError, match="environment demo: expected a version") as refused:
        pinned(made, environment(made, "demo"), version, {})
    assert "tracks" in refused.value.remedy


def test_an_environment_that_tracks_versions_has_no_branch_to_follow() -> None:
    made = trees.declared("tracking")
    with pytest.raises(InputError, match="demo-staging tracks versions"):
        branch(made, environment(made, "demo-staging"))


def test_an_environment_that_tracks_versions_has_the_constraint_and_its_own_values() -> None:
    found = trees.of_kind(trees.declared("tracking"), "Application")["kiosk-demo-staging"]["spec"]
    assert found["source"]["targetRevision"] == "*-0"
    assert found["syncPolicy"]["syncOptions"] == ["CreateNamespace=true"]
    (values,) = trees.objects(found["source"]["helm"]["values"])
    assert values == {
        "global": {"imagePullPolicy": "Always", "hosts": ["kiosk.acme.example"]},
        "database": {"url": None, "size": 8},
        "debug": True,
        "notes": "Two lines,\none: value\n",
    }


def test_the_application_of_a_pin_is_applied_beside_argocd_and_never_takes_it_away() -> None:
    made = trees.declared("tracking")
    spec = one(branch(made, environment(made, "release")))["spec"]
    assert spec["destination"] == {"server": "https://kubernetes.default.svc", "namespace": "gitops"}
    assert spec["syncPolicy"]["automated"]["prune"] is False


def test_the_pin_and_the_application_that_applies_it_have_different_names() -> None:
    made = trees.declared("tracking", edit=lambda it: it["environments"].append({"name": "pin-kiosk-demo"}))
    names = [applications.application_name(made, each) for each in made.environments]
    names += [applications.branch_application_name(made, each) for each in made.pinned]
    assert len({*names}) == len(names)


def test_values_come_back_as_they_were() -> None:
    hostile: dict[str, Any] = {
        "yes": "yes",
        "no": ["n", "null", "~", "", " ", "1e3", "0x10", "010", "1_000", "12:30:45", "2026-11-23", ".5", "=", "<<"],
        "a: b": "# no comment",
        "- x": {"": "empty key"},
        "text": "{{ .Values.x }}\n  ${HOME} `id` $(id) %s\n",
        "controls": "\x00\x07\x1b[31m\x7f\x85\u2028\ufeff\ud7ff😀",
        "long": "word " * 60 + "end",
        "double  spaces": "a  b " * 40 + "c",
        "numbers": [0, -1, 1.5, 1e100, 1e-7, True, False],
        "empty": [{}, [], [[]], {"a": []}],
        "---": "...",
        "lines": "a\n\n  b\n\n",
    }
    made = trees.declared("full")
    text = pinned(made, environment(made, "demo"), "1.2.3", hostile)
    assert one(text)["spec"]["source"]["helm"]["valuesObject"] == hostile
    assert all(line.isprintable() for line in text.split("\n"))


def test_a_null_is_given_to_helm_as_text() -> None:
    made = trees.declared("full")
    helm = one(pinned(made, environment(made, "demo"), "1.2.3", {"a": [{"b": None}]}))["spec"]["source"]["helm"]
    assert "valuesObject" not in helm
    assert trees.objects(helm["values"]) == [{"a": [{"b": None}]}]


def test_a_name_that_helm_does_not_take_is_refused() -> None:
    made = trees.declared("full")._replace(name="a" * 54)
    with pytest.raises(InputError, match="54 characters; a Helm release has 53 at most"):
        pinned(made, made.environments[1], "1.2.3", {})


def test_argocd_gives_applications_a_health_where_a_branch_holds_one() -> None:
    (found,) = trees.of_kind(trees.declared("tracking"), "ConfigMap").values()
    assert found["metadata"]["name"] == "argocd-cm"
    assert found["data"] == {"resource.customizations.health.argoproj.io_Application": health.LUA}
    assert trees.of_kind(trees.declared("full"), "ConfigMap") == {}
