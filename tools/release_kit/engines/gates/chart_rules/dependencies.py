"""The dependencies that a chart declares: in Chart.yaml, or in requirements.yaml as Helm 2 had it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from release_kit.engines.gates.chart_rules.constraints import Constraint, parse_constraint, parse_version
from release_kit.engines.gates.chart_rules.metadata import items
from release_kit.engines.gates.chart_rules.source import Source, quoted
from release_kit.values.finding import Finding
from release_kit.values.yaml_source import Path

CHART_FILE = "Chart.yaml"
REQUIREMENTS_FILE = "requirements.yaml"
SHORT = ("@", "alias:")
"""How a repository starts that is a name for a URL."""
_ALIAS = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_REPOSITORY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.+|@.+|alias:.+|", re.DOTALL)


class Dependency(NamedTuple):
    """An entry of the list."""

    position: int
    name: str
    version: str
    repository: str
    alias: str

    @property
    def path(self) -> tuple[str | int, ...]:
        """Where it stands in its file."""
        return ("dependencies", self.position)

    @property
    def constraint(self) -> Constraint | None:
        """The versions that it allows; None where that can't be read."""
        return parse_constraint(self.version)

    @property
    def has_range(self) -> bool:
        """Whether it allows more than one version."""
        return parse_version(self.version) is None

    @property
    def is_remote(self) -> bool:
        """Whether it comes from a repository, and not from a folder."""
        return self.repository != "" and not self.repository.startswith("file://")

    @property
    def is_short(self) -> bool:
        """Whether its repository is a name that stands for a URL on the user's machine."""
        return self.repository.startswith(SHORT)


def declaring(files: Mapping[str, bytes]) -> str:
    """Returns the file that declares the dependencies; Helm lets requirements.yaml win."""
    return REQUIREMENTS_FILE if REQUIREMENTS_FILE in files else CHART_FILE


def declared(source: Source) -> list[Dependency]:
    """Returns the entries that are well formed."""
    return [
        Dependency(position, *(_text(entry.get(key)) for key in ("name", "version", "repository", "alias")))
        for position, entry in enumerate(items(source, "dependencies"))
        if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    ]


def check(source: Source) -> Iterator[Finding]:
    """Yields what Helm refuses in the entries."""
    dependencies = declared(source)
    for dependency in dependencies:
        yield from _entry(source, dependency)
    yield from _twice(source, dependencies)


def _entry(source: Source, dependency: Dependency) -> Iterator[Finding]:
    path: Path = dependency.path
    if not dependency.name:
        yield source.finding((*path, "name"), "expected a chart's name, found an empty string", "write the name")
    if isinstance(_raw(source, dependency).get("version"), str) and dependency.constraint is None:
        message = f"expected a version or a range such as ^1.2.0, found {quoted(dependency.version)}"
        yield source.finding((*path, "version"), message, "correct it: Helm can't resolve the dependency")
    if dependency.alias and not _ALIAS.fullmatch(dependency.alias):
        message = f"expected letters, digits, _ and -, found {quoted(dependency.alias)}"
        yield source.finding((*path, "alias"), message, "rename it: values are named by the alias")
    if not _REPOSITORY.fullmatch(dependency.repository):
        message = f"expected a URL (https://, oci://, file://) or @name, found {quoted(dependency.repository)}"
        yield source.finding((*path, "repository"), message, "write the URL; a folder is file://../name")


def _twice(source: Source, dependencies: Iterable[Dependency]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for dependency in dependencies:
        name = dependency.alias or dependency.name
        line = source.document.line(dependency.path)
        if name in first:
            message = f"a dependency with the name or alias {quoted(name)} is already in line {first[name]}"
            yield source.finding(dependency.path, message, "give one of them an alias of its own")
        first.setdefault(name, line)


def _raw(source: Source, dependency: Dependency) -> dict[str, Any]:
    entry = items(source, "dependencies")[dependency.position]
    return entry if isinstance(entry, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
