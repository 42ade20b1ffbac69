"""Changes scalars of a YAML text where they stand; comments, order, quoting, indentation and line ends stay.

Each new value is a string in the style of the old one: quoted as that was, plain where that is safe. A block scalar
(`|`, `>`) becomes a scalar in the line of its indicator. An alias becomes a scalar of its own, at its place only.
"""

import json
import re
from collections.abc import Mapping
from functools import reduce
from operator import getitem
from typing import Any

from yaml.events import MappingStartEvent, ScalarEvent, SequenceStartEvent
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from release_kit.errors import InputError
from release_kit.values.yaml_nodes import Composition, Node
from release_kit.values.yaml_source import YamlError, read_one, shown

_BOM = "\ufeff"
_STRING = "tag:yaml.org,2002:str"
_PLAIN = re.compile(r"[A-Za-z0-9_](?:[\w./@+-]|:(?=[\w./@+-]))*", re.ASCII)
_PROPERTIES = re.compile(r"(?:(?:!<[^>]*>|[&!][^\s,\[\]{}]*)(?:\s|#[^\r\n]*)*)*+")
_BLOCK_HEADER = re.compile(r"[|>][0-9+-]*")
_LINE = re.compile(r"[^\r\n]*")
_SPACES = re.compile(" *")
_COLON = re.compile(r"\s*:")

Path = tuple[str | int, ...]


class EditableText:
    """A YAML text of one document."""

    def __init__(self, text: str, place: str) -> None:
        """Reads a text; `place` is its name in errors.

        Raises:
            InputError: it is no YAML, or more than one document.
        """
        self.place = place
        self._bom, self._text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
        self.value: Any = self._read(self._text)
        """As Helm and Kubernetes read it."""
        nodes = Composition(self._text)
        self.root: Node | None = nodes.root
        self._aliases = nodes.aliases

    def node(self, path: Path) -> Node:
        """Returns what stands at a path, in the text itself.

        Raises:
            InputError: nothing does; or an alias, a merge key or a key that stands twice leaves no one place.
        """
        return self._chain(path)[-1]

    def at(self, path: Path) -> Any:
        """Returns the value at the path of a node."""
        return reduce(getitem, path, self.value)

    def with_strings(self, changes: Mapping[Path, str]) -> str:
        """Returns the text with scalars changed into these strings, and nothing else.

        An anchor stays; it is refused where an alias of it stays, too.

        Raises:
            InputError: a place is no scalar, or a change there would change other places, too.
        """
        chains = {path: self._chain(path) for path in changes}
        replaced = [chain[-1].start for chain in chains.values()]
        edits: list[tuple[int, int, str]] = []
        for path, chain in chains.items():
            self._check(path, chain, replaced)
            edits += _edits(self._text, chain[-1], changes[path])
        text = self._text
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        self._verify(text, changes)
        return self._bom + text

    def with_entry_after(self, path: Path, key: str, value: str) -> str:
        """Returns the text with a new key after the one at a path, its value in double quotes.

        Raises:
            InputError: the key at the path is not there, or its mapping is written in too unusual a way.
        """
        node, text = self.node(path), self._text
        at, new = node.end, f", {json.dumps(key)}: {json.dumps(value)}"
        if not node.in_flow:
            at = _end_of_line(text, node.end)
            start_of_line = text.rfind("\n", 0, node.key_end) + 1
            indent = _SPACES.match(text, start_of_line)
            line_break = "\r\n" if "\r\n" in text else "\n"
            new = f"{line_break}{indent[0] if indent else ''}{key}: {json.dumps(value)}"
        changed = text[:at] + new + text[at:]
        self._verify(changed, {(*path[:-1], key): value})
        return self._bom + changed

    def fault(self, path: Path, node: Node | None, message: str, remedy: str = "") -> InputError:
        """Returns an error that names the file, the line and the path."""
        line = f":{node.line}" if node else ""
        return InputError(f"{self.place}{line}: {shown(path)}: {message}", remedy)

    def _read(self, text: str) -> Any:
        try:
            return read_one(text).value
        except YamlError as error:
            raise InputError(
                f"{self.place}:{error.line}: expected YAML: {error.message}", "correct the file"
            ) from error

    def _chain(self, path: Path) -> list[Node]:
        if self.root is None:
            raise self.fault(path, None, "the file is empty")
        chain = [self.root]
        for depth, step in enumerate(path):
            if chain[-1].target:
                raise self._alias_fault(path, path[:depth], chain[-1])
            found = self._list_step if isinstance(step, int) else self._key_step
            chain.append(found(path, depth, chain[-1]))
        if chain[-1].target and chain[-1].scalar is None:
            raise self._alias_fault(path, path, chain[-1])
        return chain

    def _list_step(self, path: Path, depth: int, node: Node) -> Node:
        step, parent = path[depth], _quoted(path[:depth])
        if not isinstance(node.event, SequenceStartEvent):
            raise self.fault(path, node, f"{parent} is no list but a {node.kind}")
        if isinstance(step, int) and step < len(node.items):
            return node.items[step]
        raise self.fault(path, node, f"the list {parent} has {len(node.items)} items, counted from 0")

    def _key_step(self, path: Path, depth: int, node: Node) -> Node:
        key, parent = str(path[depth]), _quoted(path[:depth])
        found = node.children(key)
        if not isinstance(node.event, MappingStartEvent):
            remedy = f"name one of its items, such as {shown((*path[:depth], 0))}" if node.kind == "list" else ""
            raise self.fault(path, node, f"{parent} has no keys, it is a {node.kind}", remedy)
        if len(found) > 1:
            lines = " and ".join(str(each.line) for each in found)
            raise self.fault(path, found[0], f"{key!r} stands more than once, in lines {lines}", "keep one of them")
        if found:
            return found[0]
        if key in self.at(path[:depth]):
            remedy = f"write {key!r} at this place, where it comes before the merged one"
            raise self.fault(path, node, f"{key!r} comes from a merge key (<<), which other places use, too", remedy)
        raise self.fault(path, node, f"{parent} has no key {key!r}")

    def _alias_fault(self, path: Path, alias_path: Path, alias: Node) -> InputError:
        target = alias.target or alias
        return self.fault(
            path,
            alias,
            f"{_quoted(alias_path)} is the alias *{alias.anchor} of what stands in line {target.line}, "
            "where a change would change other places, too",
            "name the place in that line, or write out here what the alias stands for",
        )

    def _check(self, path: Path, chain: list[Node], replaced: list[int]) -> None:
        node = chain[-1]
        if node.scalar is None:
            raise self.fault(path, node, f"expected a scalar, found a {node.kind}")
        if not node.target and node.scalar.tag not in (None, "!", _STRING):
            raise self.fault(path, node, f"expected a string, found the YAML tag {node.scalar.tag}", "take the tag out")
        for alias in self._aliases:
            if alias.start not in replaced and any(alias.target is part for part in chain):
                raise self._anchor_fault(path, node, alias)

    def _anchor_fault(self, path: Path, node: Node, alias: Node) -> InputError:
        own = alias.target is node
        return self.fault(
            path,
            node,
            f"{'has' if own else 'stands in what has'} the anchor &{alias.anchor}, and a change here would also change "
            f"what its alias in line {alias.line} stands for",
            "write out what the alias stands for" + (", or name its place for a change, too" if own else ""),
        )

    def _verify(self, text: str, changes: Mapping[Path, str]) -> None:
        expected: Any = read_one(self._text).value
        for (*parents, last), new in changes.items():
            reduce(getitem, parents, expected)[last] = new
        try:
            same = read_one(text).value == expected
        except YamlError:
            same = False
        if not same:
            places = ", ".join(shown(path) for path in changes)
            raise InputError(
                f"{self.place}: {places}: the YAML there is written in a way that can't be changed in place",
                "write each of them in one line, as `key: value`",
            )


def _quoted(path: Path) -> str:
    return repr(shown(path)) if path else "the document"


def _edits(text: str, node: Node, new: str) -> list[tuple[int, int, str]]:
    """Returns what to replace: start, end, and the text that comes there."""
    event = node.event
    if not isinstance(event, ScalarEvent):
        return [(node.start, node.end, _written(new, "", node.in_flow))]
    properties = _PROPERTIES.match(text, node.start, node.end)
    start = properties.end() if properties and (event.anchor or event.tag) else node.start
    written = _written(new, event.style or "", node.in_flow)
    if event.style in ("|", ">"):
        return _block_edits(text, start, node.end, written)
    if start < node.end:
        return [(start, node.end, written)]
    return [_insertion(text, node, written)]


def _block_edits(text: str, start: int, end: int, written: str) -> list[tuple[int, int, str]]:
    """Puts the scalar where the indicator was, and takes the lines of the block away; a comment beside it stays."""
    header, line_end = _BLOCK_HEADER.match(text, start), _end_of_line(text, start)
    if not header:
        raise AssertionError("a block scalar begins with its indicator")
    content = text[line_end:end].rstrip(" \t\r\n")
    return [(start, header.end(), written), (line_end, line_end + len(content), "")]


def _end_of_line(text: str, position: int) -> int:
    line = _LINE.match(text, position)
    return line.end() if line else position


def _insertion(text: str, node: Node, written: str) -> tuple[int, int, str]:
    """Puts a scalar where there is none: behind the colon of its key, or the dash of its list item."""
    if node.key_end < 0 or node.end > node.start:
        return node.end, node.end, f" {written}"
    colon = _COLON.match(text, node.key_end)
    at = colon.end() if colon else node.key_end
    return at, at, f" {written}" if colon else f": {written}"


def _written(value: str, style: str, in_flow: bool) -> str:
    """Returns a string as YAML, in the style of the scalar that was there if it can be."""
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and _is_plain(value, in_flow):
        return value
    return json.dumps(value, ensure_ascii=False)


_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?")
"""What some reader of YAML takes for a number, however large."""


def _is_plain(value: str, in_flow: bool) -> bool:
    """Tells whether every reader of YAML takes a text without quotes for this string."""
    if not _PLAIN.fullmatch(value) or (in_flow and ":" in value):
        return False
    if _NUMBER.fullmatch(value):
        return False
    resolver: Any = Resolver()
    return isinstance(read_one(value).value, str) and resolver.resolve(ScalarNode, value, (True, False)) == _STRING
