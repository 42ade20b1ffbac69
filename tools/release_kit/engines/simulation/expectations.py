"""Judges a scenario: is everything as its author expects?"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from release_kit.documents.expectation import NOTHING, Expectation
from release_kit.documents.scenario import Scenario
from release_kit.documents.scenario_event import Event
from release_kit.documents.scenario_words import shown_duration
from release_kit.engines.promotion.model import EnvironmentState
from release_kit.engines.simulation.timeline import ARRIVALS, Entry, Kind
from release_kit.errors import ReleaseError
from release_kit.values.promotion_gate import Phase


class Finding(NamedTuple):
    """One thing that is not as it was expected."""

    expected: str
    """As the scenario says it."""
    found: str
    time: int
    """In seconds since 1970."""
    cause: str = ""
    """What made it happen."""
    remedy: str = ""
    environment: str = ""
    gate: str = ""
    why: str = ""
    """What was said by who refused it."""


class Judge:
    """Sees everything as it happens."""

    def __init__(self, scenario: Scenario) -> None:
        """Takes the expectations of a scenario."""
        self._scenario = scenario
        self._orders = [each for each in scenario.expect if each.form == "order"]
        self._nevers = [each for each in scenario.expect if each.form == "never"]
        self._watched = {each.on for each in self._orders}
        self._stands_for: dict[tuple[str, str], str] = {}
        """By environment and dry commit: the one that the environment's content was made from."""
        self._passed: set[tuple[str, str, str]] = set()
        """Environment, gate, dry commit."""
        self._released: dict[str, int] = {}
        self._arrived: dict[tuple[str, str], int] = {}
        self._findings: list[Finding] = []

    def observe(self, state: EnvironmentState) -> None:
        """Sees the state of an environment that has changed."""
        name = state.environment.name
        if name not in self._watched:
            return
        self._stands_for[name, state.proposed.effective] = state.proposed.dry
        for content, gates in ((state.active, state.active_gates), (state.proposed, state.proposed_gates)):
            self._passed |= {(name, each.gate.key, content.dry) for each in gates if each.phase is Phase.SUCCESS}

    def hear(self, entry: Entry) -> None:
        """Hears of an entry of the timeline."""
        if entry.kind is Kind.RELEASED:
            self._released.setdefault(entry.version, entry.time)
        elif entry.kind in ARRIVALS:
            self._arrived.setdefault((entry.environment, entry.version), entry.time)
            for each in self._nevers:
                if (each.environment, each.version) == (entry.environment, entry.version):
                    self._add(each, f"{each.environment} has {each.version}", entry)
            for each in self._orders:
                if each.environment == entry.environment and entry.kind is not Kind.ROLLED_BACK:
                    self._judge_order(each, entry)

    def refused(self, event: Event, error: ReleaseError, now: int) -> None:
        """Hears that an event was refused."""
        remedy = "let it happen later, or say `refused: true` if this is what you expect"
        self._findings.append(Finding(event.label, "it was refused", now, event.place, remedy, why=error.message))

    def not_refused(self, event: Event, now: int) -> None:
        """Hears that an event that had to be refused was not."""
        self._findings.append(Finding(f"{event.label} is refused", "it was not", now, event.place))

    def of_deadlocks(self, found: Sequence[Finding]) -> Iterator[Finding]:
        """Yields the deadlocks, or that there is none though one is expected."""
        if not self._scenario.deadlock:
            yield from found
        elif not found:
            remedy = "take `deadlock: expected` out of the scenario"
            yield Finding("deadlock: expected", "nothing waits for a gate that nobody reports", 0, "the end", remedy)

    def findings(self, states: Sequence[EnvironmentState], now: int) -> Iterator[Finding]:
        """Yields what is wrong at the end."""
        yield from self._findings
        ends = {state.environment.name: state.active.version or NOTHING for state in states}
        for each in self._scenario.expect:
            for name, version in each.versions:
                if each.form == "finally" and ends[name] != version:
                    found = f"{name} has {_version(ends[name])} at the end"
                    yield Finding(str(each), found, now, "the end", environment=name)
                if each.form == "eventually" and (fault := self._fault(each, name, version)):
                    yield Finding(str(each), fault, now, "the end", environment=name)

    def _fault(self, each: Expectation, name: str, version: str) -> str:
        if version == NOTHING:
            return ""
        arrived = self._arrived.get((name, version))
        if arrived is None:
            return f"{name} never had {version}"
        took = arrived - self._released.get(version, arrived)
        return f"{name} had {version} after {shown_duration(took)}" if each.within and took > each.within else ""

    def _judge_order(self, each: Expectation, entry: Entry) -> None:
        dry = self._stands_for.get((each.on, entry.dry), "")
        if (each.on, each.gate, dry) not in self._passed:
            found = f"{each.environment} has {entry.version}, and {each.gate} had not passed for it on {each.on}"
            self._add(each, found, entry)

    def _add(self, each: Expectation, found: str, entry: Entry) -> None:
        self._findings.append(Finding(str(each), found, entry.time, entry.cause, environment=entry.environment))


def _version(text: str) -> str:
    return "no release" if text == NOTHING else text
