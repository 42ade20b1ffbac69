"""Where everything of a timeline is drawn: a lane for each environment, and an axis on which quiet times are short."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log2
from typing import NamedTuple

from release_kit.engines.simulation.player import Result
from release_kit.engines.simulation.timeline import ARRIVALS, OF_GATES, Entry, Kind

LEFT, RIGHT = 132.0, 104.0
"""What is left of the first time, and right of the last one, in pixels."""
_LEAST, _PER_DOUBLING = 12.0, 9.0
"""Pixels between two times: the least, and what each doubling of 30 seconds adds."""
_WIDEST = 4000.0
_NARROWEST = 760.0
_LETTER = 6.3
"""Pixels of a letter of 11 pixels height; a little more than most have."""

_BESIDE, _FARTHEST = 13.0, 40.0
"""Pixels from one mark to the next, and how far one may be from its time."""
_MORE = "; and more"


class Bar(NamedTuple):
    """A time that something lasts."""

    left: float
    right: float
    version: str
    label: str
    """Empty where there is no room."""
    title: str


class Mark(NamedTuple):
    """Something that happens at one time."""

    x: float
    kind: Kind
    version: str
    label: str
    """Empty where there is no room."""
    title: str


class Lane(NamedTuple):
    """One environment."""

    name: str
    active: tuple[Bar, ...]
    waiting: tuple[Bar, ...]
    marks: tuple[Mark, ...]


class Drawing(NamedTuple):
    """Everything that is drawn."""

    width: float
    lanes: tuple[Lane, ...]
    releases: tuple[Mark, ...]
    ticks: tuple[tuple[float, int], ...]
    """Where, and how many seconds after the start."""
    versions: tuple[str, ...]
    """In the order of their releases; what they are coloured by."""


def drawing(result: Result) -> Drawing:
    """Places a timeline."""
    axis = Axis(result)
    lanes = tuple(_lane(result, position, axis) for position in range(len(result.states)))
    heard = [entry for entry in result.entries if entry.kind in (Kind.RELEASED, Kind.CHANGED)]
    marks = [
        Mark(axis.x(entry.time), entry.kind, entry.version, _release_label(entry), _title(entry, result))
        for entry in heard
    ]
    versions = tuple(dict.fromkeys(entry.version for entry in heard if entry.kind is Kind.RELEASED))
    return Drawing(axis.width, lanes, tuple(_labelled(marks, axis.width)), tuple(axis.ticks()), versions)


class Axis:
    """Gives each time its place: the more seconds, the wider, but a day is not 1440 times a minute."""

    def __init__(self, result: Result) -> None:
        """Takes all times of a timeline."""
        self._start = result.scenario.start
        times = sorted({self._start, result.end, *(entry.time for entry in result.entries)})
        places = [0.0]
        for earlier, later in pairwise(times):
            places.append(places[-1] + _LEAST + _PER_DOUBLING * log2(1 + (later - earlier) / 30))
        length = min(max(places[-1], _NARROWEST), _WIDEST)
        scale = length / places[-1] if places[-1] else 1.0
        self._places = {time: LEFT + 8 + place * scale for time, place in zip(times, places, strict=True)}
        self.end = result.end
        self.width = LEFT + 8 + length + RIGHT

    def x(self, time: int) -> float:
        """Returns where a time is, in pixels."""
        return self._places[time]

    def ticks(self) -> Iterator[tuple[float, int]]:
        """Yields times that have room for their text."""
        free = 0.0
        for time, place in self._places.items():
            if place >= free:
                yield place, time - self._start
                free = place + 58


def _lane(result: Result, position: int, axis: Axis) -> Lane:
    name = result.states[position].environment.name
    own = [entry for entry in result.entries if entry.environment == name]
    marks = [Mark(axis.x(e.time), e.kind, e.version, _mark_label(e), _title(e, result)) for e in own if _is_mark(e)]
    arrivals = [entry for entry in own if entry.kind in ARRIVALS]
    return Lane(name, _active(arrivals, axis, result), _waiting(own, position, axis, result), _placed(marks, axis))


def _active(arrivals: Sequence[Entry], axis: Axis, result: Result) -> tuple[Bar, ...]:
    ends = [*(entry.time for entry in arrivals[1:]), axis.end]
    return tuple(
        _bar((axis.x(entry.time), axis.x(end)), entry.version, entry.version, _title(entry, result))
        for entry, end in zip(arrivals, ends, strict=False)
    )


def _waiting(own: Sequence[Entry], position: int, axis: Axis, result: Result) -> tuple[Bar, ...]:
    """Returns how long each proposal waited, until it was promoted or another one came in its place."""
    bars = []
    moves = [entry for entry in own if entry.kind is Kind.PROPOSED or entry.kind in ARRIVALS]
    for entry, after in zip(moves, [*moves[1:], None], strict=True):
        if entry.kind is Kind.PROPOSED:
            end = after.time if after else axis.end
            reasons = ", ".join(blocker.reason for blocker in result.blockers[position]) if after is None else ""
            label = f"{entry.version} waits{f': {reasons}' if reasons else ''}"
            if end > entry.time:
                bars.append(_bar((axis.x(entry.time), axis.x(end)), entry.version, label, _title(entry, result)))
    return tuple(bars)


def _bar(place: tuple[float, float], version: str, label: str, title: str) -> Bar:
    room = place[1] - place[0] - 8
    short = fitting(label, room)
    return Bar(*place, version, short if len(short) >= len(version) + 6 else fitting(version, room), title)


def fitting(text: str, width: float) -> str:
    """Returns as much of a text as a width has room for; empty where only a letter or two would be left."""
    letters = int(width / _LETTER)
    if len(text) <= letters:
        return text
    return f"{text[: letters - 1]}…" if letters >= 6 else ""


def _is_mark(entry: Entry) -> bool:
    return entry.kind in OF_GATES or entry.kind in (Kind.ROLLED_BACK, Kind.HELD, Kind.RESUMED, Kind.REFUSED)


def _mark_label(entry: Entry) -> str:
    return entry.gate or str(entry.kind)


def _release_label(entry: Entry) -> str:
    return entry.version or "values"


def _title(entry: Entry, result: Result) -> str:
    parts = (f"{entry.environment}: {entry.what}" if entry.environment else entry.what, entry.detail, entry.cause)
    return f"{'; '.join(filter(None, parts))}; {entry.time - result.scenario.start} s after the start"


def _placed(marks: Sequence[Mark], axis: Axis) -> tuple[Mark, ...]:
    """Moves marks of nearly one time side by side; where there are too many, the first one tells of the others."""
    moved: list[Mark] = []
    for mark in sorted(marks, key=lambda each: each.x):
        least = moved[-1].x + _BESIDE if moved else 0.0
        if least - mark.x > _FARTHEST:
            moved[-1] = moved[-1]._replace(title=f"{moved[-1].title.removesuffix(_MORE)}{_MORE}")
        else:
            moved.append(mark._replace(x=max(mark.x, least)))
    return tuple(_labelled(moved, axis.width))


def _labelled(marks: Sequence[Mark], width: float) -> Iterator[Mark]:
    """Yields marks with the labels for which there is room before the next one."""
    ends = [*(mark.x - 9 for mark in marks[1:]), width]
    for mark, end in zip(marks, ends, strict=False):
        whole = len(mark.label) * _LETTER <= end - mark.x - 9
        yield mark._replace(label=mark.label if whole else "")
