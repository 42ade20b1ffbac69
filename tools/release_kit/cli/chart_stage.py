"""`release-kit chart stage`: lays out a chart's folder from the files of a build."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from release_kit.adapters.files import read_text, write_atomically
from release_kit.cli.console import Console
from release_kit.documents import chart_files
from release_kit.documents.chart_files import BuiltImage, ChartFiles
from release_kit.engines.chart import staging
from release_kit.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("files", metavar="FILES.json", help="the files and their places (docs/documents.md)")
    parser.add_argument("--output", required=True, metavar="DIR", help="the folder to make")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Makes the folder; returns the exit code."""
    del console
    chart = chart_files.load(Path(arguments.files))
    output = Path(arguments.output)
    staging.stage(chart.files, output)
    _check_name(chart, output / "Chart.yaml")
    if chart.images:
        _pin(chart.images, output / "values.yaml")
    return 0


def _check_name(chart: ChartFiles, path: Path) -> None:
    """Refuses a Chart.yaml of another name than the build knows: dependencies and releases go by it."""
    from release_kit.values.yaml_source import YamlError, read_one

    if not path.is_file():
        raise InputError("Chart.yaml: expected in the chart's folder, found none", "add it to the chart's files")
    try:
        document = read_one(read_text(path)).value
    except YamlError:
        # What is wrong with it is for the gates to say.
        return
    name = document.get("name") if isinstance(document, dict) else None
    if name != chart.name:
        remedy = f"rename the chart's folder to its name, or say so in the build: chart_name = {json.dumps(name)}"
        raise InputError(f"Chart.yaml: name: expected {chart.name!r}, found {name!r:.100}", remedy)


def _pin(images: Sequence[BuiltImage], values: Path) -> None:
    """Writes the digests of built images into the values."""
    from release_kit.adapters import layout
    from release_kit.engines.chart.image_places import pin

    digests = {image.values: layout.load(image.layout, image.descriptor).root.digest for image in images}
    write_atomically(values, pin(read_text(values), digests, values.name))
