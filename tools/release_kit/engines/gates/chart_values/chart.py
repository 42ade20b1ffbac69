"""A chart as the gate `values` sees it: its values, schema, templates and subcharts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from release_kit.values.yaml_source import Document, YamlError, read_one

VALUES = "values.yaml"
SCHEMA = "values.schema.json"
README = "README.md"
_NOT_RENDERED = ("templates/", "charts/", "crds/", "ci/", "tests/")


class ValuesSource(NamedTuple):
    """A values file that was read."""

    name: str
    text: str
    document: Document

    @property
    def mapping(self) -> dict[str, Any]:
        """What it sets; nothing where it is no mapping."""
        return self.document.value if isinstance(self.document.value, dict) else {}


class Dependency(NamedTuple):
    """A subchart, and the section of the values that it gets."""

    section: str
    chart: "Chart | None"
    """None where it is not in `charts/`."""
    conditions: tuple[tuple[str, ...], ...] = ()
    tags: tuple[str, ...] = ()
    imports: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    """Which of its values become the parent's: from where to where."""


class Chart(NamedTuple):
    """A chart or subchart."""

    name: str
    folder: str
    """Where it is in the chart, such as `charts/redis/`; empty for the chart itself."""
    values: ValuesSource
    schema: bytes | None
    templates: dict[str, str]
    texts: tuple[str, ...]
    """Other files that name values: `tpl` may make templates of them."""
    dependencies: tuple[Dependency, ...]
    is_library: bool

    @property
    def sections(self) -> dict[str, Dependency]:
        """The subcharts by their section of the values."""
        return {dependency.section: dependency for dependency in self.dependencies}


def read_chart(files: Mapping[str, bytes], folder: str = "") -> Chart:
    """Reads a chart.

    Args:
        files: of the chart, subcharts in `charts/NAME/`, by their paths.
        folder: where it is in the chart that it is a part of.

    Raises:
        YamlError: its values.yaml is no YAML.
    """
    about = _mapping(files.get("Chart.yaml", b""))
    values = read_values(folder + VALUES, files.get(VALUES, b""))
    return Chart(
        name=str(about.get("name", "")),
        folder=folder,
        values=values,
        schema=files.get(SCHEMA),
        templates={path: _text(data) for path, data in files.items() if path.startswith("templates/")},
        texts=tuple(_text(data) for path, data in files.items() if _may_be_rendered(path) and b".Values" in data),
        dependencies=_dependencies(about, files, folder),
        is_library=about.get("type") == "library",
    )


def read_values(name: str, data: bytes) -> ValuesSource:
    """Reads a values file.

    Raises:
        YamlError: it is no YAML.
    """
    text = _text(data)
    return ValuesSource(name, text, read_one(text))


def path_of(dotted: str) -> tuple[str, ...]:
    """Returns the path that `a.b` names."""
    return tuple(part for part in dotted.strip().split(".") if part)


def _dependencies(about: Mapping[str, Any], files: Mapping[str, bytes], folder: str) -> tuple[Dependency, ...]:
    vendored = _vendored(files, folder)
    declared = about.get("dependencies") or _mapping(files.get("requirements.yaml", b"")).get("dependencies") or []
    found = [_dependency(entry, vendored) for entry in declared if isinstance(entry, dict) and entry.get("name")]
    named = {entry.get("name") for entry in declared if isinstance(entry, dict)}
    return (*found, *(Dependency(name, chart) for name, chart in vendored.items() if name not in named))


def _dependency(entry: Mapping[str, Any], vendored: Mapping[str, Chart]) -> Dependency:
    name = str(entry["name"])
    return Dependency(
        section=str(entry.get("alias") or name),
        chart=vendored.get(name),
        conditions=tuple(path_of(each) for each in str(entry.get("condition") or "").split(",") if each.strip()),
        tags=tuple(map(str, entry.get("tags") or ())),
        imports=tuple(_import(each) for each in entry.get("import-values") or ()),
    )


def _import(entry: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if isinstance(entry, dict):
        return path_of(str(entry.get("child", ""))), path_of(str(entry.get("parent", "")))
    return ("exports", *path_of(str(entry))), ()


def _vendored(files: Mapping[str, bytes], parent: str) -> dict[str, Chart]:
    """Returns the charts in `charts/`, by their own names."""
    folders: dict[str, dict[str, bytes]] = {}
    for path, data in files.items():
        if path.startswith("charts/") and path.count("/") > 1:
            _, folder, inner = path.split("/", 2)
            folders.setdefault(folder, {})[inner] = data
    charts = {}
    for name, files_of in sorted(folders.items()):
        if "Chart.yaml" in files_of:
            chart = read_chart(files_of, f"{parent}charts/{name}/")
            charts[chart.name or name] = chart
    return charts


def _may_be_rendered(path: str) -> bool:
    return not path.startswith(_NOT_RENDERED) and not path.endswith((".md", SCHEMA))


def _mapping(data: bytes) -> dict[str, Any]:
    """Returns a mapping, nothing for what is none: other gates tell of it."""
    try:
        value = read_one(_text(data)).value
    except YamlError:
        return {}
    return value if isinstance(value, dict) else {}


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").removeprefix("\ufeff")
