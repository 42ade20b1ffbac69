"""Plays a scenario on a stage: events, reporters, timers and windows in the order of their times.

At one time, what follows from the time alone comes first, then what reporters report, then the scenario's events.
"""

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from release_kit.documents.environments import Environments
from release_kit.documents.promotion_gates import seconds
from release_kit.documents.scenario import Scenario
from release_kit.documents.scenario_event import Event, Reporter
from release_kit.engines.promotion import time_windows
from release_kit.engines.promotion.model import Blocker, EnvironmentState, Hydrated
from release_kit.engines.simulation.checking import check
from release_kit.engines.simulation.deadlocks import deadlocks
from release_kit.engines.simulation.expectations import Finding, Judge
from release_kit.engines.simulation.stage import Report, Stage
from release_kit.engines.simulation.timeline import ARRIVALS, Entry, Kind, changes, waiting
from release_kit.errors import ReleaseError
from release_kit.values.promotion_gate import Kind as GateKind
from release_kit.values.promotion_gate import Phase, PromotionGate, Target

THE_TIME = "the time"
_WAKE, _REPORT, _EVENT = range(3)


class Result(NamedTuple):
    """What came of a scenario."""

    scenario: Scenario
    states: tuple[EnvironmentState, ...]
    """Of all environments at the end, in the order of the declaration."""
    blockers: tuple[tuple[Blocker, ...], ...]
    """What each environment's change waits for; empty where it has none."""
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    """What is not as it was expected; empty if all is well."""
    end: int
    """When it ended, in seconds since 1970."""

    @property
    def merges(self) -> tuple[Entry, ...]:
        """All promotions and rollbacks, in order."""
        return tuple(entry for entry in self.entries if entry.kind in ARRIVALS)


class _Look(NamedTuple):
    """Somebody has begun to look at a gate."""

    reporter: Reporter
    report: Report


def play(scenario: Scenario, declared: Environments, stage: Stage) -> Result:
    """Plays a scenario to its end, and judges it.

    Raises:
        InputError: the scenario names what the declaration does not have.
    """
    check(scenario, declared)
    return _Player(scenario, declared, stage).play()


class _Player:
    def __init__(self, scenario: Scenario, declared: Environments, stage: Stage) -> None:
        self._scenario, self._declared, self._stage = scenario, declared, stage
        self._now = scenario.start
        self._queue: list[tuple[int, int, int, Event | _Look | None]] = []
        self._number = 0
        self._entries: list[Entry] = []
        self._judge = Judge(scenario)
        self._scheduled = [
            any(gate.kind is GateKind.SCHEDULE for gate in declared.gates_of(environment))
            for environment in declared.environments
        ]
        self._reporters = _reporters(scenario, declared)
        self._dry: dict[tuple[str, str], str] = {}
        """By environment and version: the dry commit that its content was made from last."""
        self._seen: set[tuple[str, str, str]] = set()
        self._woken: set[int] = set()
        self._opening: dict[int, int] = {}
        """By environment: when all its windows are open next, as it was worked out last; 0 for never."""
        self._states = tuple(stage.states())

    def play(self) -> Result:
        for event in self._scenario.events:
            self._put(self._scenario.start + event.at, _EVENT, event)
        last = self._scenario.start + self._scenario.until if self._scenario.until else 0
        while self._queue and not (last and self._queue[0][0] > last):
            self._now, _, _, item = heappop(self._queue)
            self._stage.advance(self._now)
            self._look(THE_TIME)
            if isinstance(item, Event):
                self._event(item)
            elif item is not None:
                self._report(item)
        if last:
            self._now = last
            self._stage.advance(last)
            self._look(THE_TIME)
        return self._result()

    def _result(self) -> Result:
        found = tuple(tuple(self._stage.blockers(i)) if s.has_change else () for i, s in enumerate(self._states))
        stuck = deadlocks(self._states, found, self._now, self._reported)
        findings = [*self._judge.findings(self._states, self._now), *self._judge.of_deadlocks(stuck)]
        return Result(self._scenario, self._states, found, tuple(self._entries), tuple(findings), self._now)

    def _put(self, when: int, rank: int, item: Event | _Look | None) -> None:
        self._number += 1
        heappush(self._queue, (when, rank, self._number, item))

    def _reported(self, environment: str, gate: str) -> bool:
        """Tells whether a reporter of the scenario reports a gate."""
        reporter = self._reporters.get((environment, gate))
        return reporter is not None and reporter.phase is not None

    def _event(self, event: Event) -> None:
        cause = f"{event.label}, {event.place}"
        if event.action in ("release", "change"):
            kind = Kind.RELEASED if event.action == "release" else Kind.CHANGED
            told = "skips staging" if event.skip_staging else ", ".join(event.environments)
            self._enter(Entry(0, "", kind, event.value, detail=told), cause)
        try:
            self._act(event, cause)
        except ReleaseError as error:
            self._enter(Entry(0, event.value, Kind.REFUSED, event.action, detail=error.message), cause)
            if not event.refused:
                self._judge.refused(event, error, self._now)
        else:
            if event.refused:
                self._judge.not_refused(event, self._now)
        self._follow(cause, event.value if event.action == "rollback" else "")

    def _act(self, event: Event, cause: str) -> None:
        stage = self._stage
        if event.action == "release":
            stage.release(event.value, event.skip_staging)
        elif event.action == "change":
            stage.change(event.environments)
        elif event.action == "gate":
            self._deliver(self._named(event), cause)
        elif event.action == "merge":
            stage.merge(event.value, event.again)
        elif event.action == "rollback":
            stage.rollback(event.value, event.version)
        else:
            (stage.hold if event.action == "hold" else stage.resume)(event.value)

    def _named(self, event: Event) -> Report:
        """Returns the report of an event; without a release it is about the one that is there."""
        name = event.environments[0]
        content = self._content(name, event.value)
        version = event.version or content.version
        dry = content.dry if version == content.version else self._dry.get((name, version), "")
        return Report(name, event.value, event.phase, version, dry)

    def _content(self, name: str, key: str) -> Hydrated:
        """Returns what a gate is about now."""
        state = next(state for state in self._states if state.environment.name == name)
        gate = next(gate for gate in self._declared.gates_of(state.environment) if gate.key == key)
        return _subject(state, gate)

    def _report(self, look: _Look) -> None:
        cause = f"reporter of {look.report.key}"
        self._deliver(look.report, cause)
        self._follow(cause)

    def _deliver(self, report: Report, cause: str) -> None:
        content = self._content(report.environment, report.key)
        if (report.version, report.dry) != (content.version, content.dry):
            there = content.version or "no release"
            there += " with other values" if report.version == content.version else ""
            late = Entry(0, report.environment, Kind.LATE, report.version or "nothing", report.dry, report.key)
            self._enter(late._replace(detail=f"{there} is there"), cause)
        if report.version and report.dry:
            self._stage.report(report)

    def _follow(self, cause: str, rolled_back: str = "") -> None:
        """Looks at what was done, then at what follows from it."""
        self._look(cause, rolled_back)
        self._stage.advance(self._now)
        self._look(cause)

    def _look(self, cause: str, rolled_back: str = "") -> None:
        """Finds out what has happened since the last look, and what will happen by itself."""
        before, self._states = self._states, tuple(self._stage.states())
        for position, (old, new) in enumerate(zip(before, self._states, strict=True)):
            if old is new or old == new:
                continue
            self._judge.observe(new)
            for entry in changes(old, new, rolled_back == new.environment.name):
                self._enter(self._explained(entry, position), cause)
            self._dry |= {(new.environment.name, each.version): each.dry for each in (new.active, new.proposed)}
            self._expect_reports(new)
            self._wake_for_timers(new)
        for position, scheduled in enumerate(self._scheduled):
            if scheduled and self._states[position].has_change:
                self._wake_for_windows(position)

    def _explained(self, entry: Entry, position: int) -> Entry:
        if entry.kind is not Kind.PROPOSED or not self._states[position].has_change:
            return entry
        reasons = [entry.detail, waiting(self._stage.blockers(position))]
        return entry._replace(detail="; ".join(filter(None, reasons)))

    def _enter(self, entry: Entry, cause: str) -> None:
        entry = entry._replace(time=self._now, cause=cause)
        self._entries.append(entry)
        self._judge.hear(entry)

    def _expect_reports(self, state: EnvironmentState) -> None:
        """Lets reporters look at what has come to an environment."""
        name = state.environment.name
        for each in (*state.active_gates, *state.proposed_gates):
            reporter = self._reporters.get((name, each.gate.key))
            content = _subject(state, each.gate)
            look = (name, each.gate.key, content.commit)
            is_there = state.has_change or each.gate.target is Target.ACTIVE
            if reporter is None or reporter.phase is None or not content.dry or not is_there or look in self._seen:
                continue
            self._seen.add(look)
            report = Report(name, each.gate.key, reporter.phase, content.version, content.dry)
            self._put(self._now + reporter.after, _REPORT, _Look(reporter, report))

    def _wake_for_timers(self, state: EnvironmentState) -> None:
        for each in state.active_gates:
            if each.gate.kind is GateKind.TIMER and each.phase is Phase.PENDING and state.active.dry:
                self._wake(state.active.since + seconds(each.gate.duration))

    def _wake_for_windows(self, position: int) -> None:
        """Wakes when the windows are open, where nothing else is waited for."""
        state = self._states[position]
        gates = [each.gate for each in state.proposed_gates if each.gate.kind is GateKind.SCHEDULE]
        keys, found = {gate.key for gate in gates}, self._stage.blockers(position)
        if found and all(each.environment == state.environment.name and each.key in keys for each in found):
            if 0 < self._opening.get(position, 1) < self._now:
                self._opening[position] = time_windows.open_together(gates, self._now)
            self._wake(self._opening[position])

    def _wake(self, when: int) -> None:
        if when > self._now and when not in self._woken:
            self._woken.add(when)
            self._put(when, _WAKE, None)


def _subject(state: EnvironmentState, gate: PromotionGate) -> Hydrated:
    return state.active if gate.target is Target.ACTIVE else state.proposed


def _reporters(scenario: Scenario, declared: Environments) -> dict[tuple[str, str], Reporter]:
    """Returns who reports which gate of which environment; what names an environment wins."""
    found: dict[tuple[str, str], Reporter] = {}
    for reporter in sorted(scenario.reporters, key=lambda each: bool(each.environment)):
        for environment in declared.environments:
            if reporter.environment in ("", environment.name):
                keys: Sequence[str] = [gate.key for gate in declared.gates_of(environment)]
                found |= {(environment.name, key): reporter for key in keys if key == reporter.gate}
    return found
