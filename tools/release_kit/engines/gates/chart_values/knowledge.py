"""Everything that makes a key of the values known: values.yaml, comments in it, the schema, templates, subcharts."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from release_kit.engines.gates.chart_values.chart import Chart, Dependency
from release_kit.engines.gates.chart_values.merge import GLOBAL, value_at
from release_kit.engines.gates.chart_values.reads import Key, Reads, named_in
from release_kit.engines.gates.chart_values.schema_nodes import SchemaNodes
from release_kit.engines.gates.chart_values.walk import read


class Knowledge:
    """What is known of the values of one chart."""

    def __init__(self, chart: Chart, schemas: Mapping[str, Mapping[str, Any]], texts: tuple[str, ...] = ()) -> None:
        """Takes a chart.

        Args:
            chart: the chart or subchart.
            schemas: those of it and its subcharts, by their folders.
            texts: values files, in which `tpl` may find templates.
        """
        self.chart = chart
        self.schema = SchemaNodes(schemas[chart.folder]) if chart.folder in schemas else None
        self._schemas = schemas
        self._texts = texts

    @cached_property
    def reads(self) -> Reads:
        """What the templates read; those of subcharts count, too, for they may be called and they read `global`."""
        reads = Reads()
        reads.add(self.own_reads)
        for knowledge in self.subcharts.values():
            reads.add(knowledge.reads)
        for text in (self.chart.values.text, *self.chart.texts, *self._texts):
            reads.whole |= named_in(text)
        return reads

    @cached_property
    def own_reads(self) -> Reads:
        """What the chart's own templates read, those of subcharts followed where they are called."""
        called: dict[str, str] = {}
        for knowledge in self.subcharts.values():
            called |= knowledge.templates
        return read(self.chart.templates, called)

    @cached_property
    def templates(self) -> dict[str, str]:
        """The templates of the chart and its subcharts, by their paths in the outermost chart."""
        templates = {self.chart.folder + name: text for name, text in self.chart.templates.items()}
        for knowledge in self.subcharts.values():
            templates |= knowledge.templates
        return templates

    @cached_property
    def subcharts(self) -> "dict[str, Knowledge]":
        """What is known of the subcharts, by their sections of the values."""
        return {
            dependency.section: Knowledge(dependency.chart, self._schemas, self._texts)
            for dependency in self.chart.dependencies
            if dependency.chart
        }

    def is_known(self, key: Key) -> bool:
        """Whether a key that is not in values.yaml means something all the same."""
        return self.is_described(key) or self.reads.reaches(key)

    def is_described(self, key: Key) -> bool:
        """Whether the schema describes a key, it stands in a comment of values.yaml, or belongs to a subchart."""
        if self.schema is not None and self.schema.describes(key):
            return True
        return self.is_of_subcharts(key) or self.is_commented_out(key)

    def is_commented_out(self, key: Key) -> bool:
        """Whether a key stands as a comment in the map of values.yaml that it would belong to."""
        parent = key[:-1]
        values = self.chart.values
        if not isinstance(value_at(values.mapping, parent), dict):
            return False
        first, last = self.lines(parent, values.document.line(parent) if parent else 1)
        pattern = re.compile(rf"^\s*#[#\s]*(?:-\s+)?[\"']?{re.escape(key[-1])}[\"']?\s*:(?:\s|$)", re.MULTILINE)
        return pattern.search("\n".join(values.text.splitlines()[first:last])) is not None

    def near(self, key: Key) -> str:
        """Returns the key of the same map of values.yaml that is most like another; empty where none is."""
        siblings = value_at(self.chart.values.mapping, key[:-1])
        found = get_close_matches(key[-1], siblings, 1) if isinstance(siblings, dict) else []
        return str(found[0]) if found else ""

    def elsewhere(self, name: str) -> list[Key]:
        """Returns where else in values.yaml a key of that name stands."""
        return [key for key in _keys(self.chart.values.mapping, ()) if key[-1] == name]

    def is_of_subcharts(self, key: Key) -> bool:
        """Whether a key means something to a subchart or to Helm, as far as can be told."""
        dependencies = self.chart.dependencies
        absent = {dependency.section for dependency in dependencies if dependency.chart is None}
        if absent and key[0] in (GLOBAL, *absent):
            return True
        if key[0] == "tags" and any(dependency.tags for dependency in dependencies):
            return True
        if any(key == condition[: len(key)] for each in dependencies for condition in each.conditions):
            return True
        return any(_is_imported(key, each) for each in dependencies)

    def lines(self, path: Key, line: int) -> tuple[int, int]:
        """Returns the lines of values.yaml that a value takes, from one of them on, as a slice."""
        document, mapping = self.chart.values.document, self.chart.values.mapping
        last = len(self.chart.values.text)
        for length in range(len(path)):
            siblings = value_at(mapping, path[:length])
            lines = (document.line((*path[:length], each)) for each in siblings)
            last = min([last, *(each for each in lines if each > line)])
        return line - 1, last - 1


def _is_imported(key: Key, dependency: Dependency) -> bool:
    """Whether a key comes from the values of a subchart."""
    for child, parent in dependency.imports:
        if key[: len(parent)] == parent:
            values = value_at(dependency.chart.values.mapping, child) if dependency.chart else None
            if not isinstance(values, dict) or not key[len(parent) :] or key[len(parent)] in values:
                return True
    return False


def _keys(mapping: Mapping[str, Any], path: Key) -> Iterator[Key]:
    for key, value in mapping.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from _keys(value, (*path, key))
