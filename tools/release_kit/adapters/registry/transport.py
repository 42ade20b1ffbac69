"""HTTP/1.1 to one or more hosts over kept-alive connections, shared by all threads."""

import http.client
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from release_kit import __version__
from release_kit.errors import RegistryError

TIMEOUT_SECONDS = 60.0
BLOCK_BYTES = 256 * 1024
MAX_BODY_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `body` is sent as it is, a Path is streamed with `length` bytes."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Path | None = None
    length: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, read to its end (at most MAX_BODY_BYTES)."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def header(self, name: str) -> str:
        """Returns a header's value; empty where it is missing."""
        value = self.headers.get(name)
        return "" if value is None else str(value)


class Transport:
    """Sends requests; opens as many connections to a host as threads ask for at once."""

    def __init__(self, timeout: float = TIMEOUT_SECONDS) -> None:
        """Opens nothing yet; `timeout` is seconds for each connect, read and write."""
        self._timeout = timeout
        self._idle: dict[tuple[str, str], list[http.client.HTTPConnection]] = {}
        self._lock = threading.Lock()

    def send(self, request: Request) -> Response:
        """Sends a request and reads the answer.

        A kept-alive connection that the server has closed meanwhile is replaced by a new one, once.

        Raises:
            RegistryError: the host can't be reached, or the connection broke.
        """
        scheme, host, *_ = urlsplit(request.url)
        idle = self._reuse(scheme, host)
        try:
            if idle is not None:
                try:
                    return self._exchange(idle, request)
                except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                    pass
            return self._exchange(self._open(scheme, host), request)
        except (OSError, http.client.HTTPException) as error:
            raise _unreachable(scheme, host, error) from None

    def close(self) -> None:
        """Closes all idle connections."""
        with self._lock:
            for connections in self._idle.values():
                for connection in connections:
                    connection.close()
            self._idle.clear()

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> Response:
        """Sends and reads on one connection, and keeps it for the next request only if all went well."""
        try:
            answer = self._answer(connection, request)
            body = answer.read(MAX_BODY_BYTES)
        except BaseException:
            connection.close()
            raise
        if answer.will_close or not answer.isclosed():
            answer.close()
            connection.close()
        else:
            with self._lock:
                self._idle.setdefault(urlsplit(request.url)[:2], []).append(connection)
        return Response(answer.status, answer.headers, body)

    def _answer(self, connection: http.client.HTTPConnection, request: Request) -> http.client.HTTPResponse:
        parts = urlsplit(request.url)
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        # A server may answer before it has read the whole body, and hang up: that answer says why.
        with suppress(BrokenPipeError, ConnectionResetError):
            _write(connection, request, target)
        return connection.getresponse()

    def _reuse(self, scheme: str, host: str) -> http.client.HTTPConnection | None:
        with self._lock:
            idle = self._idle.get((scheme, host))
            return idle.pop() if idle else None

    def _open(self, scheme: str, host: str) -> http.client.HTTPConnection:
        if scheme == "http":
            return http.client.HTTPConnection(host, timeout=self._timeout, blocksize=BLOCK_BYTES)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, timeout=self._timeout, blocksize=BLOCK_BYTES, context=context)


def _write(connection: http.client.HTTPConnection, request: Request, target: str) -> None:
    headers = {"User-Agent": f"release-kit/{__version__}", **request.headers}
    if isinstance(request.body, Path):
        with request.body.open("rb") as file:
            headers["Content-Length"] = str(request.length)
            connection.request(request.method, target, body=file, headers=headers)
    else:
        connection.request(request.method, target, body=request.body, headers=headers)


def _unreachable(scheme: str, host: str, error: Exception) -> RegistryError:
    if isinstance(error, ssl.SSLCertVerificationError):
        remedy = "add the registry's certificate authority to the machine, or name its file in SSL_CERT_FILE"
        return RegistryError(f"{host}: its TLS certificate is not trusted: {error.verify_message}", remedy)
    if isinstance(error, ssl.SSLError):
        remedy = "a registry without TLS needs --insecure"
        return RegistryError(f"{host}: no TLS connection: {error.reason or error}", remedy)
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    remedy = "check the registry's name and port, and that it can be reached from here"
    return RegistryError(f"{scheme}://{host}: can't be reached: {reason}", remedy)
