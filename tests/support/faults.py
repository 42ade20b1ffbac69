"""Single faults of the tree of GitOps resources: what one is, and how the tree is edited."""

from typing import Any, NamedTuple

from release_kit.engines.validation.chart_rules import Chart
from tests.support.validation import BRANCHES, RELEASES, Documents, Edit, made, secret

OLD, GATE, NEW = RELEASES
CHART = Chart("shop", "1.3.0-rc.1", frozenset({"Chart.yaml", "values-demo.yaml"}))
OCI = "oci://ghcr.io/acme/charts/shop"
REPOSITORY_LABEL = {"argocd.argoproj.io_secret-type": "repository"}


class Mutant(NamedTuple):
    """One fault."""

    rule: str
    name: str
    edit: Edit
    release: str = OLD
    options: dict[str, Any] = {}  # noqa: RUF012
    also: tuple[str, ...] = ()
    """Rules that the same fault breaks, too; there are no others."""


def key(name: str) -> dict[str, str]:
    return {"key": name}


def preview(**source: Any) -> Edit:
    """Edits the source of the Application that takes the chart; None takes a field out."""

    def edit(found: Documents) -> None:
        old = found["preview"]["spec"]["source"]
        found["preview"]["spec"]["source"] = {k: v for k, v in {**old, **source}.items() if v is not None}

    return edit


def several(**second: Any) -> Edit:
    """Gives the Application that takes the chart a second source."""

    def edit(found: Documents) -> None:
        spec = found["preview"]["spec"]
        spec["sources"] = [spec.pop("source"), {"repoURL": "https://github.com/acme/values.git", **second}]

    return edit


def both(*edits: Edit) -> Edit:
    def edit(found: Documents) -> None:
        for each in edits:
            each(found)

    return edit


def graph(*depends: list[str]) -> Edit:
    """Lets the environments depend on others."""

    def edit(found: Documents) -> None:
        for environment, before in zip(found["strategy"]["spec"]["environments"], depends, strict=True):
            environment["dependsOn"] = before

    return edit


def github_token(found: Documents) -> None:
    found["scm-secret"] = secret("promoter-scm", {"token": ""}, "promoter-system")


def owned(found: Documents) -> None:
    spec = {"gitRepositoryRef": {"name": "shop"}, "activeBranch": BRANCHES[1], "proposedBranch": f"{BRANCHES[1]}-next"}
    found["policy"] = made("ChangeTransferPolicy", "shop", spec)


def pull_request(found: Documents) -> None:
    found["request"] = made("PullRequest", "shop", {"title": "Promote"})


def written(found: Documents) -> None:
    """Adds a CommitStatus that somebody has written for a key that a controller reports."""
    spec = {
        "gitRepositoryRef": {"name": "shop"},
        "sha": "a" * 40,
        "name": "timer",
        "description": "",
        "phase": "success",
    }
    found["written"] = made("CommitStatus", "written", spec)
    found["written"]["metadata"]["labels"] = {"promoter.argoproj.io/commit-status": "timer"}


def extra(**documents: dict[str, Any]) -> Edit:
    return lambda found: found.update(documents)
