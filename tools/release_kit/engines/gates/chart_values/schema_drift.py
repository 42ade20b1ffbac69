"""values.schema.json and values.yaml in step: each describes what the other has."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from release_kit.engines.gates.chart_values.knowledge import Knowledge
from release_kit.engines.gates.chart_values.merge import GLOBAL
from release_kit.engines.gates.chart_values.reads import Key
from release_kit.engines.gates.chart_values.schema import Schema
from release_kit.engines.gates.chart_values.schema_nodes import Node, SchemaNodes
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import Path, shown

MOSTLY = 2
"""A schema that describes so many times more than it does not is meant to describe all."""
_KINDS: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def check(knowledge: Knowledge, schema: Schema) -> Iterator[Finding]:
    """Yields where the schema and values.yaml of a chart differ."""
    drift = _Drift(knowledge, schema)
    yield from drift.root()
    yield from drift.required()
    yield from drift.keys(drift.nodes.root, knowledge.chart.values.mapping, ())
    if len(drift.undescribed) * MOSTLY < drift.described:
        yield from drift.undescribed


class _Drift:
    """Walks through the schema and the values side by side."""

    def __init__(self, knowledge: Knowledge, schema: Schema) -> None:
        self.nodes = SchemaNodes(schema.value)
        self._knowledge = knowledge
        self._schema = schema
        self.described = 0
        """How many keys of values.yaml the schema describes."""
        self.undescribed: list[Finding] = []
        """The others."""
        self._elsewhere = {GLOBAL, "tags", *knowledge.chart.sections}

    def root(self) -> Iterator[Finding]:
        """Looks at what the schema says of the whole."""
        keys = self.nodes.keys(self.nodes.root)
        if keys.is_closed and not keys.allow(GLOBAL):
            message = f"additional keys are refused, and {GLOBAL!r} is not described: Helm gives it to every subchart"
            remedy = f'add "{GLOBAL}": {{"type": "object"}} to the properties, or the chart can be no subchart'
            key = "additionalProperties" if "additionalProperties" in self._schema.value else "unevaluatedProperties"
            yield self._in_schema((key,), message, remedy)

    def required(self) -> Iterator[Finding]:
        """Looks for required keys that nothing describes."""
        for node in self.nodes.all():
            required = node.value.get("required")
            if not isinstance(required, list) or not isinstance(node.value.get("properties"), Mapping):
                continue
            keys = self.nodes.keys((node,))
            for position, name in enumerate(required):
                if isinstance(name, str) and not keys.allow(name):
                    near = get_close_matches(name, keys.properties, 1)
                    remedy = f"did you mean {near[0]!r}?" if near else "describe it there, or do not require it"
                    path = (*node.path, "required", position)
                    yield self._in_schema(path, f"requires {name!r}, which its properties do not describe", remedy)

    def keys(self, nodes: tuple[Node, ...], values: Mapping[str, Any], path: Key) -> Iterator[Finding]:
        """Compares one map of values.yaml with what the schema says of it."""
        keys = self.nodes.keys(nodes)
        for key, value in values.items():
            inner = keys.properties.get(key, ())
            if not path and key in self._knowledge.chart.sections:
                continue
            is_described = keys.allow(key) or keys.is_closed
            self.described += is_described
            if not is_described:
                self.undescribed.append(self._undescribed((*path, key), list(keys.properties)))
            elif isinstance(value, dict) and value:
                yield from self.keys(inner, value, (*path, key))
            else:
                yield from self._other_default(inner, value, (*path, key))
        for key, inner in keys.properties.items():
            if key not in values and inner and (path or key not in self._elsewhere):
                yield from self._stale(inner, (*path, key))

    def _undescribed(self, key: Key, known: list[str]) -> Finding:
        near = get_close_matches(key[-1], known, 1)
        hint = f"; it describes {near[0]!r}" if near else ""
        message = f"{shown(key)} is not described in {self._schema.file}{hint}"
        values = self._knowledge.chart.values
        line = values.document.line(key)
        return Finding(Gate.VALUES, message, f"describe it in {self._schema.file}", values.name, line, thing=shown(key))

    def _stale(self, nodes: tuple[Node, ...], key: Key) -> Iterator[Finding]:
        knowledge = self._knowledge
        if knowledge.is_of_subcharts(key) or knowledge.is_commented_out(key) or knowledge.reads.reaches(key):
            return
        if any(node.value.get("deprecated") or "not" in node.value for node in nodes):
            return
        near = knowledge.near(key)
        message = f"describes {shown(key)}, which is not in values.yaml, and no template reads it"
        remedy = f"did you mean {near!r}?" if near else "take it out, or add it to values.yaml"
        yield self._in_schema(nodes[0].path, message, remedy, shown(key))

    def _other_default(self, nodes: tuple[Node, ...], value: object, key: Key) -> Iterator[Finding]:
        """Compares the default that the schema names with the one that holds."""
        for node in nodes:
            default = node.value.get("default")
            if default in (None, ""):
                continue
            message, remedy = f"the default of {shown(key)} is {json.dumps(default):.60}", ""
            if not _fits(default, node.value):
                message, remedy = f"{message}, which it does not allow", "correct the default, the type or the enum"
            elif isinstance(value, str | int | float) and value not in ("", default):
                message, remedy = f"{message}, but {json.dumps(value):.60} in values.yaml", "write the same in both"
            if remedy:
                yield self._in_schema((*node.path, "default"), message, remedy, shown(key))

    def _in_schema(self, path: Path, message: str, remedy: str, thing: str = "") -> Finding:
        line = self._schema.line(path)
        return Finding(Gate.VALUES, message, remedy, self._schema.file, line, thing=thing or shown(path))


def _fits(value: object, schema: Mapping[str, Any]) -> bool:
    types, options = schema.get("type"), schema.get("enum")
    if isinstance(options, list) and value not in options:
        return False
    if types is None:
        return True
    kinds = {kind for name in (types if isinstance(types, list) else [types]) for kind in _KINDS.get(str(name), ())}
    if isinstance(value, float) and value.is_integer():
        return bool(kinds & {int, float})
    return type(value) in kinds
