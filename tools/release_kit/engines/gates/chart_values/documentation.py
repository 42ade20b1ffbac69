"""The README in step with values.yaml: what it documents is there, and what is there is documented."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from release_kit.engines.chart import values_table
from release_kit.engines.gates.chart_values.chart import README, path_of
from release_kit.engines.gates.chart_values.knowledge import Knowledge
from release_kit.engines.gates.chart_values.reads import Key
from release_kit.engines.gates.chart_values.tables import Documented, values_tables
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import shown

COMMAND = "release-kit chart document DIR"
MOSTLY = 0.9
"""A table with this part of the values is meant to have all."""
_SKIPPED = re.compile(r"^\s*#+\s*@skip\s+(\S+)", re.MULTILINE)
FEW = 5
"""Of so many values or more, a table that lacks only one is meant to have all."""


def check(knowledge: Knowledge, readme: str) -> Iterator[Finding]:
    """Yields what the README of a chart documents wrongly or not at all."""
    markers = (values_table.BEGIN, values_table.END)
    if any(marker in readme for marker in markers):
        if values_table.section(readme) is None:
            yield Finding(
                Gate.VALUES, f"expected both {' and '.join(markers)}, found one", "write both markers", README
            )
        else:
            yield from _generated(knowledge, readme)
        return
    rows: list[Documented] = []
    for table in values_tables(readme):
        unknown = [row for row in table if not _exists(knowledge, row.steps)]
        if len(unknown) * 2 < len(table):
            rows += table
            yield from (_not_there(knowledge, row) for row in unknown)
    if rows:
        yield from _incomplete(knowledge, rows)


def _generated(knowledge: Knowledge, readme: str) -> Iterator[Finding]:
    """Holds what stands between the markers to what the generator makes."""
    values = knowledge.chart.values
    for row in values_table.undescribed(values_table.rows(values.text)):
        key = values_table.shown_key(row.path)
        remedy = "write a comment right above it, or above the map that it is in"
        yield Finding(Gate.VALUES, f"{key} has no description", remedy, values.name, row.line, thing=key)
    expected = values_table.documented(readme, values.text)
    if difference := values_table.first_difference(readme, expected):
        line, found, wanted = difference
        message = f"the table of values is out of date: expected {wanted!r:.120}, found {found!r:.120}"
        yield Finding(Gate.VALUES, message, f"run {COMMAND}", README, line)


def _not_there(knowledge: Knowledge, row: Documented) -> Finding:
    values = knowledge.chart.values.mapping
    known = {shown(path): path for path in _leaves(values, ())}
    near = get_close_matches(shown(row.steps), known, 1)
    remedy = f"did you mean {near[0]!r}?" if near else "take the row out, or add the value to values.yaml"
    message = f"documents {row.key}, which is not in values.yaml"
    return Finding(Gate.VALUES, message, remedy, README, row.line, thing=shown(row.steps))


def _incomplete(knowledge: Knowledge, rows: list[Documented]) -> Iterator[Finding]:
    """Yields the values that a table lacks which has nearly all."""
    values = knowledge.chart.values
    own = {key: value for key, value in values.mapping.items() if key not in knowledge.chart.sections}
    for leaf in _without_row(list(_leaves(own, ())), {row.steps for row in rows}):
        line = values.document.line(leaf)
        if not _is_left_out(values.text, leaf, line):
            message = f"{shown(leaf)} is not in the table of values in {README}, which has {rows[0].key} and others"
            remedy = "add a row for it, or make the table with the command that makes it"
            yield Finding(Gate.VALUES, message, remedy, values.name, line, thing=shown(leaf))


def _without_row(leaves: list[Key], written: set[Key]) -> list[Key]:
    """Returns the values that a table lacks; none where it has but some of them anyway."""
    missing = [leaf for leaf in leaves if not _is_documented(leaf, written)]
    if missing:
        # A row for `hosts[0].name` tells of the list, too.
        lists = {steps[:length] for steps in written for length in range(1, len(steps))}
        missing = [leaf for leaf in missing if leaf not in lists]
    is_complete = len(missing) <= len(leaves) * (1 - MOSTLY) or (len(missing) == 1 and len(leaves) >= FEW)
    return missing if is_complete else []


def _is_left_out(text: str, leaf: Key, line: int) -> bool:
    """Whether a comment in the values says that one is not to be documented: `@ignored`, `@skip a.b`."""
    above = text.splitlines()[max(0, line - 3) : line]
    return "@ignore" in "".join(above) or _is_documented(leaf, {path_of(name) for name in _SKIPPED.findall(text)})


def _is_documented(leaf: Key, written: set[Key]) -> bool:
    """Whether a value or a map that it is in has a row, be its key written with quotes or without."""
    if any(leaf[:length] in written for length in range(len(leaf), 0, -1)):
        return True
    plain = tuple(".".join(leaf).split("."))
    return plain != leaf and _is_documented(plain, written)


def _exists(knowledge: Knowledge, steps: Key) -> bool:
    """Whether a documented key is a value of the chart or a subchart, or is known by other means."""
    if _is_there(knowledge.chart.values.mapping, steps):
        return True
    dependency = knowledge.chart.sections.get(steps[0])
    if dependency is not None and (dependency.chart is None or steps[1:] == ()):
        return True
    if steps[0] in knowledge.subcharts and _exists(knowledge.subcharts[steps[0]], steps[1:]):
        return True
    # A key with dots in it may be written without quotes.
    return any(knowledge.is_known((*steps[:first], ".".join(steps[first:]))) for first in range(len(steps)))


def _is_there(value: Any, steps: Key) -> bool:
    """Whether a path leads somewhere; what is empty may have anything, `<name>` and `*` stand for any key."""
    if not steps:
        return True
    if not isinstance(value, dict) or not value:
        return isinstance(value, list) or value in (None, "", {})
    if steps[0][:1] == "<" or steps[0] == "*":
        return any(_is_there(inner, steps[1:]) for inner in value.values())
    if steps[0] in value and _is_there(value[steps[0]], steps[1:]):
        return True
    joined = ((".".join(steps[:length]), steps[length:]) for length in range(2, len(steps) + 1))
    return any(key in value and _is_there(value[key], rest) for key, rest in joined)


def _leaves(mapping: Mapping[str, Any], path: Key) -> Iterator[Key]:
    for key, value in mapping.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)
