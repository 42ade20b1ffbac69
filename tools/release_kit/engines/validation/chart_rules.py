"""Applications and the chart that they take: its files, its version, its repository."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from release_kit.engines.gates.chart_rules.constraints import parse_constraint, parse_version
from release_kit.engines.validation.applications import OCI, Application, Source, applications, is_open
from release_kit.engines.validation.tree import Tree, TreeFinding, finding, items, mapping
from release_kit.values.yaml_source import read_one


class Chart(NamedTuple):
    """One chart that Applications may take."""

    name: str
    version: str
    files: frozenset[str]
    """Paths in the packed chart."""


def chart(files: Mapping[str, bytes]) -> Chart:
    """Reads what matters of a chart's files.

    Raises:
        YamlError: Chart.yaml is none.
    """
    found = mapping(read_one(files.get("Chart.yaml", b"").decode(errors="replace")).value)
    return Chart(str(found.get("name", "")), str(found.get("version", "")), frozenset(files))


def check(tree: Tree, packed: Chart | None, images: Sequence[str]) -> Iterator[TreeFinding]:
    """Yields Applications that do not fit the chart, and charts whose repository has images, too.

    Args:
        tree: all objects.
        packed: the chart; None where it is not known.
        images: repositories with their registry, such as `ghcr.io/acme/shop/core`.
    """
    for application in applications(tree):
        for source in application.sources:
            if source.is_chart and not is_open(source.address):
                yield from _collisions(application, source, images)
            if packed and name_of(source) == packed.name:
                yield from _values_files(application, source, packed)
                yield from _versions(application, source, packed)


def name_of(source: Source) -> str:
    """Returns the name of the chart that a source is; empty for what is none."""
    return source.address.rstrip("/").rpartition("/")[2] if source.is_native else source.chart


def repository_of(source: Source) -> str:
    """Returns the repository with the registry before it; empty for a chart of a Helm repository over HTTP."""
    address = source.address.removeprefix(OCI).rstrip("/")
    if "://" in address:
        return ""
    return address if source.is_native and not source.chart else f"{address}/{source.chart}"


def _collisions(application: Application, source: Source, images: Sequence[str]) -> Iterator[TreeFinding]:
    repository = repository_of(source)
    if repository and repository in images:
        message = f"{repository} has the chart and an image: their tags are mixed, and Argo CD takes one for the other"
        remedy = "push the charts to a repository of their own, such as charts"
        yield finding("chart-image-collision", application.resource, source.at("repoURL"), message, remedy)


def _values_files(application: Application, source: Source, packed: Chart) -> Iterator[TreeFinding]:
    helm = mapping(source.value.get("helm"))
    if helm.get("ignoreMissingValueFiles"):
        return
    for number, name in enumerate(items(helm.get("valueFiles"))):
        if not isinstance(name, str) or is_open(name) or name.startswith("$") or "://" in name:
            continue
        if posixpath.normpath(name.lstrip("/")) not in packed.files:
            path = source.at("helm", "valueFiles", number)
            message = f"{name} is not in the packed chart {packed.name} {packed.version}"
            remedy = "add it to the chart (see .helmignore), or write its values into valuesObject"
            yield finding("app-value-file", application.resource, path, message, remedy)


def _versions(application: Application, source: Source, packed: Chart) -> Iterator[TreeFinding]:
    version = parse_version(packed.version)
    if version is None or not source.revision or parse_version(source.revision) is not None:
        return
    constraint = parse_constraint(source.revision)
    if constraint is not None and not constraint.allows(version):
        is_early = "-" in packed.version.partition("+")[0]
        reason = "it leaves out pre-releases" if is_early and "-" not in source.revision else "it is another range"
        message = f"{source.revision} does not take the chart's version {packed.version}: {reason}"
        remedy = "write a constraint with a pre-release, such as *-0" if is_early else "correct the constraint"
        yield finding("app-version-excluded", application.resource, source.at("targetRevision"), message, remedy)
