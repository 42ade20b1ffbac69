"""Argo CD Applications: of an environment's branch, and of the chart at one version or constraint.

Argo CD, "Declarative Setup", "Helm", "OCI", "Tracking and Deployment Strategies", "Sync Options", "Sync Waves".
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from release_kit.documents.environments import Environment, Environments
from release_kit.documents.places import Sync
from release_kit.engines.argocd_repository import Form, target
from release_kit.engines.gitops.yaml_text import Noted, body, document
from release_kit.errors import InputError
from release_kit.values import version as versions

STRATEGY_LABEL = "rules-release/strategy"
"""On the Applications whose health is a gate: what ArgoCDCommitStatus selects."""
ENVIRONMENT_LABEL = "rules-release/environment"
MANIFESTS = "manifests"
"""The folder of an environment's branch that Argo CD applies."""
MAX_RELEASE_NAME = 53
"""Of a Helm release (helm, pkg/chart/common/util/validate_name.go)."""


def release_name(declared: Environments) -> str:
    """Returns the name of the Helm release, which is the same in all environments.

    Raises:
        InputError: it is longer than Helm takes.
    """
    if len(declared.name) > MAX_RELEASE_NAME:
        found = f"name: {declared.name} has {len(declared.name)} characters"
        raise InputError(
            f"{found}; a Helm release has {MAX_RELEASE_NAME} at most", "give the declaration a shorter name"
        )
    return declared.name


def application_name(declared: Environments, environment: Environment) -> str:
    """Returns the name of the Application that has the environment's objects."""
    return f"{declared.name}-{environment.name}"


def branch_application_name(declared: Environments, environment: Environment) -> str:
    """Returns the name of the Application that follows the environment's branch."""
    name = application_name(declared, environment)
    return f"pin-{name}" if declared.delivery == "application" else name


def wave(declared: Environments, environment: Environment) -> int:
    """Returns the sync wave: the declared one, otherwise the position in the order of promotions."""
    if environment.sync.wave is not None:
        return environment.sync.wave
    return [each.name for each in declared.environments].index(environment.name)


def pinned_application(
    declared: Environments, environment: Environment, version: str, values: Mapping[str, Any]
) -> str:
    """Returns the Application that takes the chart from the registry.

    Args:
        declared: the declaration.
        environment: one of its environments.
        version: the chart's; for an environment that tracks versions, its constraint.
        values: the environment's own, which are written into the Application.

    Raises:
        InputError: the environment is pinned, and this is no version.
    """
    if not environment.tracks:
        _check_version(environment, version)
    source = {**_chart_source(declared, environment, version), "helm": _helm(declared, environment, values)}
    place = _Place(environment.cluster, environment.namespace, environment.sync)
    name = application_name(declared, environment)
    return document(_CHART_INTRO[bool(environment.tracks)], _application(name, declared, environment, place, source))


def branch_application(declared: Environments, environment: Environment) -> str:
    """Returns the Application that follows the branch of a pinned environment.

    Raises:
        InputError: the environment has no branch, since it tracks versions.
    """
    if environment.tracks:
        raise InputError(f"environments: {environment.name} tracks versions: it has no branch to follow")
    place = _Place(environment.cluster, environment.namespace, environment.sync)
    if declared.delivery == "application":
        place = _Place(_OWN_CLUSTER, declared.argocd.namespace, Sync(prune=False, create_namespace=False))
    source = {
        "repoURL": Noted(
            "GitOps Promoter wants the same text in all Applications of a strategy.", declared.repository.url
        ),
        "targetRevision": environment.branch,
        "path": MANIFESTS,
        "directory": {"recurse": True},
    }
    name = branch_application_name(declared, environment)
    made = _application(name, declared, environment, place, source)
    selected = Noted("By this label, ArgoCDCommitStatus finds what has to be healthy.", declared.name)
    made["metadata"]["labels"][STRATEGY_LABEL] = selected
    return document(_BRANCH_INTRO[declared.delivery], made)


_CHART_INTRO = {
    True: "Runs the newest version of the chart that fulfils a constraint; Argo CD looks for newer ones by itself.",
    False: "Runs exactly one version of the chart, the one that was promoted to this environment.",
}
_BRANCH_INTRO = {
    "manifests": "Runs what the branch of this environment holds: the rendered chart. A promotion moves the branch.",
    "application": "Applies what the branch of this environment holds: the Application that pins the chart's version. "
    "A promotion moves the branch. This one is healthy when that one is (health.yaml).",
}
_OWN_CLUSTER = "https://kubernetes.default.svc"


class _Place(NamedTuple):
    """Where an Application applies its objects, and how."""

    cluster: str
    namespace: str
    sync: Sync


def _application(
    name: str, declared: Environments, environment: Environment, place: _Place, source: Mapping[str, Any]
) -> dict[str, Any]:
    order = Noted(
        "Of several Applications that are applied together, this is the order.", str(wave(declared, environment))
    )
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name,
            "namespace": declared.argocd.namespace,
            "labels": {"app.kubernetes.io/part-of": declared.name, ENVIRONMENT_LABEL: environment.name},
            "annotations": {"argocd.argoproj.io/sync-wave": order},
        },
        "spec": {
            "project": declared.argocd.project,
            "source": source,
            "destination": _destination(place),
            "syncPolicy": _sync_policy(place.sync),
        },
    }


def _chart_source(declared: Environments, environment: Environment, version: str) -> dict[str, Any]:
    chart = declared.chart
    form = Form(chart.form)
    url = target(chart.registry, chart.repository, chart.name).url(form)
    note = "A constraint; `*` leaves out pre-releases, `*-0` takes them, too." if environment.tracks else ""
    revision = Noted(note, version)
    if form is Form.NATIVE:
        # A tag has `_` where the version has `+`, and here the tag is named.
        revision = revision._replace(value=version if environment.tracks else version.replace("+", "_"))
        return {"repoURL": url, "path": ".", "targetRevision": revision}
    address = Noted("A Helm repository in an OCI registry: without oci://, the chart is named beside it.", url)
    return {"repoURL": address, "chart": chart.name, "targetRevision": revision}


def _helm(declared: Environments, environment: Environment, values: Mapping[str, Any]) -> dict[str, Any]:
    helm: dict[str, Any] = {"releaseName": release_name(declared)}
    if environment.value_files:
        helm["valueFiles"] = Noted("Files in the packed chart.", list(environment.value_files))
    if _has_null(values):
        note = "Wins over valueFiles. It is a text, since a null in valuesObject is lost when it is applied."
        helm["values"] = Noted(note, body(values))
    elif values:
        helm["valuesObject"] = Noted("Wins over valueFiles.", values)
    return helm


def _has_null(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_null, value.values()))
    return any(map(_has_null, value)) if isinstance(value, list) else value is None


def _destination(place: _Place) -> dict[str, str]:
    is_address = place.cluster.startswith(("https://", "http://"))
    return {"server" if is_address else "name": place.cluster, "namespace": place.namespace}


def _sync_policy(sync: Sync) -> dict[str, Any]:
    policy: dict[str, Any] = {}
    if sync.automated:
        policy["automated"] = {"prune": sync.prune, "selfHeal": sync.self_heal}
    options = [*(["CreateNamespace=true"] if sync.create_namespace else []), *sync.options]
    if options:
        policy["syncOptions"] = list(dict.fromkeys(options))
    backoff = {"duration": "5s", "factor": 2, "maxDuration": "3m"}
    note = "An object may come before what it needs, such as a custom resource before its definition."
    return {**policy, "retry": Noted(note, {"limit": 5, "backoff": backoff})}


def _check_version(environment: Environment, version: str) -> None:
    try:
        versions.parse(version, f"environment {environment.name}")
    except InputError as error:
        remedy = "it is pinned: name one version; one that takes what is newest has `tracks` in the declaration"
        raise InputError(error.message, remedy) from error
