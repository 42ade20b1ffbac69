"""What stands for a Service and for an Ingress: a stable address on loopback before processes that come and go."""

import itertools
import threading
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

_TIMEOUT_SECONDS = 30.0
_HOP = {"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"}
"""Headers of one connection (RFC 9110, section 7.6.1)."""


class Answer(NamedTuple):
    """An answer of a process."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Balancer:
    """Hands requests on to its backends in turn; answers 503 while it has none."""

    def __init__(self) -> None:
        """Begins to serve, without a backend."""
        self._backends: list[str] = []
        self._turn = itertools.count()
        self._http = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"balancer": self}))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:4711`."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def lead_to(self, backends: Sequence[str]) -> None:
        """Hands requests on to these processes from now on; each is HOST:PORT."""
        self._backends = list(backends)

    def close(self) -> None:
        """Ends all serving."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answers one request."""
        backends = self._backends
        if not backends:
            return Answer(503, [("Content-Type", "text/plain")], b"nothing is deployed here yet\n")
        host = backends[next(self._turn) % len(backends)]
        connection = HTTPConnection(host, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, target, body or None, headers)
            answered = connection.getresponse()
            return Answer(answered.status, answered.getheaders(), answered.read())
        except (OSError, HTTPException):
            return Answer(502, [("Content-Type", "text/plain")], b"the process does not answer\n")
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    balancer: Balancer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def handle(self) -> None:
        """Serves one connection, as long as whoever asks is there."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: text for name, text in self.headers.items() if name.lower() not in _HOP}
        status, answered, content = self.balancer.answer(self.command, self.path, headers, body)
        self.send_response_only(status)
        for name, text in answered:
            if name.lower() not in _HOP | {"content-length"}:
                self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()


for _method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(_Handler, f"do_{_method}", _Handler._answer)
