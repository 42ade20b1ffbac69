"""The command line of the push benchmark."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.push import machine, plot, proxy_speed, registry, report, sets
from benchmarks.push.clients import CLIENTS, Client
from benchmarks.push.measure import Plan, measure
from benchmarks.push.results import Results, Run

SETS = "real,small,wide"
SETTINGS = f"20ms,{registry.DIRECT}"
QUICK = "tiny"
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
    except (ValueError, OSError, registry.RegistryError) as error:
        _say(f"push benchmark: error: {error}")
        return 2
    except KeyboardInterrupt:
        return 130
    if INTERRUPTED in results.machine:
        return 130
    return 1 if any(run.problem for run in results.runs) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="push-benchmark", description=__doc__)
    add = parser.add_argument
    known = ", ".join(client.name for client in CLIENTS)
    add("--sets", type=_list, default=_list(SETS), help=f"{', '.join(sets.SHAPES)} or scale:N ({SETS})")
    add("--settings", type=_list, default=_list(SETTINGS), help=f"direct, or a delay a request ({SETTINGS})")
    add("--clients", type=_list, help=f"{known} (all that are found)")
    add("--client", type=_pair, action="append", default=[], metavar="NAME=PATH", help="where a client's program is")
    add("--version", type=_pair, action="append", default=[], metavar="NAME=VERSION", help="if the program can't say")
    add("--registry", action="append", metavar="PROGRAM", help="CNCF distribution; may be repeated (first on PATH)")
    add("--rounds", type=int, default=5, help="how often (5)")
    add("--timeout", type=float, default=1800, help="seconds after which a client is given up (1800)")
    add("--everything", action="store_true", help="also push large sets with an image after another")
    add("--work", type=Path, help="folder for images and registries (a temporary one, on tmpfs where possible)")
    add("--output", type=Path, help="folder that gets push.json, push.md and push.svg")
    add("--render", type=Path, nargs="+", metavar="JSON", help="measure nothing: show earlier results, together")
    add("--quick", action="store_true", help="a self-test: one round with three tiny images")
    return parser


def _list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",")]


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not value:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, found {text!r}")
    return name, value


def _measured(arguments: argparse.Namespace) -> Results:
    plan = _plan(arguments)
    facts = machine.machine()
    versions = machine.versions(plan.clients, plan.registries, dict(arguments.version))
    runs: list[Run] = []
    parent = arguments.work or (MEMORY if os.access(MEMORY, os.W_OK) else None)
    work = Path(tempfile.mkdtemp(prefix="push-benchmark-", dir=parent))
    try:
        facts["proxy without delay"] = proxy_speed.measure(next(iter(plan.registries.values())), work)
        _say(f"the proxy passes {facts['proxy without delay']}")
        _say("warming up: each client pushes a tiny set once")
        warm_up = replace(plan, names=[QUICK], settings=plan.settings[:1], rounds=1)
        runs += [run for run in measure(warm_up, work, _silent) if run.problem]
        try:
            for run in measure(plan, work, _say):
                runs.append(run)
        except KeyboardInterrupt:
            facts[INTERRUPTED] = "yes: not every run was made"
    finally:
        shutil.rmtree(work)
    return Results(machine.today(), facts, versions, runs)


def _plan(arguments: argparse.Namespace) -> Plan:
    for setting in arguments.settings:
        registry.delay(setting)
    for name in arguments.sets:
        sets.shape(name)
    return Plan(
        names=[QUICK] if arguments.quick else arguments.sets,
        clients=_clients(arguments.clients, dict(arguments.client)),
        registries=_registries(arguments.registry),
        settings=arguments.settings,
        rounds=1 if arguments.quick else arguments.rounds,
        timeout=arguments.timeout,
        everything=arguments.everything or arguments.clients is not None,
    )


def _clients(names: list[str] | None, places: dict[str, str]) -> list[tuple[Client, str]]:
    """Returns the chosen clients that are there, and names those that are not."""
    unknown = set(names or ()) - {client.name for client in CLIENTS}
    if unknown:
        raise ValueError(f"no client {sorted(unknown)}: expected some of {[client.name for client in CLIENTS]}")
    found = []
    for client in CLIENTS:
        if names is None or client.name in names:
            program = client.located(places)
            if program:
                found.append((client, program))
            else:
                _say(f"skipped: {client.name}: no program {client.program} on PATH")
    if not found:
        raise ValueError("none of the chosen clients is here: put one on PATH, or give --client NAME=PATH")
    return found


def _registries(programs: list[str] | None) -> dict[str, str]:
    found = [path for path in map(shutil.which, programs or registry.PROGRAMS) if path]
    if len(found) < len(programs or [""]):
        raise ValueError(f"no registry: expected CNCF distribution on PATH as one of {programs or registry.PROGRAMS}")
    chosen = found if programs else found[:1]
    return {f"distribution {machine.short(registry.version(path))}": path for path in chosen}


def _merged(files: list[Path]) -> Results:
    parts = [Results.read(file) for file in files]
    versions = {name: value for part in parts for name, value in part.versions.items()}
    return replace(parts[0], versions=versions, runs=[run for part in parts for run in part.runs])


def _publish(results: Results, output: Path | None) -> None:
    sys.stdout.write("\n\n".join(report.tables(results)) + "\n")
    if output is None or not results.runs:
        return
    output.mkdir(parents=True, exist_ok=True)
    results.write(output / "push.json")
    picture = output / "push.svg"
    picture.write_text(plot.svg(results, results.cases()[0].registry))
    (output / "push.md").write_text(report.markdown(results, picture.name))


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _silent(line: str) -> None:
    del line
