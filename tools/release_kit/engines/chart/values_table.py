"""The table of a chart's values for its README, made from values.yaml and the comments in it.

A comment right above a key describes it. In a file that marks its descriptions as helm-docs does (`# -- text`), only
marked ones count. A map is one row where it has a description and nothing in it has one.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from release_kit.values.yaml_source import Document, read_one

BEGIN = "<!-- values: begin -->"
END = "<!-- values: end -->"
HEADER = ("| Key | Type | Default | Description |", "| --- | --- | --- | --- |")
MAX_DEFAULT = 160
"""A longer default is not shown."""
_MARKED = re.compile(r"^\s*#\s+--(?:\s+(?P<type>\([^)]*\)))?\s+(?P<text>.*)$")
_COMMENT = re.compile(r"^(?P<indent>\s*)(?P<marks>#+)\s?(?P<text>.*)$")
_DEFAULT = re.compile(r"@default\s+--\s*(.*)")
_PLAIN_KEY = re.compile(r"[\w/-]+")
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "list", dict: "map"}

Path = tuple[str, ...]


class Comment(NamedTuple):
    """What a comment says of a value."""

    text: str = ""
    default: str = ""
    """Shown in place of the real one."""


class Row(NamedTuple):
    """A value, or a map with a description of its own whose values follow."""

    path: Path
    line: int
    """In values.yaml, from 1."""
    value: Any
    comment: Comment
    is_group: bool = False

    def __str__(self) -> str:
        """Returns the row as Markdown."""
        kind = _TYPES.get(type(self.value), "null")
        default = "" if self.is_group else self.comment.default or _default(self.value)
        cells = (f"`{shown_key(self.path)}`", kind, default, _as_text(self.comment.text))
        return "| " + " | ".join(re.sub(r"(?<!\\)\|", r"\\|", cell) for cell in cells) + " |"


def table(values_text: str) -> str:
    """Returns the table, a line end after each row.

    Raises:
        YamlError: the text is no YAML.
    """
    return "".join(f"{line}\n" for line in (*HEADER, *map(str, rows(values_text))))


def rows(values_text: str) -> list[Row]:
    """Returns the rows of the table, in the order of the values.

    Raises:
        YamlError: the text is no YAML.
    """
    document = read_one(values_text)
    if not isinstance(document.value, dict):
        return []
    comments = _comments(document, values_text.splitlines())
    above = {path[:length] for path, comment in comments.items() if comment.text for length in range(len(path))}
    return list(_rows(document, document.value, (), comments, above))


def undescribed(found: list[Row]) -> list[Row]:
    """Returns the rows that nothing describes."""
    return [row for row in found if not row.comment.text]


def section(readme: str) -> tuple[int, int] | None:
    """Returns where the text between the markers begins and ends; None where the README has no markers."""
    begin = readme.find(BEGIN)
    end = readme.find(END, begin + len(BEGIN))
    return (begin + len(BEGIN), end) if begin >= 0 and end >= 0 else None


def documented(readme: str, values_text: str) -> str:
    """Returns a README with the table between its markers, if it has any.

    Raises:
        YamlError: the values are no YAML.
    """
    place = section(readme)
    if place is None:
        return readme
    line_end = "\r\n" if "\r\n" in readme else "\n"
    made = f"\n\n{table(values_text)}\n".replace("\n", line_end)
    return readme[: place[0]] + made + readme[place[1] :]


def first_difference(current: str, expected: str) -> tuple[int, str, str] | None:
    """Returns the first line, from 1, in which two texts differ, with what stands there; None where they are equal."""
    if current == expected:
        return None
    ours, theirs = current.splitlines(), expected.splitlines()
    pairs = zip((*ours, ""), (*theirs, ""), strict=False)
    for number, (found, wanted) in enumerate(pairs, 1):
        if found != wanted:
            return number, found, wanted
    return min(len(ours), len(theirs)) + 1, "", ""


def shown_key(path: Path) -> str:
    """Returns a key such as `image.tag` or `configs."a.b"`."""
    return ".".join(step if _PLAIN_KEY.fullmatch(step) else json.dumps(step, ensure_ascii=False) for step in path)


def _rows(
    document: Document, mapping: dict[str, Any], path: Path, comments: dict[Path, Comment], above: set[Path]
) -> Iterator[Row]:
    for key, value in mapping.items():
        place = (*path, key)
        comment = comments.get(place, Comment())
        is_one = not (isinstance(value, dict) and value) or (bool(comment.text) and place not in above)
        if is_one or comment.text:
            yield Row(place, document.line(place), value, comment, not is_one)
        if not is_one:
            yield from _rows(document, value, place, comments, above)


def _comments(document: Document, lines: list[str]) -> dict[Path, Comment]:
    """Returns what is said of each value."""
    is_marked = any(map(_MARKED.match, lines))
    found = {}
    for path, line in _places(document, document.value, ()):
        if block := _block(lines, line - 1):
            found[path] = _described(block, is_marked)
    return found


def _places(document: Document, mapping: dict[str, Any], path: Path) -> Iterator[tuple[Path, int]]:
    """Yields the values that stand on a line of their own."""
    own_line = document.line(path) if path else 0
    for key, value in mapping.items():
        place = (*path, key)
        line = document.line(place)
        if line != own_line:
            yield place, line
        if isinstance(value, dict):
            yield from _places(document, value, place)


def _block(lines: list[str], position: int) -> list[re.Match[str]]:
    """Returns the comment lines right above a line, as far as they are indented like it."""
    indent = len(lines[position]) - len(lines[position].lstrip())
    block: list[re.Match[str]] = []
    while position > 0:
        position -= 1
        match = _COMMENT.match(lines[position])
        if not match or len(match["indent"]) != indent:
            break
        block.insert(0, match)
    return block


def _described(block: list[re.Match[str]], is_marked: bool) -> Comment:
    if is_marked:
        starts = [position for position, match in enumerate(block) if _MARKED.match(match[0])]
        if not starts:
            return Comment()
        block = block[starts[-1] :]
    texts: list[str] = []
    default, in_annotation = "", False
    for match in block:
        marked = _MARKED.match(match[0]) if is_marked else None
        text = (marked["text"] if marked else match["text"]).strip()
        in_annotation ^= text == "@schema"
        if named := _DEFAULT.match(text):
            default = named[1]
        elif not text.startswith("@") and not in_annotation and (match["marks"] == "#" or not is_marked):
            texts.append(text)
    return Comment(" ".join(text for text in texts if re.search(r"\w", text)), default)


def _as_text(description: str) -> str:
    """Keeps Markdown from taking `<name>` for HTML, outside of code."""
    parts = description.split("`")
    parts[::2] = [re.sub(r"<(?!https?:)", r"\\<", part) for part in parts[::2]]
    return "`".join(parts)


def _default(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    if len(text) > MAX_DEFAULT:
        return "see values.yaml"
    return f"`` {text} ``" if "`" in text else f"`{text}`"
