"""What travels: requests with bodies that are read piece by piece, and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from tests.support.fault_registry.routes import Route

PIECE_BYTES = 64 * 1024


class Hangup(Exception):
    """Ends the connection without another byte."""

    def __init__(self, reset: bool = False) -> None:
        """Ends it; with `reset` by a TCP RST, so that the client sees "connection reset by peer"."""
        super().__init__("reset" if reset else "close")
        self.reset = reset


class Answered(Exception):
    """A fault ends the handling of a request with an answer."""

    def __init__(self, answer: Answer) -> None:
        """Carries `answer`."""
        super().__init__(answer.status)
        self.answer = answer


class Refused(Exception):
    """The registry itself refuses a request."""

    def __init__(self, answer: Answer) -> None:
        """Carries `answer`."""
        super().__init__(answer.status)
        self.answer = answer


class Body:
    """A request's body: counts what arrives, and calls a fault after a given number of bytes."""

    def __init__(self, pull: Callable[[int], bytes], length: int | None) -> None:
        """Reads nothing yet.

        Args:
            pull: returns up to so many bytes, none at the end.
            length: the Content-Length, None where it is chunked.
        """
        self.length = length
        self.received = 0
        self.ended = length == 0
        self._pull = pull
        self._cuts: list[tuple[int, Callable[[], None]]] = []

    def cut(self, after: int, fault: Callable[[], None]) -> None:
        """Calls `fault` when exactly `after` bytes have been handed on; it may raise, or return to go on."""
        self._cuts = sorted([*self._cuts, (after, fault)], key=lambda cut: cut[0])

    def pieces(self) -> Iterator[bytes]:
        """Yields the rest of the body."""
        while True:
            while self._cuts and self._cuts[0][0] <= self.received:
                self._cuts.pop(0)[1]()
            if self.ended:
                return
            limit = min(PIECE_BYTES, self._cuts[0][0] - self.received) if self._cuts else PIECE_BYTES
            piece = self._pull(limit)
            self.received += len(piece)
            self.ended = not piece or self.received == self.length
            if piece:
                yield piece

    def read(self, limit: int) -> bytes | None:
        """Returns the whole body; None if it has more than `limit` bytes, of which the rest stays unread."""
        content = bytearray()
        for piece in self.pieces():
            content += piece
            if len(content) > limit:
                return None
        return bytes(content)

    def drain(self) -> None:
        """Reads what is left and forgets it."""
        for _ in self.pieces():
            pass


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came; `host` is the name of the listener: registry, token or other."""

    host: str
    method: str
    target: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: Body
    route: Route

    @property
    def path(self) -> str:
        """Returns the path without escapes and query."""
        return unquote(self.target.partition("?")[0])

    @property
    def query(self) -> str:
        """Returns the raw query."""
        return self.target.partition("?")[2]

    @property
    def asked(self) -> str:
        """Returns the path with the query, if there is one."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def parameters(self, name: str) -> list[str]:
        """Returns all values of a query parameter."""
        return [value for key, value in parse_qsl(self.query, keep_blank_values=True) if key == name]

    def parameter(self, name: str) -> str | None:
        """Returns the first value of a query parameter, None where it is absent."""
        values = self.parameters(name)
        return values[0] if values else None

    def header(self, name: str) -> str:
        """Returns a header's value; empty where it is missing."""
        return self.headers.get(name.lower(), "")


def whole(head: bytes, content: bytes) -> Iterable[bytes]:
    """Sends a message in one go, which is what `Answer.pieces` does without a fault."""
    return (head, content) if len(content) > PIECE_BYTES else (head + content,)


@dataclass(slots=True)
class Answer:
    """An answer and how it is delivered; faults change it before it is sent."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    content: bytes = b""
    length: int | None = None
    """The Content-Length to name where it isn't the content's (HEAD, lies); -1 names none."""
    pieces: Callable[[bytes, bytes], Iterable[bytes]] = whole
    """Cuts head and content into what is written piece by piece; may wait or raise Hangup in between."""
    version: str = "HTTP/1.1"
    close: bool = False
    announce: bool = True
    """Whether a close is announced with `Connection: close`."""
    early: bool = False
    """Whether it is sent before the request's body has been read."""

    def header(self, name: str) -> str:
        """Returns a header's value; empty where it is missing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def replace_header(self, name: str, value: str | None) -> None:
        """Sets a header, or takes it away with None."""
        kept = [(key, old) for key, old in self.headers if key.lower() != name.lower()]
        self.headers = kept if value is None else [*kept, (name, value)]


def error(status: int, code: str, message: str = "", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """Makes an answer with one error of the distribution-spec ("Error Codes")."""
    document = {"errors": [{"code": code, "message": message or code.lower().replace("_", " "), "detail": None}]}
    return Answer(status, [("Content-Type", "application/json"), *headers], json.dumps(document).encode())


def refuse(status: int, code: str, message: str = "", headers: Iterable[tuple[str, str]] = ()) -> Refused:
    """Makes an exception that ends the handling with an error."""
    return Refused(error(status, code, message, headers))
