"""The charts that `release-kit init` finds, and what their gates say of them as they are."""

import argparse
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from release_kit.adapters.workspace_folder import WorkspaceFolder
from release_kit.cli.console import Console
from release_kit.engines.init import charts
from release_kit.engines.init.chart_images import Repositories
from release_kit.engines.init.charts import Chart, Folder, Judged
from release_kit.engines.init.edits import Edits
from release_kit.engines.init.naming import Names
from release_kit.engines.init.targets import Targets
from release_kit.errors import InputError, ReleaseError
from release_kit.values.finding import Gate

_SCHEMA = "rules_release/chart-gates/v1"
_HELMS = ("helm4", "helm", "helm3")
_NEWEST = "4"
_DEEP = re.compile(r"[^\"'\n]*\*\*")
"""What of a glob takes files of folders, too."""


class _Kept(Console):
    """Keeps the result; says nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.verbosity = -1
        self.text = ""

    def result(self, text: str) -> None:
        """Keeps it."""
        self.text += text


def folders(folder: WorkspaceFolder) -> list[Folder]:
    """Returns the charts that there are.

    Raises:
        InputError: a file that belongs to one can't be read.
    """
    return [_folder(folder, path) for path in folder.charts()]


def chosen(found: Sequence[Folder], targets: Targets, names: Names, edits: Edits) -> list[Chart]:
    """Returns the charts that are released; notes the others."""
    return charts.chosen(found, targets.charts, Repositories(names.images, names.registries), edits)


def refuse_taken(folder: WorkspaceFolder, package: str) -> None:
    """Refuses a new package whose folder has files that are another package's.

    Raises:
        InputError: it is so.
    """
    taken = _taken_by(folder, package) if (folder.root / package).is_dir() else ""
    if taken:
        raise InputError(
            f"{package}: {taken} takes its files, which a BUILD file of its own would cut off",
            "name another package with --package",
        )


def _folder(folder: WorkspaceFolder, path: str) -> Folder:
    from release_kit.values.yaml_source import YamlError, read_one

    prefix = f"{path}/" if path else ""
    try:
        about = read_one(folder.read(f"{prefix}Chart.yaml") or "").value
    except YamlError:
        about = None
    about = about if isinstance(about, dict) else {}
    name = about.get("name")
    values = folder.read(f"{prefix}values.yaml") or ""
    taken = _taken_by(folder, path)
    return Folder(path, name if isinstance(name, str) else "", about.get("type") == "library", values, taken)


def _taken_by(folder: WorkspaceFolder, path: str) -> str:
    """Returns the BUILD file above that has files of a folder which is no package yet; empty for none."""
    if folder.read(f"{path}/BUILD.bazel") is not None or folder.read(f"{path}/BUILD") is not None:
        return ""
    for file, text, inside in folder.enclosing(path):
        is_named = re.search(f"[\"':]{re.escape(inside)}/", text)
        if is_named or any(_reach(glob, inside) for glob in _DEEP.findall(text)):
            return file
    return ""


def _reach(glob: str, folder: str) -> bool:
    """Tells whether a glob such as `app/**` may take files of a folder."""
    start = re.split(r"[*%{]", glob)[0]
    # What begins with a slash is the end of something that is put together.
    return start.startswith(("/", f"{folder}/")) or f"{folder}/".startswith(start)


def judged(found: Iterable[Chart], folder: WorkspaceFolder, helm: str | None, edits: Edits) -> dict[str, Judged]:
    """Holds each new chart to its gates; returns which hold, by the chart's folder.

    A chart that can't be packed, and so not be pushed, is not among them; that is noted.
    """
    new = [chart for chart in found if chart.is_new]
    if not new:
        return {}
    program, major = _helm(helm)
    if not program:
        edits.note(
            "no helm on this machine: what renders charts is not tried, and needs one (helm.local in MODULE.bazel)"
        )
    said = {chart.folder: _holding(chart, folder, program, edits) for chart in new}
    for chart, gates in said.items():
        if isinstance(gates, str):
            charts.leave_out(chart, gates, edits)
    return {chart.path: Judged(gates, major) for chart, gates in said.items() if not isinstance(gates, str)}


def _helm(named: str | None) -> tuple[str, str]:
    """Returns a helm and its major version; where there is none, an empty text."""
    from release_kit.adapters.helm import LocalHelm

    for name in (named,) if named else _HELMS:
        program = shutil.which(name)
        with tempfile.TemporaryDirectory(prefix="release-kit-") as scratch:
            try:
                if program:
                    return program, LocalHelm(Path(program), Path(scratch)).version[1:].partition(".")[0]
            except ReleaseError:
                continue
    return "", _NEWEST


def _holding(chart: Chart, folder: WorkspaceFolder, helm: str, edits: Edits) -> tuple[str, ...] | str | None:
    """Returns the gates that hold, None where all do that can be asked; as a text, why it can't be packed."""
    try:
        results = _results(chart, folder.root / chart.folder.path, helm)
    except ReleaseError as error:
        edits.note(f"{chart.folder.path}: has no gates yet, as they can't be asked: {error.message}")
        return ()
    failed = {
        each["gate"]: f"{' '.join(str(each['findings'][0]['message']).split()):.200}"
        for each in reversed(results)
        if each["findings"]
    }
    if Gate.PACKAGE in failed:
        return f"it can't be packed: {failed[Gate.PACKAGE]}"
    for gate, message in failed.items():
        edits.note(f"{chart.folder.path}: the gate {gate} is left out until it holds: {message}")
    ran = {each["gate"] for each in results if not each["skipped"]} | {Gate.LINT, Gate.RENDER, Gate.SCHEMA}
    return tuple(gate for gate in Gate if gate in ran and gate not in failed) if failed else None


def _results(chart: Chart, place: Path, helm: str) -> Sequence[Mapping[str, Any]]:
    from release_kit.cli import chart_gate

    images = [{"values": path} for paths in chart.images.values() for path in paths]
    values = ["values.yaml"] if (place / "values.yaml").exists() else []
    document = {"schema": _SCHEMA, "values": values, "images": images}
    document = {name: value for name, value in document.items() if value}
    parser, kept = argparse.ArgumentParser(), _Kept()
    chart_gate.add_arguments(parser)
    with tempfile.TemporaryDirectory(prefix="release-kit-") as scratch:
        config = Path(scratch, "gates.json")
        config.write_text(json.dumps(document))
        asked = ["--helm", helm] if helm else ["--gates", "chart-rules,values,package"]
        chart_gate.run(parser.parse_args([str(place), "--config", str(config), "--json", *asked]), kept)
    results: Sequence[Mapping[str, Any]] = json.loads(kept.text)["gates"]
    return results
