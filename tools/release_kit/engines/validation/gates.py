"""Gate coverage: each key has exactly one reporter, on the right commit, for every environment that waits for it."""

import re
from collections.abc import Iterator, Sequence

from release_kit.engines.gitops.strategy import REPORTED_BY
from release_kit.engines.validation.strategies import Listed, Report, Strategy, reports, strategies
from release_kit.engines.validation.tree import Tree, TreeFinding, finding, items, mapping, text
from release_kit.values.promotion_gate import RESERVED_KEYS, Target

_AFTER_DEPLOYMENT = re.compile(r"(?:e2e|end-to-end|smoke)(?:$|[-_.])")
"""Names of tests that need what they test to run; one that begins with an environment may be about another."""
_ORDER = "DependentsSuccessfulCommitStatus"


def check(tree: Tree) -> Iterator[TreeFinding]:
    """Yields what is wrong with the gates of all strategies."""
    for strategy in strategies(tree):
        found = reports(tree, strategy)
        yield from _levels(strategy)
        yield from _reserved(strategy)
        for key in dict.fromkeys(each.key for each in strategy.listed):
            listed = [each for each in strategy.listed if each.key == key]
            yield from _key(strategy, listed, [report for report in found if report.key == key])
        for report in found:
            yield from _unused(strategy, report)
            yield from _branches(strategy, report)


def _levels(strategy: Strategy) -> Iterator[TreeFinding]:
    common = {(each.key, each.target) for each in strategy.listed if each.position < 0}
    for each in strategy.listed:
        if each.position >= 0 and (each.key, each.target) in common:
            message = f"the key {each.key} is listed for all environments, too: the two lists are joined, and the "
            message += "ChangeTransferPolicy with the key twice is refused"
            yield finding("gate-two-levels", strategy.resource, each.path, message, "list it at one of the levels")


def _reserved(strategy: Strategy) -> Iterator[TreeFinding]:
    for each in strategy.listed:
        if each.key in RESERVED_KEYS:
            message = f"the key {each.key} is the controller's own, and reported where the controller puts it in"
            yield finding("gate-reserved-key", strategy.resource, each.path, message, "take it out")


def _key(strategy: Strategy, listed: Sequence[Listed], found: Sequence[Report]) -> Iterator[TreeFinding]:
    if listed[0].key in RESERVED_KEYS:
        return
    if not found:
        message = f"nobody reports {listed[0].key}: what waits for it waits forever"
        remedy = f"add its reporter, or name it in the annotation {REPORTED_BY}{listed[0].key}, or take the key out"
        yield finding("gate-no-reporter", strategy.resource, listed[0].path, message, remedy)
    if all(report.target is None for report in found) and _AFTER_DEPLOYMENT.match(listed[0].key):
        yield from (_own_deployment(strategy, each) for each in listed if _is_own(each))
        return
    right = [report for report in found if _agrees(report, listed)]
    for report in found:
        if report not in right:
            yield _other_target(strategy, report, listed)
    yield from _several(strategy, right)
    if right:
        yield from _uncovered(strategy, listed, right)


def _is_own(listed: Listed) -> bool:
    return listed.target is Target.PROPOSED and listed.position in (-1, 0)


def _own_deployment(strategy: Strategy, listed: Listed) -> TreeFinding:
    message = f"{listed.key} tests what runs, and holds back its first deployment: neither can come first"
    remedy = "list it in activeCommitStatuses of the environment that is tested"
    return finding("gate-own-deployment", strategy.resource, listed.path, message, remedy)


def _agrees(report: Report, listed: Sequence[Listed]) -> bool:
    return report.target is None or any(each.target is report.target for each in listed)


def _other_target(strategy: Strategy, report: Report, listed: Sequence[Listed]) -> TreeFinding:
    own = [each for each in listed if _is_own(each)]
    if report.target is Target.ACTIVE and own:
        message = f"{own[0].key} holds back the first deployment, and {report.who} looks at what is deployed"
        remedy = "list it in activeCommitStatuses of the environment before the one that has to wait"
        return finding("gate-own-deployment", strategy.resource, own[0].path, message, remedy)
    message = f"{report.who} reports {report.key} on the {report.target} commit; the strategy waits for it on the "
    message += f"{listed[0].target} one"
    other = "activeCommitStatuses" if report.target is Target.ACTIVE else "proposedCommitStatuses"
    return finding("gate-target", strategy.resource, listed[0].path, message, f"list it in {other}")


def _several(strategy: Strategy, found: Sequence[Report]) -> Iterator[TreeFinding]:
    for position, report in enumerate(found):
        for other in found[:position]:
            shared = [branch for branch in strategy.branches if report.covers(branch) and other.covers(branch)]
            if shared and (report.target is other.target or None in (report.target, other.target)):
                message = f"{report.key} is reported by {other.who}, too: two results for a commit are an error"
                remedy = "leave one of them, or give it a key of its own"
                yield finding("gate-two-reporters", report.resource, report.path, message, remedy)
                break


def _uncovered(strategy: Strategy, listed: Sequence[Listed], found: Sequence[Report]) -> Iterator[TreeFinding]:
    for position, branch in enumerate(strategy.branches):
        for each in listed:
            if each.position not in (-1, position) or not branch:
                continue
            if each.target is Target.ACTIVE and strategy.is_last(position):
                continue
            if not any(report.target in (None, each.target) and report.covers(branch) for report in found):
                message = f"nobody reports {each.key} for {branch}: {found[0].who} does not cover it"
                remedy = "let it cover the branch, or list the key for the environments that it covers"
                yield finding("gate-no-reporter", strategy.resource, each.path, message, remedy)


def _unused(strategy: Strategy, report: Report) -> Iterator[TreeFinding]:
    if report.resource.kind == _ORDER or not report.key:
        return
    if report.key not in {each.key for each in strategy.listed}:
        message = f"no list of {strategy.resource.title} has the key {report.key}: nothing waits for it"
        yield finding("gate-unused", report.resource, report.path, message, "list the key, or take the reporter out")


def _branches(strategy: Strategy, report: Report) -> Iterator[TreeFinding]:
    if report.resource.kind not in ("TimedCommitStatus", "ScheduledCommitStatus"):
        return
    for position, entry in enumerate(items(report.resource.spec.get("environments"))):
        branch = text(mapping(entry).get("branch"))
        if branch and branch not in strategy.branches:
            path = ("spec", "environments", position, "branch")
            message = f"{strategy.resource.title} has no environment {branch}"
            remedy = f"it has {', '.join(filter(None, strategy.branches))}"
            yield finding("gate-unknown-branch", report.resource, path, message, remedy)
