"""Scenarios of promotions: what happens when, who reports which gate, and what must come of it. People write them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from release_kit.documents.expectation import Expectation, expectation
from release_kit.documents.fields import Fields
from release_kit.documents.scenario_event import Event, Reporter, event, reporter
from release_kit.documents.scenario_words import duration, text
from release_kit.errors import InputError

SCHEMA = "rules_release/scenario/v1"
START = "2026-01-05T09:00:00Z"
"""A Monday: when scenarios begin that don't say."""
MAX_BYTES = 4 * 1024 * 1024
MAX_EVENTS = 100_000


class Scenario(NamedTuple):
    """One scenario."""

    name: str
    environments: Path | None
    """The declaration; None where the command names it."""
    start: int
    """In seconds since 1970."""
    until: int
    """How many seconds it lasts; 0: until nothing moves any more by itself."""
    events: tuple[Event, ...]
    """In the order of their times."""
    reporters: tuple[Reporter, ...]
    expect: tuple[Expectation, ...]
    deadlock: bool
    """Whether a deadlock is expected; otherwise it is a fault."""


def load(path: Path) -> Scenario:
    """Reads and checks a scenario, YAML or JSON; the path in it is relative to its own folder.

    Raises:
        InputError: it is no such document; names the line and the path in it.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: larger than {MAX_BYTES} bytes, which no scenario is")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    return parse(content, str(path), path.parent)


def parse(content: bytes, place: str, folder: Path) -> Scenario:
    """Reads a scenario from its bytes; else as `load`."""
    from release_kit.values.yaml_source import YamlError, read_one

    try:
        document = read_one(content.decode())
    except (YamlError, UnicodeDecodeError) as error:
        line = f":{error.line}" if isinstance(error, YamlError) else ""
        raise InputError(f"{place}{line}: expected a YAML document: {error}") from error
    if document.duplicates:
        twice = document.duplicates[0]
        raise InputError(
            f"{place}:{twice.line}: {twice.path[-1]!r:.100} stands here twice, first on {twice.first_line}"
        )
    try:
        fields = Fields(document.value, "")
        scenario = _scenario(fields, folder, lambda position: document.line(("events", position)))
        fields.finish()
    except InputError as error:
        where = error.message.partition(": ")[0]
        raise InputError(f"{place}:{document.line(_steps(where))}: {error.message}", error.remedy) from error
    return scenario


def _scenario(fields: Fields, folder: Path, line: Callable[[int], int]) -> Scenario:
    fields.schema(SCHEMA)
    environments = fields.string("environments", "")
    scenario = Scenario(
        name=text(fields, "name", 200),
        environments=folder / environments if environments else None,
        start=_start(fields),
        until=duration(fields, "until") if fields.has("until") else 0,
        events=_events(fields, line),
        reporters=fields.objects("reporters", reporter),
        expect=fields.objects("expect", expectation),
        deadlock=_deadlock(fields),
    )
    if scenario.until and scenario.events and scenario.until < scenario.events[-1].at:
        raise InputError("until: it ends before its last event", "let it last longer, or take the event out")
    return scenario


def _events(fields: Fields, line: Callable[[int], int]) -> tuple[Event, ...]:
    events = fields.objects("events", event, required=True)
    if len(events) > MAX_EVENTS:
        raise InputError(f"events: there are {len(events)}; {MAX_EVENTS} at most can be played")
    placed = [each._replace(position=i, line=line(i)) for i, each in enumerate(events)]
    ordered = tuple(sorted(placed, key=lambda each: each.at))
    _released_once([each for each in ordered if each.action == "release"])
    return ordered


def _released_once(releases: list[Event]) -> None:
    first: dict[str, Event] = {}
    for each in releases:
        known, where = first.setdefault(each.value, each), f"events[{each.position}].release"
        if each.again and known is each:
            raise InputError(f"{where}: nothing has released {each.value} before", "leave `again` out")
        if each.again and each.skip_staging == known.skip_staging:
            continue
        if known is not each:
            remedy = "raise the version: a released version never changes; `again: true` hydrates the same once more"
            raise InputError(f"{where}: events[{known.position}] releases {each.value} already", remedy)


def _start(fields: Fields) -> int:
    found = fields.string("start", START)
    try:
        when = datetime.fromisoformat(found)
        if when.tzinfo is None or not 2000 <= when.year < 2200:
            raise ValueError(found)
    except ValueError:
        remedy = "say it with its offset to UTC, in the years 2000 to 2199"
        raise InputError(f"start: expected a time such as {START}, found {found!r:.100}", remedy) from None
    return int(when.astimezone(UTC).timestamp())


def _deadlock(fields: Fields) -> bool:
    found = fields.string("deadlock", "forbidden")
    if found not in ("forbidden", "expected"):
        raise InputError(f"deadlock: expected forbidden or expected, found {found!r:.100}")
    return found == "expected"


def _steps(place: str) -> list[str | int]:
    """Returns the steps of a path such as `events[3].at`."""
    found = re.findall(r"([^.\[\]]+)|\[(\d+)\]", place)
    return [int(number) if number else name for name, number in found]
