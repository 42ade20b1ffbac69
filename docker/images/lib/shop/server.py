"""The HTTP server: reads requests, sends answers, writes the access log, stops gracefully."""

import socket
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from shop.messages import Answer, RefusedError, Request, bad_request
from shop.routing import Routes
from shop.settings import Address

BODY_LIMIT = 64 * 1024
"""The largest request body, in bytes."""

POLL_SECONDS = 0.05
"""How soon the accepting thread notices a stop."""

GRACE_SECONDS = 0.7
"""How long a stop waits for the requests that are being answered; with the rest of it, under a second."""


class Server(ThreadingHTTPServer):
    """Serves `routes` at `address`; one thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, service: str, routes: Routes, address: Address) -> None:
        """Binds and listens.

        Raises:
            OSError: the address cannot be had.
        """
        self.service = service
        self.routes = routes
        self.address_family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        self._busy = 0
        self._idle = threading.Condition()
        super().__init__((address.host, address.port), _Connection)

    @property
    def address(self) -> Address:
        """The address that was actually bound."""
        return Address(*self.socket.getsockname()[:2])

    def server_bind(self) -> None:
        """Binds without the name look-up of `HTTPServer`."""
        TCPServer.server_bind(self)

    def handle_error(self, *_: object) -> None:
        """Logs a connection that broke, in one line."""
        self.log(f"connection broke: {type(sys.exception()).__name__}")

    def log(self, line: str) -> None:
        """Writes one line to stderr."""
        print(f"{self.service}: {line}", file=sys.stderr, flush=True)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Counts a request that a stop has to wait for."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def drain(self) -> None:
        """Waits until no request is being answered, `GRACE_SECONDS` at most."""
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0, GRACE_SECONDS)


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Serves in the background; leaving stops accepting and finishes what is being answered."""
    accepting = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.shutdown()
        accepting.join()
        server.drain()
        server.server_close()


class _Connection(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "shop"
    sys_version = ""
    timeout = 10
    wbufsize = -1
    disable_nagle_algorithm = True

    def serve(self) -> None:
        """Answers one request, whatever its method."""
        started = time.monotonic()
        with self.server.answering():
            answer = self._answer()
            took = round((time.monotonic() - started) * 1000)
            # The path only: a query, a header or a body may hold what no log should.
            path = ascii(self.path.partition("?")[0])[1:-1]
            # Before the answer goes out, so that the lines stand in the order that a client sees.
            self.server.log(f"{self.client_address[0]} {self.command} {path} {answer.status} {took}ms")
            self._send(answer)
            self.wfile.flush()

    def _answer(self) -> Answer:
        try:
            return self.server.routes.answer(self._request())
        except RefusedError as refusal:
            return refusal.answer()
        except (ConnectionError, TimeoutError):
            # The client's connection: `Peer` keeps those of other services to itself.
            raise
        except Exception as error:
            # Without the error's message, which may quote the request.
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.server.log(f"bug: {type(error).__name__} at {place.filename}:{place.lineno}")
            return RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "the service failed").answer()

    def _request(self) -> Request:
        body = self._body()
        if not (self.path.startswith("/") and self.path.isascii() and self.path.isprintable()):
            raise bad_request("target: expected a path in printable ASCII")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, self.path, headers, body)

    def _body(self) -> bytes:
        # RFC 9112 section 6.3: without a length there is no body; an unclear length ends the connection.
        lengths = self.headers.get_all("Content-Length", [])
        try:
            body = self.rfile.read(_length(lengths, "Transfer-Encoding" in self.headers))
        except RefusedError:
            self.close_connection = True
            raise
        if len(body) < int(lengths[0] if lengths else 0):
            raise ConnectionResetError("the body ended early")
        return body

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        fixed = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
        safe = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        closing = {"Connection": "close"} if self.close_connection else {}
        for name, value in {**fixed, **safe, **closing, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def send_error(self, code: int, *_: object, **__: object) -> None:
        """Answers what the base class refuses (a malformed request line, an unknown method) as JSON."""
        self.close_connection = True
        status = HTTPStatus(code)
        self.server.log(f"{self.client_address[0]} refused {code}")
        self._send(RefusedError(status, status.name.lower(), status.phrase).answer())

    def log_message(self, *_: object, **__: object) -> None:
        """Keeps the base class silent: `serve` writes the one line of each request."""


for _method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(_Connection, f"do_{_method}", _Connection.serve)


def _length(lengths: list[str], chunked: bool) -> int:
    if chunked:
        raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "length_required", "body: expected Content-Length, not chunks")
    if not lengths:
        return 0
    if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdigit() and len(lengths[0]) < 16):
        raise bad_request("Content-Length: expected one number")
    if int(lengths[0]) > BODY_LIMIT:
        message = f"body: expected at most {BODY_LIMIT} bytes, found {lengths[0]}"
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)
    return int(lengths[0])
