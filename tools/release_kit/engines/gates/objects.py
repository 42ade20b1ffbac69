"""The objects in what helm rendered, each with the template that it comes from."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from release_kit.engines.gates.places import Place, place
from release_kit.values.yaml_source import Document, Path, read, shown

_SEPARATOR = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)
_SOURCE = re.compile(r"^# Source: [^/\n]+/(.+)$", re.MULTILINE)
TEST_HOOKS = ("test", "test-success", "test-failure")


class Part(NamedTuple):
    """One document of a rendering, as text."""

    template: str
    """The file of the chart, such as `templates/core.yaml` or `charts/redis/templates/x.yaml`; empty if unknown."""
    position: int
    """Which document of that template it is, from 0."""
    text: str


class KubeObject(NamedTuple):
    """One document of a rendering that is a mapping, which an object of Kubernetes is."""

    part: Part
    document: Document

    @property
    def value(self) -> dict[str, Any]:
        """The object itself."""
        value: dict[str, Any] = self.document.value
        return value

    @property
    def api_version(self) -> str:
        """Its `apiVersion`; empty where it has none."""
        return _text(self.value.get("apiVersion"))

    @property
    def kind(self) -> str:
        """Its `kind`; empty where it has none."""
        return _text(self.value.get("kind"))

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Its `metadata`; empty where it is none."""
        metadata = self.value.get("metadata")
        return metadata if isinstance(metadata, Mapping) else {}

    @property
    def name(self) -> str:
        """Its kind and name, such as `Deployment core`."""
        name = _text(self.metadata.get("name")) or _text(self.metadata.get("generateName")) or "without a name"
        return f"{self.kind or 'object'} {name}"

    @property
    def is_test(self) -> bool:
        """Tells whether it is a test of the chart, which no release has among its objects."""
        annotations = self.metadata.get("annotations")
        hooks = _text(annotations.get("helm.sh/hook")) if isinstance(annotations, Mapping) else ""
        return bool(hooks) and all(hook.strip() in TEST_HOOKS for hook in hooks.split(","))

    def thing(self, path: Path) -> str:
        """Returns such as `Deployment core: spec.replicas`."""
        return f"{self.name}: {shown(path)}" if path else self.name

    def place(self, path: Path, files: Mapping[str, bytes]) -> Place:
        """Returns the file and line of the chart that make what stands at a path."""
        return place(self.part.template, self.part.text, self.document.line(path), files)


@cache
def parts(text: str) -> tuple[Part, ...]:
    """Splits what `helm template` wrote; documents of comments only are left out."""
    found: list[Part] = []
    counts: dict[str, int] = {}
    template = ""
    for chunk in _SEPARATOR.split(text):
        named = _SOURCE.search(chunk)
        # Helm 3 can name the template in a document of its own, before the object.
        template = named[1].strip() if named else template
        if any(line.strip() and not line.lstrip().startswith("#") for line in chunk.split("\n")):
            position = counts.get(template, 0)
            counts[template] = position + 1
            found.append(Part(template, position, chunk))
    return tuple(found)


def objects(text: str) -> Iterator[KubeObject]:
    """Yields the objects of what `helm template` wrote.

    Raises:
        YamlError: a document is no YAML.
    """
    for part in parts(text):
        yield from read_part(part)


def read_part(part: Part) -> Iterator[KubeObject]:
    """Yields the objects of one document: one, but where it is no mapping.

    Raises:
        YamlError: it is no YAML.
    """
    for document in _read(part.text):
        if isinstance(document.value, dict):
            yield KubeObject(part, document)


@cache
def _read(text: str) -> tuple[Document, ...]:
    """Reads a document once, however many renders it is in."""
    return tuple(read(text))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
