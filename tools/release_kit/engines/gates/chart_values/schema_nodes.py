"""The parts of a JSON schema, with what each says of the keys of an object."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from release_kit.values.yaml_source import Path

MAX_DEPTH = 24
_LISTS = ("allOf", "anyOf", "oneOf")
_BRANCHES = ("if", "then", "else")
_OTHERS = ("additionalProperties", "unevaluatedProperties")
_BY_NAME = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_INNER = ("items", "additionalProperties", "contains", "not", "propertyNames", *_BRANCHES)


class Node(NamedTuple):
    """A part of a schema that is an object."""

    value: Mapping[str, Any]
    path: Path
    """Where it stands in the schema."""


class Keys(NamedTuple):
    """What is said of the keys of an object."""

    properties: dict[str, tuple[Node, ...]]
    patterns: tuple[str, ...]
    is_open: bool
    """Whether it says that other keys may be there."""
    is_closed: bool
    """Whether other keys are refused."""
    is_silent: bool
    """Whether it says nothing of any key."""

    def describe(self, key: str) -> bool:
        """Whether something is said of a key."""
        return self.is_open or key in self.properties or any(_matches(pattern, key) for pattern in self.patterns)

    def allow(self, key: str) -> bool:
        """Whether a key is described, or need not be."""
        return self.is_silent or self.describe(key)


class SchemaNodes:
    """A whole schema."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        """Takes the schema, which references start from."""
        self._root = root

    @property
    def root(self) -> tuple[Node, ...]:
        """The whole."""
        return (Node(self._root, ()),)

    def keys(self, nodes: tuple[Node, ...]) -> Keys:
        """Returns what several parts say of the keys of one object."""
        properties: dict[str, tuple[Node, ...]] = {}
        patterns: list[str] = []
        others: list[Any] = []
        is_unknown = False
        for node in nodes:
            for part in self._parts(node, 0):
                is_unknown |= part is None
                if part is None:
                    continue
                for key, inner in _mapping(part.value.get("properties")).items():
                    properties[key] = (*properties.get(key, ()), *_node(inner, part.path, "properties", key))
                patterns += _mapping(part.value.get("patternProperties"))
                others += [part.value[key] for key in _OTHERS if key in part.value]
        is_open = is_unknown or any(other is not False for other in others)
        is_silent = not (properties or patterns or others)
        return Keys(properties, tuple(patterns), is_open, any(other is False for other in others), is_silent)

    def describes(self, key: tuple[str, ...]) -> bool:
        """Whether something is said of a key and all above it."""
        nodes = self.root
        for step in key:
            keys = self.keys(nodes)
            if not keys.describe(step):
                return False
            if step not in keys.properties:
                return True
            nodes = keys.properties[step]
        return True

    def all(self) -> Iterator[Node]:
        """Yields every part."""
        yield from _below(Node(self._root, ()))

    def _parts(self, node: Node, depth: int) -> Iterator[Node | None]:
        """Yields a part, and those that hold for the same value; None for one that is elsewhere."""
        yield node
        if depth > MAX_DEPTH:
            return
        for key in ("$ref", "$dynamicRef"):
            if key in node.value:
                target = self._target(node.value[key])
                yield from self._parts(target, depth + 1) if target else (None,)
        for each in (*_listed(node, _LISTS), *_inner(node, _BRANCHES), *_named(node, ("dependentSchemas",))):
            yield from self._parts(each, depth + 1)

    def _target(self, reference: object) -> Node | None:
        if not isinstance(reference, str) or not re.match(r"#(?:/|$)", reference):
            return None
        path = [step.replace("~1", "/").replace("~0", "~") for step in reference[1:].split("/")[1:]]
        found: Any = self._root
        for step in path:
            found = found.get(step) if isinstance(found, Mapping) else None
        return Node(found, tuple(path)) if isinstance(found, Mapping) else None


def _below(node: Node) -> Iterator[Node]:
    yield node
    for each in (*_named(node, _BY_NAME), *_listed(node, (*_LISTS, "prefixItems")), *_inner(node, _INNER)):
        yield from _below(each)


def _named(node: Node, keywords: tuple[str, ...]) -> Iterator[Node]:
    """Yields the parts that keywords hold by name."""
    for keyword in keywords:
        for name, inner in _mapping(node.value.get(keyword)).items():
            yield from _node(inner, node.path, keyword, name)


def _listed(node: Node, keywords: tuple[str, ...]) -> Iterator[Node]:
    """Yields the parts that keywords hold in a list."""
    for keyword in keywords:
        inner = node.value.get(keyword)
        for position, each in enumerate(inner if isinstance(inner, list) else ()):
            yield from _node(each, node.path, keyword, position)


def _inner(node: Node, keywords: tuple[str, ...]) -> Iterator[Node]:
    """Yields the parts that keywords hold alone."""
    for keyword in keywords:
        yield from _node(node.value.get(keyword), node.path, keyword)


def _node(value: object, path: Path, *steps: str | int) -> tuple[Node, ...]:
    return (Node(value, (*path, *steps)),) if isinstance(value, Mapping) else ()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _matches(pattern: str, key: str) -> bool:
    try:
        return re.search(pattern, key) is not None
    except re.error:
        return True
