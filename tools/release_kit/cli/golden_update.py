"""`release-kit chart gate --update-golden`: writes what the chart renders now as what was looked at."""

import os
from collections.abc import Iterable
from pathlib import Path

from release_kit.adapters.files import write_atomically
from release_kit.cli.chart_subject import Subject
from release_kit.cli.console import Console
from release_kit.documents.rendering import Rendering
from release_kit.engines.gates import golden
from release_kit.errors import InputError, ReleaseError
from release_kit.values.yaml_source import YamlError


def update(chart: Subject, renderings: Iterable[Rendering], console: Console, is_whole: bool) -> int:
    """Writes the goldens of all values files, or none; returns the exit code.

    Args:
        chart: the chart.
        renderings: with the values files to write goldens of.
        console: is told of each file.
        is_whole: whether these are all values files; then goldens that belong to none are removed.

    Raises:
        InputError: the document names no folder for goldens.
        ReleaseError: a values file does not render.
    """
    if chart.config.golden is None:
        raise InputError("--update-golden: GATES.json names no folder `golden`", "name one in the document of --config")
    texts: dict[str, str] = {}
    for rendering in renderings:
        name = golden.file_name(rendering.values)
        if name in texts:
            raise InputError(f"values: two values files have the golden {name}", "give their files other names")
        texts[name] = _text(rendering, chart)
    place = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "")) / chart.config.golden
    for name in texts:
        _check_ours(place / name)
    for name, text in texts.items():
        kept = (place / name).is_file() and (place / name).read_bytes() == text.encode()
        if not kept:
            write_atomically(place / name, text)
        console.result(f"{'kept' if kept else 'wrote'} {place / name}")
    for path in sorted(place.glob("*.yaml")) if is_whole else []:
        if path.name not in texts and path.read_bytes().startswith(golden.MARK.encode()):
            path.unlink()
            console.result(f"removed {path}")
    return 0


def _check_ours(path: Path) -> None:
    if path.exists() and not (path.is_file() and path.read_bytes().startswith(golden.MARK.encode())):
        raise InputError(f"{path}: expected a golden, found another file", "name a folder of its own in `golden`")


def _text(rendering: Rendering, chart: Subject) -> str:
    remedy = "correct the chart first: the gate render says where"
    if rendering.plain.error:
        raise ReleaseError(f"{rendering.values} does not render: {rendering.plain.error}", remedy)
    try:
        return golden.text(rendering, chart.config, chart.files)
    except YamlError as error:
        raise ReleaseError(f"{rendering.values} renders no YAML: {error.message}", remedy) from error
