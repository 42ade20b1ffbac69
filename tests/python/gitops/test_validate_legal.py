"""What is legal, or can't be told, is no finding."""

import copy
from typing import Any

import pytest

from release_kit.engines.validation.chart_rules import Chart
from tests.support.faults import both, graph, key, preview, several
from tests.support.validation import (
    BRANCHES,
    RELEASES,
    Documents,
    Edit,
    add,
    again,
    application,
    documents,
    drop,
    edited,
    findings,
    made,
    put,
    rules,
    secret,
    texts,
)

URL = "https://github.com/acme/shop-deploy.git"
ENVIRONMENTS = [{"name": branch.partition("/")[2], "branch": branch} for branch in BRANCHES]


def application_set(template_labels: dict[str, str], generators: list[dict[str, Any]], branch: str) -> dict[str, Any]:
    spec = {
        "project": "default",
        "source": {"repoURL": URL, "targetRevision": branch, "path": "manifests"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "{{.name}}"},
    }
    template = {"metadata": {"name": "shop-{{.name}}", "labels": template_labels}, "spec": spec}
    return made(
        "ApplicationSet", "shop", {"goTemplate": True, "generators": generators, "template": template}, "argocd"
    )


def instead_of_applications(made_by: dict[str, Any]) -> Edit:
    """Replaces the Applications of the branches."""

    def edit(found: Documents) -> None:
        for branch in BRANCHES:
            del found[branch.partition("/")[2]]
        found["set"] = made_by

    return edit


def without_namespaces(found: Documents) -> None:
    for document in found.values():
        del document["metadata"]["namespace"]


def hydrated(found: Documents) -> None:
    """Lets Argo CD's own hydrator write the branches."""
    for branch in BRANCHES:
        spec = found[branch.partition("/")[2]]["spec"]
        dry = {"repoURL": URL, "path": "charts/shop", "targetRevision": "HEAD"}
        spec["sourceHydrator"] = {"drySource": dry, "syncSource": {"targetBranch": branch, "path": "shop"}}
        del spec["source"]


def repository(url: str) -> Edit:
    """Gives all Applications of the branches another address."""

    def edit(found: Documents) -> None:
        for branch in BRANCHES:
            found[branch.partition("/")[2]]["spec"]["source"]["repoURL"] = url

    return edit


def two_timers(found: Documents) -> None:
    """Lets two reporters share a key, each for an environment of its own."""
    found["timer-2"] = copy.deepcopy(found["timer"])
    found["timer-2"]["metadata"]["name"] = "timer-2"
    found["timer-2"]["spec"]["environments"][0]["branch"] = BRANCHES[0]
    found["strategy"]["spec"]["environments"][0]["activeCommitStatuses"].append(key("timer"))


SEALED = {
    "apiVersion": "bitnami.com/v1alpha1",
    "kind": "SealedSecret",
    "metadata": {"name": "promoter-scm", "namespace": "promoter-system"},
    "spec": {"encryptedData": {"githubAppPrivateKey": "AgB"}},
}
EXTERNAL = {
    "apiVersion": "external-secrets.io/v1",
    "kind": "ExternalSecret",
    "metadata": {"name": "scm", "namespace": "promoter-system"},
    "spec": {"target": {"name": "promoter-scm"}, "data": [{"secretKey": "githubAppPrivateKey"}]},
}
LEGAL: list[tuple[str, Edit]] = [
    ("a person promotes to an environment", put("strategy", "spec.environments.0.autoMerge", False)),
    ("nobody names a namespace", without_namespaces),
    ("the Secret is elsewhere", drop("scm-secret")),
    ("the Secret is a template without keys", put("scm-secret", "stringData", {})),
    ("a SealedSecret", lambda found: found.update({"scm-secret": SEALED})),
    ("an ExternalSecret", lambda found: found.update({"scm-secret": EXTERNAL})),
    ("a placeholder for a value", put("scm-secret", "stringData.githubAppPrivateKey", "<the key of the App>")),
    ("a variable for a value", put("scm-secret", "stringData.githubAppPrivateKey", "${APP_KEY}")),
    (
        "a provider of the cluster that others keep",
        both(
            drop("provider"),
            drop("scm-secret"),
            put("repository", "spec.scmProviderRef", {"kind": "ClusterScmProvider", "name": "github"}),
        ),
    ),
    ("the kind of a provider is its default", put("repository", "spec.scmProviderRef", {"name": "shop"})),
    ("a field that is null", put("strategy", "spec.activePath", None)),
    ("one reporter for each environment", two_timers),
    (
        "a timer for the last environment, which holds back nothing",
        add("timer", "spec.environments", {"branch": BRANCHES[2], "duration": "1h"}),
    ),
    ("a duration in parts", put("timer", "spec.environments.0.duration", "1h30m0.5s")),
    (
        "Applications are made by a list",
        instead_of_applications(
            application_set({"app": "shop"}, [{"list": {"elements": ENVIRONMENTS}}], "{{.branch}}")
        ),
    ),
    (
        "Applications are made by what is not known",
        instead_of_applications(application_set({"app": "{{.app}}"}, [{"git": {"repoURL": URL}}], "{{.branch}}")),
    ),
    ("Argo CD hydrates", hydrated),
    ("the repository over SSH", repository("git@github.com:acme/shop-deploy.git")),
    ("the repository over SSH with a scheme", repository("ssh://git@github.com/acme/shop-deploy")),
    ("several sources of what is not selected", several(ref="values")),
    ("values of another source", both(preview(helm={"valueFiles": ["$values/demo.yaml"]}), several(ref="values"))),
    ("a range", preview(targetRevision=">=1.2 <2 || 3.x")),
    ("one version", preview(targetRevision="v1.2.3-rc.1+build")),
    (
        "a digest of an OCI artifact",
        both(
            drop("chart-secret"),
            preview(
                repoURL="oci://ghcr.io/acme/charts/shop", chart=None, path=".", targetRevision=f"sha256:{'a' * 64}"
            ),
        ),
    ),
    (
        "a tag of an OCI artifact",
        both(
            drop("chart-secret"),
            preview(repoURL="oci://ghcr.io/acme/charts/shop", chart=None, path=".", targetRevision="edge"),
        ),
    ),
    ("a Helm repository over HTTP", preview(repoURL="https://charts.acme.example")),
    ("a placeholder of whatever applies it", preview(repoURL="${REGISTRY}/charts", targetRevision="${VERSION}")),
    (
        "another selector operator",
        put("health", "spec.applicationSelector", {"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
    ),
]


@pytest.mark.parametrize(("name", "edit"), LEGAL, ids=[name for name, _ in LEGAL])
def test_what_is_legal_is_no_finding(name: str, edit: Edit) -> None:
    assert edited(edit) == ()


def test_a_graph_of_environments_is_legal_from_0_39_on() -> None:
    assert edited(graph([], [BRANCHES[0]], [BRANCHES[1], BRANCHES[0]]), RELEASES[2]) == ()


def test_a_graph_of_environments_is_legal_in_the_gate_of_0_38() -> None:
    order = [{"branch": BRANCHES[0]}, {"branch": BRANCHES[1], "dependsOn": [BRANCHES[0]]}]
    assert edited(put("order", "spec.environments", order), RELEASES[1]) == ()


def test_a_values_file_that_may_be_missing_is_not_looked_for() -> None:
    chart = Chart("shop", "1.2.3", frozenset({"Chart.yaml"}))
    helm = {"valueFiles": ["values-prod.yaml", "https://x.example/v.yaml"], "ignoreMissingValueFiles": True}
    assert edited(preview(helm=helm), chart=chart) == ()
    assert rules(edited(preview(helm={"valueFiles": helm["valueFiles"]}), chart=chart)) == {"app-value-file"}


def test_the_constraint_star_takes_a_release_and_with_a_dash_a_prerelease() -> None:
    for constraint, version in (("*", "1.2.3"), ("*-0", "1.2.3-rc.1"), (">=1.2.3-0", "1.3.0-rc.1")):
        assert edited(preview(targetRevision=constraint), chart=Chart("shop", version, frozenset())) == ()


def test_objects_of_one_name_in_several_folders_may_be_for_several_clusters() -> None:
    found = texts(documents())
    assert findings({**found, "other/demo.yaml": found["gitops/demo.yaml"]}) == ()


def test_what_a_kustomization_does_not_name_is_not_applied() -> None:
    found = texts(documents())
    listed = "resources: [demo.yaml, release.yaml]\n"
    files = {**found, "gitops/copy.yaml": found["gitops/demo.yaml"], "gitops/kustomization.yaml": listed}
    assert "duplicate-object" not in rules(findings(files))


def test_the_items_of_a_list_are_objects() -> None:
    listed = {"apiVersion": "v1", "kind": "List", "items": [*documents().values()]}
    assert findings(texts({"all": listed})) == ()
    listed["items"] = [each for each in documents().values() if each["kind"] != "GitCommitStatus"]
    assert rules(findings(texts({"all": listed}))) == {"gate-no-reporter"}


def test_what_is_no_object_of_kubernetes_is_passed_over() -> None:
    others = {
        "Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
        "values.yaml": "kind: blue\n",
        "workflow.yaml": "on: push\njobs: {}\n",
        "list.yaml": "- a\n- b\n",
    }
    assert findings({**texts(documents()), **others}) == ()


def test_kinds_of_others_in_argo_cds_group_are_passed_over() -> None:
    rollout = application("r", {}) | {"kind": "Rollout", "spec": {"replicas": 1}}
    assert edited(lambda found: found.update(rollout=rollout)) == ()


def test_a_secret_of_another_namespace_is_not_the_providers() -> None:
    other = secret("other", {"token": ""}, "elsewhere")
    assert edited(both(drop("scm-secret"), lambda found: found.update(other=other))) == ()


def test_two_strategies_have_gates_of_their_own() -> None:
    def second(found: Documents) -> None:
        for name in [*found]:
            if found[name]["apiVersion"].startswith("promoter"):
                copied = copy.deepcopy(found[name])
                copied["metadata"]["namespace"] = "second"
                found[f"second-{name}"] = copied

    assert edited(second) == ()
    assert rules(edited(both(second, again("signed")))) == {"gate-two-reporters"}


def test_an_api_of_another_domain_is_no_misspelling_of_kubernetes() -> None:
    rule = {"apiVersion": "networking.istio.io/v1beta1", "kind": "DestinationRule", "metadata": {"name": "a"}}
    assert edited(lambda found: found.update(rule=rule)) == ()
    assert rules(edited(lambda found: found.update(rule=rule | {"apiVersion": "networking.k8s.oi/v1"}))) == {"schema"}
