"""What the chart commands look at: the chart's folder, the document of its gates, and helm."""

import argparse
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from release_kit.adapters import chart_folder
from release_kit.adapters.helm import LocalHelm, find
from release_kit.documents import chart_gates
from release_kit.documents.chart_gates import ChartGates, ValuesFile
from release_kit.engines.gates.rendering import Chart
from release_kit.errors import InputError
from release_kit.values.template_source import is_template, with_moved_clock


class Subject(NamedTuple):
    """A chart and what it is to be held to."""

    folder: Path
    config: ChartGates
    files: Mapping[str, bytes]
    links: tuple[tuple[str, str], ...]
    refused: InputError | None
    """Why the folder can't be packed, where it can't even be read as a chart."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that name a chart and its document."""
    parser.add_argument("chart", metavar="DIR", help="the chart's folder")
    parser.add_argument("--config", metavar="GATES.json", help="what to hold the chart to (docs/documents.md)")
    parser.add_argument(
        "--values", action="append", default=[], metavar="FILE", help="a values file, instead of those of GATES.json"
    )
    parser.add_argument("--helm", metavar="PROGRAM", help="helm; by default $HELM_BIN, or helm on PATH")


def read(arguments: argparse.Namespace) -> Subject:
    """Reads the chart and its document.

    Raises:
        InputError: one of them is not there, or the document is wrong.
    """
    folder = Path(arguments.chart)
    if not (folder / "Chart.yaml").is_file():
        raise InputError(f"{folder}: expected the folder of a chart, found no Chart.yaml in it")
    config = chart_gates.load(Path(arguments.config), folder) if arguments.config else ChartGates()
    config = config._replace(values=_values(arguments.values, config, folder))
    try:
        loaded = chart_folder.load(folder, config.max_file_bytes)
    except InputError as error:
        files = _plain_files(folder)
        return Subject(folder, _with_repositories(config, files), files, (), error)
    links = tuple((link.path, str(link.target)) for link in loaded.leaving)
    return Subject(folder, _with_repositories(config, loaded.files), loaded.files, links, None)


def is_library(subject: Subject) -> bool:
    """Tells whether the chart is of the type `library`."""
    return bool(re.search(rb"^type:\s*[\"']?library\b", subject.files.get("Chart.yaml", b""), re.MULTILINE))


def _with_repositories(config: ChartGates, files: Mapping[str, bytes]) -> ChartGates:
    """Reads the repositories of the images that the document names by their places in the chart's values."""
    paths = [image.values for image in config.images or () if image.values]
    if not paths:
        return config
    from release_kit.engines.chart.image_places import repositories

    found = repositories(files.get("values.yaml", b"").decode(errors="replace"), paths)
    images = tuple(
        image._replace(repository=found[image.values]) if image.values else image for image in config.images or ()
    )
    return config._replace(images=images)


def _values(named: list[str], config: ChartGates, folder: Path) -> tuple[ValuesFile, ...]:
    if named:
        versions = {file.name: file.api_versions for file in config.values}
        return tuple(
            chart_gates.values_file(name, Path(), folder, versions.get(name, versions.get(Path(name).name, ())))
            for name in named
        )
    if config.values:
        return config.values
    tests = sorted((folder / "ci").glob("*-values.yaml")) if (folder / "ci").is_dir() else []
    return (ValuesFile("values.yaml", None), *(ValuesFile(f"ci/{path.name}", path) for path in tests))


def _plain_files(folder: Path) -> dict[str, bytes]:
    """Reads what is there of a chart that can't be packed, for the other gates."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size < 1 << 20)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@contextmanager
def scratch() -> Iterator[Path]:
    """Makes a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="release-kit-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def local_helm(named: str | None, folder: Path) -> LocalHelm:
    """Returns helm, with a folder for what it writes."""
    place = folder / "helm"
    place.mkdir()
    return LocalHelm(find(named), place)


def chart_to_render(subject: Subject, folder: Path) -> Chart:
    """Returns the chart as the renders need it."""

    def moved() -> Path:
        place = Path(tempfile.mkdtemp(dir=folder)) / subject.folder.absolute().name
        for path, content in subject.files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            is_text = is_template(path) and not path.endswith(".tgz")
            text = with_moved_clock(content.decode(errors="surrogateescape")) if is_text else ""
            (place / path).write_bytes(text.encode(errors="surrogateescape") if is_text else content)
        return place

    return Chart(subject.folder, subject.files, moved, time.gmtime().tm_hour)
