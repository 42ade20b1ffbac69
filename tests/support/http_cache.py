"""A remote cache on loopback that speaks Bazel's HTTP cache protocol: GET, HEAD and PUT of /ac/ and /cas/.

    with HttpCache() as cache:
        cache.put(b"a layer")
        ...                                        # cache.url is what --remote_cache and --remote-cache get
        assert cache.fetched() == [digest of the layer]

Content under /cas/ is checked when it comes, as real caches do; `lie` lets it be another one. Everything is in memory.
"""

import hashlib
import re
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import NamedTuple

_PATH = re.compile(r"(?P<prefix>.*)/(?P<store>ac|cas)/(?P<name>[0-9a-f]{64})")


class Seen(NamedTuple):
    """One request, its answer's status, and the header Authorization that it had."""

    method: str
    path: str
    status: int
    authorization: str


class HttpCache:
    """The cache, from entering a `with` block until leaving it."""

    def __init__(self, authorization: str = "", prefix: str = "") -> None:
        """`authorization` is the header that requests need; `prefix` is the path before /cas/."""
        self.seen: list[Seen] = []
        self.answer: Callable[[str, str], int] = lambda *_: 0
        """Returns the status that a request gets instead of what it asks for, 0 for none."""
        self.retry_after = ""
        """The header Retry-After of all answers; empty for none."""
        self._authorization = authorization
        self._prefix = prefix
        self._content: dict[tuple[str, str], bytes] = {}
        self._lock = Lock()
        cache = self

        class Handler(_Handler):
            owner = cache

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def host(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The address, without a user."""
        return f"http://{self.host}{self._prefix}"

    def __enter__(self) -> "HttpCache":
        """Starts to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Answers nobody any more."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def put(self, content: bytes) -> str:
        """Keeps content; returns its digest."""
        name = hashlib.sha256(content).hexdigest()
        self._content["cas", name] = content
        return f"sha256:{name}"

    def lie(self, digest: str, content: bytes) -> None:
        """Has other content under a digest."""
        self._content["cas", digest.removeprefix("sha256:")] = content

    def evict(self, digest: str) -> None:
        """Loses content."""
        del self._content["cas", digest.removeprefix("sha256:")]

    def fetched(self) -> list[str]:
        """Returns the digests of what was asked for by GET below /cas/, in order."""
        paths = [seen.path for seen in self.seen if seen.method == "GET" and "/cas/" in seen.path]
        return [f"sha256:{path.rpartition('/')[2]}" for path in paths]

    def handle(self, method: str, path: str, authorization: str, body: bytes) -> tuple[int, bytes]:
        """Answers one request."""
        status, content = self._handle(method, path, authorization, body)
        with self._lock:
            self.seen.append(Seen(method, path, status, authorization))
        return status, content

    def _handle(self, method: str, path: str, authorization: str, body: bytes) -> tuple[int, bytes]:
        found = _PATH.fullmatch(path)
        if found is None or found["prefix"] != self._prefix:
            return 400, b""
        if authorization != self._authorization:
            return 401, b""
        if instead := self.answer(method, path):
            return instead, b""
        key = found["store"], found["name"]
        if method == "PUT":
            if found["store"] == "cas" and hashlib.sha256(body).hexdigest() != found["name"]:
                return 400, b""
            self._content[key] = body
            return 200, b""
        return (200, self._content[key]) if key in self._content else (404, b"")


class _Handler(BaseHTTPRequestHandler):
    owner: HttpCache
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Keeps quiet: what was asked is in `seen`."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = self.headers.get("Authorization", "")
        status, content = self.owner.handle(self.command, self.path, asked, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if self.owner.retry_after:
            self.send_header("Retry-After", self.owner.retry_after)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = _answer  # noqa: N815 - the names that http.server calls
