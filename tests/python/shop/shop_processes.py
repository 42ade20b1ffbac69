"""The sample's services as processes on loopback, and the HTTP client that talks to them."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

DEADLINE_SECONDS = 20
VERSION = "1.2.3-test"
KEY = "a-key-that-only-tests-know"
PASSWORD = "correct horse"
CORE = {"SHOP_SESSION_KEY": KEY, "SHOP_USERS": json.dumps({"demo": PASSWORD, "alice": "another secret"})}
NOBODY = "http://127.0.0.1:1"
"""Where nothing listens."""


class Reply(NamedTuple):
    """What a service answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and error code."""
        return self.status, self.json["error"]["code"]


@dataclass
class Service:
    """A process that listens at `url`."""

    process: subprocess.Popen[str]
    url: str
    lines: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Host and port."""
        return urlsplit(self.url).netloc

    def call(self, target: str, body: object = None, token: str = "", method: str = "") -> Reply:
        """Sends a request, POST where there is a body."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return call(self.url, method or ("GET" if data is None else "POST"), target, data, headers)

    def login(self, user: str = "demo", password: str = PASSWORD, **more: object) -> str:
        """Returns the token of a new session."""
        token = self.call("/api/login", {"user": user, "password": password, **more}).json["token"]
        assert isinstance(token, str)
        return token

    def stop(self) -> int:
        """Sends SIGTERM, keeps what the process still writes, and returns its exit code."""
        self.process.terminate()
        assert self.process.stderr
        self.lines.extend(self.process.stderr)
        return self.process.wait(DEADLINE_SECONDS)


class Shop(NamedTuple):
    """The running services."""

    datasvc: Service
    core: Service
    web: Service


def call(url: str, method: str, target: str, body: bytes | None, headers: dict[str, str]) -> Reply:
    """Sends one request to the service at `url`."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=DEADLINE_SECONDS)) as connection:
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        return Reply(response.status, dict(response.headers.items()), response.read())


def environment(**settings: str) -> dict[str, str]:
    """Returns a service's environment: this interpreter's import path, and nothing else of ours."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1", **settings}


def refused(service: str, **settings: str) -> tuple[int, list[str]]:
    """Runs a service that is expected not to start; returns exit code and lines of stderr."""
    command = [sys.executable, "-m", f"shop_{service}"]
    done = subprocess.run(
        command, env=environment(**settings), capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False
    )
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()


@contextmanager
def started(service: str, *python: str, **settings: str) -> Iterator[Service]:
    """Runs a service until the block is left; `python` replaces the interpreter's `-m shop_SERVICE`."""
    command = [sys.executable, *(python or ("-m", f"shop_{service}"))]
    env = environment(**{"SHOP_VERSION": VERSION, "SHOP_LISTEN": "127.0.0.1:0", **settings})
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield Service(process, f"http://{_listening(process)}")
        finally:
            process.kill()


def _listening(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    seen = []
    guard = threading.Timer(DEADLINE_SECONDS, process.kill)
    guard.start()
    try:
        for line in process.stderr:
            seen.append(line)
            if line.startswith("listening on "):
                return line.removeprefix("listening on ").strip()
    finally:
        guard.cancel()
    raise AssertionError(f"the service did not start: {seen}")
