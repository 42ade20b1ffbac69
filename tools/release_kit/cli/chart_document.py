"""`release-kit chart document`: the table of values in a chart's README, made from values.yaml."""

import argparse
from pathlib import Path

from release_kit.adapters.files import read_text, write_atomically
from release_kit.cli.console import Console
from release_kit.engines.chart import values_table
from release_kit.errors import InputError, ReleaseError
from release_kit.values.yaml_source import YamlError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("chart", metavar="DIR", help="the chart's folder; its README.md has the two markers")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the table is out of date")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the table between the README's markers.

    Returns:
        0: the table is there.

    Raises:
        InputError: the chart has no README, no markers in it, or no values.
        ReleaseError: the table is out of date and nothing is to be written.
    """
    folder = Path(arguments.chart)
    readme, values = folder / "README.md", folder / "values.yaml"
    current = read_text(readme)
    if values_table.section(current) is None:
        markers = f"{values_table.BEGIN!r} and {values_table.END!r}"
        raise InputError(f"{readme}: expected the markers {markers}, found none", "write them where the table belongs")
    try:
        expected = values_table.documented(current, read_text(values))
    except YamlError as error:
        raise InputError(f"{values}:{error.line}: is no YAML: {error.message}", "correct it") from error
    difference = values_table.first_difference(current, expected)
    if difference is None:
        console.note(f"{readme} is up to date")
    elif arguments.check:
        line, found, wanted = difference
        message = f"{readme}:{line}: the table of values is out of date: expected {wanted!r:.200}, found {found!r:.200}"
        raise ReleaseError(message, f"run release-kit chart document {arguments.chart}")
    else:
        write_atomically(readme.resolve(), expected)
        console.note(f"wrote the values into {readme}")
    return 0
