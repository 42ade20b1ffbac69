"""`release-kit chart render`: makes the document that the gates of one values file read."""

import argparse
from pathlib import Path

from release_kit.adapters.files import write_atomically
from release_kit.cli import chart_subject
from release_kit.cli.console import Console
from release_kit.engines.background import Background
from release_kit.engines.gates.rendering import Renders
from release_kit.errors import InputError

HELMS_AT_ONCE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    chart_subject.add_arguments(parser)
    parser.add_argument("--output", required=True, metavar="FILE", help="where to write the rendering")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Renders the chart; one that does not render is no error here, but for the gates that read the document."""
    del console
    subject = chart_subject.read(arguments)
    if len(arguments.values) > 1:
        raise InputError(
            "--values: expected one file, found more", "render each values file into a document of its own"
        )
    values = subject.config.values[0]
    with chart_subject.scratch() as folder:
        helm = chart_subject.local_helm(arguments.helm, folder)
        chart = chart_subject.chart_to_render(subject, folder)
        rendering = Renders(chart, values, subject.config, helm, Background(HELMS_AT_ONCE)).result(helm.version)
    write_atomically(Path(arguments.output), rendering.to_json())
    return 0
