"""Changes that can never go on: they wait for a gate that nobody reports."""

from collections.abc import Callable, Iterator, Sequence

from release_kit.engines.promotion import time_windows
from release_kit.engines.promotion.model import Blocker, EnvironmentState, GateState
from release_kit.engines.simulation.expectations import Finding
from release_kit.values.promotion_gate import Kind, Phase, Target

NO_DEADLOCK = "no deadlock"


def deadlocks(
    states: Sequence[EnvironmentState],
    blockers: Sequence[Sequence[Blocker]],
    now: int,
    is_reported: Callable[[str, str], bool],
) -> list[Finding]:
    """Finds the gates that changes wait for in vain at the end of a scenario; each once.

    A gate that has failed, an environment that waits for a person, a time that is still to come, and a release that
    an environment does not take because of its constraint are no deadlocks.

    Args:
        states: of all environments.
        blockers: of each environment.
        now: the end, in seconds since 1970.
        is_reported: tells whether a reporter will report a gate (its second argument) of an environment yet.
    """
    gates = {
        (state.environment.name, each.gate.key): (state, each)
        for state in states
        for each in (*state.active_gates, *state.proposed_gates)
    }
    found: dict[tuple[str, str], list[Finding]] = {}
    for state, waiting in zip(states, blockers, strict=True):
        for blocker in waiting:
            place = (blocker.environment, blocker.key)
            if blocker.phase is Phase.PENDING and place in gates and not is_reported(*place):
                found.setdefault(place, [*_finding(state, *gates[place], now)])
    return [finding for findings in found.values() for finding in findings]


def _finding(waiting: EnvironmentState, where: EnvironmentState, gate: GateState, now: int) -> Iterator[Finding]:
    """Yields the finding for one gate, if it is in vain to wait for it."""
    key, name, kind = gate.gate.key, where.environment.name, gate.gate.kind
    schedules = [each.gate for each in where.proposed_gates if each.gate.kind is Kind.SCHEDULE]
    if kind is Kind.TIMER or (kind is Kind.SCHEDULE and time_windows.open_together(schedules, now)):
        return
    content = where.active if gate.gate.target is Target.ACTIVE else where.proposed
    found = f"{waiting.environment.name} waits for {key} of {content.version} on {name}, and nobody reports it"
    remedy = f"let {gate.gate.reporter} report it: add an event `gate: {key}` or a reporter to the scenario"
    if kind is Kind.SCHEDULE:
        found = f"{waiting.environment.name} waits for {key} on {name}, and none of its windows ever opens"
        remedy = "correct its `allow` and `exclude`"
        if time_windows.opens(gate.gate, now):
            others = ", ".join(each.key for each in schedules if each.key != key)
            found = f"{waiting.environment.name} waits for {key} on {name}, which is never open together with {others}"
    yield Finding(NO_DEADLOCK, found, content.since, "since then", remedy, name, key)
