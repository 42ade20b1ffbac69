"""Runs real registries, programs of other projects, on loopback."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DISTRIBUTION_2 = "distribution 2"
DISTRIBUTION_3 = "distribution 3"
CRANE = "crane"

_START_SECONDS = 15.0
# Port 0: the kernel gives a free one, which the registry tells in its log.
_CONFIG = """\
version: 0.1
log: {{level: info, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {storage}}}, delete: {{enabled: true}}}}
validation: {{manifests: {{urls: {{allow: ["^https?://"]}}}}}}
http: {{addr: "127.0.0.1:{port}", secret: test}}
"""


@dataclass(frozen=True)
class Program:
    """How to find and start one kind of registry.

    Attributes:
        names: what it may be called on PATH.
        identity: a part of what `--version` says of the right one.
        arguments: makes the arguments for a folder to keep everything in, and a port.
        listening: finds the port in its log.
        origin: where to get it.
    """

    names: tuple[str, ...]
    identity: str
    arguments: Callable[[Path, int], list[str]]
    listening: re.Pattern[str]
    origin: str


def _distribution(folder: Path, port: int) -> list[str]:
    config = folder / "registry.yml"
    config.write_text(_CONFIG.format(storage=folder / "storage", port=port))
    return ["serve", str(config)]


def _crane(folder: Path, port: int) -> list[str]:
    storage = folder / "storage"
    storage.mkdir(exist_ok=True)
    return ["registry", "serve", "--address", f"127.0.0.1:{port}", "--disk", str(storage)]


_DISTRIBUTION_LISTENS = re.compile(r"listening on 127\.0\.0\.1:(\d+)")
PROGRAMS = {
    DISTRIBUTION_2: Program(
        ("docker-registry", "registry"),
        "github.com/docker/distribution",
        _distribution,
        _DISTRIBUTION_LISTENS,
        "Debian: apt-get install docker-registry",
    ),
    DISTRIBUTION_3: Program(
        ("registry", "docker-registry"),
        "github.com/distribution/distribution/v3",
        _distribution,
        _DISTRIBUTION_LISTENS,
        "go install github.com/distribution/distribution/v3/cmd/registry@latest",
    ),
    CRANE: Program(("crane",), "", _crane, re.compile(r"serving on port (\d+)"), "Debian: apt-get install crane"),
}


class Registry:
    """A registry's process."""

    def __init__(self, kind: str, folder: Path, port: int = 0) -> None:
        """Starts it, on a port of its own choice unless one is named, with what the folder has already."""
        program = PROGRAMS[kind]
        log = folder / "registry.log"
        command = [find(kind), *program.arguments(folder, port)]
        with log.open("wb") as file:
            self._process = subprocess.Popen(command, stdout=file, stderr=file, env=_environment())
        self.port = _port(self._process, log, program)
        self.host = f"127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Ends it."""
        self._process.terminate()
        self._process.wait()

    def kill(self) -> None:
        """Ends it in the middle of whatever it does."""
        self._process.kill()
        self._process.wait()


@contextmanager
def real_registry(kind: str, folder: Path) -> Iterator[str]:
    """Yields HOST:PORT of an empty registry that keeps its content in `folder`; it is stopped by its own handle."""
    registry = Registry(kind, folder)
    try:
        yield registry.host
    finally:
        registry.stop()


@cache
def find(kind: str) -> str:
    """Returns the path of the program of one kind.

    Raises:
        RuntimeError: it is not on PATH.
    """
    program = PROGRAMS[kind]
    for path in filter(None, map(shutil.which, program.names)):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        if program.identity in said:
            return path
    raise RuntimeError(f"this needs the registry {kind} on PATH ({program.origin})")


def _environment() -> dict[str, str]:
    """Returns our environment without what a registry would take for its settings; it sends no traces anywhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REGISTRY_", "OTEL_"))}
    return kept | {"OTEL_TRACES_EXPORTER": "none"}


def _port(process: "subprocess.Popen[bytes]", log: Path, program: Program) -> int:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        found = program.listening.search(log.read_text())
        if found:
            return int(found[1])
        time.sleep(0.005)
    raise RuntimeError(f"{process.args!r} did not start: {log.read_text()[-2000:]}")
