"""The words and signs of the page for what the model names."""

from release_kit.engines.promotion.status.history import EventKind
from release_kit.engines.promotion.status.overview import Standing
from release_kit.values.promotion_gate import ROLLBACK_KEY, Phase, PromotionGate, Reporter

SIGNS = {
    Standing.FAILING: "bad",
    Standing.BLOCKED: "bad",
    Standing.ROLLED_BACK: "back",
    Standing.HELD: "hand",
    Standing.READY: "go",
    Standing.WAITING: "wait",
    Standing.CHECKING: "wait",
    Standing.CURRENT: "good",
    Standing.EMPTY: "idle",
}
"""The sign of each standing; those that need somebody come first."""
PHASES = {Phase.SUCCESS: ("good", "passed"), Phase.PENDING: ("wait", "pending"), Phase.FAILURE: ("bad", "failed")}
"""Sign and word of what is known of a gate."""
EVENTS = {EventKind.PROMOTED: "go", EventKind.ROLLED_BACK: "back", EventKind.CHANGED: "idle"}
"""The sign of what happened."""
_REPORTERS = {
    Reporter.ARGOCD_COMMIT_STATUS: "Argo CD",
    Reporter.TIMED_COMMIT_STATUS: "the clock",
    Reporter.SCHEDULED_COMMIT_STATUS: "the calendar",
    Reporter.WEB_REQUEST_COMMIT_STATUS: "a web request",
    Reporter.GIT_COMMIT_STATUS: "the commit",
    Reporter.SCM_STATUS: "CI (commit status)",
    Reporter.COMMIT_STATUS: "CI or a person (CommitStatus)",
}


def reporter(name: str) -> str:
    """Returns who reports a gate, or ends a wait, such as `Argo CD`."""
    return _REPORTERS.get(Reporter(name), name) if name in set(Reporter) else name


def about(gate: PromotionGate) -> str:
    """Returns what a gate looks at, such as `timer, 1h`, without what its key says."""
    kind = "" if gate.key in (gate.kind, ROLLBACK_KEY) else str(gate.kind)
    return ", ".join(filter(None, (kind, gate.duration)))
