"""What is sent and received over HTTP, and how long that may take."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol


class ProtocolError(OSError):
    """The server's answer is no HTTP, is longer than allowed, or ended too early."""


class Socket(Protocol):
    """What a connection needs of a socket; ssl.SSLSocket has it too."""

    def sendall(self, data: bytes, /) -> None:
        """Sends all bytes."""

    def recv(self, size: int, /) -> bytes:
        """Receives some bytes; none at the end."""

    def settimeout(self, seconds: float, /) -> None:
        """Sets the time that one operation may take."""

    def fileno(self) -> int:
        """Returns the file descriptor."""

    def close(self) -> None:
        """Closes the socket."""


Sent = Callable[[int], None]


def _tell_nobody(position: int) -> None:
    """Leaves untold how far it is."""


class FileBody(NamedTuple):
    """A body that is read from a file while it is sent: `length` bytes from `offset`."""

    path: Path
    length: int
    offset: int = 0
    sent: Sent = _tell_nobody
    """Is told up to which offset bytes were sent."""


Body = bytes | FileBody | None
Sink = Callable[[bytes], object]


class Response(NamedTuple):
    """An answer; header names are in lower case, repeated ones joined with a comma."""

    status: int
    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """Returns a header's value by its lower-case name; empty where it is missing."""
        return self.headers.get(name, "")


class Times(NamedTuple):
    """Seconds: to connect, for one read or write, and for a whole exchange (uploads get more by their length)."""

    connect: float = 15.0
    idle: float = 45.0
    total: float = 120.0
    bytes_per_second: float = 64 * 1024

    def deadline(self, body: Body) -> float:
        """Returns the moment at which an exchange with this body has taken too long."""
        length = body.length if isinstance(body, FileBody) else len(body or b"")
        return time.monotonic() + self.total + length / self.bytes_per_second
