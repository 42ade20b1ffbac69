"""Which files of a chart folder Helm leaves out: .helmignore, which looks like .gitignore and is not.

A rule with a leading `!` ignores all that it does *not* match; `**` is refused; a rule without a slash looks at the
last name of a path only; `*` and `?` stop at slashes (Go's `filepath.Match`). Hidden files right in templates/ are
always left out.
"""

import re
from typing import NamedTuple

from release_kit.errors import InputError

NAME = ".helmignore"
ALWAYS = "templates/.?*"
MAX_LINE_BYTES = 64 * 1024
_WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_BOM = "\ufeff"


class _Chunk(NamedTuple):
    """The part of a glob up to its next `*`."""

    after_star: bool
    pattern: re.Pattern[str] | None
    """None where it is malformed."""


class _Rule(NamedTuple):
    chunks: tuple[_Chunk, ...]
    negated: bool
    folders_only: bool
    whole_path: bool

    def ignores(self, path: str, is_folder: bool) -> bool:
        name = path if self.whole_path else path.rpartition("/")[2]
        if self.folders_only and not is_folder:
            return self.negated
        return bool(_matches(self.chunks, name)) != self.negated


class IgnoreRules(NamedTuple):
    """The rules of one chart folder."""

    rules: tuple[_Rule, ...]

    def ignores(self, path: str, is_folder: bool) -> bool:
        """Tells whether Helm leaves out a path, relative to the chart; nothing in a folder left out is looked at."""
        return any(rule.ignores(path, is_folder) for rule in self.rules)


def parse(content: bytes, place: str) -> IgnoreRules:
    """Reads a .helmignore; empty for a chart that has none.

    Raises:
        InputError: Helm refuses it.
    """
    rules = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if len(line) >= MAX_LINE_BYTES:
            raise InputError(f"{place}:{number}: a line of {len(line)} bytes is too long")
        text = line.decode(errors="replace")
        text = (text.removeprefix(_BOM) if number == 1 else text).strip(_WHITE_SPACE)
        if text and not text.startswith("#"):
            rules.append(_rule(text, f"{place}:{number}"))
    return IgnoreRules((*rules, _rule(ALWAYS, place)))


def _rule(text: str, place: str) -> _Rule:
    if "**" in text:
        raise InputError(f"{place}: {text!r:.100}: Helm refuses **", "name each folder level: a/*/b")
    if _matches(_chunks(text), "abc") is None:
        raise InputError(f"{place}: {text!r:.100} is no pattern", "close its brackets, or escape them with a backslash")
    glob = text.removeprefix("!")
    rooted = glob.removesuffix("/")
    return _Rule(_chunks(rooted.removeprefix("/")), glob != text, rooted != glob, "/" in rooted)


def _matches(chunks: tuple[_Chunk, ...], name: str) -> bool | None:
    """Matches chunk by chunk, each at the first place where it can be; there is no way back to an earlier one.

    Returns:
        None: a malformed chunk is in the way. Helm tries each rule on "abc", and does not see those further back.
    """
    position = 0
    for number, (after_star, pattern) in enumerate(chunks):
        if pattern is None:
            return None
        is_last = number == len(chunks) - 1
        slash = name.find("/", position)
        last_start = position if not after_star else len(name) if slash < 0 else slash
        for start in range(position, last_start + 1):
            match = pattern.match(name, start)
            if match and not (is_last and match.end() < len(name)):
                position = match.end()
                break
        else:
            return False
    return position == len(name)


def _chunks(glob: str) -> tuple[_Chunk, ...]:
    """Splits a glob at its stars, but for those in brackets and after a backslash."""
    parts = re.findall(r"(\*?)\**((?:\\.|\[(?:\\.|[^\]\\])*\]?|[^*\[\\]|\\\Z)*+)", glob, re.DOTALL)
    return tuple(_Chunk(bool(star), _compiled(part)) for star, part in parts if star or part)


def _compiled(chunk: str) -> re.Pattern[str] | None:
    pattern = ""
    position = 0
    while position < len(chunk):
        token = _token(chunk, position)
        if token is None:
            return None
        pattern += token[0]
        position = token[1]
    return re.compile(pattern, re.DOTALL)


def _token(glob: str, position: int) -> tuple[str, int] | None:
    """Returns the regular expression of one character of a glob and where the next one starts."""
    character = glob[position]
    if character == "?":
        return "[^/]", position + 1
    if character == "[":
        return _character_class(glob, position + 1)
    if character == "\\":
        return (re.escape(glob[position + 1]), position + 2) if position + 1 < len(glob) else None
    return re.escape(character), position + 1


def _character_class(glob: str, position: int) -> tuple[str, int] | None:
    ranges: list[tuple[str, str]] = []
    negated = glob.startswith("^", position)
    position += negated
    while not (ranges and glob.startswith("]", position)):
        low = _class_member(glob, position)
        high = _class_member(glob, low[1] + 1) if low and glob.startswith("-", low[1]) else low
        if low is None or high is None:
            return None
        ranges.append((low[0], high[0]))
        position = high[1]
    members = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in ranges if low <= high)
    return (f"[{'^' * negated}{members}]" if members else ("." if negated else "(?!)")), position + 1


def _class_member(glob: str, position: int) -> tuple[str, int] | None:
    """Returns a character of a class and where the next one starts; something must follow it."""
    if glob.startswith(("-", "]"), position):
        return None
    position += glob.startswith("\\", position)
    return (glob[position], position + 1) if position + 1 < len(glob) else None
