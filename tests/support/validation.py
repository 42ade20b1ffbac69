"""A tree of GitOps resources without a fault, and what the validation finds once it is edited."""

import copy
import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import release_kit
from release_kit.adapters.kubernetes_schemas import BundledSchemas
from release_kit.engines.validation import run
from release_kit.engines.validation.tree import TreeFinding
from release_kit.values import release_number

Documents = dict[str, dict[str, Any]]
Edit = Callable[[Documents], Any]
RELEASES = ("0.36.0", "0.38.0", "0.39.0")
"""One of GitOps Promoter for each shape."""
BRANCHES = ("environment/demo-staging", "environment/demo", "environment/release")
PUBLISHED = "RULES_RELEASE_PUBLISHED"
"""Names the folder with published definitions, where it is not beside the repository."""
_URL = "https://github.com/acme/shop-deploy.git"


def published(folder: str) -> Path | None:
    """Returns a folder of published definitions, such as `promoter-crds-0.36.0`; None where there is none."""
    beside = Path(release_kit.__file__).resolve().parents[3] / "shared" / "data"
    found = Path(os.environ.get(PUBLISHED, beside)) / folder
    return found if found.is_dir() else None


def made(kind: str, name: str, spec: Mapping[str, Any], namespace: str = "promoter-system") -> dict[str, Any]:
    """Returns an object of the Promoter or of Argo CD."""
    group = "argoproj.io" if kind.startswith("App") else "promoter.argoproj.io"
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": f"{group}/v1alpha1", "kind": kind, "metadata": metadata, "spec": copy.deepcopy(dict(spec))}


def application(name: str, source: Mapping[str, Any], **labels: str) -> dict[str, Any]:
    """Returns an Application in the cluster of Argo CD; `_` in the name of a label stands for `/`."""
    destination = {"server": "https://kubernetes.default.svc", "namespace": name}
    found = made(
        "Application", name, {"project": "default", "source": dict(source), "destination": destination}, "argocd"
    )
    found["metadata"]["labels"] = {key.replace("_", "/"): value for key, value in labels.items()}
    return found


def secret(name: str, fields: Mapping[str, str], namespace: str, **labels: str) -> dict[str, Any]:
    """Returns a Secret; `_` in the name of a label stands for `/`."""
    metadata = {"name": name, "namespace": namespace, "labels": {k.replace("_", "/"): v for k, v in labels.items()}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(fields)}


def documents(release: str = "0.36.0") -> Documents:
    """Returns the tree: three environments, every kind of gate, Applications of the branches."""
    reference = {"promotionStrategyRef": {"name": "shop"}}
    window = {"cron": "0 9 * * 1-5", "duration": "8h"}
    git = {"repoURL": _URL, "path": "manifests"}
    found = {
        "strategy": made("PromotionStrategy", "shop", _strategy()),
        "provider": made("ScmProvider", "shop", {"github": {"appID": 7}, "secretRef": {"name": "promoter-scm"}}),
        "repository": made(
            "GitRepository",
            "shop",
            {"github": {"owner": "acme", "name": "shop-deploy"}, "scmProviderRef": {"name": "shop"}},
        ),
        "scm-secret": secret("promoter-scm", {"githubAppPrivateKey": ""}, "promoter-system"),
        "health": made(
            "ArgoCDCommitStatus",
            "health",
            {**reference, "key": "argocd-health", "applicationSelector": {"matchLabels": {"app": "shop"}}},
        ),
        "timer": made(
            "TimedCommitStatus",
            "timer",
            {**reference, "key": "timer", "environments": [{"branch": BRANCHES[1], "duration": "24h"}]},
        ),
        "window": made(
            "ScheduledCommitStatus",
            "window",
            {**reference, "key": "window", "environments": [{"branch": each, "allow": [window]} for each in BRANCHES]},
        ),
        "signed": made("GitCommitStatus", "signed", {**reference, "key": "signed", "expression": "true"}),
        "e2e": made("WebRequestCommitStatus", "e2e", {**reference, **_request()}),
        "chart-secret": secret(
            "charts",
            {"type": "helm", "enableOCI": "true", "url": "ghcr.io/acme/charts"},
            "argocd",
            **{"argocd.argoproj.io_secret-type": "repository"},
        ),
        "preview": application("preview", {"repoURL": "ghcr.io/acme/charts", "chart": "shop", "targetRevision": "*"}),
    }
    for branch in BRANCHES:
        name = branch.partition("/")[2]
        labels = {"app": "shop", "rules-release_environment": name, "rules-release_strategy": "shop"}
        found[name] = application(name, {**git, "targetRevision": branch}, **labels)
    _order(found, release)
    return dict(json.loads(json.dumps(found)))


def _strategy() -> dict[str, Any]:
    return {
        "gitRepositoryRef": {"name": "shop"},
        "activeCommitStatuses": [{"key": "argocd-health"}],
        "proposedCommitStatuses": [{"key": "window"}, {"key": "signed"}],
        "environments": [
            {"branch": BRANCHES[0], "activeCommitStatuses": [{"key": "e2e"}]},
            {"branch": BRANCHES[1], "activeCommitStatuses": [{"key": "timer"}]},
            {"branch": BRANCHES[2], "autoMerge": False, "proposedCommitStatuses": [{"key": "approval"}]},
        ],
    }


def _request() -> dict[str, Any]:
    return {
        "key": "e2e",
        "reportOn": "active",
        "httpRequest": {"urlTemplate": "https://e2e.acme.example/{{ .Branch }}", "method": "GET"},
        "success": {"when": {"expression": "Response.StatusCode == 200"}},
        "mode": {"polling": {"interval": "1m"}},
    }


def _order(found: Documents, release: str) -> None:
    """Adds what the shape of a release needs."""
    strategy = found["strategy"]
    strategy["metadata"]["annotations"] = {"rules-release/reported-by.approval": "the owner of the shop"}
    if release == RELEASES[0]:
        return
    kind = "DependentsSuccessfulCommitStatus"
    found["order"] = made(kind, "shop", {"key": "promotion-order", "promotionStrategyRef": {"name": "shop"}})
    if release == RELEASES[1]:
        strategy["spec"]["proposedCommitStatuses"].append({"key": "promotion-order"})
    else:
        strategy["spec"]["orderCommitStatusRef"] = {"group": "promoter.argoproj.io", "kind": kind, "name": "shop"}


def texts(found: Documents) -> dict[str, str]:
    """Returns each document as a file; JSON is YAML, too."""
    return {f"gitops/{name}.yaml": json.dumps(document, indent=1) for name, document in found.items()}


@cache
def kubernetes() -> BundledSchemas:
    """Returns the schemas of Kubernetes."""
    return BundledSchemas("1.31")


def report(files: Mapping[str, str], release: str = "0.36.0", **options: Any) -> run.Report:
    """Validates files for a release of GitOps Promoter; empty for the one that they install."""
    wanted = release_number.parse(release, "here") if release else None
    return run.validate(files, {}, kubernetes(), run.Options(release=wanted, **options))


def findings(files: Mapping[str, str], release: str = "0.36.0", **options: Any) -> tuple[TreeFinding, ...]:
    """Returns what is found in files."""
    return report(files, release, **options).findings


def edited(edit: Edit, release: str = "0.36.0", **options: Any) -> tuple[TreeFinding, ...]:
    """Returns what is found in the tree once it is edited."""
    found = documents(release)
    edit(found)
    return findings(texts(found), release, **options)


def rules(found: tuple[TreeFinding, ...]) -> set[str]:
    """Returns the names of the rules that findings are of."""
    return {each.rule for each in found}


def put(document: str, path: str, value: Any) -> Edit:
    """Returns the edit that puts a value into a document, at a path such as `spec.environments.0.branch`."""

    def edit(found: Documents) -> None:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        holder: Any = found[document]
        for step in steps:
            holder = holder[step]
        holder[last] = value

    return edit


def drop(document: str, path: str = "") -> Edit:
    """Returns the edit that takes something out of a document, or the whole document."""

    def edit(found: Documents) -> None:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")] if path else [document]
        holder: Any = found[document] if path else found
        for step in steps:
            holder = holder[step]
        del holder[last]

    return edit


def add(document: str, path: str, value: Any) -> Edit:
    """Returns the edit that adds a value to a list in a document."""

    def edit(found: Documents) -> None:
        holder: Any = found[document]
        for step in path.split("."):
            holder = holder[int(step) if step.isdigit() else step]
        holder.append(value)

    return edit


def again(document: str, **spec: Any) -> Edit:
    """Returns the edit that adds a document of another name, with other fields in its spec."""

    def edit(found: Documents) -> None:
        copied = copy.deepcopy(found[document])
        copied["metadata"]["name"] += "-2"
        copied["spec"] |= spec
        found[f"{document}-2"] = copied

    return edit
