"""What the status tells of each environment; pure: it is made from what has been read."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from release_kit.documents.environments import Environment, Environments
from release_kit.documents.promotion_gates import seconds
from release_kit.engines.promotion.model import (
    A_PERSON,
    THE_HYDRATOR,
    Blocker,
    EnvironmentState,
    GateState,
    Hydrated,
    blockers,
    is_rolled_back,
)
from release_kit.engines.promotion.refusals import Subject, of_gates
from release_kit.engines.promotion.state import Release, Snapshot
from release_kit.engines.promotion.status.history import Event, EventKind
from release_kit.engines.promotion.status.wording import iso, moment
from release_kit.values.promotion_gate import ROLLBACK_KEY, Kind, Phase

SCHEMA = "rules_release/status/v1"


class Standing(StrEnum):
    """How an environment stands."""

    EMPTY = "empty"
    """Nothing runs, and nothing is to."""
    CURRENT = "up to date"
    """Nothing else is proposed, and all gates of what runs have passed."""
    CHECKING = "being checked"
    """Nothing else is proposed, and some gate of what runs has not passed yet."""
    FAILING = "failing"
    """Nothing else is proposed, and some gate of what runs has failed."""
    READY = "ready"
    """What is proposed waits for nothing."""
    WAITING = "waiting"
    """What is proposed waits for gates, or for an earlier environment."""
    HELD = "held"
    """What is proposed waits only for a person."""
    BLOCKED = "blocked"
    """What is proposed waits for a gate that has failed."""
    ROLLED_BACK = "rolled back"
    """What is proposed was rolled back here: a person has to want it again."""


class Situation(NamedTuple):
    """One environment, and all that there is to say about it."""

    environment: Environment
    standing: Standing
    active: Hydrated
    source: str
    """The commit that what runs was built from; empty where that is not known."""
    arrival: Event | None
    """How what runs came here; None where that is not known."""
    proposed: Hydrated
    """What is to run; all of it is empty where that is what runs."""
    active_gates: tuple[GateState, ...]
    proposed_gates: tuple[GateState, ...]
    blockers: tuple[Blocker, ...]
    """What the proposed release waits for."""
    events: tuple[Event, ...]
    """What happened last, newest first."""


class Overview(NamedTuple):
    """All environments of a declaration at one time."""

    declared: Environments
    now: int
    """Seconds since 1970."""
    newest: Release | None
    """None before the first release."""
    situations: tuple[Situation, ...]
    """In the order of the declaration."""


def overview(declared: Environments, snapshot: Snapshot, events: Mapping[str, Sequence[Event]], now: int) -> Overview:
    """Says how every environment stands.

    Args:
        declared: the environments.
        snapshot: what is known of them.
        events: what happened in those that have a branch, by name.
        now: in seconds since 1970.
    """
    found = (
        _situation(state, snapshot.newest, _waits(snapshot, i), tuple(events.get(state.environment.name, ())))
        for i, state in enumerate(snapshot.states)
    )
    return Overview(declared, now, snapshot.newest, tuple(found))


def _waits(snapshot: Snapshot, position: int) -> tuple[Blocker, ...]:
    """Returns what the next release of an environment waits for; where none is proposed, that is the hydrator."""
    state, newest = snapshot.states[position], snapshot.newest
    name = state.environment.name
    if state.has_change:
        found = blockers(snapshot.states, position)
        told = sum(bool(each.key) or each.reporter != A_PERSON for each in found)
        more = of_gates(Subject(snapshot, position))[told:]
        others = (Blocker(each.reason, name, reporter=each.who) for each in more)
        return tuple(_said(each, state) for each in (*found, *others))
    if newest is None or state.environment.tracks or newest.sha in (state.active.dry, state.proposed.effective):
        return ()
    return (Blocker(f"{name} is not hydrated for {newest.version}", name, reporter=THE_HYDRATOR),)


def _said(blocker: Blocker, state: EnvironmentState) -> Blocker:
    """Says of a release that was rolled back what the name of its gate does not."""
    if blocker.key != ROLLBACK_KEY:
        return blocker
    where = "here" if is_rolled_back(blocker, state.environment) else f"in {blocker.environment}"
    reason = f"{state.proposed.version} was rolled back {where}, and has to be promoted again"
    return blocker._replace(reason=reason, reporter=A_PERSON)


def _situation(
    state: EnvironmentState, newest: Release | None, waits: tuple[Blocker, ...], events: tuple[Event, ...]
) -> Situation:
    arrival = events[0] if events and events[0].commit == state.active.commit else None
    runs_newest = newest is not None and newest.identity == state.active.record
    return Situation(
        environment=state.environment,
        standing=_change_standing(waits, state.environment) if state.has_change or waits else _standing(state),
        active=state.active,
        source=arrival.source if arrival else newest.record.commit if newest and runs_newest else "",
        arrival=arrival,
        proposed=state.proposed if state.has_change else Hydrated(),
        active_gates=tuple(_dated(gate, state.active.since) for gate in state.active_gates),
        proposed_gates=state.proposed_gates if state.has_change else (),
        blockers=waits,
        events=events,
    )


def _dated(state: GateState, since: int) -> GateState:
    """Says of a timer that is running when it will have run."""
    gate = state.gate
    if gate.kind is not Kind.TIMER or state.phase is not Phase.PENDING or not since:
        return state
    return state._replace(description=f"will have passed at {moment(since + seconds(gate.duration))} UTC")


def _standing(state: EnvironmentState) -> Standing:
    phases = {gate.phase for gate in state.active_gates}
    if not state.active.version:
        return Standing.EMPTY
    if Phase.FAILURE in phases:
        return Standing.FAILING
    return Standing.CHECKING if Phase.PENDING in phases else Standing.CURRENT


def _change_standing(waits: Sequence[Blocker], environment: Environment) -> Standing:
    if any(is_rolled_back(wait, environment) for wait in waits):
        return Standing.ROLLED_BACK
    if any(wait.phase is Phase.FAILURE for wait in waits):
        return Standing.BLOCKED
    if any(wait.reporter != A_PERSON for wait in waits):
        return Standing.WAITING
    return Standing.HELD if waits else Standing.READY


def document(seen: Overview) -> dict[str, Any]:
    """Returns the overview as a document."""
    return {
        "schema": SCHEMA,
        "name": seen.declared.name,
        "repository": seen.declared.repository.url,
        "now": iso(seen.now),
        "newest": _newest(seen.newest) if seen.newest else None,
        "environments": [_environment(situation) for situation in seen.situations],
    }


def _newest(release: Release) -> dict[str, Any]:
    skips = release.record.skip_staging
    return {"version": release.version, "record": release.identity, "skip_staging": skips}


def _environment(situation: Situation) -> dict[str, Any]:
    arrival, environment = situation.arrival, situation.environment
    return {
        "name": environment.name,
        "tracks": environment.tracks,
        "branch": "" if environment.tracks else environment.branch,
        "automatic": environment.automatic,
        "standing": str(situation.standing),
        "active": {**_hydrated(situation.active), "source": situation.source},
        "rolled_back_from": arrival.before if arrival and arrival.kind is EventKind.ROLLED_BACK else "",
        "proposed": _hydrated(situation.proposed) if situation.proposed.dry else None,
        "gates": [_gate(gate) for gate in (*situation.active_gates, *situation.proposed_gates)],
        "blockers": [{**blocker._asdict(), "phase": str(blocker.phase)} for blocker in situation.blockers],
        "history": [_event(event) for event in situation.events],
    }


def _hydrated(held: Hydrated) -> dict[str, Any]:
    return {
        "version": held.version,
        "record": held.record,
        "commit": held.commit,
        "dry": held.dry,
        "since": iso(held.since),
        "skip_staging": held.skip_staging,
    }


def _gate(state: GateState) -> dict[str, Any]:
    return {
        "key": state.gate.key,
        "kind": str(state.gate.kind),
        "target": str(state.gate.target),
        "phase": str(state.phase),
        "since": iso(state.since),
        "reporter": str(state.gate.reporter),
        "description": state.description,
        "url": state.url,
    }


def _event(event: Event) -> dict[str, Any]:
    fields = event._asdict()
    del fields["environment"]
    return {**fields, "kind": str(event.kind), "since": iso(event.since)}
