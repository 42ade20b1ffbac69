"""A GitHub of its own on loopback, with those parts of the REST API that are asked; it takes nothing else.

It is as a GitHub Enterprise Server is: the API is at `/api/v3`, uploads go to `/api/uploads`. Each part has a module of
its own, `github_<part>.py`, with a class whose `routes` are taken in here (rehearsal/github_routes.py shows one).
What is not as the API has it is refused, and kept in `faults`; at the end of the context there must be none.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

from rehearsal.github_environments import Environments
from rehearsal.github_pulls import Pulls
from rehearsal.github_releases import Releases
from rehearsal.github_routes import API, JSON, NOT_FOUND, UPLOADS, Answer, NotTheApiError, Request, Route
from rehearsal.github_shapes import Site
from rehearsal.github_statuses import Statuses

TOKEN = "ghs_swordfish-that-nobody-may-see"
"""The word in it is what tests look for in all that is told."""
REPOSITORIES = ("acme/deploy", "acme/shop")
_HEADERS = {
    "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "authorization": f"Bearer {TOKEN}",
}
_METHODS_WITHOUT_BODY = ("GET", "HEAD", "DELETE")
Watch = Callable[[Request, Answer], None]
"""Looks at a request and what was answered; raises NotTheApiError where one of them is not as the API has it."""


class GitHubServer:
    """Serves the API of some repositories; to be used as a context."""

    watch: ClassVar[Watch | None] = None
    """Sees each request that a route answers, and the answer, of all servers."""

    def __init__(self, repositories: Sequence[str] = REPOSITORIES) -> None:
        """Has nothing but these repositories, which are empty."""
        self.repositories = repositories
        self.clock: Callable[[], float] = time.time
        """Says how late it is, in seconds since 1970."""
        self.journal: list[tuple[str, str]] = []
        """The method and the target of each request."""
        self.faults: list[str] = []
        """What was not as the API has it."""
        self.instead: Callable[[Request], Answer | None] = lambda _: None
        """May answer a request in the place of the server."""
        self.after: Callable[[Request, Answer], Answer] = lambda _, answer: answer
        """May put another answer in the place of that of the server, which has done what was asked."""
        self.pulls = Pulls(lambda: self.site, lambda: self.clock())
        self.statuses = Statuses(lambda: self.site, lambda: self.clock())
        self.environments = Environments(lambda: self.site, lambda: self.clock())
        self.releases = Releases(lambda: self.site, lambda: self.clock())
        parts = (self.pulls, self.statuses, self.environments, self.releases)
        self.routes: tuple[Route, ...] = tuple(route for part in parts for route in part.routes())
        self._lock = threading.RLock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"github": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        """Begins to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends all serving.

        Raises:
            AssertionError: something was asked that is not as the API has it.
        """
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()
        if self.faults and kind is None:
            raise AssertionError(f"not GitHub's API: {self.faults}")

    @property
    def host(self) -> str:
        """Such as `127.0.0.1:4711`."""
        return f"127.0.0.1:{self._http.server_address[1]}"

    @property
    def site(self) -> Site:
        """Where everything is."""
        web = f"http://{self.host}"
        return Site(web, f"{web}{API}", f"{web}{UPLOADS}")

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answers one request."""
        with self._lock:
            self.journal.append((method, target))
            try:
                request = _request(method, target, headers, body)
            except NotTheApiError as error:
                return self._fault(str(error), 401 if str(error).startswith("authorization") else 400)
        if instead := self.instead(request):
            return instead
        with self._lock:
            return self.after(request, self.routed(request))

    def routed(self, request: Request) -> Answer:
        """Lets the route of a request answer it."""
        found = [(route, match) for route in self.routes if (match := route.match(request))]
        if len(found) != 1:
            return self._fault(f"{request.method} {request.path}: has {len(found)} routes", 404)
        (route, match) = found[0]
        if "repo" in match.parts and match.repository not in self.repositories:
            return NOT_FOUND
        try:
            answer = route.answer(match)
            if watch := type(self).watch:
                watch(match, answer)
        except NotTheApiError as error:
            return self._fault(f"{request.method} {request.path}: {error}", 422)
        return answer

    def _fault(self, text: str, status: int) -> Answer:
        self.faults.append(text.replace(TOKEN, "***"))
        return Answer(status, {"message": "This is not the API"})


def _request(method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    """Reads a request.

    Raises:
        NotTheApiError: it is at no place of the API, or its headers are not those that all requests have.
    """
    address = urlsplit(target)
    root = next((each for each in (API, UPLOADS) if address.path.startswith(f"{each}/")), "")
    if not root:
        raise NotTheApiError(f"{target}: is below neither {API} nor {UPLOADS}")
    known = {name.lower(): value for name, value in headers.items()}
    for name, value in _HEADERS.items():
        if known.get(name) != value:
            raise NotTheApiError(f"{name}: {known.get(name)!r}")
    if not known.get("user-agent"):
        raise NotTheApiError("user-agent: none")
    if (body or "content-type" in known) and method in _METHODS_WITHOUT_BODY:
        raise NotTheApiError(f"{method} with a body")
    try:
        pairs = parse_qsl(address.query, keep_blank_values=True, strict_parsing=bool(address.query))
    except ValueError as error:
        raise NotTheApiError(f"query: {address.query}") from error
    if len(dict(pairs)) != len(pairs):
        raise NotTheApiError(f"query: {address.query} says one thing twice")
    return Request(method, root, address.path.removeprefix(root), dict(pairs), known, body)


class _Handler(BaseHTTPRequestHandler):
    github: GitHubServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answers requests of all methods alike."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = self.github.answer(self.command, self.path, dict(self.headers.items()), body)
        if not found.status:
            self.close_connection = True
            return
        content = found.body if isinstance(found.body, bytes) else json.dumps(found.body).encode()
        if found.body is None:
            content = b""
        self.send_response(found.status)
        for name, value in (*found.headers, ("Content-Type", JSON)):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
