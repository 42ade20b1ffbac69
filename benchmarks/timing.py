"""Runs commands and tells what they took; figures of several runs, and tables of them."""

import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

GIVEN_UP = -int(signal.SIGKILL)
_LAUNCH = Path(__file__).with_name("launch.py")


class Usage(NamedTuple):
    """What a run took; seconds and bytes."""

    exit_code: int
    wall: float
    cpu: float
    """User and system time of all processes."""
    peak_memory: int
    """Of the largest process."""


class Place(NamedTuple):
    """Where a command runs, and what it finds there."""

    folder: Path
    """Gets the files `stdout` and `stderr`."""
    environment: Mapping[str, str]
    """Variables on top of this process's."""
    cores: int
    """How many processors it may use."""
    timeout: float
    """Seconds after which it is stopped: a guard against one that hangs, not a measure."""


class Spread(NamedTuple):
    """Minimum and median of one figure."""

    minimum: float
    median: float


def processors() -> list[int]:
    """Returns the processors that this process may use."""
    return sorted(os.sched_getaffinity(0))


def run(command: Sequence[str], place: Place) -> Usage:
    """Runs a command in a process group of its own; one that does not end in time has the exit code `GIVEN_UP`."""
    usage = place.folder / "usage"
    cores = ",".join(map(str, processors()[: place.cores]))
    launcher = [sys.executable, "-I", "-S", str(_LAUNCH), str(usage), cores, *command]
    environment = {**os.environ, **place.environment}
    with (
        (place.folder / "stdout").open("wb") as out,
        (place.folder / "stderr").open("wb") as err,
        subprocess.Popen(launcher, env=environment, stdout=out, stderr=err, start_new_session=True) as process,
    ):
        try:
            process.wait(timeout=place.timeout)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return Usage(GIVEN_UP, place.timeout, 0.0, 0)
    return Usage(**json.loads(usage.read_text()))


def spread(values: Iterable[float]) -> Spread | None:
    """Returns minimum and median; None of nothing."""
    known = list(values)
    return Spread(min(known), statistics.median(known)) if known else None


def table(lines: Sequence[Sequence[str]], left: int) -> str:
    """Returns an aligned Markdown table; the first `left` columns are aligned to the left."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    rule = [("-" * width if i < left else "-" * (width - 1) + ":") for i, width in enumerate(widths)]
    header, *body = lines
    return "\n".join(_line(line, widths, left) for line in [header, rule, *body])


def _line(cells: Iterable[str], widths: Sequence[int], left: int) -> str:
    padded = [c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
    return f"| {' | '.join(padded)} |"
