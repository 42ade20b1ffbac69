"""Times that the definitions take and GitOps Promoter's controllers can't read, or not as they were meant.

GitOps Promoter 0.36.0, internal/controller/scheduledcommitstatus_controller.go: github.com/robfig/cron/v3 with five
fields, time.LoadLocation, and no window of no length; Go, time.ParseDuration.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

from release_kit.engines.gates.schema_faults import Fault
from release_kit.engines.promotion.time_windows import Cron, parse_cron, parse_timezone
from release_kit.engines.validation.tree import mapping
from release_kit.errors import InputError
from release_kit.values.yaml_source import Path

_UNIT = r"(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"[-+]?(?:0|(?:{_UNIT})+)", re.ASCII)
_DURATIONS = frozenset({"duration", "interval", "requeueDuration", "timeout"})
_ZONE_OF_CRON = re.compile(r"(?:CRON_)?TZ=\S*\s+")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of each month, in the year that has most."""
_GO_ZONES = frozenset({"", "UTC", "Local"})
"""Names that Go knows without a database."""


def is_duration(text: str) -> bool:
    """Tells whether Go reads a text as a duration."""
    return bool(_DURATION.fullmatch(text))


def faults(value: Any, path: Path) -> Iterator[Fault]:
    """Yields the times inside a value that can't be read, or that never come."""
    if isinstance(value, list):
        for position, child in enumerate(value):
            yield from faults(child, (*path, position))
    holder = mapping(value)
    for name, child in holder.items():
        here = (*path, name)
        if isinstance(child, dict | list):
            yield from faults(child, here)
        elif isinstance(child, str) and name in _DURATIONS:
            yield from _duration(child, here, "cron" in holder)
        elif isinstance(child, str) and name == "cron":
            yield from _cron(child, here)
        elif isinstance(child, str) and name == "timezone":
            yield from _timezone(child, here)


def _duration(text: str, path: Path, is_window: bool) -> Iterator[Fault]:
    if not is_duration(text):
        message = f"expected a duration of Go such as 30s, 90m or 1h30m; found {text!r:.100}"
        yield Fault(path, message, "correct it")
    elif text.startswith("-") or (is_window and not re.search("[1-9]", text)):
        yield Fault(path, f"expected a duration that is longer than none; found {text!r:.100}", "correct it")


def _cron(text: str, path: Path) -> Iterator[Fault]:
    try:
        found = parse_cron(_ZONE_OF_CRON.sub("", text, count=1), "cron")
    except InputError as error:
        yield Fault(path, error.message.removeprefix("cron: "), "write such as 0 9 * * 1-5")
        return
    if not _comes(found):
        yield Fault(path, f"there is no such day in any year: {text!r:.100}", "correct the day, or the month")


def _comes(cron: Cron) -> bool:
    if not cron.any_day or len(cron.weekdays) < 7:
        return True
    return any(day <= _LONGEST[month - 1] for day, month in product(cron.days, cron.months))


def _timezone(name: str, path: Path) -> Iterator[Fault]:
    if name not in _GO_ZONES and _has_zones() and not _is_zone(name):
        message = f"there is no time zone {name!r:.100}"
        yield Fault(path, message, "name it as in the IANA database, such as Europe/Berlin")


@cache
def _has_zones() -> bool:
    """Tells whether this machine has the database: otherwise no zone can be judged."""
    return _is_zone("Europe/London")


def _is_zone(name: str) -> bool:
    try:
        parse_timezone(name, "timezone")
    except InputError:
        return False
    return True
