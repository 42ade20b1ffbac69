"""Sorts a chart's files as Helm's loader does, with the charts in charts/: what is packed, and in which order."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from release_kit.engines.chart import metadata as metadata_of
from release_kit.engines.chart.metadata import CHART_FILE, LOCK_FILE, V1, V1_DEPENDENCIES, V1_LOCK, V2
from release_kit.engines.chart.yaml_text import dump
from release_kit.errors import InputError
from release_kit.values import chart_archive, yaml_source
from release_kit.values.chart_archive import MAX_CHART_BYTES

VALUES = "values.yaml"
SCHEMA = "values.schema.json"
TEMPLATES = "templates/"
CHARTS = "charts/"
MAX_DEPTH = 16
"""Charts within charts; an archive can be made to hold itself."""


class Chart(NamedTuple):
    """A chart, its files sorted."""

    metadata: dict[str, Any]
    lock: dict[str, Any] | None
    values: Mapping[str, bytes]
    """values.yaml and values.schema.json, where they are."""
    templates: Mapping[str, bytes]
    others: Mapping[str, bytes]
    charts: tuple["Chart", ...]

    @property
    def name(self) -> str:
        """The name that Chart.yaml says."""
        return str(self.metadata["name"])


def load(files: Mapping[str, bytes], place: str, max_file_bytes: int) -> Chart:
    """Reads a chart and all charts in it, packed or not.

    Args:
        files: path relative to the chart -> content, in the order that they are to have.
        place: goes before the paths in errors; ends with a slash, or is empty.
        max_file_bytes: no file of a packed chart in charts/ may be larger.

    Raises:
        InputError: Helm can't load it.
    """
    return _Loader(max_file_bytes).chart(files, place, 1)


def entries(chart: Chart) -> dict[str, bytes]:
    """Returns what is packed of a chart, in Helm's order: path relative to the chart -> content.

    Raises:
        InputError: two charts in charts/ would be packed into one folder.
    """
    found: dict[str, bytes] = {}
    for path, content in _entries(chart):
        if path in found:
            remedy = "keep one of them: Helm would pack both into one folder, and read a mixture"
            raise InputError(f"{path}: two charts in charts/ have the same name", remedy)
        found[path] = content
    return found


def _entries(chart: Chart) -> Iterator[tuple[str, bytes]]:
    is_v1 = chart.metadata["apiVersion"] == V1
    yield (
        CHART_FILE,
        dump({key: value for key, value in chart.metadata.items() if not (is_v1 and key == "dependencies")}),
    )
    if chart.lock is not None and chart.metadata["apiVersion"] == V2:
        yield LOCK_FILE, dump(chart.lock)
    for part in (chart.values, chart.templates, chart.others):
        yield from part.items()
    for inner in chart.charts:
        yield from ((f"{CHARTS}{inner.name}/{path}", content) for path, content in _entries(inner))


class _Loader:
    """Loads charts within charts, which together may unpack to so many bytes."""

    def __init__(self, max_file_bytes: int) -> None:
        self._max_file_bytes = max_file_bytes
        self._left = MAX_CHART_BYTES

    def chart(self, files: Mapping[str, bytes], place: str, depth: int) -> Chart:
        """Sorts the files of one chart."""
        if CHART_FILE not in files:
            raise InputError(f"{place}{CHART_FILE}: is missing", "remove the folder, or add the file")
        metadata = metadata_of.read(files[CHART_FILE], files.get(V1_DEPENDENCIES), place)
        _check_values(files.get(VALUES, b""), f"{place}{VALUES}")
        _check_schema(files.get(SCHEMA), f"{place}{SCHEMA}")
        known = {CHART_FILE, LOCK_FILE, VALUES, SCHEMA}
        if metadata["apiVersion"] != V1:
            known |= {V1_DEPENDENCIES, V1_LOCK}
        others = {path: content for path, content in files.items() if path not in known}
        templates = {path: content for path, content in others.items() if path.startswith(TEMPLATES)}
        inner = {path: content for path, content in others.items() if path.startswith(CHARTS) and path[-5:] != ".prov"}
        return Chart(
            metadata,
            _lock(files, place),
            {path: files[path] for path in (VALUES, SCHEMA) if path in files},
            templates,
            {path: content for path, content in others.items() if path not in templates and path not in inner},
            tuple(self._inner(inner, place, depth)),
        )

    def _inner(self, files: Mapping[str, bytes], place: str, depth: int) -> Iterator[Chart]:
        """Loads what is in charts/."""
        charts: dict[str, dict[str, bytes]] = {}
        for path, content in files.items():
            name, _, rest = path.removeprefix(CHARTS).partition("/")
            charts.setdefault(name, {})[rest] = content
        for name in sorted(charts):
            if name.startswith(("_", ".")):
                continue
            where = f"{place}{CHARTS}{name}"
            if depth == MAX_DEPTH:
                raise InputError(f"{where}: more than {MAX_DEPTH} charts within each other")
            inside = self._unpacked(charts[name], where) if name.endswith(".tgz") else charts[name]
            if "" in inside:
                remedy = "move it elsewhere, name it in .helmignore, or let its name start with _"
                raise InputError(f"{where}: expected charts only in {CHARTS}, found a file", remedy)
            yield self.chart(inside, f"{where}/", depth + 1)

    def _unpacked(self, parts: Mapping[str, bytes], place: str) -> dict[str, bytes]:
        if "" not in parts:
            raise InputError(f"{place}: expected a packed chart, found a folder", "rename the folder")
        files = chart_archive.unpack(parts[""], place, self._max_file_bytes)
        self._left -= sum(map(len, files.values()))
        if self._left <= 0:
            raise InputError(f"{place}: all in {CHARTS} unpacks to {MAX_CHART_BYTES} bytes or more, which Helm refuses")
        return files


def _lock(files: Mapping[str, bytes], place: str) -> dict[str, Any] | None:
    lock = None
    for name in (LOCK_FILE, V1_LOCK):
        if name in files:
            lock = metadata_of.read_lock(files[name], f"{place}{name}")
    return lock


def _check_values(content: bytes, place: str) -> None:
    """Refuses what Helm can't read; it reads all documents."""
    try:
        for document in yaml_source.read(content.decode()):
            if not isinstance(document.value, (dict, type(None))):
                raise InputError(f"{place}:{document.start}: expected a mapping, found {document.value!r:.100}")
    except yaml_source.YamlError as error:
        raise InputError(f"{place}:{error.line}: is no YAML: {error.message}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: expected UTF-8, found {content[error.start : error.end]!r}") from error


def _check_schema(content: bytes | None, place: str) -> None:
    """Refuses what is no JSON; Helm does not look further before it packs."""
    if content is None:
        return
    try:
        json.loads(content.decode(errors="replace"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: is no JSON: {error}") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")
