"""Requests to one or more hosts over kept-alive connections, shared by all threads."""

import os
import socket
import threading
from typing import NamedTuple

import release_kit
from release_kit.adapters.registry.http1 import Connection, connect
from release_kit.adapters.registry.messages import Body, FileBody, ProtocolError, Response, Sink, Times
from release_kit.adapters.registry.urls import Url
from release_kit.errors import RegistryError


class Request(NamedTuple):
    """One request; Host, User-Agent and Content-Length are added when it is sent."""

    method: str
    url: Url
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = None
    sink: Sink | None = None

    def with_header(self, name: str, value: str) -> "Request":
        """Returns the request with one more header."""
        return self._replace(headers=(*self.headers, (name, value)))


class ConnectionFailedError(RegistryError):
    """The connection broke or nobody answered in time: trying again may help."""


class UnreachableError(ConnectionFailedError):
    """No connection was made at all: the name may be wrong."""


class Transport:
    """Sends requests; opens as many connections to a host as threads ask for at once."""

    def __init__(self, times: Times) -> None:
        """Opens nothing yet."""
        self._times = times
        self._idle: dict[tuple[str, str], list[Connection]] = {}
        self._lock = threading.Lock()

    def send(self, request: Request) -> Response:
        """Sends a request and reads the answer.

        Raises:
            ConnectionFailedError: the host can't be reached, the connection broke, or what answers speaks no HTTP.
            RegistryError: its certificate is not trusted, or the request itself is not legal.
        """
        url = request.url
        failure: type[RegistryError] = ConnectionFailedError
        try:
            head = _head(request)
            idle = self._reuse(url)
            if idle:
                try:
                    return self._exchange(idle, head, request)
                except (ConnectionError, ProtocolError):
                    # A server that hangs up on a small request without a word has not seen it: another connection will
                    # do. Of a file some may have arrived, and would arrive twice.
                    if idle.heard or isinstance(request.body, FileBody):
                        raise
            failure = UnreachableError
            connection = self._open(url)
            failure = ConnectionFailedError
            return self._exchange(connection, head, request)
        except (OSError, ValueError) as error:
            raise _failure(url, error, failure) from None

    def _exchange(self, connection: Connection, head: bytes, request: Request) -> Response:
        response = connection.exchange(request.method, head, request.body, request.sink)
        if connection.reusable:
            with self._lock:
                self._idle.setdefault((request.url.scheme, request.url.host), []).append(connection)
        return response

    def close(self) -> None:
        """Closes all idle connections."""
        with self._lock:
            connections = [connection for idle in self._idle.values() for connection in idle]
            self._idle.clear()
        for connection in connections:
            connection.close()

    def _reuse(self, url: Url) -> Connection | None:
        while True:
            with self._lock:
                idle = self._idle.get((url.scheme, url.host))
                connection = idle.pop() if idle else None
            if connection is None or not connection.is_stale():
                return connection
            connection.close()

    def _open(self, url: Url) -> Connection:
        sock = self._connect(url)
        if url.scheme == "http":
            return Connection(sock, self._times)
        import ssl

        try:
            encrypted = ssl.create_default_context().wrap_socket(sock, server_hostname=url.address()[0])
        except BaseException:
            sock.close()
            raise
        return Connection(encrypted, self._times, encrypted=True)

    def _connect(self, url: Url) -> socket.socket:
        host, port = url.address()
        if any(name in os.environ for name in _PROXY_VARIABLES):
            from release_kit.adapters.registry import proxies

            proxy = proxies.choose(url, os.environ)
            if proxy:
                return proxies.tunnel(proxy, host, port, self._times)
        return connect(host, port, self._times)


_PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")


def _head(request: Request) -> bytes:
    body = request.body
    lines = [f"{request.method} {request.url.target} HTTP/1.1", f"Host: {request.url.host}"]
    lines.append(f"User-Agent: release-kit/{release_kit.version()}")
    lines += [f"{name}: {value}" for name, value in request.headers]
    if body is not None:
        lines.append(f"Content-Length: {body.length if isinstance(body, FileBody) else len(body)}")
    text = "\r\n".join(lines)
    if not (text.isascii() and all(map(str.isprintable, lines))):
        raise ValueError("a header or the URL has a character that HTTP does not allow")
    return f"{text}\r\n\r\n".encode()


def _failure(url: Url, error: Exception, kind_of_failure: type[RegistryError]) -> RegistryError:
    where = f"{url.scheme}://{url.host}"
    kind = type(error).__name__
    if kind == "SSLCertVerificationError":
        remedy = "add the registry's certificate authority to the machine, or name its file in SSL_CERT_FILE"
        return RegistryError(
            f"{where}: its TLS certificate is not trusted: {getattr(error, 'verify_message', '')}", remedy
        )
    if kind.startswith("SSL"):
        remedy = "a registry without TLS needs --insecure"
        return RegistryError(f"{where}: no TLS connection: {getattr(error, 'reason', None) or kind}", remedy)
    reason = getattr(error, "strerror", None) or str(error) or kind
    remedy = "check the registry's name and port, and that it can be reached from here"
    if isinstance(error, ValueError):
        kind_of_failure = RegistryError
    return kind_of_failure(f"{where}: can't be reached: {reason}", remedy)
