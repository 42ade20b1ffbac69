"""HTTP/1.1 on one connection (RFC 9112): just what a registry client needs, with every size and time bounded.

The standard library's client would do; importing it costs more than all requests of an unchanged release.
"""

import os
import select
import socket
import time
from typing import cast

from release_kit.adapters.registry.messages import Body, FileBody, ProtocolError, Response, Sink, Socket, Times
from release_kit.errors import InputError

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_CHUNK_DIGITS = 16
RECEIVE_BYTES = 64 * 1024
SEND_BYTES = 1024 * 1024
_HEXADECIMAL = b"0123456789abcdefABCDEF"


class Connection:
    """One connection; not safe to use from several threads at once."""

    def __init__(self, sock: Socket, times: Times, encrypted: bool = False) -> None:
        """Takes over a connected socket."""
        self._socket = sock
        self._times = times
        self._encrypted = encrypted
        self._buffer = bytearray()
        self._deadline = 0.0
        self.reusable = True
        self.heard = False
        """Whether anything has come in answer to the last request."""

    def exchange(self, method: str, head: bytes, body: Body, sink: Sink | None = None) -> Response:
        """Sends a request and reads the answer to its end.

        Args:
            method: of the request; the answer to HEAD has no body.
            head: the request up to and with the empty line, Content-Length included.
            body: what follows it.
            sink: gets the body of a 200 piece by piece, however long it is; the response has none then.

        Raises:
            OSError: the connection broke, took too long, or what came is no HTTP. `reusable` is False then.
        """
        self._deadline = self._times.deadline(body)
        self.heard = False
        try:
            complete = self._send(head, body)
            response = self._receive(method, sink)
        except BaseException:
            self.close()
            raise
        if not complete or not self.reusable:
            self.close()
        return response

    def close(self) -> None:
        """Closes the connection; it is not reusable."""
        self.reusable = False
        self._socket.close()

    def is_stale(self) -> bool:
        """Tells whether an idle connection was closed by the server, or has bytes that nobody asked for."""
        return bool(_ready(self._socket.fileno(), select.POLLIN, 0))

    def _send(self, head: bytes, body: Body) -> bool:
        """Sends all; False where the server answered or hung up before it had read all: its answer says why."""
        self._within_time()
        try:
            if isinstance(body, FileBody):
                self._socket.sendall(head)
                return self._send_file(body)
            self._socket.sendall(head + body if body else head)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def _send_file(self, body: FileBody) -> bool:
        try:
            descriptor = os.open(body.path, os.O_RDONLY)
        except OSError as error:
            raise InputError(f"{body.path}: can't be read: {error.strerror}") from None
        try:
            position, end = body.offset, body.offset + body.length
            while position < end:
                # What comes over TLS may be a session ticket and no answer (RFC 8446, section 4.6.1).
                if not self._encrypted and self.is_stale():
                    return False
                self._within_time()
                sent = self._send_piece(descriptor, position, min(SEND_BYTES, end - position))
                if not sent:
                    raise InputError(f"{body.path}: ended {end - position} bytes too early", "build it again")
                position += sent
                body.sent(position)
        finally:
            os.close(descriptor)
        return True

    def _send_piece(self, descriptor: int, position: int, size: int) -> int:
        if self._encrypted or not hasattr(os, "sendfile"):
            piece = os.pread(descriptor, size, position)
            self._socket.sendall(piece)
            return len(piece)
        while True:
            try:
                return os.sendfile(self._socket.fileno(), descriptor, position, size)
            except BlockingIOError:
                self._wait_until_writable()

    def _wait_until_writable(self) -> None:
        left = max(min(self._times.idle, self._deadline - time.monotonic()), 0)
        events = _ready(self._socket.fileno(), select.POLLIN | select.POLLOUT, left)
        if not events:
            raise TimeoutError("timed out while sending")
        if not events & select.POLLOUT:
            raise BrokenPipeError

    def _receive(self, method: str, sink: Sink | None) -> Response:
        status, headers, version = self._read_head()
        while status < 200:
            status, headers, version = self._read_head()
        connection = headers.get("connection", "").lower()
        if "close" in connection or (version == b"HTTP/1.0" and "keep-alive" not in connection):
            self.reusable = False
        if method == "HEAD" or status in (204, 304):
            return Response(status, headers, b"")
        if sink and status == 200:
            self._pour(headers, sink)
            return Response(status, headers, b"")
        return Response(status, headers, self._read_body(headers))

    def _read_head(self) -> tuple[int, dict[str, str], bytes]:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise ProtocolError("the head of the answer is too long")
            self._read_more()
        lines = bytes(self._buffer[:end]).split(b"\r\n")
        del self._buffer[: end + 4]
        version, _, rest = lines[0].partition(b" ")
        if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
            raise ProtocolError("the answer is no HTTP")
        return int(rest[:3]), _headers(lines[1:]), version

    def _read_body(self, headers: dict[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._read_chunks()
        length = headers.get("content-length")
        if length is None:
            return self._read_to_the_end()
        if not length.isdecimal():
            raise ProtocolError("the answer has no legal Content-Length")
        return self._take(int(length)) if int(length) <= MAX_BODY_BYTES else self._cut_off()

    def _pour(self, headers: dict[str, str], sink: Sink) -> None:
        """Passes a body on, of which the length is known or which comes in chunks."""
        if "chunked" in headers.get("transfer-encoding", "").lower():
            while size := self._chunk_size():
                self._pour_bytes(size, sink)
                self._line()
            while self._line():
                pass
        elif headers.get("content-length", "").isdecimal():
            self._pour_bytes(int(headers["content-length"]), sink)
        else:
            raise ProtocolError("the answer does not say how long it is")

    def _pour_bytes(self, size: int, sink: Sink) -> None:
        while size:
            if not self._buffer:
                self._deadline = max(self._deadline, time.monotonic() + self._times.idle)
                self._read_more()
            piece = self._take(min(size, len(self._buffer)))
            sink(piece)
            size -= len(piece)

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            if len(body) + size > MAX_BODY_BYTES:
                return bytes(body) + self._cut_off()
            body += self._take(size)
            self._line()
        while self._line():
            pass
        return bytes(body)

    def _chunk_size(self) -> int:
        text = self._line().partition(b";")[0].strip()
        if len(text) > MAX_CHUNK_DIGITS or not text or text.strip(_HEXADECIMAL):
            raise ProtocolError("the answer has an illegal chunk")
        return int(text, 16)

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise ProtocolError("the answer has a line that is too long")
            self._read_more()
        return self._take(end + 2)[:-2]

    def _read_to_the_end(self) -> bytes:
        self.reusable = False
        while len(self._buffer) < MAX_BODY_BYTES:
            try:
                self._read_more()
            except ProtocolError:
                break
        return bytes(self._buffer[:MAX_BODY_BYTES])

    def _cut_off(self) -> bytes:
        """Returns what has come so far of a body that is too long to be read."""
        self.reusable = False
        return bytes(self._buffer[:RECEIVE_BYTES])

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._read_more()
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _read_more(self) -> None:
        self._within_time()
        received = self._socket.recv(RECEIVE_BYTES)
        if not received:
            raise ProtocolError("the server closed the connection before its answer was complete")
        self.heard = True
        self._buffer += received

    def _within_time(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the exchange took too long")
        self._socket.settimeout(min(self._times.idle, left))


def _ready(descriptor: int, events: int, seconds: float) -> int:
    """Waits until one of the events has come; returns those that have, 0 if none has in time."""
    poll = select.poll()
    poll.register(descriptor, events)
    return sum(found for _, found in poll.poll(seconds * 1000))


def _headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode("latin-1").partition(":")
        name = name.strip().lower()
        headers[name] = f"{headers[name]}, {value.strip()}" if name in headers else value.strip()
    return headers


def connect(host: str, port: int, times: Times) -> socket.socket:
    """Opens a TCP connection; small requests are sent at once."""
    # As bytes, which typeshed does not know, a name is not looked at by the slow codec of international names.
    sock = socket.create_connection((cast("str", host.encode("ascii")), port), times.connect)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock
