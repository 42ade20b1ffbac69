"""Narrators for tests: what the engines say is kept instead of shown."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Kept:
    """Implements the ports `Narrator` and `Transfers`."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.expected: dict[str, int] = {}
        self.travelled: dict[str, int] = {}
        self.there: dict[str, int] = {}

    def step(self, title: str) -> None:
        """See the port."""
        self.said.append(title)

    def note(self, text: str) -> None:
        """See the port."""
        self.said.append(text)

    @contextmanager
    def transfers(self, expected: Mapping[str, int]) -> Iterator["Kept"]:
        """See the port."""
        self.expected = dict(expected)
        yield self

    def sent(self, name: str, size: int) -> None:
        """See the port."""
        self.travelled[name] = self.travelled.get(name, 0) + size

    def spared(self, name: str, size: int) -> None:
        """See the port."""
        self.there[name] = self.there.get(name, 0) + size


def nobody(size: int) -> None:
    """Hears how many bytes were sent, and keeps it to itself."""
