"""The command line of the scale benchmark."""

import argparse
import datetime
import os
import platform
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks import timing
from benchmarks.scale import module
from benchmarks.scale.measure import Bench, ProblemError, Size, measure
from rehearsal.real_registry import PROGRAMS

STEPS = (8, 4, 2, 1)
"""Sizes are the whole, divided by these."""


def main(argv: Sequence[str]) -> int:
    """Runs the benchmark; returns 0, 1 if a command failed, or 130."""
    os.chdir(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = _parser().parse_args(argv)
    work = Path(tempfile.mkdtemp(prefix="scale-benchmark-", dir=arguments.work))
    top = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", Path(__file__).absolute().parents[2]))
    steps = sorted({max(1, arguments.images // step) for step in STEPS})
    sizes = [(images, images * arguments.charts // arguments.images) for images in steps]
    _say(f"making {sizes[-1][0]} images and {sizes[-1][1]} charts in {work}")
    found: list[Size] = []
    try:
        module.make(work / "module", top, sizes)
        for size in measure(Bench(work, top / "bazelw", arguments.registry, arguments.timeout), sizes, _say):
            found.append(size)
    except ProblemError as problem:
        _say(f"scale benchmark: error: {problem}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        sys.stdout.write(_report(found))
        shutil.rmtree(work, ignore_errors=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scale-benchmark", description=__doc__)
    add = parser.add_argument
    add("--images", type=int, default=1000, help="how many images the largest set has (1000)")
    add("--charts", type=int, default=50, help="how many charts the largest set has (50)")
    add("--registry", choices=PROGRAMS, default=next(iter(PROGRAMS)), help="which registry takes them (%(default)s)")
    add("--timeout", type=float, default=1800, help="seconds after which a command is given up (1800)")
    add("--work", type=Path, help="folder for the module and the registry (a temporary one)")
    return parser


def _report(sizes: Sequence[Size]) -> str:
    if not sizes:
        return ""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    cpus = len(timing.processors())
    head = f"{today}, {cpus} CPUs, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}"
    return "\n\n".join([head, _figures(sizes), _ratios(sizes)]) + "\n"


def _seconds(size: Size) -> dict[str, float]:
    """Returns the times; of pushes that of the CPU, which other work on the machine changes less."""
    pushes = {f"{phase} CPU": usage.cpu for phase, usage in size.pushes.items()}
    return {"analysis": size.analysis, "build": size.build, **pushes}


def _figures(sizes: Sequence[Size]) -> str:
    names = list(_seconds(sizes[0]))
    header = ["images", "charts", *(f"{name} s" for name in names), "document kB", "runfiles", "copied kB", "peak MB"]
    lines = [header]
    for size in sizes:
        times = _seconds(size)
        peak = max(usage.peak_memory for usage in size.pushes.values()) / 1e6
        counts = [f"{size.document / 1e3:.1f}", str(size.runfiles), f"{size.copied / 1e3:.1f}", f"{peak:.0f}"]
        lines.append([str(size.images), str(size.charts), *(f"{times[name]:.2f}" for name in names), *counts])
    return timing.table(lines, 0)


def _ratios(sizes: Sequence[Size]) -> str:
    """Returns what each image more costs, from one size to the next: equal figures in a column are linear growth."""
    names = list(_seconds(sizes[0]))
    lines = [["images more", *(f"{name} ms" for name in names), "document B", "runfiles", "peak kB"]]
    for small, large in pairwise(sizes):
        more = large.images - small.images
        before, after = _seconds(small), _seconds(large)
        times = [f"{(after[name] - before[name]) / more * 1e3:.2f}" for name in names]
        peaks = [max(usage.peak_memory for usage in size.pushes.values()) for size in (small, large)]
        others = [large.document - small.document, large.runfiles - small.runfiles, (peaks[1] - peaks[0]) / 1e3]
        lines.append([f"{small.images} to {large.images}", *times, *(f"{other / more:.1f}" for other in others)])
    return timing.table(lines, 1)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
