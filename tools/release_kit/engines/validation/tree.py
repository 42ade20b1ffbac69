"""The objects of Kubernetes in YAML files, and how they are found by kind, name and namespace."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from release_kit.engines.gates.objects import KubeObject, Part
from release_kit.values.yaml_source import Document, Duplicate, Path, YamlError, read, shown

PROMOTER = "promoter.argoproj.io"
ARGOCD = "argoproj.io"
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "transformers", "configurations")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_KUSTOMIZE = "kustomize.config.k8s.io/"
"""What kustomize reads, and no server."""
_SHOWN = 300
"""Characters of a name or path: one is as long as whoever wrote it likes."""
_LISTS = frozenset({"List", "ApplicationList", "SecretList", "ConfigMapList"})


class Resource(NamedTuple):
    """One object of a file."""

    file: str
    object: KubeObject

    @property
    def value(self) -> dict[str, Any]:
        """The object itself."""
        return self.object.value

    @property
    def group(self) -> str:
        """The API group; empty for the core one."""
        return self.object.api_version.rpartition("/")[0]

    @property
    def kind(self) -> str:
        """Its kind; empty where it has none."""
        return self.object.kind

    @property
    def name(self) -> str:
        """Its name; empty where it has none."""
        return text(self.object.metadata.get("name"))

    @property
    def namespace(self) -> str:
        """Its namespace; empty where it names none, and whoever applies it chooses."""
        return text(self.object.metadata.get("namespace"))

    @property
    def labels(self) -> Mapping[str, Any]:
        """Its labels."""
        return mapping(self.object.metadata.get("labels"))

    @property
    def annotations(self) -> Mapping[str, Any]:
        """Its annotations."""
        return mapping(self.object.metadata.get("annotations"))

    @property
    def spec(self) -> Mapping[str, Any]:
        """Its `spec`; empty where it has none."""
        return mapping(self.value.get("spec"))

    @property
    def title(self) -> str:
        """Such as `PromotionStrategy promoter-system/shop`."""
        known = self.name or "without a name"
        return f"{self.kind or 'object'} {self.namespace}/{known}" if self.namespace else f"{self.kind} {known}"


class TreeFinding(NamedTuple):
    """One fault: what is wrong, where, and what to do about it."""

    rule: str
    message: str
    remedy: str = ""
    file: str = ""
    line: int = 0
    """From 1; 0 where it is about the whole file."""
    document: str = ""
    """Such as `Application argocd/shop-demo`; empty where it is about no object."""
    path: str = ""
    """Inside the document, such as `spec.source.chart`."""

    @property
    def place(self) -> str:
        """Such as `gitops/applications.yaml:12`."""
        return f"{self.file}:{self.line}" if self.line else self.file


def finding(rule: str, resource: Resource, path: Path, message: str, remedy: str = "") -> TreeFinding:
    """Makes the finding of something that stands in an object; nothing unprintable is in it."""
    line = resource.object.document.line(path)
    title, place = clean(resource.title)[:_SHOWN], clean(shown(path))[:_SHOWN]
    return TreeFinding(rule, clean(message), clean(remedy), resource.file, line, title, place)


def clean(found: str) -> str:
    """Returns a text of any origin as a terminal may show it."""
    if found.isprintable():
        return found
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in found
    )


def text(value: object) -> str:
    """Returns a string; empty for anything else."""
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Mapping[str, Any]:
    """Returns a mapping; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[Any]:
    """Returns a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


class Tree:
    """All objects that were found, in their order."""

    def __init__(
        self, resources: Iterable[Resource], texts: Mapping[str, str], unlisted: frozenset[str] = frozenset()
    ) -> None:
        """Takes the objects, the files that they are from, and which of these the kustomization beside them leaves."""
        self.resources = tuple(resources)
        self.texts = texts
        self.unlisted = unlisted

    def kind(self, group: str, *kinds: str) -> Iterator[Resource]:
        """Yields the objects of some kinds of a group."""
        for kind in kinds:
            yield from self._by_kind.get((group, kind), ())

    def named(self, group: str, kind: str, name: str) -> list[Resource]:
        """Returns the objects of a kind that have a name, in whatever namespace."""
        return [resource for resource in self.kind(group, kind) if resource.name == name]

    @cached_property
    def _by_kind(self) -> dict[tuple[str, str], list[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = {}
        for resource in self.resources:
            found.setdefault((resource.group, resource.kind), []).append(resource)
        return found


def may_share_namespace(one: Resource, other: Resource) -> bool:
    """Tells whether two objects can be in one namespace: one that names none gets it from whoever applies it."""
    return not one.namespace or not other.namespace or one.namespace == other.namespace


class Parsed(NamedTuple):
    """What the files hold."""

    tree: Tree
    findings: list[TreeFinding]
    others: int
    """How many documents are no objects of Kubernetes."""


def parse(texts: Mapping[str, str]) -> Parsed:
    """Reads the objects of files; what is no YAML, and keys that stand twice, are findings."""
    documents: dict[str, list[Document]] = {}
    findings: list[TreeFinding] = []
    for name, content in texts.items():
        documents[name] = []
        try:
            documents[name].extend(read(content))
        except YamlError as error:
            message = f"is no YAML: {error.message}"
            findings.append(TreeFinding("yaml-syntax", clean(message), "correct it", name, error.line))
    patches = _patches(documents)
    resources = [each for name, found in documents.items() if name not in patches for each in _resources(name, found)]
    for resource in resources:
        findings += [_twice(resource, duplicate) for duplicate in resource.object.document.duplicates]
    tree = Tree(resources, texts, frozenset(_unlisted(documents)))
    return Parsed(tree, findings, sum(map(len, documents.values())) - len(resources))


def _resources(name: str, documents: Iterable[Document]) -> Iterator[Resource]:
    for document in documents:
        value = document.value
        if isinstance(value, dict) and text(value.get("kind")) in _LISTS and isinstance(value.get("items"), list):
            yield from _resources(name, (document.part(("items", n)) for n in range(len(value["items"]))))
        elif isinstance(value, dict) and _is_object(value):
            yield Resource(name, KubeObject(Part(name, 0, ""), document))


def _is_object(value: Mapping[str, Any]) -> bool:
    """Tells whether a mapping is meant as an object: a chart's Chart.yaml, a workflow and values are none."""
    named = [key for key in ("apiVersion", "kind") if key in value]
    if text(value.get("apiVersion")).startswith(_KUSTOMIZE):
        return False
    return len(named) == 2 or bool(named and isinstance(value.get("metadata"), Mapping))


def _patches(documents: Mapping[str, Iterable[Document]]) -> set[str]:
    """Returns the files that kustomizations use as patches: they hold parts of objects only."""
    found = set()
    for name, contents in documents.items():
        folder, base = posixpath.split(name)
        if base in _KUSTOMIZATIONS:
            for document in contents:
                for word in _patch_files(mapping(document.value)):
                    found.add(posixpath.normpath(posixpath.join(folder, word)))
    return {name for name in documents if posixpath.normpath(name) in found}


def _unlisted(documents: Mapping[str, Sequence[Document]]) -> Iterator[str]:
    """Yields the files that are beside a kustomization, and that it does not name."""
    used: dict[str, set[str]] = {}
    for name, contents in documents.items():
        folder, base = posixpath.split(name)
        if base in _KUSTOMIZATIONS and contents:
            named = items(mapping(contents[0].value).get("resources"))
            used[folder] = {posixpath.normpath(each) for each in named if isinstance(each, str)}
    for name in documents:
        folder, base = posixpath.split(name)
        if folder in used and base not in used[folder]:
            yield name


def _patch_files(kustomization: Mapping[str, Any]) -> Iterator[str]:
    for key in _PATCHES:
        for entry in items(kustomization.get(key)):
            path = entry if isinstance(entry, str) else text(mapping(entry).get("path"))
            if path and "\n" not in path:
                yield path


def _twice(resource: Resource, duplicate: Duplicate) -> TreeFinding:
    message = f"the key {duplicate.path[-1]!r:.100} stands twice, also in line {duplicate.first_line}"
    remedy = "take one of them out: readers differ in which one they keep"
    found = finding("yaml-duplicate-key", resource, duplicate.path, message, remedy)
    return found._replace(line=duplicate.line)
