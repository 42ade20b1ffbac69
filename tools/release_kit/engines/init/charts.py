"""The charts of a workspace, and the targets that they get."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from release_kit.engines.init.chart_images import Repositories, places
from release_kit.engines.init.edits import Edits
from release_kit.engines.init.starlark import called
from release_kit.engines.init.targets import Target
from release_kit.errors import InputError
from release_kit.values.reference import parse_repository

_FILE, _RULE = "bazel:helm.bzl", "helm_chart"


class Folder(NamedTuple):
    """A folder with a Chart.yaml."""

    path: str
    """Below the workspace; empty for itself."""
    name: str
    """Of the chart; empty where none can be read."""
    is_library: bool
    values: str
    taken_by: str = ""
    """The BUILD file of another package that has files of this folder; empty for none."""


class Chart(NamedTuple):
    """A chart that is released."""

    folder: Folder
    target: Target
    images: Mapping[str, Sequence[str]]
    """Labels of images, and where the values name each."""
    is_new: bool

    @property
    def label(self) -> str:
        """The label of its target."""
        return self.target.label


class Judged(NamedTuple):
    """What the gates say of a chart as it is."""

    gates: tuple[str, ...] | None
    """Those that hold; None: all do that there are."""
    helm: str
    """The major version of Helm that renders it."""


def chosen(folders: Sequence[Folder], targets: Mapping[str, Target], known: Repositories, edits: Edits) -> list[Chart]:
    """Returns the charts that are released; notes the others, and why.

    Args:
        folders: all that there are.
        targets: the package of each chart that has a target, and that.
        known: the images.
        edits: what is to be written.
    """
    found: dict[str, Chart] = {}
    for folder in folders:
        why = _unnamed(folder) if folder.path in targets else _left_out(folder)
        if folder.name in found:
            why = f"{found[folder.name].folder.path} has a chart of the same name"
        if why:
            leave_out(folder, why, edits)
        elif folder.path in targets:
            found[folder.name] = Chart(folder, targets[folder.path], {}, is_new=False)
        else:
            images = places(folder.values, known, partial(_note, folder, edits))
            found[folder.name] = Chart(folder, Target(_label(folder, edits), ()), images, is_new=True)
    return list(found.values())


def _note(folder: Folder, edits: Edits, text: str) -> None:
    edits.note(f"{folder.path}: {text}")


def leave_out(folder: Folder, why: str, edits: Edits) -> None:
    """Notes why a chart is not released."""
    edits.note(f"{folder.path or '.'}: this chart is left out: {why}")


def _unnamed(folder: Folder) -> str:
    """Returns why a registry has no repository for a chart; empty where it may have one."""
    try:
        parse_repository(folder.name or "chart", "its name")
    except InputError as error:
        return error.message
    return ""


def _left_out(folder: Folder) -> str:
    if not folder.name:
        return "its Chart.yaml can't be read, or has no name"
    if _unnamed(folder):
        return _unnamed(folder)
    if folder.is_library:
        return "it is a library, which other charts have among their deps"
    if not folder.path:
        return "its files are those of the whole workspace; move it into a folder of its own"
    if folder.taken_by:
        return f"{folder.taken_by} takes its files, which a BUILD file of its own would cut off"
    return ""


def _label(folder: Folder, edits: Edits) -> str:
    taken = edits.source(edits.build_file(folder.path)).names()
    return f"//{folder.path}:{next(name for name in _target_names() if name not in taken)}"


def _target_names() -> Iterator[str]:
    yield from ("chart", "helm_chart", "release_chart")
    raise InputError("chart, helm_chart and release_chart are names of targets already", "rename one of them")


def write(chart: Chart, judged: Judged, rules: str, package: str, edits: Edits) -> None:
    """Adds the target of a chart to its package.

    Args:
        chart: a new one.
        judged: what its gates say.
        rules: what the workspace calls rules_release.
        package: the package that releases it.
        edits: what is to be written.
    """
    path = edits.build_file(chart.folder.path)
    source = edits.source(path)
    rule = _RULE if _RULE not in source.names() else f"release_{_RULE}"
    images = {label: where[0] if len(where) == 1 else where for label, where in chart.images.items()}
    target = called(
        rule,
        {
            "name": chart.label.partition(":")[2],
            "chart_name": chart.folder.name if chart.folder.name != chart.folder.path.rpartition("/")[2] else None,
            "gates": judged.gates,
            "golden": "",
            "helm": [judged.helm] if judged.helm != "4" else None,
            "images": images or None,
            "visibility": [f"//{package}:__pkg__"],
        },
    )
    symbol = f'{rule} = "{_RULE}"' if rule != _RULE else _RULE
    load = f"@{rules}//{_FILE}"
    if edits.text(path) is None:
        edits.add(path, f'load("{load}", "{_RULE}")\n\n{target}')
    else:
        edits.insert(path, source.load(load, symbol), source.end(target))
