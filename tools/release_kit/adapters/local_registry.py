"""The embedded default: a private CNCF distribution registry on loopback, kept under the user's state folder."""

import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from release_kit.adapters.files import write_atomically
from release_kit.errors import ReleaseError
from release_kit.values.own_variables import without_ours

PROGRAMS = ("docker-registry", "registry")
ADDRESS = "127.0.0.1"
START_SECONDS = 15.0
_CONFIG = """\
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {storage}}}, delete: {{enabled: true}}}}
validation: {{manifests: {{urls: {{allow: ["^https?://"]}}}}}}
http: {{addr: {address}:{port}, secret: rules_release}}
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A registry that answers on loopback."""

    port: int
    pid: int

    @property
    def host(self) -> str:
        """ADDRESS:PORT."""
        return f"{ADDRESS}:{self.port}"


class LocalRegistry:
    """One user's private registry; it goes on running after the command that started it."""

    def __init__(self, folder: Path) -> None:
        """Uses `folder` for the storage, the configuration, the log and the note of what runs."""
        self.folder = folder
        self._note = folder / "running.json"
        self._config = folder / "config.yml"

    def ensure(self) -> Running:
        """Returns the running registry; starts it where none runs, on the same port as the last time if it is free.

        Raises:
            ReleaseError: no registry program is installed, or it does not start.
        """
        with self._locked():
            running = self._read_note()
            if running and self._owns(running.pid) and _answers(running.port):
                return running
            return self._start(running.port if running else 0)

    def running(self) -> Running | None:
        """Returns the running registry, or None."""
        running = self._read_note()
        return running if running and self._owns(running.pid) else None

    def stop(self) -> Running | None:
        """Stops the registry by its own process id; returns what ran, or None where nothing did."""
        with self._locked():
            running = self.running()
            if running:
                os.kill(running.pid, signal.SIGTERM)
                _until(lambda: _has_ended(running.pid))
            return running

    def _start(self, port: int) -> Running:
        program = _program()
        port = port if port and _is_free(port) else _free_port()
        write_atomically(self._config, _CONFIG.format(storage=self.folder / "storage", address=ADDRESS, port=port))
        log = self.folder / "registry.log"
        pid = _spawn([program, "serve", str(self._config)], log)
        if not _until(lambda: _answers(port) or _has_ended(pid)) or _has_ended(pid):
            raise ReleaseError(f"{program}: the registry on {ADDRESS}:{port} did not start", f"its log is {log}")
        write_atomically(self._note, json.dumps({"port": port, "pid": pid}) + "\n")
        return Running(port, pid)

    def _read_note(self) -> Running | None:
        try:
            note = json.loads(self._note.read_bytes())
            return Running(int(note["port"]), int(note["pid"]))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None

    def _owns(self, pid: int) -> bool:
        """Tells whether the process is this registry, not another one that got its number."""
        return str(self._config) in _command_line(pid)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _command_line(pid: int) -> str:
    """Returns what a process was called with; empty where it does not run."""
    try:
        if Path("/proc/self").exists():
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        command = ["ps", "-o", "args=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def _program() -> str:
    for name in PROGRAMS:
        found = shutil.which(name)
        if found:
            return found
    raise ReleaseError(
        f"no registry is named, and none can be started here: neither {' nor '.join(PROGRAMS)} is on PATH",
        "name one with --registry HOST[:PORT], or install CNCF distribution (Debian: apt-get install docker-registry)",
    )


def _spawn(command: list[str], log: Path) -> int:
    """Starts a program in a session of its own, so that it outlives us and our terminal; returns its process id."""
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    return os.posix_spawn(command[0], command, _environment(), file_actions=files, setsid=True)


def _environment() -> dict[str, str]:
    """Returns what it may know: nothing that it takes for its settings, such as Podman's REGISTRY_AUTH_FILE.

    Distribution 3 would send traces to a collector on this machine if it is not told otherwise.
    """
    known = without_ours(os.environ).items()
    kept = {name: value for name, value in known if not name.startswith(("REGISTRY_", "OTEL_"))}
    return kept | {"OTEL_TRACES_EXPORTER": "none"}


def _has_ended(pid: int) -> bool:
    """Tells whether a process, our child or not, has ended and left its port."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except ProcessLookupError:
        return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((ADDRESS, 0))
        return int(listener.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, port))
        except OSError:
            return False
        return True


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=2)
    try:
        connection.request("GET", "/v2/")
        with connection.getresponse() as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
