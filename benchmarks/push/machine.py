"""What the benchmark ran on: the machine, and the versions of everything."""

import datetime
import os
import platform
import re
from pathlib import Path

from benchmarks.push import clients

_VERSION = re.compile(r"\d+\.\d+\.\d+[\w.-]*")
_GIB = 1 << 30


def today() -> str:
    """Returns the date in UTC."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def machine() -> dict[str, str]:
    """Describes this machine without naming it."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / _GIB
    load = os.getloadavg()[0]
    processor = model[1] if model else platform.machine()
    return {
        "machine": f"{len(os.sched_getaffinity(0))} CPUs ({processor}), {memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "load before the start": f"{load:.1f}",
        "Python": platform.python_version(),
    }


def versions(
    chosen: list[tuple[clients.Client, str]], registries: dict[str, str], known: dict[str, str]
) -> dict[str, str]:
    """Returns the versions of clients and registries; `known` has those that a program does not say itself."""
    found = {name: Path(program).name for name, program in registries.items()}
    for client, program in chosen:
        name = client.name.split()[0]
        if not found.get(name):
            found[name] = known.get(name) or short(clients.version(client, program))
    return {name: version or "unknown" for name, version in found.items()}


def short(text: str) -> str:
    """Returns the version number in what a program says of its version, or nothing."""
    match = _VERSION.search(text)
    return match[0] if match else ""
