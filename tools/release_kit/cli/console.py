"""The only writer to stdout and stderr: stderr narrates, stdout carries the result."""

import os
import sys
from collections.abc import Sequence

from release_kit.errors import ReleaseError


class Console:
    """Narrates on stderr, with a little colour on a terminal unless NO_COLOR is set."""

    def __init__(self) -> None:
        """Looks at the terminal once."""
        self.verbosity = 0
        """Below 0: errors only; above 0: every request, too."""
        self._colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ

    def step(self, title: str) -> None:
        """Says that a step of the release begins."""
        if self.verbosity >= 0:
            self._say(f"* {self._paint(title, '1')}")

    def note(self, text: str) -> None:
        """Says something worth knowing, in one line."""
        if self.verbosity >= 0:
            self._say(f"  {text}")

    def detail(self, text: str) -> None:
        """Says what only a searching eye wants to know, in one line."""
        if self.verbosity > 0:
            self._say(f"    {text}")

    def error(self, error: ReleaseError) -> None:
        """Says what went wrong, and on a line of its own what to do about it."""
        self._say(f"{self._paint('ERROR', '31')} {error.message}")
        if error.remedy:
            self._say(f"{self._paint('try', '36')}   {error.remedy}")

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
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text
