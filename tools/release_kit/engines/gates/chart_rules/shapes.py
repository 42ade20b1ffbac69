"""The fields of Chart.yaml and their types: what Helm reads and what `ct lint` allows."""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

from release_kit.engines.gates.chart_rules.source import Source, described, nearest
from release_kit.values.finding import Finding
from release_kit.values.yaml_source import Path


class Kind(Enum):
    """What a field holds; the value is how a message names it."""

    TEXT = "a string"
    SWITCH = "true or false"
    TEXTS = "a list of strings"
    NAMED_TEXTS = "a mapping of strings"
    IMPORTS = "a list of strings, or of mappings with child and parent"


class Record(NamedTuple):
    """A mapping with known keys; `many`: a list of such mappings."""

    fields: "Mapping[str, Kind | Record]"
    required: tuple[str, ...] = ()
    many: bool = False


_MAINTAINER = Record({"name": Kind.TEXT, "email": Kind.TEXT, "url": Kind.TEXT}, ("name",), many=True)
_DEPENDENCY = Record(
    {
        "name": Kind.TEXT,
        "version": Kind.TEXT,
        "repository": Kind.TEXT,
        "condition": Kind.TEXT,
        "tags": Kind.TEXTS,
        "enabled": Kind.SWITCH,
        "import-values": Kind.IMPORTS,
        "alias": Kind.TEXT,
    },
    ("name", "version"),
    many=True,
)
_IMPORT = Record({"child": Kind.TEXT, "parent": Kind.TEXT}, ("child", "parent"))
REQUIREMENTS = Record({"dependencies": _DEPENDENCY})
CHART = Record(
    {
        "apiVersion": Kind.TEXT,
        "name": Kind.TEXT,
        "version": Kind.TEXT,
        "appVersion": Kind.TEXT,
        "kubeVersion": Kind.TEXT,
        "description": Kind.TEXT,
        "type": Kind.TEXT,
        "keywords": Kind.TEXTS,
        "home": Kind.TEXT,
        "sources": Kind.TEXTS,
        "icon": Kind.TEXT,
        "maintainers": _MAINTAINER,
        "dependencies": _DEPENDENCY,
        "annotations": Kind.NAMED_TEXTS,
        "deprecated": Kind.SWITCH,
        "condition": Kind.TEXT,
        "tags": Kind.TEXT,
    },
    ("apiVersion", "name", "version"),
)
CHART_V1 = CHART._replace(fields={**CHART.fields, "engine": Kind.TEXT, "tillerVersion": Kind.TEXT})
"""Charts of Helm 2 have two fields more."""

_READ_OTHERWISE = (
    (re.compile(r"\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d.*)?"), "a date"),
    (re.compile(r"[-+]?[1-9][\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?"), "a number of base 60"),
)
"""Strings for Helm; where they have no quotes, something else for readers of YAML 1.1, such as the one of ct."""


def check(source: Source, record: Record) -> Iterator[Finding]:
    """Yields the fields that are unknown, missing or of another type."""
    yield from _record(source, (), source.document.value, record)


def _record(source: Source, path: Path, value: Any, record: Record) -> Iterator[Finding]:
    if record.many:
        yield from _records(source, path, value, record._replace(many=False))
    elif not isinstance(value, dict):
        yield _other(source, path, "a mapping", value)
    else:
        for key in record.required:
            if value.get(key) is None:
                yield source.finding((*path, key), "is not there, and must be", f"add {key}")
        for key, item in value.items():
            yield from _field(source, (*path, key), item, record)


def _records(source: Source, path: Path, value: Any, record: Record) -> Iterator[Finding]:
    if value is None:
        return
    if not isinstance(value, list):
        yield _other(source, path, "a list", value)
        return
    for position, item in enumerate(value):
        yield from _record(source, (*path, position), item, record)


def _field(source: Source, path: Path, value: Any, record: Record) -> Iterator[Finding]:
    kind = record.fields.get(str(path[-1]))
    if kind is None:
        yield _unknown(source, path, record)
    elif isinstance(kind, Record):
        yield from _record(source, path, value, kind)
    elif value is not None:
        yield from _CHECKS[kind](source, path, value)


def _unknown(source: Source, path: Path, record: Record) -> Finding:
    key = str(path[-1])
    if record is CHART and key in CHART_V1.fields:
        return source.finding(path, "is a field of Helm 2 charts, which Helm no longer reads", "remove it")
    known = nearest(key, record.fields)
    hint = f"write {known}" if known else f"remove it; the known ones are {', '.join(record.fields)}"
    return source.finding(path, "is not a field that Helm knows", f"{hint}; what is your own goes to annotations")


def _other(source: Source, path: Path, expected: str, value: Any) -> Finding:
    scalar = isinstance(value, bool | int | float)
    remedy = "put it in quotes" if scalar and expected == Kind.TEXT.value else f"write {expected}"
    return source.finding(path, f"expected {expected}, found {described(value)}", remedy)


def _text(source: Source, path: Path, value: Any) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield _other(source, path, Kind.TEXT.value, value)
        return
    for pattern, other in _READ_OTHERWISE:
        if pattern.fullmatch(value) and _stands_plain(source, path, value):
            yield source.finding(
                path, f"{value} is {other} to many YAML readers, expected a string", "put it in quotes"
            )


def _stands_plain(source: Source, path: Path, value: str) -> bool:
    line = source.text.split("\n")[source.document.line(path) - 1]
    return re.search(rf"[-:,[{{]\s*{re.escape(value)}\s*(?:[#,\]}}]|$)", line) is not None


def _switch(source: Source, path: Path, value: Any) -> Iterator[Finding]:
    if not isinstance(value, bool):
        yield _other(source, path, Kind.SWITCH.value, value)


def _texts(source: Source, path: Path, value: Any) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield _other(source, path, Kind.TEXTS.value, value)
        return
    for position, item in enumerate(value):
        yield from _text(source, (*path, position), item)


def _named_texts(source: Source, path: Path, value: Any) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield _other(source, path, Kind.NAMED_TEXTS.value, value)
        return
    for key, item in value.items():
        yield from _text(source, (*path, key), item)


def _imports(source: Source, path: Path, value: Any) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield _other(source, path, Kind.IMPORTS.value, value)
        return
    for position, item in enumerate(value):
        if isinstance(item, dict):
            yield from _record(source, (*path, position), item, _IMPORT)
        else:
            yield from _text(source, (*path, position), item)


_CHECKS = {
    Kind.TEXT: _text,
    Kind.SWITCH: _switch,
    Kind.TEXTS: _texts,
    Kind.NAMED_TEXTS: _named_texts,
    Kind.IMPORTS: _imports,
}
