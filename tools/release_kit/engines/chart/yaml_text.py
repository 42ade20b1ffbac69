"""Writes YAML as Helm does (sigs.k8s.io/yaml, which is go-yaml 2): to the letter, line breaks in long texts too.

Keys are sorted, lists stand at the level of their key, texts are plain where that reads back as a text, long ones are
folded after column 80, and those of several lines are literal blocks.
"""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from release_kit.engines.chart.yaml_words import reads_as_text

_WIDTH = 80
_MAX_SIMPLE_KEY = 128
_BREAKS = "\n\r\x85\u2028\u2029"
_UNPRINTABLE = re.compile("[^\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_SPACE_AT_BREAK = re.compile(f" [{_BREAKS}]|[{_BREAKS}] ")
_NEVER_PLAIN = re.compile(
    rf"""[ {_BREAKS}#,\[\]{{}}&*!|>'"%@`]|---|\.\.\.|[-?](?: |\Z)|.*(?::(?: |\Z)|\ #|\ \Z|[{_BREAKS}])""", re.DOTALL
)
_ESCAPES = dict(zip('\0\a\b\t\n\v\f\r\x1b"\\\x85\u2028\u2029', '0abtnvfre"\\NLP', strict=True))


def dump(document: Mapping[str, Any]) -> bytes:
    """Returns a mapping of texts, numbers, booleans, None, lists and mappings as YAML."""
    text = _Text()
    text.mapping(document, 0, inline=False)
    text.line(0)
    return "".join(text.parts).encode()


class _Text:
    """The text so far, and the column that its end is at."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.column = 0

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.column += len(text)

    def line(self, indent: int) -> None:
        """Starts a line, unless there is an empty one already."""
        if self.column:
            self.parts.append("\n")
            self.column = 0
        self.put(" " * indent)

    def mapping(self, values: Mapping[str, Any], indent: int, *, inline: bool) -> None:
        """Writes one key a line; `inline` starts in the line that is there."""
        for key in sorted(values, key=functools.cmp_to_key(_compare)):
            if not inline:
                self.line(indent)
            inline = False
            if len(key.encode()) <= _MAX_SIMPLE_KEY and not any(character in _BREAKS for character in key):
                self.scalar(key, indent + 2, fold=False)
                self.put(":")
                self.node(values[key], indent, inline=False)
            else:
                self.put("? ")
                self.scalar(key, indent + 2)
                self.line(indent)
                self.put(":")
                self.node(values[key], indent, inline=True)

    def sequence(self, values: Sequence[Any], indent: int, *, inline: bool) -> None:
        """Writes one element a line."""
        for value in values:
            if not inline:
                self.line(indent)
            inline = False
            self.put("-")
            self.node(value, indent, inline=True)

    def node(self, value: Any, indent: int, *, inline: bool) -> None:
        """Writes what follows a key, or the dash of an element, in which case (`inline`) it goes on in that line."""
        if isinstance(value, (dict, list)) and value:
            if inline:
                self.put(" ")
            write: Any = self.mapping if isinstance(value, dict) else self.sequence
            write(value, indent + 2 * (inline or isinstance(value, dict)), inline=inline)
        else:
            self.put(" ")
            self.scalar(value, indent + 2)

    def scalar(self, value: Any, indent: int, *, fold: bool = True) -> None:
        """Writes anything of one piece."""
        if not isinstance(value, str):
            self.put(_word(value))
        elif "\n" in value and _may_be_literal(value):
            self._literal(value, indent)
        elif _must_be_double_quoted(value):
            self._double_quoted(value, indent, fold=fold)
        elif not _NEVER_PLAIN.match(value):
            self._folded(value, indent, fold=fold)
        else:
            self.put("'")
            self._folded(value.replace("'", "''"), indent, fold=fold)
            self.put("'")

    def _folded(self, value: str, indent: int, *, fold: bool) -> None:
        """Writes a text whose single spaces may become line breaks."""
        for position, character in enumerate(value):
            around = value[max(0, position - 1) : position + 2]
            if character == " " and fold and self.column > _WIDTH and len(around) == 3 and around.count(" ") == 1:
                self.line(indent)
            elif character in _BREAKS:
                self.parts.append(character)
                self.column = 0
            else:
                if position and value[position - 1] in _BREAKS:
                    self.line(indent)
                self.put(character)

    def _double_quoted(self, value: str, indent: int, *, fold: bool) -> None:
        self.put('"')
        for position, character in enumerate(value):
            if character != " ":
                self.put(_escaped(character))
            elif fold and self.column > _WIDTH and 0 < position < len(value) - 1 and value[position - 1] != " ":
                self.line(indent)
                self.put("\\" * (value[position + 1] == " "))
            else:
                self.put(character)
        self.put('"')

    def _literal(self, value: str, indent: int) -> None:
        """Writes the lines of a text as they are."""
        self.put("|")
        if value[0] in " " + _BREAKS:
            self.put("2")
        if value[-1] not in _BREAKS:
            self.put("-")
        elif len(value) == 1 or value[-2] in _BREAKS:
            self.put("+")
        self.line(0)
        for line in re.split(f"(?<=[{_BREAKS}])", value):
            content = line.rstrip(_BREAKS)
            if content:
                self.line(indent)
                self.put(content)
            if content != line:
                self.parts.append(line[-1])
                self.column = 0


def _may_be_literal(value: str) -> bool:
    return not (value.endswith(" ") or _UNPRINTABLE.search(value) or re.search(f" [{_BREAKS}]", value))


def _must_be_double_quoted(value: str) -> bool:
    if "\n" in value or not reads_as_text(value):
        return True
    return bool(_UNPRINTABLE.search(value) or _SPACE_AT_BREAK.search(value))


def _word(value: Any) -> str:
    """Returns what is no text: null, a boolean, a number, or an empty list or mapping."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _escaped(character: str) -> str:
    """Returns a character of a double-quoted text."""
    if character in _ESCAPES:
        return f"\\{_ESCAPES[character]}"
    if not _UNPRINTABLE.match(character):
        return character
    code = ord(character)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _compare(left: str, right: str) -> int:
    """Orders two keys: letters after everything else, digits by the number that they make."""
    for position, (one, other) in enumerate(zip(left, right, strict=False)):
        if one == other:
            continue
        letters = [unicodedata.category(character).startswith("L") for character in (one, other)]
        if any(letters):
            return (one > other) - (one < other) if all(letters) else letters[0] - letters[1]
        numbers = [_number(text, position) for text in (left, right)]
        if "0" in (one, other) and _goes_on(left, position):
            numbers = [("1" + text, len(text)) for text, _ in numbers]
        keys = [
            (int(text or "0"), length, character)
            for (text, length), character in zip(numbers, (one, other), strict=True)
        ]
        return (keys[0] > keys[1]) - (keys[0] < keys[1])
    return len(left) - len(right)


def _number(text: str, position: int) -> tuple[str, int]:
    digits = re.compile(r"[0-9]*").match(text, position)
    found = digits[0] if digits else ""
    return found, len(found)


def _goes_on(text: str, position: int) -> bool:
    """Tells whether a number above zero is under way."""
    return bool(re.search(r"[1-9][0-9]*$", text[:position]))
