"""values.schema.json: is it a JSON schema that Helm can use, and do the values satisfy it?"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple

from release_kit.engines.gates.chart_values.chart import SCHEMA, Chart, ValuesSource
from release_kit.engines.gates.chart_values.merge import Values, coalesced, is_enabled
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import Document, Path, YamlError, read_one, shown

NEWEST = "https://json-schema.org/draft/2020-12/schema"
_DRAFTS = (
    (re.compile(r"https?://json-schema\.org/draft-04/schema#?"), "Draft4Validator"),
    (re.compile(r"https?://json-schema\.org/draft-06/schema#?"), "Draft6Validator"),
    (re.compile(r"https?://json-schema\.org/draft-07/schema#?"), "Draft7Validator"),
    (re.compile(r"https?://json-schema\.org/draft/2019-09/schema#?"), "Draft201909Validator"),
    (re.compile(r"https?://json-schema\.org/(?:draft/2020-12/)?schema#?"), "Draft202012Validator"),
)
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


class Schema(NamedTuple):
    """A schema that can be used."""

    file: str
    text: str
    value: Mapping[str, Any]
    validator: Any
    """Of jsonschema_rs; None for a schema that can't be compiled."""

    def line(self, path: Path) -> int:
        """Returns the line of a part of it; 0 where that is not known."""
        document = _document(self.text)
        return document.line(path) if document else 0


class Unfit(NamedTuple):
    """A value that a schema does not allow."""

    path: tuple[str | int, ...]
    message: str
    remedy: str


def load(chart: Chart) -> tuple[Schema | None, list[Finding]]:
    """Reads the schema of a chart or subchart, and says what is wrong with it."""
    if chart.schema is None:
        return None, []
    file = chart.folder + SCHEMA
    text = chart.schema.decode("utf-8-sig", errors="replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        return None, [_finding(file, line, f"is no JSON: {error}"[:300], "correct it")]
    if not isinstance(value, dict):
        return None, [_finding(file, 1, f"expected a JSON object, found {text.strip():.40}", "write a schema")]
    return _compiled(Schema(file, text, value, None))


def faults(chart: Chart, given: Sequence[ValuesSource], schemas: Mapping[str, Schema]) -> list[Finding]:
    """Holds the chart's own values, and those merged with each values file, to the schemas of it and its subcharts.

    Args:
        chart: the chart.
        given: the values files besides values.yaml.
        schemas: by the folder of the chart that each belongs to.
    """
    if not schemas:
        return []
    findings = []
    known: set[Unfit] = set()
    for source in (None, *given):
        values = coalesced(chart, source.mapping if source else {})
        unfit = dict.fromkeys(_unfit(chart, values, schemas, ()))
        findings += [_located(each, chart, source) for each in unfit if each not in known]
        known |= unfit.keys() if source is None else set()
    return findings


@lru_cache(maxsize=4)
def _document(text: str) -> Document | None:
    """Reads JSON as the YAML that it is, which knows its lines."""
    try:
        return read_one(text)
    except YamlError:
        return None


def _compiled(schema: Schema) -> tuple[Schema | None, list[Finding]]:
    import jsonschema_rs

    draft = schema.value.get("$schema", NEWEST)
    kind = next((name for pattern, name in _DRAFTS if isinstance(draft, str) and pattern.fullmatch(draft)), "")
    if not kind:
        message = f"$schema: expected a draft of JSON Schema from 4 to 2020-12, found {draft!r:.100}"
        line = schema.line(("$schema",))
        return schema, [_finding(schema.file, line, message, f"write {NEWEST}", "$schema")]
    content = {key: value for key, value in _local(schema.value).items() if key != "$schema"}
    try:
        options = jsonschema_rs.RegexOptions()
        validator = getattr(jsonschema_rs, kind)(content, pattern_options=options, mask="the value")
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        return schema, [_invalid(schema, error)]
    return schema._replace(validator=validator), []


def _local(value: Any) -> Any:
    """Lets pass whatever a reference to the network describes: nothing is fetched."""
    if isinstance(value, dict):
        if str(value.get("$ref", "")).startswith(("http://", "https://")):
            return {}
        return {key: _local(each) for key, each in value.items()}
    return [_local(each) for each in value] if isinstance(value, list) else value


def _invalid(schema: Schema, error: Exception) -> Finding:
    path = tuple(getattr(error, "instance_path", ()))
    message = str(getattr(error, "message", error))
    remedy = "correct the schema: Helm refuses the chart"
    if path and path[-1] in ("type", "pattern"):
        found = _at(schema.value, path)
        expected = f"one of {', '.join(_TYPES)}" if path[-1] == "type" else "a regular expression of Go's (RE2)"
        near = get_close_matches(str(found), _TYPES, 1) if path[-1] == "type" else []
        message, remedy = f"expected {expected}; found {found!r:.60}", f"did you mean {near[0]!r}?" if near else remedy
    place = f"{shown(path)}: " if path else ""
    return _finding(schema.file, schema.line(path), f"is no valid schema: {place}{message:.300}", remedy, shown(path))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _unfit(chart: Chart, values: Values, schemas: Mapping[str, Schema], path: tuple[str, ...]) -> Iterator[Unfit]:
    schema = schemas.get(chart.folder)
    if schema is not None and schema.validator is not None:
        for error in schema.validator.iter_errors(values):
            yield from _described(error, schema, path)
    for dependency in chart.dependencies:
        section = values.get(dependency.section)
        if dependency.chart and isinstance(section, dict) and is_enabled(dependency, values):
            yield from _unfit(dependency.chart, section, schemas, (*path, dependency.section))


def _described(error: Any, schema: Schema, prefix: tuple[str, ...]) -> Iterator[Unfit]:
    """Yields what an error of jsonschema_rs is about, one for each unknown key."""
    path = (*prefix, *error.instance_path)
    kind = type(error.kind).__name__
    remedy = f"correct the value, or the schema in {schema.file}"
    if kind == "AdditionalProperties":
        known = list(_properties(schema.value, error.schema_path))
        for name in error.kind.unexpected:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"take it out, or describe it in {schema.file}"
            yield Unfit((*path, name), f"{schema.file} does not allow this key", hint)
    elif kind == "Required":
        yield Unfit(path, f"{schema.file} requires {error.kind.property!r} here, which is missing", "set it")
    elif kind == "Type":
        types = error.kind.types
        names = " or ".join(sorted(types)) if isinstance(types, list | tuple) else str(types)
        yield Unfit(path, f"{schema.file} expects {names}, found {_shown_value(error.instance)}", remedy)
    elif kind == "Enum":
        options = ", ".join(json.dumps(option) for option in error.kind.options)
        message = f"{schema.file} expects one of {options:.200}; found {_shown_value(error.instance)}"
        yield Unfit(path, message, remedy)
    else:
        yield Unfit(path, f"{schema.file} does not allow it: {error.message:.200}", remedy)


def _properties(value: Any, path: Path) -> Mapping[str, Any]:
    """Returns the properties beside the keyword that an error comes from."""
    try:
        found = _at(value, list(path)[:-1])
    except (KeyError, IndexError, TypeError):
        return {}
    return found.get("properties", {}) if isinstance(found, Mapping) else {}


def _shown_value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"{text[:80]}..." if len(text) > 80 else text


def _located(unfit: Unfit, chart: Chart, source: ValuesSource | None) -> Finding:
    """Returns the finding at the place that sets the value."""
    sources = (chart.values,) if source is None else (source, chart.values)
    found = next((each for each in sources if _has(each.mapping, unfit.path)), sources[0])
    line = found.document.line(unfit.path)
    name = shown(unfit.path)
    message = f"{name}: {unfit.message}" if name else unfit.message
    return Finding(Gate.VALUES, message, unfit.remedy, found.name, line, source.name if source else "", name)


def _has(value: Any, path: Path) -> bool:
    try:
        _at(value, path)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _finding(file: str, line: int, message: str, remedy: str, thing: str = "") -> Finding:
    return Finding(Gate.VALUES, message, remedy, file, line, thing=thing)
