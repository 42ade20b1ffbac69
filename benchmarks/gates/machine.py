"""What the benchmark ran on: the machine, and the versions of everything."""

import datetime
import os
import platform
import re
import subprocess
from pathlib import Path

from benchmarks import timing
from benchmarks.gates.tools import Programs

_VERSION = re.compile(r"v?\d+\.\d+\.\d+[\w.-]*")
_GIB = 1 << 30


def today() -> str:
    """Returns the date in UTC."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def machine() -> dict[str, str]:
    """Describes this machine without naming it."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _GIB
    processor = model[1] if model else platform.machine()
    return {
        "machine": f"{len(timing.processors())} CPUs ({processor}), {memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "load before the start": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
    }


def versions(programs: Programs) -> dict[str, str]:
    """Returns what the programs say of their versions."""
    commands = {"helm": [programs.helm, "version", "--short"], "kubeconform": [programs.kubeconform, "-v"]}
    return {name: _said(command) for name, command in commands.items()}


def _said(command: list[str]) -> str:
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    match = _VERSION.search(answer.stdout)
    return match[0] if match else answer.stdout.strip() or "unknown"
