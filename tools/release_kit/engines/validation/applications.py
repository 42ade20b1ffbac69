"""Argo CD Applications of a tree: written as such, or made by the list generator of an ApplicationSet."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from release_kit.engines.validation.tree import ARGOCD, Resource, Tree, items, mapping, text
from release_kit.values.yaml_source import Path

OCI = "oci://"
_OPEN = re.compile(r"\{\{|\$\{|\$\(")
_PLACEHOLDER = re.compile(r"\{\{-?\s*\.?([A-Za-z0-9_-]+)\s*-?\}\}")
_SCP = re.compile(r"[^@/:\s]+@[^@/:\s]+:.*")
_HOST_AND_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?(?:/[A-Za-z0-9._/-]+)?", re.ASCII)
_MAX_ELEMENTS = 1000


class Source(NamedTuple):
    """One source of an Application."""

    value: Mapping[str, Any]
    path: Path
    """Where it stands."""

    @property
    def address(self) -> str:
        """The repository's."""
        return text(self.value.get("repoURL"))

    @property
    def chart(self) -> str:
        """The chart's name; empty for what is no Helm repository."""
        return text(self.value.get("chart"))

    @property
    def revision(self) -> str:
        """A version, constraint, branch, tag or commit; empty for none."""
        return text(self.value.get("targetRevision"))

    @property
    def is_native(self) -> bool:
        """Tells whether it is an OCI artifact."""
        return self.address.startswith(OCI)

    @property
    def is_chart(self) -> bool:
        """Tells whether it is a chart of a registry or Helm repository."""
        return bool(self.chart) or self.is_native

    def at(self, *steps: str | int) -> Path:
        """Returns the path of something in it."""
        return (*self.path, *steps)


class Application(NamedTuple):
    """One Application."""

    resource: Resource
    """What is written: the Application, or the ApplicationSet that makes it."""
    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]
    path: Path
    """Of the spec."""

    @property
    def labels(self) -> Mapping[str, Any]:
        """Its labels."""
        return mapping(self.metadata.get("labels"))

    @property
    def has_open_labels(self) -> bool:
        """Tells whether its labels are made by something that is not known here."""
        return any(is_open(part) for label in self.labels.items() for part in label)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Its sources: of several fields, those that count."""
        if isinstance(self.spec.get("sources"), list) and self.spec["sources"]:
            entries = enumerate(self.spec["sources"])
            return tuple(Source(mapping(each), (*self.path, "sources", n)) for n, each in entries)
        if isinstance(self.spec.get("source"), Mapping):
            return (Source(self.spec["source"], (*self.path, "source")),)
        return ()

    @property
    def is_of_several(self) -> bool:
        """Tells whether it has the field `sources`."""
        return bool(self.spec.get("sources"))


def is_open(value: object) -> bool:
    """Tells whether a text is one only once something has been put in."""
    return isinstance(value, str) and bool(_OPEN.search(value))


def is_registry(address: str) -> bool:
    """Tells whether an address is one of a registry: git has a scheme, or a user before a colon."""
    if "://" in address or _SCP.fullmatch(address) or not _HOST_AND_PATH.fullmatch(address):
        return False
    host = address.partition("/")[0]
    return "." in host or ":" in host or host == "localhost"


def applications(tree: Tree) -> tuple[Application, ...]:
    """Returns all Applications of a tree."""
    return _applications(tree)


@lru_cache(maxsize=2)
def _applications(tree: Tree) -> tuple[Application, ...]:
    found = [
        Application(each, mapping(each.value.get("metadata")), each.spec, ("spec",))
        for each in tree.kind(ARGOCD, "Application")
    ]
    for each in tree.kind(ARGOCD, "ApplicationSet"):
        found += _made(each)
    return tuple(found)


def _made(resource: Resource) -> Iterator[Application]:
    """Yields what an ApplicationSet makes; other generators than lists leave the placeholders in place."""
    template = mapping(resource.spec.get("template"))
    path = ("spec", "template", "spec")
    generators = items(resource.spec.get("generators"))
    lists = [items(mapping(mapping(each).get("list")).get("elements")) for each in generators]
    if not all(lists) or not lists:
        yield Application(resource, mapping(template.get("metadata")), mapping(template.get("spec")), path)
        return
    for element in list(chain.from_iterable(lists))[:_MAX_ELEMENTS]:
        filled = _filled(template, mapping(element))
        yield Application(resource, mapping(filled.get("metadata")), mapping(filled.get("spec")), path)


def _filled(value: Any, element: Mapping[str, Any]) -> Any:
    """Puts the values of an element into a template."""
    if isinstance(value, Mapping):
        return {_put(key, element): _filled(child, element) for key, child in value.items()}
    if isinstance(value, list):
        return [_filled(child, element) for child in value]
    return _put(value, element) if isinstance(value, str) else value


def _put(template: str, element: Mapping[str, Any]) -> str:
    def known(match: re.Match[str]) -> str:
        value = element.get(match[1])
        return value if isinstance(value, str) else match[0]

    return _PLACEHOLDER.sub(known, template)
