"""The parts of a YAML text, and where each begins and ends."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import yaml
from yaml.events import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

from release_kit.values.yaml_source import read_one

MAX_WORD_LENGTH = len("false")
_EVENTS: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Node(NamedTuple):
    """A part of the text."""

    start: int
    """Where it begins, its anchor and tag included."""
    end: int
    """Where a scalar or alias ends."""
    line: int
    """From 1."""
    in_flow: bool
    """Whether it stands between braces or brackets."""
    key_end: int
    """Where its key ends; -1 if it has none."""
    event: Any
    """What yaml read there."""
    entries: "tuple[tuple[str, Node], ...]" = ()
    """Of a mapping, in their order; the key `<<` of a merge is there, too."""
    items: "tuple[Node, ...]" = ()
    target: "Node | None" = None
    """Of an alias: what it stands for."""

    @property
    def anchor(self) -> str:
        """Its anchor, or the one that an alias names; empty if there is none."""
        return str(getattr(self.event, "anchor", None) or "")

    @property
    def scalar(self) -> ScalarEvent | None:
        """The scalar that it is or stands for; None for a mapping or list."""
        event = (self.target or self).event
        return event if isinstance(event, ScalarEvent) else None

    @property
    def kind(self) -> str:
        """What it is, in a word, for an error."""
        if self.target:
            return "alias"
        return {ScalarEvent: "scalar", SequenceStartEvent: "list"}.get(type(self.event), "mapping")

    def children(self, key: str) -> list["Node"]:
        """Returns what a mapping has for a key: more than one where the key stands twice."""
        return [node for name, node in self.entries if name == key]


class Composition:
    """The nodes of a text that is known to be YAML of at most one document."""

    def __init__(self, text: str, loader: Any = _EVENTS) -> None:
        """Reads the text; `loader` is the one of PyYAML that is here, written in C or in Python."""
        self._events: Iterator[Any] = yaml.parse(text, Loader=loader)
        self._anchors: dict[str, Node] = {}
        self.aliases: list[Node] = []
        """All aliases, in their order."""
        first = next((event for event in self._events if hasattr(event, "anchor")), None)
        self.root: Node | None = None if first is None else self._node(first, False, -1)

    def _node(self, event: Any, in_flow: bool, key_end: int) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        node = Node(start, end, event.start_mark.line + 1, in_flow, key_end, event)
        flow = in_flow or bool(getattr(event, "flow_style", False))
        if isinstance(event, MappingStartEvent):
            node = node._replace(entries=tuple(self._entries(flow)))
        elif isinstance(event, SequenceStartEvent):
            node = node._replace(items=tuple(self._items(flow)))
        elif isinstance(event, AliasEvent):
            node = node._replace(target=self._anchors[node.anchor])
            self.aliases.append(node)
            return node
        if node.anchor:
            self._anchors[node.anchor] = node
        return node

    def _items(self, in_flow: bool) -> Iterator[Node]:
        for event in self._events:
            if not hasattr(event, "anchor"):
                return
            yield self._node(event, in_flow, -1)

    def _entries(self, in_flow: bool) -> Iterator[tuple[str, Node]]:
        keys = self._items(in_flow)
        for key in keys:
            yield _key(key), self._node(next(self._events), in_flow, key.end)


def _key(node: Node) -> str:
    """Returns a key as JSON has it."""
    scalar = node.scalar
    if scalar is None:
        return ""
    return _word(scalar.value) if scalar.implicit[0] else str(scalar.value)


@lru_cache(1024)
def _word(text: str) -> str:
    """Returns `true` or `false` for the words of YAML that mean it, and any other text as it is."""
    value = read_one(text).value if text.isalpha() and len(text) <= MAX_WORD_LENGTH else None
    return str(value).lower() if isinstance(value, bool) else text
