"""The order of environments: who enforces it differs from one release of the Promoter to the other."""

import difflib
from collections.abc import Iterator, Mapping, Sequence

from release_kit.engines.gitops.promoter_release import Shape
from release_kit.engines.validation.strategies import Strategy, key_of, strategies
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
from release_kit.values.promotion_gate import Target
from release_kit.values.yaml_source import Path

_GATE = "DependentsSuccessfulCommitStatus"
_ADD = f"add a {_GATE} with a promotionStrategyRef to it"


def check(tree: Tree, form: Shape) -> Iterator[TreeFinding]:
    """Yields what keeps the environments from being promoted one after the other."""
    for strategy in strategies(tree):
        if form is Shape.IMPLIED:
            yield from _implicit(strategy)
            continue
        gates = [gate for gate in tree.kind(PROMOTER, _GATE) if _is_about(gate, strategy)]
        if form is Shape.KEY:
            yield from _by_gate(strategy, gates)
        else:
            yield from _by_reference(tree, strategy, gates)
            yield from _graph(strategy, strategy.resource)


def _is_about(gate: Resource, strategy: Strategy) -> bool:
    name = mapping(gate.spec.get("promotionStrategyRef")).get("name")
    return name == strategy.resource.name and may_share_namespace(gate, strategy.resource)


def _implicit(strategy: Strategy) -> Iterator[TreeFinding]:
    """Follows promotionstrategy_controller.go of 0.36.0: without active keys no status is put in that would wait."""
    for position, branch in enumerate(strategy.branches[1:]):
        if not any(each.target is Target.ACTIVE for each in strategy.of_environment(position)):
            before = strategy.branches[position]
            message = f"{branch} does not wait for {before}: nothing is listed that {before} has to pass once deployed"
            remedy = f"list a key in activeCommitStatuses of {before}, or of all environments"
            path = ("spec", "environments", position + 1)
            yield finding("order-not-enforced", strategy.resource, path, message, remedy)


def _by_gate(strategy: Strategy, gates: Sequence[Resource]) -> Iterator[TreeFinding]:
    if not gates:
        message = f"no {_GATE} is about it: it is not reconciled"
        remedy = f"{_ADD}, and list its key in proposedCommitStatuses"
        yield finding("order-missing", strategy.resource, ("spec",), message, remedy)
    for gate in gates[1:]:
        message = f"{gates[0].title} orders {strategy.resource.title}, too"
        yield finding("order-missing", gate, ("spec", "promotionStrategyRef"), message, "leave one of them")
    for gate in gates[:1]:
        key = key_of(gate)
        for position, branch in enumerate(strategy.branches):
            listed = strategy.of_environment(position)
            if not any(each.key == key and each.target is Target.PROPOSED for each in listed):
                message = f"{branch} does not list the key {key} of {gate.title}: the strategy is not reconciled"
                path = ("spec", "environments", position)
                remedy = "list it in proposedCommitStatuses of the strategy"
                yield finding("order-key", strategy.resource, path, message, remedy)
        yield from _graph(strategy, gate)


def _by_reference(tree: Tree, strategy: Strategy, gates: Sequence[Resource]) -> Iterator[TreeFinding]:
    reference = mapping(strategy.resource.spec.get("orderCommitStatusRef"))
    name, path = text(reference.get("name")), ("spec", "orderCommitStatusRef", "name")
    kind = text(reference.get("kind")) or _GATE
    if kind != _GATE and difflib.get_close_matches(kind[:100], [_GATE], 1, 0.85):
        kind_path = ("spec", "orderCommitStatusRef", "kind")
        message = f"there is no kind {kind}: the strategy is not reconciled"
        yield finding("order-missing", strategy.resource, kind_path, message, f"write {_GATE}")
    if not name or kind != _GATE:
        return
    meant = [gate for gate in gates if gate.name == name]
    if not meant:
        others = tree.named(PROMOTER, _GATE, name)
        what = f"{others[0].title} is not about {strategy.resource.title}" if others else f"there is no {_GATE} {name}"
        yield finding("order-missing", strategy.resource, path, f"{what}: the strategy is not reconciled", _ADD)
    for gate in gates:
        if gate not in meant:
            message = f"{strategy.resource.title} does not name it in orderCommitStatusRef"
            remedy = "let the strategy name it, or take it out"
            yield finding("order-missing", gate, ("spec", "promotionStrategyRef"), message, remedy)
    keys = {key_of(gate) for gate in meant}
    for each in strategy.listed:
        if each.key in keys:
            message = f"the key {each.key} is the one of {meant[0].title}, which the controller puts in itself"
            yield finding("order-key", strategy.resource, each.path, message, "take it out")


def _graph(strategy: Strategy, holder: Resource) -> Iterator[TreeFinding]:
    """Yields branches that are waited for in vain: unknown ones, and circles."""
    waits: dict[str, list[str]] = {}
    for position, entry in enumerate(items(holder.spec.get("environments"))):
        path: Path = ("spec", "environments", position)
        branch = text(mapping(entry).get("branch"))
        waits[branch] = [text(each) for each in items(mapping(entry).get("dependsOn"))]
        if holder is not strategy.resource and branch not in strategy.branches:
            yield _unknown(strategy, holder, (*path, "branch"), branch)
        for number, before in enumerate(waits[branch]):
            if before not in strategy.branches:
                yield _unknown(strategy, holder, (*path, "dependsOn", number), before)
    for position, branch in enumerate(waits):
        if branch in _reached(waits, branch):
            message = f"{branch} waits for itself, by way of {' and '.join(waits[branch])}"
            path = ("spec", "environments", position, "dependsOn")
            yield finding("order-graph", holder, path, message, "break the circle")


def _unknown(strategy: Strategy, holder: Resource, path: Path, branch: str) -> TreeFinding:
    remedy = f"it has {', '.join(filter(None, strategy.branches))}"
    return finding("order-graph", holder, path, f"{strategy.resource.title} has no environment {branch!r:.100}", remedy)


def _reached(waits: Mapping[str, Sequence[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = [each for each in waits[start] if each != start]
    while waiting:
        branch = waiting.pop()
        if branch not in found:
            found.add(branch)
            waiting += waits.get(branch, ())
    return found
