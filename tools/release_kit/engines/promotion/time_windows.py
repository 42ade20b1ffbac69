"""When gates of the kind schedule are open: windows that begin as cron says, in a time zone.

The rules are those of GitOps Promoter (v0.36.0, internal/controller/scheduledcommitstatus_controller.go), which reads
the five fields with github.com/robfig/cron/v3: where both days are given either counts, a time that the clocks skip
never comes, one that they repeat comes twice.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from release_kit.documents import promotion_gates
from release_kit.errors import InputError
from release_kit.values.promotion_gate import PromotionGate, Window

_DAYS_AHEAD = 5 * 366
"""How far a next time is looked for; what is not in it never comes, such as the 30th of February."""
_MOST_WINDOWS = 2_000
"""How many windows in a row may be excluded before the gate is taken to stay closed."""
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_PART = re.compile(r"(?:(\*|\?)|(\w+)(?:-(\w+))?)(?:/(\d{1,4}))?", re.ASCII)


class _Field(NamedTuple):
    """One of the five: what it may be."""

    name: str
    lowest: int
    highest: int
    words: Sequence[str] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, ("", *_MONTHS)),
    _Field("day of the week", 0, 6, _WEEKDAYS),
)


class Cron(NamedTuple):
    """The five fields, each as the numbers that it stands for."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    any_day: bool
    """Whether the day of the month, or that of the week, is `*`: then both have to be right, otherwise one."""

    def is_on(self, day: date) -> bool:
        """Tells whether it comes on a day."""
        found = (day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return day.month in self.months and (all(found) if self.any_day else any(found))


def parse_cron(text: str, place: str) -> Cron:
    """Reads such as `0 9 * * 1-5`.

    Raises:
        InputError: there are not five fields, or one has numbers that it can't have.
    """
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise InputError(f"{place}: expected five fields such as 0 9 * * 1-5, found {text!r:.100}")
    found = (_numbers(part, field, place) for part, field in zip(parts, _FIELDS, strict=True))
    minutes, hours, days, months, weekdays = found
    any_day = any(re.fullmatch(r"[*?](?:/0*1)?", item) for part in (parts[2], parts[4]) for item in part.split(","))
    return Cron(minutes, hours, days, months, weekdays, any_day)


def parse_timezone(name: str, place: str) -> ZoneInfo:
    """Returns a time zone such as `Europe/Berlin`; an InputError where there is none of the name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        remedy = "name it as in the IANA database; the machine needs that database, too (tzdata)"
        raise InputError(f"{place}: there is no time zone {name!r:.100}", remedy) from error


def _numbers(text: str, field: _Field, place: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise _fault(part, field, place)
        star, first, last, step = match.groups()
        low = field.lowest if star else _number(first, field, place)
        high = field.highest if star or (step and not last) else _number(last or first, field, place)
        if low > high or step == "0" * len(step or "-"):
            raise _fault(part, field, place)
        found |= set(range(low, high + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, field: _Field, place: str) -> int:
    number = field.words.index(text.lower()) if text.lower() in field.words else -1
    if text.isdigit() and len(text) <= 4:
        number = int(text)
    if not field.lowest <= number <= field.highest:
        raise _fault(text, field, place)
    return number


def _fault(text: str, field: _Field, place: str) -> InputError:
    return InputError(f"{place}: the {field.name} goes from {field.lowest} to {field.highest}, found {text!r:.100}")


def is_open(gate: PromotionGate, now: int) -> bool:
    """Tells whether a promotion may happen now: in a window that is allowed, and in none that is excluded."""
    if any(_Schedule(window, gate).end(now) for window in gate.exclude):
        return False
    return not gate.allow or any(_Schedule(window, gate).end(now) for window in gate.allow)


def opens(gate: PromotionGate, now: int) -> int:
    """Returns the first time from now on, in seconds since 1970, at which a promotion may happen; 0 for never.

    Raises:
        InputError: a window's cron or time zone is none.
    """
    allowed = [_Schedule(window, gate) for window in gate.allow]
    excluded = [_Schedule(window, gate) for window in gate.exclude]
    for _ in range(_MOST_WINDOWS):
        if ends := [end for window in excluded if (end := window.end(now))]:
            now = max(ends)
        elif not allowed or any(window.end(now) for window in allowed):
            return now
        elif starts := [start for window in allowed if (start := window.next(now))]:
            now = min(starts)
        else:
            return 0
    return 0


def open_together(gates: Sequence[PromotionGate], now: int) -> int:
    """Returns the first time from now on at which all gates are open; 0 if they never are; else as `opens`."""
    last = now + _DAYS_AHEAD * 86400
    for _ in range(_MOST_WINDOWS):
        times = [opens(gate, now) for gate in gates]
        if now > last or not all(times):
            return 0
        if (latest := max(times, default=now)) == now:
            return now
        now = latest
    return 0


class _Schedule:
    """One window of a gate, read."""

    def __init__(self, window: Window, gate: PromotionGate) -> None:
        place = f"the gate {gate.key}"
        self._cron = parse_cron(window.cron, place)
        self._zone = parse_timezone(window.timezone or gate.timezone, place)
        self._seconds = min(promotion_gates.seconds(window.duration), _DAYS_AHEAD * 86400)

    def end(self, now: int) -> int:
        """Returns when the window that is open now ends, the last such end if there are several; 0: none is open."""
        first = now - self._seconds + 1
        day = self._day(now)
        for _ in range(self._seconds // 86400 + 2):
            if starts := [when for when in _starts(self._cron, self._zone, day) if first <= when <= now]:
                return max(starts) + self._seconds
            day -= timedelta(days=1)
        return 0

    def next(self, now: int) -> int:
        """Returns when it begins next, after now; 0 if never."""
        day = self._day(now)
        for _ in range(_DAYS_AHEAD):
            if starts := [when for when in _starts(self._cron, self._zone, day) if when > now]:
                return min(starts)
            day += timedelta(days=1)
        return 0

    def _day(self, when: int) -> date:
        return datetime.fromtimestamp(when, self._zone).date()


@lru_cache(maxsize=1024)
def _starts(cron: Cron, zone: ZoneInfo, day: date) -> frozenset[int]:
    """Returns when it begins on a day; the clocks skip some times, and repeat some."""
    found: set[int] = set()
    if cron.is_on(day):
        for hour, minute, fold in product(cron.hours, cron.minutes, (0, 1)):
            local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)
            when = int(local.timestamp())
            if datetime.fromtimestamp(when, zone).replace(fold=0) == local.replace(fold=0):
                found.add(when)
    return frozenset(found)
