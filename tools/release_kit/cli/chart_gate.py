"""`release-kit chart gate`: holds a chart to its gates."""

import argparse
import gc
import os
from collections.abc import Iterable
from pathlib import Path

from release_kit.adapters.files import write_atomically
from release_kit.cli import chart_subject
from release_kit.cli.chart_renderings import Renderings
from release_kit.cli.chart_subject import Subject
from release_kit.cli.console import Console
from release_kit.documents.rendering import Rendering
from release_kit.values.finding import Gate

_NEED_NO_HELM = frozenset({Gate.CHART_RULES, Gate.VALUES, Gate.PACKAGE})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    chart_subject.add_arguments(parser)
    parser.add_argument("--gates", type=_gates, default=(), metavar="GATE,...", help=f"only these: {', '.join(Gate)}")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--junit", metavar="FILE", help="write the report as JUnit, too")
    parser.add_argument(
        "--rendering", action="append", default=[], metavar="FILE", help="what `chart render` wrote, instead of helm"
    )
    parser.add_argument(
        "--sources", metavar="FILES.json", help="the sources of a folder that `chart stage` laid out, for their links"
    )
    parser.add_argument("--update-golden", action="store_true", help="write the goldens anew, instead of the gates")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Runs the gates; returns 0 if all hold, 1 if there are findings."""
    # All that is read here stays until the end: looking for cycles in it takes as long as reading it.
    gc.disable()
    try:
        return _run(arguments, console)
    finally:
        gc.enable()


def _run(arguments: argparse.Namespace, console: Console) -> int:
    subject = chart_subject.read(arguments)
    with Renderings(arguments, subject) as renderings:
        if _NEED_NO_HELM.issuperset(arguments.gates or Gate) and not arguments.update_golden:
            return _gate(arguments, subject, (), console)
        # Helm is at work while the gates are imported.
        under_way = renderings.start()
        if arguments.update_golden:
            from release_kit.cli.golden_update import update

            return update(subject, under_way, console, is_whole=not arguments.values)
        return _gate(arguments, subject, under_way, console)


def _gate(arguments: argparse.Namespace, subject: Subject, renderings: Iterable[Rendering], console: Console) -> int:
    from release_kit.cli import gate_inputs, gate_report
    from release_kit.engines.gates import run as gates

    selected = gates.selected(arguments.gates, subject.config, chart_subject.is_library(subject))
    looked_at = gate_inputs.subject(subject, arguments.sources)
    # What needs no rendering is done while helm is at work.
    of_files = list(gates.of_files(selected, subject.config, looked_at))
    if Gate.SCHEMA in selected and renderings:
        looked_at.schemas.load()
    seen: list[Rendering] = []
    results: list[gates.GateResult] = []
    for rendering in renderings:
        seen.append(rendering)
        results += gates.of_values_file(rendering, selected, subject.config, looked_at)
    results += [*gates.of_all_renderings(seen, selected, subject.config, looked_at), *of_files]
    gate_report.show(subject.folder, results, console, arguments.json)
    # Bazel names a file for the report of a test.
    for place in filter(None, (arguments.junit, os.environ.get("XML_OUTPUT_FILE"))):
        write_atomically(Path(place), gate_report.junit(subject.folder, results))
    return int(any(result.findings for result in results))


def _gates(text: str) -> tuple[Gate, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names or [""]:
        if name not in list(Gate):
            raise argparse.ArgumentTypeError(f"expected some of {', '.join(Gate)}; found {name!r}")
    return tuple(map(Gate, names))
