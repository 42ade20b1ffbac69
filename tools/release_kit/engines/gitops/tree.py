"""All files that are generated from one declaration."""

from collections.abc import Iterator, Mapping
from typing import Any

from release_kit.documents.environments import Environments
from release_kit.engines.gitops import (
    applications,
    bootstrap,
    gates,
    health,
    origin,
    promoter_release,
    promoter_scm,
    runbook,
    secrets,
    strategy,
)
from release_kit.errors import InputError
from release_kit.values.release_number import ReleaseNumber

_FIRST_WITH_OCI = ReleaseNumber(3, 1, 0)
BOOTSTRAP = "bootstrap.sh"
ORDER = "promoter/order.yaml"
FOLDERS = ("", "argocd", "argocd/applications", "promoter", "promoter/install")
"""All folders that files are in."""
PROGRAMS = frozenset({BOOTSTRAP})
"""The files that are programs."""


def files(declared: Environments, values: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Returns the text of each file by its path below the folder of the tree.

    Args:
        declared: the declaration.
        values: each environment's own, by its name.

    Raises:
        InputError: there can be no such resources; says what to declare instead.
    """
    promoter_release.shape(declared.promoter.release)
    applications.release_name(declared)
    _check_argocd(declared)
    texts = dict(_argocd(declared, values))
    if declared.pinned:
        texts |= {path: text for path, text in _promoter(declared) if text}
    texts[BOOTSTRAP] = bootstrap.script(declared)
    whence = origin.gitops(declared.name)
    commented = {path: whence.commented(text) for path, text in texts.items()}
    commented["RUNBOOK.md"] = f"<!-- {whence.line} -->\n\n{runbook.text(declared)}"
    return dict(sorted(commented.items()))


def _argocd(declared: Environments, values: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for environment in declared.environments:
        path = f"argocd/applications/{environment.name}.yaml"
        if environment.tracks:
            own = values.get(environment.name, {})
            yield path, applications.pinned_application(declared, environment, environment.tracks, own)
        else:
            yield path, applications.branch_application(declared, environment)
    yield "argocd/repository.yaml", secrets.chart_repository_secret(declared)
    if declared.pinned:
        yield "argocd/git-repository.yaml", secrets.git_repository_secret(declared)
        if declared.delivery == "application":
            yield "argocd/health.yaml", health.health(declared)


def _promoter(declared: Environments) -> Iterator[tuple[str, str]]:
    yield "promoter/install/kustomization.yaml", promoter_scm.install(declared)
    yield "promoter/scm.yaml", promoter_scm.repository(declared)
    yield "promoter/secret.yaml", secrets.promoter_secret(declared)
    yield ORDER, strategy.order(declared)
    yield "promoter/strategy.yaml", strategy.strategy(declared)
    yield "promoter/gates.yaml", gates.resources(declared)


def _check_argocd(declared: Environments) -> None:
    if declared.chart.form == "native" and declared.argocd.release < _FIRST_WITH_OCI:
        found = f"chart.form: native charts need Argo CD {_FIRST_WITH_OCI} or newer, found {declared.argocd.release}"
        raise InputError(found, "let the form be classic, or use a newer Argo CD")
