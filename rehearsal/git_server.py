"""A server of git repositories on loopback: `git http-backend`, as any web server would run it."""

import base64
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

USER = "git"
USERS = (USER, "x-access-token")
"""GitHub takes the second for whoever has a token."""


class GitRequest(NamedTuple):
    """One request, as the server's journal has it."""

    number: int
    """How many came before it."""
    method: str
    path: str
    query: str

    @property
    def step(self) -> str:
        """What git does by it: `list` and `fetch`, or `list to push` and `push`."""
        pushes = "git-receive-pack" in f"{self.path}?{self.query}"
        if self.method == "GET":
            return "list to push" if pushes else "list"
        return "push" if pushes else "fetch"


class RefusedError(Exception):
    """Raised by a hook: the request is answered with this status; 0: with nothing, the connection is closed."""

    def __init__(self, status: int = 0) -> None:
        """Takes the status."""
        super().__init__(status)
        self.status = status


Hook = Callable[[GitRequest], object]


def once_at(number: int, action: Callable[[], object]) -> Hook:
    """Returns a hook that acts once, at the request of this number."""
    done: list[int] = []

    def hook(request: GitRequest) -> None:
        if request.number == number and not done:
            done.append(number)
            action()

    return hook


class GitServer:
    """Serves all bare repositories in a folder; to be used as a context."""

    def __init__(self, folder: Path, password: str = "") -> None:
        """Serves nothing yet.

        Args:
            folder: where the repositories are.
            password: what one of USERS has to say; empty: everybody may do everything.
        """
        self.folder = folder
        self.password = password
        self.journal: list[GitRequest] = []
        self.before: Hook = lambda _: None
        """Is called in the request's thread before git sees the request: may wait, push, or raise RefusedError."""
        self.after: Hook = lambda _: None
        """Is called when git has done the request, before it is answered; RefusedError: the answer gets lost."""
        self._lock = threading.Lock()
        self._quiet = threading.Condition(self._lock)
        self._running = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_of_git": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        """Begins to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends all serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        """Such as `127.0.0.1:4711`."""
        return f"127.0.0.1:{self._http.server_address[1]}"

    def url(self, name: str) -> str:
        """Returns the address of a repository, without a password."""
        return f"http://{self.host}/{name}.git"

    def create(self, name: str) -> Path:
        """Makes an empty repository that takes pushes; returns its folder."""
        repository = self.folder / f"{name}.git"
        repository.mkdir(parents=True)
        git(repository, "init", "--quiet", "--bare", "--initial-branch=main", ".")
        for setting in ("http.receivepack=true", "receive.autogc=false", "gc.auto=0", "maintenance.auto=false"):
            git(repository, "config", *setting.split("=", 1))
        return repository

    def journalled(self, method: str, path: str, query: str) -> GitRequest:
        """Writes a request down."""
        with self._lock:
            request = GitRequest(len(self.journal), method, path, query)
            self.journal.append(request)
            return request

    def settle(self) -> None:
        """Waits until no request is being answered."""
        with self._quiet:
            assert self._quiet.wait_for(lambda: not self._running, 60), "a request does not end"

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Counts a request that is being answered."""
        with self._quiet:
            self._running += 1
        try:
            yield
        finally:
            with self._quiet:
                self._running -= 1
                self._quiet.notify_all()

    def steps(self) -> list[str]:
        """Returns what was asked for, in order."""
        return [request.step for request in self.journal]

    def admits(self, header: str | None) -> bool:
        """Tells whether a request may be answered."""
        known = [base64.b64encode(f"{user}:{self.password}".encode()).decode() for user in USERS]
        return not self.password or header in [f"Basic {each}" for each in known]


class _Handler(BaseHTTPRequestHandler):
    """Hands requests on to `git http-backend`."""

    server_of_git: GitServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """Answers a request for the list of refs."""
        with self.server_of_git.answering():
            self._answer()

    def do_POST(self) -> None:
        """Answers a fetch or a push."""
        with self.server_of_git.answering():
            self._answer()

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self._body()
        if not self.server_of_git.admits(self.headers.get("Authorization")):
            self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
            return
        request = self.server_of_git.journalled(self.command, path, query)
        try:
            self.server_of_git.before(request)
            answer = self._run(path, query, body)
            self.server_of_git.after(request)
        except RefusedError as refused:
            if refused.status:
                self._send(refused.status, {}, b"refused\n")
            self.close_connection = True
            return
        head, _, content = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if line)
        self._send(int(headers.pop("Status", "200").split()[0]), headers, content)

    def _run(self, path: str, query: str, body: bytes) -> bytes:
        variables = {
            "GIT_PROJECT_ROOT": str(self.server_of_git.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": USER,
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "http-backend"], env=_environment() | variables, input=body, capture_output=True, check=False
        )
        return done.stdout or b"Status: 500 Internal Server Error\r\n\r\n" + done.stderr

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            # Whoever asked has gone.
            self.close_connection = True


def git(folder: Path, *arguments: str, input_: bytes = b"", **variables: str) -> str:
    """Runs git in a folder, as a committer of tests; returns what it wrote, without the last line's end."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=_environment() | variables, input=input_, capture_output=True, check=False
    )
    if done.returncode:
        raise AssertionError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="replace").removesuffix("\n")


def refs(repository: Path) -> dict[str, str]:
    """Returns what all refs of a repository point at."""
    listed = git(repository, "for-each-ref", "--format=%(refname) %(objectname)")
    return {name: sha for name, _, sha in (line.partition(" ") for line in listed.splitlines())}


def _environment() -> dict[str, str]:
    """Returns an environment in which git reads no configuration of this machine, and has somebody who commits."""
    names = {f"GIT_{role}_{key}": text for role in ("AUTHOR", "COMMITTER") for key, text in _WHO.items()}
    kept = {key: text for key, text in os.environ.items() if not key.startswith("GIT_") or key == "GIT_EXEC_PATH"}
    return {**kept, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}


_WHO = {"NAME": "Tester", "EMAIL": "tester@example.com"}
