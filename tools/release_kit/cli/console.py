"""The only writer to stdout and stderr: stderr narrates, stdout carries the result."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from release_kit.cli.transfers import Transfers
from release_kit.errors import ReleaseError


class Console:
    """Narrates on stderr, with a little colour on a terminal unless NO_COLOR is set."""

    def __init__(self) -> None:
        """Looks at the terminal once."""
        self.verbosity = 0
        """Below 0: errors only; above 0: every request, too."""
        self._is_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self._is_terminal and "NO_COLOR" not in os.environ
        self._write: Callable[[str], object] = sys.stderr.write

    def step(self, title: str) -> None:
        """Says that a step of the release begins."""
        if self.verbosity >= 0:
            self._say(f"* {self._paint(title, '1')}")

    def note(self, text: str) -> None:
        """Says something worth knowing, in one line."""
        if self.verbosity >= 0:
            self._say(f"  {text}")

    def ask(self, question: str) -> None:
        """Asks something of who sits at the terminal; the answer is on the same line."""
        self._write(question)
        sys.stderr.flush()

    def detail(self, text: str) -> None:
        """Says what only a searching eye wants to know, in one line."""
        if self.verbosity > 0:
            self._say(f"    {text}")

    def error(self, error: ReleaseError) -> None:
        """Says what went wrong, and on a line of its own what to do about it."""
        self._say(f"{self._paint('ERROR', '31')} {error.message}")
        if error.remedy:
            self._say(f"{self._paint('try', '36')}   {error.remedy}")

    @contextmanager
    def transfers(self, expected: Mapping[str, int]) -> Iterator[Transfers]:
        """Counts what travels and says so at the end; on a terminal, shows it meanwhile."""
        if self._is_terminal and self.verbosity == 0:
            from release_kit.cli.progress import shown

            with shown(expected) as (transfers, write):
                self._write = write
                try:
                    yield transfers
                finally:
                    self._write = sys.stderr.write
        else:
            transfers = Transfers()
            yield transfers
        self.note(str(transfers))

    def result(self, text: str) -> None:
        """Writes the command's result to stdout."""
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Writes a table to stdout, its columns as wide as they need to be."""
        widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (header, *rows)
        )
        self.result("\n".join(lines))

    def _say(self, text: str) -> None:
        self._write(f"{text}\n")
        sys.stderr.flush()

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def escaped(text: str) -> str:
    """Returns a text of several lines as a terminal may show it."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else ascii(letter)[1:-1] for letter in text)
