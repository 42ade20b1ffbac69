"""`release-kit chart package`: packs a chart folder as `helm package` does, to the same bytes everywhere."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from release_kit.adapters import chart_folder
from release_kit.adapters.files import read_text, write_bytes_atomically
from release_kit.cli.console import Console
from release_kit.engines.chart.package import pack
from release_kit.values import digest as digests
from release_kit.values import stamp
from release_kit.values.chart_archive import MAX_FILE_BYTES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("folder", metavar="DIR", help="the chart's folder")
    parser.add_argument(
        "--output",
        required=True,
        metavar="FILE_OR_DIR",
        help="a name that ends with .tgz, or the folder for NAME-VERSION.tgz",
    )
    parser.add_argument("--version", dest="chart_version", metavar="VERSION", help="instead of the one in Chart.yaml")
    parser.add_argument("--app-version", metavar="VERSION", help="instead of the one in Chart.yaml")
    parser.add_argument(
        "--status-file",
        action="append",
        default=[],
        metavar="FILE",
        help="the stamp: a released STABLE_VERSION is the chart's version and appVersion, unless they are given",
    )
    parser.add_argument(
        "--max-file-bytes",
        type=int,
        default=MAX_FILE_BYTES,
        metavar="N",
        help="refuse larger files; Helm 3 can't read any that is larger than the default, 5 MiB",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Packs the chart; prints where it is and its digest, unless it is to be quiet.

    Raises:
        InputError: Helm would refuse the chart, or the package can't be written.
    """
    folder = Path(arguments.folder)
    released = _released_version(arguments.status_file)
    limit = arguments.max_file_bytes
    package = pack(
        chart_folder.load(folder, limit).files,
        arguments.chart_version or released,
        arguments.app_version or released,
        str(folder),
        limit,
    )
    path = Path(arguments.output)
    if path.suffix != ".tgz" or path.is_dir():
        path /= package.file_name
    write_bytes_atomically(path, package.archive)
    if console.verbosity >= 0:
        console.result(f"{path} {digests.of_bytes(package.archive)}")
    return 0


def _released_version(paths: Sequence[str]) -> str | None:
    """Returns the stamp's version, or None for an unreleased build."""
    values: dict[str, str] = {}
    for path in paths:
        values |= stamp.parse(read_text(Path(path)))
    found = stamp.Stamp(values)
    return found.version_text if found.version else None
