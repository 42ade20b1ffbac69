"""Names of branches: what git refuses, and what the Promoter's own branches stand in the way of."""

from collections.abc import Iterator

from release_kit.engines.validation.strategies import Strategy, strategies
from release_kit.engines.validation.tree import Tree, TreeFinding, finding
from release_kit.values.branch import fault

NEXT = "-next"
"""What GitOps Promoter adds to a branch for what is proposed."""


def check(tree: Tree) -> Iterator[TreeFinding]:
    """Yields environments whose branches can't be."""
    for strategy in strategies(tree):
        for position, branch in enumerate(strategy.branches):
            yield from _branch(strategy, position, branch)


def _branch(strategy: Strategy, position: int, branch: str) -> Iterator[TreeFinding]:
    path = ("spec", "environments", position, "branch")
    others = [other for other in strategy.branches if other and other != branch]
    if not branch:
        return
    if reason := fault(branch):
        message = f"the branch {branch!r:.200} {reason}"
        yield finding("branch-name", strategy.resource, path, message, "name it such as environment/demo")
    elif fault(f"{branch}{NEXT}"):
        message = f"{branch}{NEXT} is longer than the Promoter takes"
        yield finding("branch-name", strategy.resource, path, message, "give it a shorter name")
    if branch.endswith(NEXT):
        stem = branch.removesuffix(NEXT)
        owner = f"of {stem}" if stem in others else "of an environment"
        message = f"{branch} is what is proposed, {owner}: nobody deploys it, and the hydrator writes to it"
        yield finding("branch-next", strategy.resource, path, message, f"write {stem or 'the active branch'}")
    for other in others:
        if branch.startswith((f"{other}/", f"{other}{NEXT}/")):
            message = f"git can't have both {branch} and {other}, or its {NEXT}"
            yield finding("branch-folder", strategy.resource, path, message, "let neither be the other's folder")
