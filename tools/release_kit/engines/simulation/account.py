"""What came of a scenario, as a document and as rows of tables."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from release_kit.documents.expectation import NOTHING
from release_kit.documents.scenario_words import shown_duration
from release_kit.engines.promotion.model import EnvironmentState, Hydrated
from release_kit.engines.simulation.player import Result
from release_kit.engines.simulation.timeline import Entry, Kind

SCHEMA = "rules_release/simulation/v1"
HEADER = ("AFTER", "UTC", "ENVIRONMENT", "WHAT", "WHY")
END_HEADER = ("ENVIRONMENT", "ACTIVE", "PROPOSED", "WAITS FOR")
FINDING_HEADER = ("EXPECTED", "FOUND", "WHEN", "BY")
_NO_CAUSE = frozenset({Kind.RELEASED, Kind.CHANGED})


def document(result: Result) -> dict[str, Any]:
    """Returns everything, for programs."""
    return {
        "schema": SCHEMA,
        "scenario": result.scenario.name,
        "start": moment(result.scenario.start),
        "end": moment(result.end),
        "environments": [_environment(result, position) for position in range(len(result.states))],
        "timeline": [_entry(entry) for entry in result.entries],
        "findings": [{**finding._asdict(), "time": moment(finding.time)} for finding in result.findings],
    }


def rows(result: Result) -> Iterator[tuple[str, ...]]:
    """Yields the timeline, a row for each entry."""
    for entry in result.entries:
        after = shown_duration(entry.time - result.scenario.start)
        why = "; ".join(filter(None, (entry.detail, "" if entry.kind in _NO_CAUSE else f"by {entry.cause}")))
        yield after, clock(entry.time), entry.environment, entry.what, why


def end_rows(result: Result) -> Iterator[tuple[str, ...]]:
    """Yields a row for each environment, as it is at the end."""
    for state, blockers in zip(result.states, result.blockers, strict=True):
        reasons = ", ".join(blocker.reason for blocker in blockers)
        proposed = _version(state.proposed) if state.has_change else ""
        yield state.environment.name, _version(state.active), proposed, reasons


def finding_rows(result: Result) -> Iterator[tuple[str, ...]]:
    """Yields a row for each finding."""
    for finding in result.findings:
        when = shown_duration(max(0, finding.time - result.scenario.start))
        yield finding.expected, ": ".join(filter(None, (finding.found, finding.why))), when, finding.cause


def moment(time: int) -> str:
    """Returns such as `2026-01-05T09:00:00Z`."""
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ}"


def clock(time: int) -> str:
    """Returns such as `Mon 01-05 09:00:00`."""
    when = datetime.fromtimestamp(time, UTC)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[when.weekday()]
    return f"{day} {when:%m-%d %H:%M:%S}"


def _environment(result: Result, position: int) -> dict[str, Any]:
    state: EnvironmentState = result.states[position]
    return {
        "name": state.environment.name,
        "active": _content(state.active),
        "proposed": _content(state.proposed),
        "waits_for": [blocker._asdict() for blocker in result.blockers[position]],
    }


def _content(content: Hydrated) -> dict[str, Any]:
    return {
        "version": content.version,
        "record": content.record,
        "commit": content.commit,
        "dry": content.dry,
        "since": moment(content.since) if content.since else "",
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {**entry._asdict(), "time": moment(entry.time)}


def _version(content: Hydrated) -> str:
    return content.version or NOTHING
