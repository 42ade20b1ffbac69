"""Whether the lock file belongs to what the chart declares: `helm dependency build` refuses another one."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_kit.engines.gates.chart_rules import go_json
from release_kit.engines.gates.chart_rules.constraints import parse_version
from release_kit.engines.gates.chart_rules.dependencies import SHORT, Dependency, declared
from release_kit.engines.gates.chart_rules.metadata import V1, items
from release_kit.engines.gates.chart_rules.source import Source, quoted
from release_kit.values.finding import Finding

FILES = ("requirements.lock", "Chart.lock")
"""The first that is there is the one that Helm reads."""
UPDATE = "run `helm dependency update` and commit what it writes"
_FIELDS = ("name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias")
_ALWAYS = ("name", "repository")
_CLEANED = ("name", "version", "repository", "condition")


class Locked(NamedTuple):
    """An entry of the lock file."""

    position: int
    name: str
    version: str
    repository: str

    def satisfies(self, dependency: Dependency) -> bool:
        """Tells whether it is a version that a dependency allows."""
        version, constraint = parse_version(self.version), dependency.constraint
        if version is None or constraint is None:
            return self.version == dependency.version
        return constraint.allows(version)


def file(files: Mapping[str, bytes]) -> str | None:
    """Returns the chart's lock file."""
    return next((name for name in FILES if name in files), None)


def locked(lock: Source) -> list[Locked]:
    """Returns the entries that are well formed."""
    return [
        Locked(position, entry["name"], str(entry.get("version") or ""), str(entry.get("repository") or ""))
        for position, entry in enumerate(items(lock, "dependencies"))
        if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    ]


def check(source: Source, lock: Source, api_version: str) -> Iterator[Finding]:
    """Yields how a lock file differs from what the chart declares.

    Args:
        source: the file that declares the dependencies, all of them well formed.
        lock: the lock file.
        api_version: of the chart; v1 allows the digests of Helm 2.
    """
    dependencies, entries = declared(source), locked(lock)
    found = [*_missing(source, lock, dependencies, entries), *_other(source, lock, dependencies, entries)]
    yield from found
    if not found and lock.values.get("digest") not in digests(source, lock, api_version):
        message = f"is out of step with {source.file}: its digest is not the one of these dependencies"
        yield lock.finding(("digest",), message, UPDATE)


def digests(source: Source, lock: Source, api_version: str) -> list[str]:
    """Returns the digests that Helm accepts in the lock file."""
    asked, resolved = _requests(source), _requests(lock)
    accepted = [_digest([_with_urls(asked, resolved), resolved])]
    if api_version == V1:
        accepted.append(_digest({"dependencies": asked}))
    return accepted


def _requests(source: Source) -> list[dict[str, Any]] | None:
    """Returns the list as Helm writes it: fields in its order, empty ones left out, but for name and repository."""
    if source.values.get("dependencies") is None:
        return None
    entries = [entry for entry in items(source, "dependencies") if isinstance(entry, dict)]
    kept = [{key: _field(key, entry.get(key)) for key in _FIELDS} for entry in entries]
    return [{key: value or "" for key, value in entry.items() if value or key in _ALWAYS} for entry in kept]


def _field(key: str, value: Any) -> Any:
    if key in _CLEANED and isinstance(value, str):
        return go_json.cleaned(value)
    if key == "tags":
        return [go_json.cleaned(str(tag)) for tag in value or ()]
    return go_json.in_order(value)


def _with_urls(asked: list[dict[str, Any]] | None, resolved: Sequence[dict[str, Any]] | None) -> Any:
    """Returns the list with the URLs of the lock file for names that stand for one on the user's machine."""
    if asked is None:
        return None
    urls = {position: entry["repository"] for position, entry in enumerate(resolved or ())}
    return [
        entry | {"repository": urls.get(position, "")} if entry["repository"].startswith(SHORT) else entry
        for position, entry in enumerate(asked)
    ]


def _digest(value: Any) -> str:
    return "sha256:" + hashlib.sha256(go_json.encode(value)).hexdigest()


def _missing(
    source: Source, lock: Source, dependencies: Sequence[Dependency], entries: Sequence[Locked]
) -> Iterator[Finding]:
    names, wanted = {entry.name for entry in entries}, {dependency.name for dependency in dependencies}
    for dependency in dependencies:
        if dependency.name not in names:
            message = f"{quoted(dependency.name)} is not in {lock.file}"
            yield source.finding(dependency.path, message, UPDATE)
    for entry in entries:
        if entry.name not in wanted:
            message = f"{quoted(entry.name)} is locked, and {source.file} does not name it"
            yield lock.finding(("dependencies", entry.position), message, UPDATE)


def _other(
    source: Source, lock: Source, dependencies: Sequence[Dependency], entries: Sequence[Locked]
) -> Iterator[Finding]:
    for dependency in dependencies:
        own = [entry for entry in entries if entry.name == dependency.name]
        if own and not any(entry.satisfies(dependency) for entry in own):
            path = ("dependencies", own[0].position, "version")
            message = (
                f"{dependency.name} is locked at {own[0].version}, but {source.file} asks for {dependency.version}"
            )
            yield lock.finding(path, message, UPDATE)
        elif own and not dependency.is_short and dependency.repository not in {entry.repository for entry in own}:
            path = ("dependencies", own[0].position, "repository")
            place = f"{quoted(own[0].repository)}, but {source.file} names {quoted(dependency.repository)}"
            yield lock.finding(path, f"{dependency.name} is locked from {place}", UPDATE)
