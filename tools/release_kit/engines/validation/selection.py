"""The Applications that an ArgoCDCommitStatus selects, and what it can't read in them.

GitOps Promoter 0.36.0, internal/controller/argocdcommitstatus_controller.go: all Applications of a cluster whose labels
fit, in any namespace; one fault in any of them stops the gate.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from release_kit.engines.validation.addresses import address_of, same_repository
from release_kit.engines.validation.applications import Application, applications, is_open
from release_kit.engines.validation.tree import (
    PROMOTER,
    Resource,
    Tree,
    TreeFinding,
    finding,
    items,
    mapping,
    may_share_namespace,
    text,
)
from release_kit.values.yaml_source import Path

_SELECTOR = ("spec", "applicationSelector")


def check(tree: Tree) -> Iterator[TreeFinding]:
    """Yields what is wrong with each ArgoCDCommitStatus and the Applications that it selects."""
    for status in tree.kind(PROMOTER, "ArgoCDCommitStatus"):
        selector = mapping(status.spec.get("applicationSelector"))
        if not selector.get("matchLabels") and not selector.get("matchExpressions"):
            message = "an empty selector selects every Application of the cluster"
            yield finding("selector-all", status, _SELECTOR, message, "select by a label of these Applications")
            continue
        found = selected(tree, status)
        if not found and _is_here(tree, status):
            message = "it selects no Application: the gate stays in error"
            remedy = "give the Applications of the environments the label, or correct the selector"
            yield finding("selector-nothing", status, _SELECTOR, message, remedy)
        yield from _applications(tree, status, found)


def _is_here(tree: Tree, status: Resource) -> bool:
    """Tells whether the Applications that are meant are in the tree: one follows a branch of the strategy."""
    strategy = _strategy(tree, status)
    branches = _branches(strategy)
    known = applications(tree)
    return any(_branch(each)[0] in branches for each in known) and not any(each.has_open_labels for each in known)


def selected(tree: Tree, status: Resource) -> list[Application]:
    """Returns the Applications whose labels are known to fit."""
    selector = mapping(status.spec.get("applicationSelector"))
    return [each for each in applications(tree) if _fits(selector, each.labels)]


def selected_branches(tree: Tree, status: Resource) -> frozenset[str] | None:
    """Returns the branches that the selected Applications follow; None where that can't be told."""
    found = selected(tree, status)
    branches = [_branch(each)[0] for each in found]
    if not found or any(map(is_open, branches)) or any(each.has_open_labels for each in applications(tree)):
        return None
    return frozenset(branches)


def _fits(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    wanted = mapping(selector.get("matchLabels"))
    expressions = [mapping(each) for each in items(selector.get("matchExpressions"))]
    if not wanted and not expressions:
        return False
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(each, labels) for each in expressions
    )


def _holds(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = text(expression.get("key")), items(expression.get("values"))
    return {
        "In": labels.get(key) in values and key in labels,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }.get(text(expression.get("operator")), False)


def _branch(application: Application) -> tuple[str, Path]:
    """Returns the branch that counts as the environment, and where it stands."""
    hydrator = application.spec.get("sourceHydrator")
    if isinstance(hydrator, Mapping):
        path = (*application.path, "sourceHydrator", "syncSource", "targetBranch")
        return text(mapping(hydrator.get("syncSource")).get("targetBranch")), path
    source = mapping(application.spec.get("source"))
    return text(source.get("targetRevision")), (*application.path, "source", "targetRevision")


def _address(application: Application) -> tuple[str, Path]:
    hydrator = application.spec.get("sourceHydrator")
    if isinstance(hydrator, Mapping):
        path = (*application.path, "sourceHydrator", "drySource", "repoURL")
        return text(mapping(hydrator.get("drySource")).get("repoURL")), path
    source = mapping(application.spec.get("source"))
    return text(source.get("repoURL")), (*application.path, "source", "repoURL")


def _applications(tree: Tree, status: Resource, found: list[Application]) -> Iterator[TreeFinding]:
    strategy = _strategy(tree, status)
    branches = _branches(strategy)
    readable = []
    for each in found:
        fault = list(_unreadable(status, each))
        yield from fault
        if not fault:
            readable.append(each)
            yield from _unknown_branch(strategy, each, branches)
    yield from _addresses(tree, strategy, readable)


def _strategy(tree: Tree, status: Resource) -> Resource | None:
    name = text(mapping(status.spec.get("promotionStrategyRef")).get("name"))
    found = tree.named(PROMOTER, "PromotionStrategy", name)
    return next((each for each in found if may_share_namespace(each, status)), None)


def _branches(strategy: Resource | None) -> list[str]:
    environments = items(strategy.spec.get("environments")) if strategy else ()
    return [text(mapping(each).get("branch")) for each in environments]


def _unreadable(status: Resource, application: Application) -> Iterator[TreeFinding]:
    if isinstance(application.spec.get("sourceHydrator"), Mapping):
        return
    if application.is_of_several:
        message = f"{status.title} selects it, and can't read an Application with `sources`: the gate stays in error"
        remedy = "use one `source`, or take it out of the selection"
        yield finding("app-multi-source", application.resource, (*application.path, "sources"), message, remedy)
    for source in application.sources:
        if source.is_chart and not application.is_of_several:
            message = f"{status.title} selects it, and compares commits: a chart's version never equals one"
            remedy = "let it follow the environment's branch, or report its health by a WebRequestCommitStatus"
            path = source.at("chart" if source.chart else "repoURL")
            yield finding("app-selected-chart", application.resource, path, message, remedy)


def _unknown_branch(strategy: Resource | None, application: Application, branches: list[str]) -> Iterator[TreeFinding]:
    branch, path = _branch(application)
    if strategy is None or branch in branches or is_open(branch):
        return
    what = f"it follows {branch}" if branch else "it names no branch"
    message = f"{what}, which is no environment of {strategy.title}"
    remedy = f"follow one of {', '.join(filter(None, branches))}"
    yield finding("app-unknown-branch", application.resource, path, message, remedy)


def _addresses(tree: Tree, strategy: Resource | None, found: list[Application]) -> Iterator[TreeFinding]:
    known = [each for each in found if not is_open(_address(each)[0])]
    for each in known:
        address, path = _address(each)
        first = _address(known[0])[0]
        if address != first:
            message = f"the repository differs from the one of {_named(known[0])}: all have to be equal, to the letter"
            yield finding("app-repository-differs", each.resource, path, message, f"write {first}")
    expected = address_of(tree, strategy) if strategy else ""
    for each in known[:1]:
        address, path = _address(each)
        synced = mapping(mapping(each.spec.get("sourceHydrator")).get("syncSource")).get("repoURL")
        if expected and not same_repository(text(synced) or address, expected):
            message = f"the strategy promotes in {expected}, and the Application follows a branch of {address}"
            remedy = "let both be about the repository that has the environments' branches"
            yield finding("app-other-repository", each.resource, path, message, remedy)


def _named(application: Application) -> str:
    return text(application.metadata.get("name")) or application.resource.title
