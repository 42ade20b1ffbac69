"""`release-kit layout sparse`: a layout without its layers, for sets whose layers stay in the build's remote cache."""

import argparse
from pathlib import Path

from release_kit.adapters import layout, sparse_layout
from release_kit.cli.console import Console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("layout", metavar="LAYOUT", help="the folder of an OCI image layout")
    parser.add_argument("--descriptor", metavar="FILE", help="the root's descriptor, where index.json does not tell it")
    parser.add_argument("--output", required=True, metavar="FOLDER", help="where to write; empty, or not there yet")


def run(arguments: argparse.Namespace, _: Console) -> int:
    """Writes the layout; returns the exit code."""
    source = Path(arguments.layout)
    descriptor = Path(arguments.descriptor) if arguments.descriptor else None
    image = layout.load(source, descriptor, remote_layers=True)
    sparse_layout.write(image, source, Path(arguments.output))
    return 0
