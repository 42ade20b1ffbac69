"""A GitHub of its own on loopback, with the part of the REST API that pull requests need; it takes nothing else.

What it takes and answers is as docs.github.com/rest/pulls/pulls says (version 2022-11-28).
"""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_a-token-that-nobody-may-see"
PULLS = "/api/v3/repos/acme/deploy/pulls"
HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "Authorization": f"Bearer {TOKEN}",
}


class Answer(NamedTuple):
    """What is answered instead."""

    status: int
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


class GitHubServer:
    """Serves one repository, acme/deploy; to be used as a context."""

    def __init__(self) -> None:
        """Has no pull request yet."""
        self.pulls: list[dict[str, Any]] = []
        self.journal: list[tuple[str, str]] = []
        self.faults: list[str] = []
        """What was not as the API has it."""
        self.instead: Callable[[str], Answer | None] = lambda _: None
        """May answer a request, by its method, in the place of the server."""
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
        """Ends all serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        """Such as `127.0.0.1:4711`."""
        return f"127.0.0.1:{self._http.server_address[1]}"

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answers one request."""
        self.journal.append((method, target))
        for name, value in HEADERS.items():
            if headers.get(name) != value:
                return self._fault(f"{name}: {headers.get(name)!r}")
        if instead := self.instead(method):
            return instead
        path = urlsplit(target).path
        if (method, path) == ("GET", PULLS):
            return self._list(target)
        if (method, path) == ("POST", PULLS):
            return self._open(body)
        if method == "PATCH" and path.startswith(f"{PULLS}/"):
            return self._edit(path.rpartition("/")[2], body)
        return self._fault(f"{method} {target}", 404)

    def _list(self, target: str) -> Answer:
        query = {key: values[0] for key, values in parse_qs(urlsplit(target).query, strict_parsing=True).items()}
        if set(query) != {"state", "head", "base", "page", "per_page"} or query["state"] != "open":
            return self._fault(f"query: {query}", 422)
        owner, colon, branch = query["head"].partition(":")
        if (owner, colon) != ("acme", ":"):
            return self._fault(f"head: {query['head']}", 422)
        found = [each for each in self.pulls if (each["head"]["ref"], each["base"]["ref"]) == (branch, query["base"])]
        return Answer(200, found)

    def _open(self, body: bytes) -> Answer:
        asked = json.loads(body)
        if set(asked) != {"title", "head", "base", "body"} or not all(isinstance(each, str) for each in asked.values()):
            return self._fault(f"body: {asked}", 422)
        if any(each["head"]["ref"] == asked["head"] for each in self.pulls):
            message = f"A pull request already exists for acme:{asked['head']}."
            error = {"resource": "PullRequest", "code": "custom", "message": message}
            return Answer(422, {"message": "Validation Failed", "errors": [error]})
        number = len(self.pulls) + 7
        url = f"http://{self.host}/acme/deploy/pull/{number}"
        texts = {"title": asked["title"], "body": asked["body"], "html_url": url, "number": number, "state": "open"}
        self.pulls.append({**texts, "head": {"ref": asked["head"]}, "base": {"ref": asked["base"]}})
        return Answer(201, self.pulls[-1])

    def _edit(self, number: str, body: bytes) -> Answer:
        asked = json.loads(body)
        found = [each for each in self.pulls if str(each["number"]) == number]
        if not found or set(asked) != {"title", "body"}:
            return self._fault(f"PATCH {number}: {asked}", 422)
        found[0].update(asked)
        return Answer(200, found[0])

    def _fault(self, text: str, status: int = 401) -> Answer:
        self.faults.append(text)
        return Answer(status, {"message": "This is not the API"})


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
        self.send_response(found.status)
        for name, value in (*found.headers, ("Content-Type", "application/json")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
