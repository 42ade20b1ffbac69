"""The command line of the gates benchmark."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.gates import charts, machine, report, schemas
from benchmarks.gates.charts import Chart
from benchmarks.gates.measure import Plan, measure
from benchmarks.gates.results import Results, Run
from benchmarks.gates.tools import Programs

INTERRUPTED = "interrupted"
MEMORY = Path("/dev/shm")


def main(argv: Sequence[str]) -> int:
    """Runs the benchmark, or renders what earlier runs left; returns 0, 1 if a run did not count, 2, or 130."""
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = _parser().parse_args(argv)
    try:
        results = _merged(arguments.render) if arguments.render else _measured(arguments)
        _publish(results, arguments.output)
    except (ValueError, OSError) as error:
        _say(f"gates benchmark: error: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    if INTERRUPTED in results.machine:
        return 130
    return 1 if any(run.problem for run in results.runs) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gates-benchmark", description=__doc__)
    add = parser.add_argument
    add("--chart", action="append", default=[], metavar="NAME=DIR[:VALUES]...", help="a chart; may be repeated")
    add("--keys", action="append", default=[], metavar="NAME=TAG,POLICY", help="a chart's keys of tag and pull policy")
    add("--helm", default="helm", metavar="PROGRAM", help="helm (the one on PATH)")
    add("--kubeconform", default="kubeconform", metavar="PROGRAM", help="kubeconform (the one on PATH)")
    add("--kube-version", default="1.31.0", metavar="VERSION", help="of Kubernetes, for all (1.31.0)")
    layouts = f"layouts of kubeconform's schemas: {', '.join(schemas.LAYOUTS)} (the first)"
    add("--schemas", type=_list, default=list(schemas.LAYOUTS[:1]), metavar="LAYOUT,...", help=layouts)
    add("--rounds", type=int, default=10, help="how often (10)")
    add("--timeout", type=float, default=300, help="seconds after which a command is given up (300)")
    add("--work", type=Path, help="folder for what is written (a temporary one, on tmpfs where possible)")
    add("--output", type=Path, help="folder that gets gates.json and gates.md")
    add("--render", type=Path, nargs="+", metavar="JSON", help="measure nothing: show earlier results, together")
    return parser


def _list(text: str) -> list[str]:
    names = [item.strip() for item in text.split(",")]
    unknown = set(names) - set(schemas.LAYOUTS)
    if unknown:
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(schemas.LAYOUTS)}; found {sorted(unknown)}")
    return names


def _measured(arguments: argparse.Namespace) -> Results:
    programs = Programs(_program(arguments.helm), _program(arguments.kubeconform))
    plan = Plan(
        charts=_charts(arguments),
        programs=programs,
        kube_version=arguments.kube_version,
        layouts=arguments.schemas,
        rounds=arguments.rounds,
        timeout=arguments.timeout,
    )
    facts = machine.machine()
    runs: list[Run] = []
    parent = arguments.work or (MEMORY if os.access(MEMORY, os.W_OK) else None)
    with tempfile.TemporaryDirectory(prefix="gates-benchmark-", dir=parent) as work:
        try:
            for run in measure(plan, Path(work), _say):
                runs.append(run)
        except KeyboardInterrupt:
            facts[INTERRUPTED] = "yes: not every run was made"
    return Results(machine.today(), facts, machine.versions(programs), runs)


def _charts(arguments: argparse.Namespace) -> list[Chart]:
    found = [charts.parse(text) for text in arguments.chart]
    if not found:
        raise ValueError("no chart: name one with --chart NAME=DIR[:VALUES]...")
    keys = {}
    for text in arguments.keys:
        name, _, pair = text.partition("=")
        tag, _, policy = pair.partition(",")
        if not policy or name not in {chart.name for chart in found}:
            raise ValueError(f"--keys {text}: expected NAME=TAG,POLICY with the name of a chart")
        keys[name] = (tag, policy)
    return [chart._replace(keys=keys.get(chart.name)) for chart in found]


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ValueError(f"{name} is not there or is no program: put it on PATH, or name it with an option")
    return str(Path(found).absolute())


def _merged(files: Sequence[Path]) -> Results:
    parts = [Results.read(file) for file in files]
    versions = {name: value for part in parts for name, value in part.versions.items()}
    return parts[0]._replace(versions=versions, runs=[run for part in parts for run in part.runs])


def _publish(results: Results, output: Path | None) -> None:
    sys.stdout.write("\n\n".join(report.tables(results)) + "\n")
    if output is None or not results.runs:
        return
    output.mkdir(parents=True, exist_ok=True)
    results.write(output / "gates.json")
    (output / "gates.md").write_text(report.markdown(results))


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
