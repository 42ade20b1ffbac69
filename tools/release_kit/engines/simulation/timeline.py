"""What happened in a scenario, entry by entry: read from how the states of the environments differ."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from release_kit.engines.promotion.model import Blocker, EnvironmentState, GateState
from release_kit.values.promotion_gate import ROLLBACK_KEY, Phase, Target


class Kind(StrEnum):
    """What an entry tells."""

    RELEASED = "released"
    CHANGED = "values changed"
    PROPOSED = "proposed"
    UNCHANGED = "nothing to change"
    """The release or change makes no difference here: a git note says so."""
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    TAKEN = "taken"
    """An environment that tracks versions runs it."""
    PASSED = "passed"
    FAILED = "failed"
    PENDING = "pending"
    """A gate that had passed or failed waits again."""
    LATE = "does not count"
    """A result of a gate for what is not there, or not any more."""
    HELD = "held"
    RESUMED = "resumed"
    REFUSED = "refused"


OF_GATES = frozenset({Kind.PASSED, Kind.FAILED, Kind.PENDING, Kind.LATE})
ARRIVALS = frozenset({Kind.PROMOTED, Kind.ROLLED_BACK, Kind.TAKEN})
"""What puts another release on an environment."""
_OF_PHASE = {Phase.SUCCESS: Kind.PASSED, Phase.FAILURE: Kind.FAILED, Phase.PENDING: Kind.PENDING}


class Entry(NamedTuple):
    """One thing that happened."""

    time: int
    """In seconds since 1970."""
    environment: str
    """Empty for what concerns all."""
    kind: Kind
    version: str = ""
    dry: str = ""
    """The dry commit."""
    gate: str = ""
    """Its key."""
    cause: str = ""
    """What made it happen: an event of the scenario, a reporter, or the time."""
    detail: str = ""
    """Such as what is waited for."""

    @property
    def what(self) -> str:
        """Such as `promoted 1.0.0` or `e2e passed for 1.0.0`."""
        if self.kind is Kind.LATE:
            return f"{self.gate} for {self.version} {self.kind}"
        if self.kind in OF_GATES:
            return f"{self.gate} {self.kind} for {self.version}"
        return f"{self.kind} {self.version}".strip()


def waiting(blockers: Sequence[Blocker]) -> str:
    """Returns what is waited for, in words."""
    return f"waits: {', '.join(blocker.reason for blocker in blockers)}" if blockers else ""


def changes(before: EnvironmentState, after: EnvironmentState, is_rollback: bool) -> Iterator[Entry]:
    """Yields what happened to an environment between two states, without time and cause.

    Args:
        before: the earlier state.
        after: the later one.
        is_rollback: whether it was rolled back in between.
    """
    name = after.environment.name
    if before.environment.automatic != after.environment.automatic:
        yield Entry(0, name, Kind.RESUMED if after.environment.automatic else Kind.HELD)
    if after.proposed.dry != before.proposed.dry and not after.environment.tracks:
        instead = f"instead of {before.proposed.version}, which was waiting" if before.has_change else ""
        yield Entry(0, name, Kind.PROPOSED, after.proposed.version, after.proposed.dry, detail=instead)
    elif after.proposed.note != before.proposed.note:
        yield Entry(0, name, Kind.UNCHANGED, after.proposed.version, after.proposed.note)
    if after.active.commit != before.active.commit:
        kind = Kind.ROLLED_BACK if is_rollback else Kind.PROMOTED
        kind = Kind.TAKEN if after.environment.tracks else kind
        yield Entry(0, name, kind, after.active.version, after.active.dry)
    yield from _gates(before, after)


def _gates(before: EnvironmentState, after: EnvironmentState) -> Iterator[Entry]:
    known = {key: gate.phase for key, gate in _by_content(before)}
    for (dry, target, key), gate in _by_content(after):
        if gate.phase is not known.get((dry, target, key), Phase.PENDING):
            version = after.active.version if target is Target.ACTIVE else after.proposed.version
            yield Entry(0, after.environment.name, _OF_PHASE[gate.phase], version, dry, key)


def _by_content(state: EnvironmentState) -> Iterator[tuple[tuple[str, Target, str], GateState]]:
    """Yields the gates that matter: of what runs, and of what waits."""
    for gate in state.active_gates:
        yield (state.active.dry, Target.ACTIVE, gate.gate.key), gate
    for gate in state.proposed_gates if state.has_change else ():
        if gate.gate.key == ROLLBACK_KEY:
            continue
        yield (state.proposed.dry, Target.PROPOSED, gate.gate.key), gate
