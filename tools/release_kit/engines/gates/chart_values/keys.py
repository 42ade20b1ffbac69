"""Values files in step with values.yaml: each key is one that it, the schema, a template or a subchart knows."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from release_kit.engines.gates.chart_values.chart import ValuesSource
from release_kit.engines.gates.chart_values.knowledge import Knowledge
from release_kit.engines.gates.chart_values.merge import merged
from release_kit.engines.gates.chart_values.reads import Key
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import shown

_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "a list", dict: "a map"}
_BOOLEAN_WORDS = frozenset({"true", "false", "yes", "no", "on", "off"})
MAX_SHOWN = 2


def check(knowledge: Knowledge, source: ValuesSource, allowed: frozenset[Key]) -> Iterator[Finding]:
    """Yields the keys of a values file that nothing knows, and values of another type than the chart's own.

    Args:
        knowledge: of the chart.
        source: the values file; the chart's own values.yaml is held to its subcharts.
        allowed: keys that are known anyway.
    """
    own = knowledge.chart.values
    if source is own:
        sections = {key: value for key, value in own.mapping.items() if key in knowledge.chart.sections}
        yield from _Walk(knowledge, _Given(source, "", allowed)).sections(sections, {})
    else:
        yield from _Walk(knowledge, _Given(source, source.name, allowed)).map(source.mapping, own.mapping, ())


class _Given(NamedTuple):
    """A values file, and what is known of it."""

    source: ValuesSource
    values: str
    """Its name in findings; empty for the chart's own."""
    allowed: frozenset[Key]


class _Walk:
    """Compares a values file, or the section of it that a subchart gets, with the defaults of one chart."""

    def __init__(self, knowledge: Knowledge, given: _Given, parent: "_Walk | None" = None, section: Key = ()) -> None:
        self._knowledge = knowledge
        self._given = given
        self._parent = parent
        self._section = section

    def sections(self, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[Finding]:
        """Compares the sections of subcharts."""
        for section, value in given.items():
            knowledge = self._knowledge.subcharts.get(section)
            if knowledge is None or not isinstance(value, dict):
                continue
            above, inner = defaults.get(section), knowledge.chart.values.mapping
            walk = _Walk(knowledge, self._given, self, (section,))
            yield from walk.map(value, merged(inner, above) if isinstance(above, dict) else inner, ())

    def map(self, given: Mapping[str, Any], defaults: Mapping[str, Any], path: Key) -> Iterator[Finding]:
        """Compares one map."""
        for key, value in given.items():
            place = (*path, key)
            if not path and key in self._knowledge.chart.sections:
                yield from self.sections({key: value}, defaults)
            elif key not in defaults:
                yield from self._other(place, value)
            elif isinstance(value, dict) and isinstance(defaults[key], dict):
                if defaults[key]:
                    yield from self.map(value, defaults[key], place)
            elif reason := _changed(defaults[key], value):
                yield self._finding(place, f"{shown(self._full(place))}: {reason}", "give it the type of values.yaml")

    def _other(self, key: Key, value: Any) -> Iterator[Finding]:
        """Judges a key that is not in values.yaml."""
        if self._is_allowed(key) or self._knowledge.is_described(key) or self._is_of_parent(key):
            return
        if not self._knowledge.reads.reaches(key):
            yield self._unknown(key)
        elif isinstance(value, dict):
            yield from self.map(value, {}, key)

    def _is_allowed(self, key: Key) -> bool:
        full = self._full(key)
        return any(full == each[: len(full)] for each in self._given.allowed)

    def _is_of_parent(self, key: Key) -> bool:
        """Whether a parent chart has a use for something in a subchart's section, which it sees, too."""
        if self._parent is None:
            return False
        full, knowledge = (*self._section, *key), self._parent._knowledge
        return knowledge.is_of_subcharts(full) or knowledge.own_reads.reaches(full) or self._parent._is_of_parent(full)

    def _full(self, key: Key) -> Key:
        """Returns a key as the values file has it."""
        return (*self._parent._full(self._section), *key) if self._parent else key

    def _unknown(self, key: Key) -> Finding:
        full = self._full(key)
        file = self._knowledge.chart.values.name
        message = f"{shown(full)} is not in {file}, and no template reads it"
        if near := self._knowledge.near(key):
            return self._finding(key, message, f"did you mean {near!r}?")
        elsewhere = [shown(self._full(each)) for each in self._knowledge.elsewhere(key[-1])][:MAX_SHOWN]
        if elsewhere:
            return self._finding(key, message, f"{file} has {' and '.join(elsewhere)}: put it there, or take it out")
        return self._finding(key, message, f"correct the key, take it out, or add it to {file}")

    def _finding(self, key: Key, message: str, remedy: str) -> Finding:
        full = self._full(key)
        source = self._given.source
        line = source.document.line(full)
        return Finding(Gate.VALUES, message, remedy, source.name, line, self._given.values, shown(full))


def _changed(default: Any, value: Any) -> str:
    """Returns how the type of a value differs from its default's, where that can't be meant."""
    if value is None or default is None or default in ("", []):
        return ""
    if isinstance(default, bool) and isinstance(value, str) and value.lower() in _BOOLEAN_WORDS:
        return f"expected true or false as in values.yaml, found the string {value!r}, which is true to any template"
    if _shape(default) is _shape(value) or (isinstance(value, str) and re.search(r"\{\{|\n", value)):
        return ""
    return f"expected {_kind(default)} as in values.yaml, found {_kind(value)}"


def _shape(value: object) -> type:
    """Returns `dict`, `list`, or `str` for any scalar."""
    return next((kind for kind in (dict, list) if isinstance(value, kind)), str)


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a string")
