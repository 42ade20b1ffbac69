"""values.yaml and the templates in step: each reads what the other has."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from release_kit.engines.gates.chart_values.knowledge import Knowledge
from release_kit.engines.gates.chart_values.merge import GLOBAL, Values, coalesced, value_at
from release_kit.engines.gates.chart_values.reads import Key, Place
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import shown

_ANCHOR = re.compile(r"(?:^|[\s:-])&[\w-]+")
_NOT_USED = re.compile(r"\b(?:not used|unused)\b", re.IGNORECASE)
LIKE, LIKE_SHORT = 0.75, 0.6
"""How much a name must be like another, if it is meant by it."""
SHORT = 5
"""Shorter names differ by one letter and mean different things."""
_SWITCH = ("enabled",)
"""By convention, what a parent chart switches the whole chart on and off with."""


def unused(knowledge: Knowledge) -> Iterator[Finding]:
    """Yields the values that no template reads."""
    chart = knowledge.chart
    if chart.is_library or not chart.templates:
        return
    is_shared = any(dependency.chart is None for dependency in chart.dependencies)
    elsewhere = {"tags", *chart.sections, *([GLOBAL] if is_shared else [])}
    own = {key: value for key, value in chart.values.mapping.items() if key not in elsewhere}
    for key in _unread(knowledge, own, ()):
        if key == _SWITCH or knowledge.is_of_subcharts(key) or _is_on_purpose(knowledge, key):
            continue
        message = f"{shown(key)} is read by no template"
        line = chart.values.document.line(key)
        yield Finding(Gate.VALUES, message, _remedy(knowledge, key), chart.values.name, line, thing=shown(key))


def unknown(knowledge: Knowledge, given: Mapping[str, Any]) -> Iterator[Finding]:
    """Yields what templates read and values.yaml lacks, where nothing provides for that or the name has a slip.

    Args:
        knowledge: of the chart.
        given: what all values files set.
    """
    if knowledge.chart.is_library:
        return
    reads, values = knowledge.own_reads, coalesced(knowledge.chart, {})
    told = {missing for key in reads.guarded if (missing := _missing(values, key))}
    for _, missing, place in _absent(knowledge, values, reads.plain):
        near = _near(values, missing)
        if missing not in told and not _is_provided(knowledge, missing, given):
            told.add(missing)
            yield _unknown(knowledge, missing, place, f"did you mean {near!r}?" if near else "")
    for key, missing, place in _absent(knowledge, values, reads.guarded):
        near = _near(values, missing)
        meant = (*missing[:-1], near, *key[len(missing) :])
        is_slip = near and (_is_slip(missing[-1], near) or (_has(values, meant) and not reads.reaches(meant)))
        if is_slip and missing in told and not _is_provided(knowledge, missing, given):
            told.remove(missing)
            yield _unknown(knowledge, missing, place, f"did you mean {near!r}?")


def _absent(knowledge: Knowledge, values: Values, reads: Mapping[Key, Place]) -> Iterator[tuple[Key, Key, Place]]:
    """Yields what the chart's own templates read and the values lack, with the part of it that is missing."""
    for key, place in reads.items():
        missing = _missing(values, key) if place.file in knowledge.chart.templates else ()
        if missing:
            yield key, missing, place


def _unread(knowledge: Knowledge, values: Mapping[str, Any], path: Key) -> Iterator[Key]:
    for name, value in values.items():
        key = (*path, name)
        if not knowledge.reads.reaches(key):
            yield key
        elif isinstance(value, dict) and key not in knowledge.reads.whole:
            yield from _unread(knowledge, value, key)


def _remedy(knowledge: Knowledge, key: Key) -> str:
    """Names what templates read in its place, if they read something like it that is not there."""
    values = knowledge.chart.values.mapping
    reads = knowledge.own_reads
    missing = {_missing(values, each) for each in (*reads.plain, *reads.guarded) if each[: len(key) - 1] == key[:-1]}
    near = get_close_matches(key[-1], sorted(each[-1] for each in missing if len(each) == len(key)), 1)
    if near:
        return f"templates read {shown((*key[:-1], near[0]))}, which is not in values.yaml: give both the same name"
    return "take it out, read it in a template, or say in a comment above it that it is not used"


def _is_on_purpose(knowledge: Knowledge, key: Key) -> bool:
    """Whether a value is there for its anchor, or a comment above it says that it is not used."""
    values = knowledge.chart.values
    lines = values.text.splitlines()
    line = values.document.line(key)
    if _ANCHOR.search("\n".join(lines[slice(*knowledge.lines(key, line))])):
        return True
    comment = []
    while line > 1 and lines[line - 2].lstrip().startswith("#"):
        line -= 1
        comment.append(lines[line - 1])
    return _NOT_USED.search("\n".join(comment)) is not None


def _missing(values: Any, key: Key) -> Key:
    """Returns a path up to its first key that a map does not have; empty for one that is there, or may be."""
    for position, step in enumerate(key):
        if not isinstance(values, dict) or not values:
            return ()
        if step not in values:
            return key[: position + 1]
        values = values[step]
    return ()


def _is_provided(knowledge: Knowledge, key: Key, given: Mapping[str, Any]) -> bool:
    if key == (GLOBAL,) or value_at(given, key) is not None:
        return True
    if any(key[: len(extended)] == extended for extended in knowledge.own_reads.extended):
        return True
    return knowledge.is_described(key)


def _near(values: Any, key: Key) -> str:
    siblings = value_at(values, key[:-1])
    cutoff = LIKE if len(key[-1]) > SHORT else LIKE_SHORT
    found = get_close_matches(key[-1], siblings, 1, cutoff) if isinstance(siblings, dict) else []
    return str(found[0]) if found else ""


def _is_slip(word: str, meant: str) -> bool:
    """Whether two names differ by one slip of a finger, not by a digit or an ending, as `tag` and `tags` do."""
    if min(len(word), len(meant)) < SHORT:
        return False
    before = _shared(word, meant)
    after = _shared(word[before:][::-1], meant[before:][::-1])
    first, second = word[before : len(word) - after], meant[before : len(meant) - after]
    is_one = max(len(first), len(second)) == 1 or (len(first) == len(second) == 2 and first == second[::-1])
    return is_one and after > 0 and (first + second).isalpha()


def _shared(first: str, second: str) -> int:
    """Returns how many characters two texts begin with alike."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((position for position, (a, b) in pairs if a != b), min(len(first), len(second)))


def _has(values: Any, key: Key) -> bool:
    for step in key:
        if not isinstance(values, dict) or step not in values:
            return False
        values = values[step]
    return True


def _unknown(knowledge: Knowledge, key: Key, place: Place, hint: str) -> Finding:
    line = knowledge.chart.templates[place.file].count("\n", 0, place.offset) + 1
    message = f"reads .Values.{shown(key)}, which is not in values.yaml"
    remedy = hint or "correct the name, or add the value to values.yaml"
    return Finding(Gate.VALUES, message, remedy, place.file, line, thing=f".Values.{shown(key)}")
