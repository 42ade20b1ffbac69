"""The gate golden: the rendering is the one that was looked at and checked in.

What each release changes anyway is written as a placeholder: the version of the application, wherever it stands but in
the tags of other images, and that of the chart in its label. Goldens are compared as documents: Helm 3 and 4 agree.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from release_kit.documents.chart_gates import ChartGates
from release_kit.documents.rendering import Rendering
from release_kit.engines.gates.image_names import ImageNames, parse
from release_kit.engines.gates.objects import objects
from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import Path, YamlError, read, read_one, shown

APP_VERSION, CHART_VERSION = "<appVersion>", "<version>"
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
Key = tuple[str, str, str, str]
MARK = "# What the chart renders with"
"""How every golden begins."""


def file_name(values: str) -> str:
    """Returns the name of the golden of a values file."""
    return re.sub(r"[^\w.-]+", "-", re.sub(r"\.ya?ml$", "", values)).strip("-.") + ".yaml"


def text(rendering: Rendering, config: ChartGates, files: Mapping[str, bytes]) -> str:
    """Returns the golden of a rendering.

    Raises:
        YamlError: it is no YAML.
    """
    documents = _documents(rendering, config, files)
    header = f"{MARK} {rendering.values}; written by the gate golden, not by hand.\n"
    return header + "".join(f"---\n{_dump(documents[key].value)}" for key in sorted(documents))


def check(rendering: Rendering, golden: bytes | None, config: ChartGates, files: Mapping[str, bytes]) -> list[Finding]:
    """Compares a rendering with its golden; None for a golden that is not there."""
    name = f"{config.golden or 'golden'}/{file_name(rendering.values)}"
    remedy = "look at the difference, and if it is meant, write the golden anew with --update-golden"
    if golden is None:
        return [
            Finding(
                Gate.GOLDEN, f"{name} is missing: nobody has looked at this rendering", remedy, values=rendering.values
            )
        ]
    try:
        expected = {_key(document.value): document.value for document in read(golden.decode()) if document.value}
    except (YamlError, UnicodeDecodeError) as error:
        return [Finding(Gate.GOLDEN, f"{name} is no YAML: {error}", "write it anew with --update-golden")]
    found = _documents(rendering, config, files)
    findings = []
    for key in sorted({*expected, *found}):
        known = found.get(key)
        if message := _difference(expected.get(key), known.value if known else None):
            template, thing = known.template if known else "", f"{key[1]} {key[3]}"
            findings.append(Finding(Gate.GOLDEN, message, remedy, template, 0, rendering.values, thing))
    return findings


class _Known(NamedTuple):
    """An object with placeholders, and the template that makes it."""

    value: Any
    template: str


def _documents(rendering: Rendering, config: ChartGates, files: Mapping[str, bytes]) -> dict[Key, _Known]:
    exempt = {exception.file for exception in config.exceptions if exception.gate is Gate.DETERMINISM}
    replaced = _Placeholders(files, config)
    found = [
        _Known(replaced.value(each.value, ()), each.part.template)
        for each in objects(rendering.plain.text)
        if each.part.template not in exempt and not each.is_test
    ]
    return {_key(known.value): known for known in found}


def _key(value: Mapping[str, Any]) -> Key:
    metadata = value.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    names = (value.get("apiVersion"), value.get("kind"), metadata.get("namespace"), metadata.get("name"))
    first, second, third, fourth = (name if isinstance(name, str) else "" for name in names)
    return first, second, third, fourth


class _Placeholders:
    """Puts placeholders where each release has another version."""

    def __init__(self, files: Mapping[str, bytes], config: ChartGates) -> None:
        try:
            metadata = read_one(files.get("Chart.yaml", b"").decode()).value
        except (YamlError, UnicodeDecodeError):
            metadata = None
        metadata = metadata if isinstance(metadata, dict) else {}
        self._app, self._chart = str(metadata.get("appVersion", "")), str(metadata.get("version", ""))
        self._name = str(metadata.get("name", ""))
        self._images = ImageNames(config)
        app = re.escape(self._app.removeprefix("v"))
        # A version of one number may be any number.
        self._pattern = re.compile(rf"(?<![\w.])(v?){app}(?!\w|\.\w)") if "." in self._app else None

    def value(self, value: Any, path: Path) -> Any:
        """Returns a value with the placeholders in it."""
        if isinstance(value, dict):
            return {key: self.value(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, path) for item in value]
        return self._text(value, str(path[-1]) if path else "") if isinstance(value, str) else value

    def _text(self, value: str, key: str) -> str:
        if key == "helm.sh/chart" and value == f"{self._name}-{self._chart.replace('+', '_')}":
            return f"{self._name}-{CHART_VERSION}"
        image = parse(value) if self._app and self._app in value else None
        if self._pattern is None or (image and image.tag and not self._images.is_ours(image)):
            return value
        return self._pattern.sub(rf"\1{APP_VERSION}", value)


def _dump(value: Any) -> str:
    dumped: str = yaml.dump(value, Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=120)
    return dumped


def _difference(expected: Any, found: Any) -> str:
    """Returns what is different, in words; empty where nothing is."""
    if expected == found:
        return ""
    if expected is None:
        return "is new: the golden does not have it"
    if found is None:
        return "is gone: the golden has it"
    path, old, new = _first(expected, found, ())
    return f"{shown(path)}: {_short(new)}, the golden has {_short(old)}"


def _first(expected: Any, found: Any, path: tuple[str | int, ...]) -> tuple[Path, Any, Any]:
    """Returns the first place where two values differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted({*expected, *found}):
            if expected.get(key) != found.get(key) or (key in expected) != (key in found):
                return _first(expected.get(key), found.get(key), (*path, key))
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for position, (old, new) in enumerate(zip(expected, found, strict=True)):
            if old != new:
                return _first(old, new, (*path, position))
    return path, expected, found


def _short(value: Any) -> str:
    return "nothing" if value is None else f"{json.dumps(value, ensure_ascii=False, default=str):.100}"
