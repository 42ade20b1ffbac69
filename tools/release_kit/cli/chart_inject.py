"""`release-kit chart inject`: released images written into a chart's values, comments and order kept."""

import argparse
from pathlib import Path

from release_kit.adapters.files import read_text, write_atomically
from release_kit.cli.console import Console
from release_kit.engines.chart.injection import Injection, inject
from release_kit.errors import InputError
from release_kit.values.reference import parse_reference


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("values", metavar="VALUES.yaml", help="the chart's values")
    parser.add_argument(
        "--image",
        action="append",
        required=True,
        metavar="PATH=REPOSITORY[:TAG][@DIGEST]",
        help="an image and the place for it, such as images.core=ghcr.io/acme/core:v1.2.3; once for each image",
    )
    parser.add_argument("--output", metavar="FILE", help="where to write, which may be the same file; stdout otherwise")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the values with the images in them; returns the exit code."""
    text = inject(read_text(Path(arguments.values)), [injection(image) for image in arguments.image], arguments.values)
    if arguments.output:
        write_atomically(Path(arguments.output), text)
    else:
        console.result(text)
    return 0


def injection(text: str) -> Injection:
    """Reads `PATH=REPOSITORY[:TAG][@DIGEST]`.

    Raises:
        InputError: it is not that.
    """
    path, equals, image = text.rpartition("=")
    if not equals:
        raise InputError(f"--image: expected PATH=REPOSITORY[:TAG][@DIGEST], found {text!r:.300}")
    parse_reference(image, f"--image {path}")
    name, _, digest = image.partition("@")
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = name, ""
    return Injection(path, repository, tag, digest)
