"""PromotionStrategies and who reports their gates, as the controllers read them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from release_kit.engines.gitops.strategy import REPORTED_BY
from release_kit.engines.validation.selection import selected_branches
from release_kit.engines.validation.tree import PROMOTER, Resource, Tree, items, mapping, may_share_namespace, text
from release_kit.values.promotion_gate import Target
from release_kit.values.yaml_source import Path

KEY_LABEL = "promoter.argoproj.io/commit-status"
_LISTS = {Target.ACTIVE: "activeCommitStatuses", Target.PROPOSED: "proposedCommitStatuses"}
_DEFAULT_KEYS = {"ArgoCDCommitStatus": "argocd-health", "TimedCommitStatus": "timer"}
_TARGETS = {
    "ArgoCDCommitStatus": Target.ACTIVE,
    "TimedCommitStatus": Target.ACTIVE,
    "ScheduledCommitStatus": Target.PROPOSED,
    "GitCommitStatus": Target.PROPOSED,
    "DependentsSuccessfulCommitStatus": Target.PROPOSED,
}
"""Which commit each controller reports on, whatever it looks at (GitOps Promoter, docs/gating-promotions)."""
REPORTER_KINDS = (*_TARGETS, "WebRequestCommitStatus")


class Listed(NamedTuple):
    """One key in one of the lists of a strategy."""

    key: str
    target: Target
    path: Path
    position: int = -1
    """Of the environment; -1: it holds for all."""


class Strategy(NamedTuple):
    """One PromotionStrategy."""

    resource: Resource
    branches: tuple[str, ...]
    """Of the environments, in their order; empty where one is missing."""
    listed: tuple[Listed, ...]

    def of_environment(self, position: int) -> Iterator[Listed]:
        """Yields the keys that count for one environment: those for all, then its own."""
        return (each for each in self.listed if each.position in (-1, position))

    def is_last(self, position: int) -> bool:
        """Tells whether no environment waits for this one."""
        entries = items(self.resource.spec.get("environments"))
        waited_for = [branch for entry in entries for branch in items(mapping(entry).get("dependsOn"))]
        if waited_for:
            return self.branches[position] not in waited_for
        return position == len(self.branches) - 1


class Report(NamedTuple):
    """Who reports one key."""

    resource: Resource
    key: str
    path: Path
    target: Target | None
    """Which commit it reports on; None: whoever does it chooses."""
    branches: frozenset[str] | None = None
    """Which environments it reports for; None for all that list the key."""

    @property
    def who(self) -> str:
        """Such as `TimedCommitStatus timer`; for an annotation what it says."""
        if self.path[:2] == ("metadata", "annotations"):
            return clipped(self.resource.annotations.get(str(self.path[2])))
        return self.resource.title

    def covers(self, branch: str) -> bool:
        """Tells whether it reports for an environment."""
        return self.branches is None or branch in self.branches


def clipped(value: object) -> str:
    """Returns the beginning of what somebody wrote."""
    return f"{value!s:.100}"


def strategies(tree: Tree) -> list[Strategy]:
    """Returns all strategies of a tree."""
    return [_strategy(resource) for resource in tree.kind(PROMOTER, "PromotionStrategy")]


def reports(tree: Tree, strategy: Strategy) -> list[Report]:
    """Returns who reports for one strategy."""
    own = strategy.resource
    found = [
        _report(tree, resource)
        for resource in tree.kind(PROMOTER, *REPORTER_KINDS)
        if text(mapping(resource.spec.get("promotionStrategyRef")).get("name")) == own.name
        and may_share_namespace(resource, own)
    ]
    repository = mapping(own.spec.get("gitRepositoryRef")).get("name")
    for resource in tree.kind(PROMOTER, "CommitStatus"):
        key = text(resource.labels.get(KEY_LABEL))
        if key and mapping(resource.spec.get("gitRepositoryRef")).get("name") == repository:
            found.append(Report(resource, key, ("metadata", "labels", KEY_LABEL), None))
    for name in own.annotations:
        if name.startswith(REPORTED_BY):
            found.append(Report(own, name.removeprefix(REPORTED_BY), ("metadata", "annotations", name), None))
    return found


def key_of(resource: Resource) -> str:
    """Returns the key that an object reports; the definitions have defaults for some."""
    return text(resource.spec.get("key")) or _DEFAULT_KEYS.get(resource.kind, "")


def _strategy(resource: Resource) -> Strategy:
    environments = items(resource.spec.get("environments"))
    branches = tuple(text(mapping(each).get("branch")) for each in environments)
    listed = [*_listed(resource.spec, ("spec",), -1)]
    for position, each in enumerate(environments):
        listed += _listed(mapping(each), ("spec", "environments", position), position)
    return Strategy(resource, branches, tuple(listed))


def _listed(holder: Mapping[str, object], path: Path, position: int) -> Iterator[Listed]:
    for target, name in _LISTS.items():
        for number, entry in enumerate(items(holder.get(name))):
            if key := text(mapping(entry).get("key")):
                yield Listed(key, target, (*path, name, number, "key"), position)


def _report(tree: Tree, resource: Resource) -> Report:
    path: Path = ("spec", "key") if "key" in resource.spec else ("spec",)
    target = _TARGETS.get(resource.kind)
    branches: frozenset[str] | None = None
    if resource.kind == "WebRequestCommitStatus":
        target = Target.ACTIVE if resource.spec.get("reportOn") == "active" else Target.PROPOSED
    elif resource.kind == "TimedCommitStatus":
        entries = items(resource.spec.get("environments"))
        branches = frozenset(text(mapping(entry).get("branch")) for entry in entries)
    elif resource.kind == "ArgoCDCommitStatus":
        branches = selected_branches(tree, resource)
    return Report(resource, key_of(resource), path, target, branches)
