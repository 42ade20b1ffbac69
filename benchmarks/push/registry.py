"""Runs CNCF distribution on loopback, alone or behind the delaying and counting proxy."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROGRAMS = ("registry", "docker-registry")
DIRECT = "direct"

_PROXY = Path(__file__).with_name("delay_proxy.py")
_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {storage}}}}}
http: {{addr: 127.0.0.1:{port}, secret: benchmark}}
"""
_NULL = subprocess.DEVNULL
_ACCEPT = "application/vnd.oci.image.manifest.v1+json"


class RegistryError(Exception):
    """The registry did not start, or does not hold what it must."""


@dataclass(frozen=True)
class Traffic:
    """What a client sent: requests by `METHOD status`, bytes of bodies, and the proxy's own CPU seconds."""

    requests: dict[str, int]
    body_bytes: int
    failures: int
    cpu: float

    @property
    def total(self) -> int:
        """The number of requests."""
        return sum(self.requests.values())


class Proxy:
    """A running delay proxy."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.host = f"127.0.0.1:{int(self._line())}"

    def _line(self) -> str:
        stream: IO[str] | None = self._process.stdout
        line = stream.readline() if stream else ""
        if not line:
            raise RegistryError("the delay proxy ended early")
        return line

    def take(self) -> Traffic:
        """Returns what passed since the last call."""
        if self._process.stdin:
            self._process.stdin.write(".")
            self._process.stdin.flush()
        return Traffic(**json.loads(self._line()))


@dataclass(frozen=True)
class Registry:
    """A running registry: where it is, and where clients reach it."""

    address: str
    proxy: Proxy | None

    @property
    def host(self) -> str:
        """HOST:PORT for clients."""
        return self.proxy.host if self.proxy else self.address

    def take(self) -> Traffic | None:
        """Returns what passed the proxy since the last call; nothing where there is none."""
        return self.proxy.take() if self.proxy else None

    def wrong_tags(self, expected: dict[str, dict[str, str]]) -> list[str]:
        """Compares tags with the registry, past the proxy.

        Args:
            expected: the digest of each tag of each repository.

        Returns:
            What is wrong, one line a tag.
        """
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            wrong = []
            for repository, tags in expected.items():
                for tag, digest in tags.items():
                    found = _digest(connection, repository, tag)
                    if found != digest:
                        wrong.append(f"{repository}:{tag} is {found}, not {digest}")
            return wrong
        finally:
            connection.close()


def _digest(connection: http.client.HTTPConnection, repository: str, tag: str) -> str:
    connection.request("HEAD", f"/v2/{repository}/manifests/{tag}", headers={"Accept": _ACCEPT})
    with connection.getresponse() as answer:
        answer.read()
        return answer.headers.get("Docker-Content-Digest", f"absent ({answer.status})")


def delay(setting: str) -> float | None:
    """Returns the delay in ms of a setting such as `20ms`; nothing for `direct`, without a proxy.

    Raises:
        ValueError: the setting is neither.
    """
    if setting == DIRECT:
        return None
    if not setting.endswith("ms"):
        raise ValueError(f"no setting {setting!r}: expected {DIRECT} or a delay such as 20ms")
    return float(setting.removesuffix("ms"))


@contextmanager
def running(program: str, folder: Path, setting: str) -> Iterator[Registry]:
    """Yields a fresh registry that keeps its content in `folder`, which is removed in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    folder.mkdir(parents=True)
    config = folder / "registry.yml"
    config.write_text(_CONFIG.format(storage=folder / "storage", port=address.partition(":")[2]))
    quiet = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
    process = subprocess.Popen([program, "serve", str(config)], env=quiet, stdout=_NULL, stderr=_NULL)
    try:
        _wait_until_it_answers(process, address)
        with _proxied(address, delay(setting)) as proxy:
            yield Registry(address, proxy)
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


@contextmanager
def _proxied(address: str, milliseconds: float | None) -> Iterator[Proxy | None]:
    if milliseconds is None:
        yield None
        return
    command = [sys.executable, "-I", str(_PROXY), address, str(milliseconds)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:  # leaving closes its stdin, which ends it
        yield Proxy(process)


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", address: str) -> None:
    while process.poll() is None:
        connection = http.client.HTTPConnection(address, timeout=10)
        try:
            connection.request("GET", "/v2/")
            with connection.getresponse() as answer:
                if answer.status == 200:
                    return
        except OSError:
            continue
        finally:
            connection.close()
    raise RegistryError(f"the registry did not start: exit code {process.returncode}")


def version(program: str) -> str:
    """Returns what the registry says of its version."""
    answer: Any = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return str(answer.stdout or answer.stderr).strip()
