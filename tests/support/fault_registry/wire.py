"""HTTP/1.1 on a socket: reads requests, writes answers."""

import contextlib
import http
import io
import socket
import struct

from tests.support.fault_registry.messages import PIECE_BYTES, Answer, Body, Hangup, Request
from tests.support.fault_registry.routes import route

MAX_LINE_BYTES = 64 * 1024
_NOT_HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_LINGER_NONE = struct.pack("ii", 1, 0)


class Connection:
    """One client's connection."""

    def __init__(self, host: str, peer: socket.socket) -> None:
        """Takes the socket over; `host` is the name of the listener that accepted it."""
        self._host = host
        self._socket = peer
        self._file: io.BufferedReader = peer.makefile("rb")
        self._expects = False

    def receive(self) -> Request | None:
        """Reads the next request up to its body; None if the client is gone or speaks no HTTP."""
        begin = self._file.peek(1)[:1]
        if not begin.isalpha():
            if begin:  # A TLS handshake, in which no line might ever end.
                self._socket.sendall(_NOT_HTTP)
                self._linger()
            return None
        words = self._line().split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return None
        headers: dict[str, str] = {}
        while line := self._line():
            name, _, value = line.partition(":")
            name = name.strip().lower()
            headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
        self._expects = headers.get("expect", "").lower() == "100-continue"
        target = words[1]
        request = Request(self._host, words[0], target, headers, self._body(headers), route(""))
        return Request(self._host, words[0], target, headers, request.body, route(request.path))

    def send(self, request: Request, answer: Answer) -> bool:
        """Writes an answer and returns whether the connection is to be kept.

        Raises:
            Hangup: a fault ends it in the middle.
        """
        unread = not request.body.ended
        close = answer.close or unread or request.header("connection").lower() == "close"
        head = _head(answer, close and answer.announce)
        for piece in answer.pieces(head, b"" if request.method == "HEAD" else answer.content):
            self._socket.sendall(piece)
        if unread and not self._expects:
            self._linger()
        return not close

    def hang_up(self, reset: bool) -> None:
        """Closes the connection; with `reset` it throws away what is under way and sends a TCP RST."""
        if reset:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
        else:
            self.interrupt()
        self._file.close()
        self._socket.close()

    def interrupt(self) -> None:
        """Wakes up whatever waits for this connection; to be called from another thread."""
        with contextlib.suppress(OSError):  # It may be closed already.
            self._socket.shutdown(socket.SHUT_RDWR)

    def _line(self) -> str:
        return self._file.readline(MAX_LINE_BYTES).decode("latin-1").rstrip("\r\n")

    def _body(self, headers: dict[str, str]) -> Body:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return Body(_Chunks(self).pull, None)
        length = headers.get("content-length", "")
        return Body(self.pull, int(length) if length.isdigit() else 0)

    def pull(self, limit: int) -> bytes:
        """Returns up to `limit` bytes of a body of known length."""
        if self._expects:
            self._expects = False
            self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        piece = self._file.read1(limit)
        if not piece:
            raise Hangup
        return bytes(piece)

    def chunk_size(self) -> int:
        """Reads the line with the size of a chunk, or what follows the last one."""
        size = int(self._line().partition(";")[0], 16)
        if size == 0:
            while self._line():
                pass
        return size

    def chunk_end(self) -> None:
        """Reads what ends a chunk."""
        self._line()

    def _linger(self) -> None:
        """Says that no more comes and reads on until the client has seen it, else its answer might be lost by a RST."""
        self._socket.shutdown(socket.SHUT_WR)
        while self._file.read1(PIECE_BYTES):
            pass


class _Chunks:
    """A body in chunked transfer coding (RFC 9112, 7.1)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._left = 0
        self._begun = False

    def pull(self, limit: int) -> bytes:
        """Returns up to `limit` bytes, none at the end."""
        if not self._left and not self._next():
            return b""
        piece = self._connection.pull(min(limit, self._left))
        self._left -= len(piece)
        if not self._left:
            self._connection.chunk_end()
        return piece

    def _next(self) -> bool:
        try:
            self._left = self._connection.chunk_size()
        except ValueError:
            raise Hangup from None
        return self._left > 0


def _head(answer: Answer, announce_close: bool) -> bytes:
    try:
        phrase = http.HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = "Unknown"
    length = len(answer.content) if answer.length is None else answer.length
    headers = [*answer.headers]
    if length >= 0 and answer.status not in (204, 304):
        headers.append(("Content-Length", str(length)))
    if announce_close:
        headers.append(("Connection", "close"))
    lines = [f"{answer.version} {answer.status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
