"""Tables of values in a README: helm-docs', Bitnami's and those written by hand."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_DELIMITER = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_CELL = re.compile(r"(?<!\\)\|")
_HEADS = frozenset({"key", "parameter", "name", "value", "setting", "option", "property", "field", "variable"})
_ROW = re.compile(r"\s*\|?\s*(?:<code>|`)?([^\s`*|\[][^\s`|]*)`?\s*\|")
_NOT_PLAIN = re.compile(r"[\[\"']")
_STEP = re.compile(r"""\"([^"]*)\"|'([^']*)'|\[([^\]]*)\]|([^.\[\]"']+)""")


class Documented(NamedTuple):
    """A row of a table."""

    key: str
    """As it is written there."""
    steps: tuple[str, ...]
    line: int


def values_tables(text: str) -> Iterator[list[Documented]]:
    """Yields the rows of each table that may be one of values, by its header."""
    lines = text.splitlines()
    position = 0
    while position + 1 < len(lines):
        if "|" not in lines[position] or not _DELIMITER.match(lines[position + 1]):
            position += 1
            continue
        header = [cell.strip(" *`").lower() for cell in _cells(lines[position])]
        start = position = position + 2
        while position < len(lines) and "|" in lines[position]:
            position += 1
        if header[0] in _HEADS and any("default" in cell or "description" in cell for cell in header):
            yield [row for number in range(start, position) if (row := _row(lines[number], number + 1))]


def _row(line: str, number: int) -> Documented | None:
    match = _ROW.match(line)
    if not match:
        return None
    key = match[1].removesuffix("</code>")
    steps = tuple(map("".join, _STEP.findall(key)) if _NOT_PLAIN.search(key) else key.split("."))
    return Documented(key, steps, number) if all(steps) else None


def _cells(line: str) -> list[str]:
    return _CELL.split(line.strip().removeprefix("|"))
