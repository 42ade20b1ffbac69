"""The values that a chart's templates get: Helm's merge of values files, defaults and the sections of subcharts."""

from collections.abc import Mapping
from typing import Any

from release_kit.engines.gates.chart_values.chart import Chart, Dependency

GLOBAL = "global"
Values = dict[str, Any]


def coalesced(chart: Chart, given: Mapping[str, Any]) -> Values:
    """Returns what a chart gets when it is installed with some values: its own beneath, those of its subcharts within.

    Nulls in values.yaml stay, as Helm 3 leaves them; Helm 4 drops them.
    """
    values = merged(chart.values.mapping, given)
    for dependency in chart.dependencies:
        if dependency.chart and is_enabled(dependency, values):
            _add_section(values, dependency, dependency.chart)
    return values


def merged(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> Values:
    """Merges maps deeply; a null deletes a default, anything else replaces it."""
    values = dict(defaults)
    for key, value in given.items():
        default = values.get(key)
        if value is None and key in values:
            del values[key]
        elif isinstance(value, dict) and isinstance(default, dict):
            inner = merged(default, value)
            values[key] = {name: each for name, each in inner.items() if each is not None or name not in value}
        else:
            values[key] = value
    return values


def is_enabled(dependency: Dependency, values: Mapping[str, Any]) -> bool:
    """Whether a subchart takes part: the first condition that is there decides, else its tags."""
    for condition in dependency.conditions:
        found = value_at(values, condition)
        if isinstance(found, bool):
            return found
    tags = [value_at(values, ("tags", tag)) for tag in dependency.tags]
    return any(tags) if any(isinstance(tag, bool) for tag in tags) else True


def value_at(values: Any, path: tuple[str, ...]) -> Any:
    """Returns what stands at a path; None where there is nothing."""
    for step in path:
        values = values.get(step) if isinstance(values, dict) else None
    return values


def _add_section(values: Values, dependency: Dependency, chart: Chart) -> None:
    section = values.get(dependency.section)
    given = dict(section) if isinstance(section, dict) else {}
    shared = values.get(GLOBAL)
    given[GLOBAL] = merged(given.get(GLOBAL) or {}, shared if isinstance(shared, dict) else {})
    inner = coalesced(chart, given)
    values[dependency.section] = inner
    for child, parent in dependency.imports:
        found = value_at(inner, child)
        if isinstance(found, dict):
            for step in reversed(parent):
                found = {step: found}
            values.update(merged(found, values))
