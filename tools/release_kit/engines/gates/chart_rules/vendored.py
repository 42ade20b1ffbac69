"""Whether the charts in `charts/` are the versions that the chart asks for, and those that its lock file names."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from release_kit.engines.gates.chart_rules.constraints import LooseVersion, parse_version
from release_kit.engines.gates.chart_rules.dependencies import Dependency, declared
from release_kit.engines.gates.chart_rules.lock import UPDATE, Locked, locked
from release_kit.engines.gates.chart_rules.source import Source
from release_kit.values.finding import Finding
from release_kit.values.yaml_source import YamlError, read_one

FOLDER = "charts/"
MAX_METADATA_BYTES = 1024 * 1024
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
BUILD = "run `helm dependency build`: it fetches what the lock file names"


class Vendored(NamedTuple):
    """A chart in `charts/`, as a folder or as an archive."""

    path: str
    name: str
    version: str

    @property
    def parsed(self) -> LooseVersion | None:
        """Its version; None where it is none."""
        return parse_version(self.version)


def vendored(files: Mapping[str, bytes]) -> list[Vendored]:
    """Returns the charts in `charts/` that can be read."""
    found = []
    for path, content in files.items():
        parts = path.split("/")
        if parts[0] != "charts" or parts[1:2] == [] or parts[1].startswith(("_", ".")):
            continue
        if len(parts) == 3 and parts[2] == "Chart.yaml":
            found.append(_named("/".join(parts[:2]), content))
        elif len(parts) == 2 and path.endswith(".tgz"):
            found.append(_named(path, _packed_metadata(content)))
    return [chart for chart in found if chart is not None]


def check(source: Source, lock: Source | None, charts: Sequence[Vendored]) -> Iterator[Finding]:
    """Yields dependencies whose vendored chart is not the right one.

    A chart that is not there is left to the gate package, and a wrong lock file to its own check.
    """
    entries = [] if lock is None else locked(lock)
    for dependency in declared(source):
        own = [chart for chart in charts if chart.name == dependency.name and chart.parsed is not None]
        named = [entry for entry in entries if entry.name == dependency.name]
        if not own or (named and not any(entry.satisfies(dependency) for entry in named)):
            continue
        if not any(_fits(chart, dependency) for chart in own):
            message = f"{dependency.name} {dependency.version} is asked for, but {_versions(own)}"
            yield source.finding((*dependency.path, "version"), f"{message}; Helm renders it all the same", UPDATE)
        elif lock is None:
            yield from _unlocked(source, dependency, own)
        else:
            yield from _locked_otherwise(lock, dependency, own, named)


def _fits(chart: Vendored, dependency: Dependency) -> bool:
    version, constraint = chart.parsed, dependency.constraint
    return version is not None and constraint is not None and constraint.allows(version)


def _unlocked(source: Source, dependency: Dependency, own: Sequence[Vendored]) -> Iterator[Finding]:
    if dependency.is_remote and dependency.has_range:
        asked = f"{dependency.name} {dependency.version} is asked for, and no lock file says which version that is"
        message = f"{asked}; {_versions(own)}"
        yield source.finding((*dependency.path, "version"), message, f"{UPDATE}, or name one version")


def _locked_otherwise(
    lock: Source, dependency: Dependency, own: Sequence[Vendored], named: Sequence[Locked]
) -> Iterator[Finding]:
    exact = [entry for entry in named if entry.satisfies(dependency) and parse_version(entry.version) is not None]
    there = {chart.parsed for chart in own}
    if exact and not any(parse_version(entry.version) in there for entry in exact):
        message = f"{dependency.name} is locked at {exact[0].version}, but {_versions(own)}"
        yield lock.finding(("dependencies", exact[0].position, "version"), message, BUILD)


def _versions(charts: Sequence[Vendored]) -> str:
    return " and ".join(f"{chart.path} is {chart.version}" for chart in charts)


def _named(path: str, content: bytes | None) -> Vendored | None:
    try:
        value = read_one((content or b"").decode("utf-8-sig")).value
    except (YamlError, UnicodeDecodeError):
        return None
    name, version = (value.get(key) if isinstance(value, dict) else None for key in ("name", "version"))
    return Vendored(path, name, version) if isinstance(name, str) and isinstance(version, str) else None


def _packed_metadata(content: bytes) -> bytes | None:
    """Returns the Chart.yaml of a packed chart; None where there is none, or too much before it."""
    import tarfile
    import zlib

    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r|gz") as archive:
            for member in archive:
                if member.offset_data + member.size > MAX_UNPACKED_BYTES:
                    return None
                if member.isfile() and member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                    stream = archive.extractfile(member)
                    return None if stream is None else stream.read(MAX_METADATA_BYTES)
    except (tarfile.TarError, OSError, EOFError, zlib.error):
        return None
    return None
