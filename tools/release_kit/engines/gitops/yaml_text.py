"""Writes YAML for people to read: keys in the order given, comments above what they explain, nothing left to chance.

Texts stand plain where every reader takes them for texts, in double quotes otherwise; those of several lines are
literal blocks, long ones are folded. It is YAML 1.1 and 1.2 alike.
"""

import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_kit.engines.chart.yaml_words import reads_as_text

WIDTH = 100
"""Columns that comments and long texts are wrapped at."""
_PLAIN = re.compile(r"[A-Za-z0-9_/](?:[A-Za-z0-9_./@+=*-]|:(?=[A-Za-z0-9_./])| (?=[A-Za-z0-9_./*]))*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}

_SURROGATES = range(0xD800, 0xE000)
"""No letters, but JSON may escape them as if they were; no reader of YAML takes them."""


class Noted(NamedTuple):
    """A value with a comment, which stands above its key, or above the element of a list."""

    note: str
    value: Any


def document(intro: str, value: Mapping[str, Any]) -> str:
    """Returns a document of its own.

    Args:
        intro: the comment at its beginning, as for `comment`.
        value: of mappings, lists, texts, numbers, booleans, None and Noted.
    """
    return "\n".join([*comment(intro), "---", *_mapping(value, 0), ""])


def body(value: Mapping[str, Any]) -> str:
    """Returns a mapping as YAML, without a marker of the document's start."""
    return "".join(f"{line}\n" for line in _mapping(value, 0))


def comment(text: str, indent: int = 0) -> Iterator[str]:
    """Yields a text as lines of comments: wrapped, but for lines that begin with two spaces, such as commands."""
    for line in text.split("\n"):
        clean = shown(line)
        width = max(WIDTH - indent - 2, 40)
        whole = not clean or clean.startswith("  ")
        for part in [clean] if whole else textwrap.wrap(clean, width, break_long_words=False, break_on_hyphens=False):
            yield f"{' ' * indent}# {part}".rstrip()


def shown(text: str) -> str:
    """Returns a text on one line, with nothing in it that a terminal or a reader of YAML would obey."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def quoted(text: str) -> str:
    """Returns a text in double quotes."""
    return f'"{"".join(map(_escaped, text))}"'


def scalar(value: Any) -> str:
    """Returns a text, number, boolean or None on one line."""
    if isinstance(value, str):
        return value if value and _PLAIN.fullmatch(value) and reads_as_text(value) else quoted(value)
    if isinstance(value, float):
        return _number(value)
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _mapping(values: Mapping[str, Any], indent: int) -> Iterator[str]:
    for key, value in values.items():
        note, content = value if isinstance(value, Noted) else ("", value)
        yield from comment(note, indent) if note else ()
        yield from _entry(f"{' ' * indent}{scalar(key)}:", content, indent)


def _entry(start: str, value: Any, indent: int) -> Iterator[str]:
    """Yields what follows a key or a dash, in its line and below."""
    if isinstance(value, Mapping) and value:
        yield start
        yield from _mapping(value, indent + 2)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        yield start
        yield from _list(value, indent + 2)
    elif isinstance(value, str) and (block := _block(value, indent)):
        yield f"{start} {block[0]}"
        yield from (f"{' ' * (indent + 2)}{line}".rstrip() for line in block[1:])
    else:
        yield f"{start} {_empty(value) or scalar(value)}"


def _list(values: Sequence[Any], indent: int) -> Iterator[str]:
    for each in values:
        note, value = each if isinstance(each, Noted) else ("", each)
        yield from comment(note, indent) if note else ()
        dash = f"{' ' * indent}-"
        if isinstance(value, Mapping) and value and not isinstance(next(iter(value.values())), Noted):
            lines = _mapping(value, indent + 2)
            yield f"{dash} {next(lines).lstrip()}"
            yield from lines
        else:
            yield from _entry(dash, value, indent)


def _empty(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if isinstance(value, Sequence) and not isinstance(value, str) else ""


def _block(text: str, indent: int) -> list[str]:
    """Returns a text as a block: its indicator, then its lines; nothing where it can't be one, or need not."""
    lines = text.removesuffix("\n").split("\n")
    if not all(line.isprintable() and line == line.rstrip(" ") for line in lines) or text[:1] in (" ", "\n", ""):
        return []
    if "\n" in text:
        return [] if text.endswith("\n\n") else ["|" if text.endswith("\n") else "|-", *lines]
    if len(text) + indent <= WIDTH or "  " in text or " " not in text:
        return []
    return [">-", *textwrap.wrap(text, WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)]


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    if code in _SURROGATES:
        return "\\uFFFD"
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits, exponent, power = repr(value).partition("e")
    return f"{digits}{'' if '.' in digits else '.0'}{exponent}{power}"
