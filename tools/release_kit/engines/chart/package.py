"""Packs a chart as `helm package` does, always into the same bytes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from release_kit.engines.chart import contents
from release_kit.engines.chart import metadata as metadata_of
from release_kit.engines.chart.metadata import CHART_FILE, V1_DEPENDENCIES
from release_kit.errors import InputError
from release_kit.values.chart_archive import MAX_CHART_BYTES, MAX_FILE_BYTES


class Package(NamedTuple):
    """A packed chart."""

    name: str
    version: str
    app_version: str
    """Empty where the chart has none."""
    metadata: dict[str, Any]
    """What Helm reads of the packed Chart.yaml, in the order of Helm's JSON."""
    archive: bytes
    """The .tgz."""
    files: Mapping[str, bytes]
    """What is in it: path relative to the chart -> content, in the archive's order."""

    @property
    def file_name(self) -> str:
        """What `helm package` calls the file."""
        return f"{self.name}-{self.version}.tgz"


def pack(
    files: Mapping[str, bytes],
    version: str | None = None,
    app_version: str | None = None,
    place: str = "",
    max_file_bytes: int = MAX_FILE_BYTES,
) -> Package:
    """Packs the files of a chart folder.

    Args:
        files: path relative to the chart -> content, as `adapters.chart_folder.load` returns them.
        version: replaces the one in Chart.yaml.
        app_version: replaces the one in Chart.yaml.
        place: the folder, for errors.
        max_file_bytes: no file of a packed chart in charts/ may be larger.

    Raises:
        InputError: Helm would refuse to pack it.
    """
    # Compressing needs modules that a mere check can do without.
    from release_kit.engines.chart.archive import archive

    name, entries = check(files, version, app_version, place, max_file_bytes)
    return _package(archive(name, entries), entries, f"{place}/" if place else "")


def check(
    files: Mapping[str, bytes],
    version: str | None = None,
    app_version: str | None = None,
    place: str = "",
    max_file_bytes: int = MAX_FILE_BYTES,
) -> tuple[str, dict[str, bytes]]:
    """Works out what `pack` would pack; takes the same arguments.

    Returns:
        The chart's name, and path -> content, in the archive's order.

    Raises:
        InputError: Helm would refuse to pack it.
    """
    prefix = f"{place}/" if place else ""
    chart = _load(dict(sorted(files.items(), key=lambda file: file[0].split("/"))), prefix, max_file_bytes)
    changes = {"version": version, "appVersion": app_version}
    metadata = {**chart.metadata, **{key: value for key, value in changes.items() if value}}
    chart = chart._replace(metadata=metadata_of.checked(metadata, prefix))
    _check_dependencies(chart, prefix)
    entries = contents.entries(chart)
    if sum(map(len, entries.values())) >= MAX_CHART_BYTES:
        raise InputError(f"{place or chart.name}: unpacks to {MAX_CHART_BYTES} bytes or more, which Helm refuses")
    return chart.name, entries


def packed(archive: bytes, files: Mapping[str, bytes], place: str = "") -> Package:
    """Takes a packed chart as it is.

    Args:
        archive: the .tgz.
        files: what is in it, as `adapters.chart_folder.load_archive` returns them.
        place: the .tgz, for errors.

    Raises:
        InputError: Helm would refuse to load it.
    """
    prefix = f"{place}/" if place else ""
    _load(files, prefix, MAX_CHART_BYTES)
    return _package(archive, files, prefix)


def _load(files: Mapping[str, bytes], prefix: str, max_file_bytes: int) -> contents.Chart:
    if CHART_FILE not in files:
        raise InputError(f"{prefix}{CHART_FILE}: is missing", "add it, or name it no more in .helmignore")
    metadata_of.check_api_version(files[CHART_FILE], prefix)
    return contents.load(files, prefix, max_file_bytes)


def _package(archive: bytes, files: Mapping[str, bytes], prefix: str) -> Package:
    metadata = metadata_of.read(files[CHART_FILE], files.get(V1_DEPENDENCIES), prefix)
    return Package(metadata["name"], metadata["version"], metadata.get("appVersion", ""), metadata, archive, files)


def _check_dependencies(chart: contents.Chart, prefix: str) -> None:
    """Refuses a chart whose dependencies are not all in charts/; their versions are not compared, as Helm does not."""
    present = {inner.name for inner in chart.charts}
    missing = [entry["name"] for entry in chart.metadata.get("dependencies", ()) if entry["name"] not in present]
    if missing:
        place = f"{prefix}{contents.CHARTS}"
        remedy = "run `helm dependency build`, or add them as .tgz files or folders"
        raise InputError(f"{place}: expected the dependencies of {CHART_FILE}, missing {', '.join(missing)}", remedy)
