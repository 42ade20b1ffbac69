"""What the user sees while the root is prepared: one updating line on a terminal, one line a step elsewhere."""

import os
import sys
import time

_PREFIX = "rules_release: "
_SHORT = 2


class PreparationError(Exception):
    """A reason why the root cannot be prepared, with the remedy, for the user."""


class Step:
    """One step of the preparation: a context manager that reports its start, its progress and its end on stderr."""

    def __init__(self, title: str, total: int = 0) -> None:
        """Names the step; `total` is its amount of work in bytes, 0 where that is unknown."""
        self._title = f"{title}, {total / 1e6:.0f} MB" if total else title
        self._total = total
        self._shown = 0.0
        self._start = time.monotonic()
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> "Step":
        self._write(f"{self._title} ...", end="" if self._live else "\n")
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        seconds = time.monotonic() - self._start
        if kind is None and (self._live or seconds >= _SHORT):
            self._write(f"{self._title}: done in {seconds:.0f} s", end="\n")
        elif self._live:
            sys.stderr.write("\n")

    def update(self, done: int) -> None:
        """Shows how many bytes are done, on a terminal, at most ten times a second."""
        now = time.monotonic()
        if self._live and self._total and now - self._shown >= 0.1:
            self._shown = now
            self._write(f"{self._title}: {min(100, 100 * done // self._total)}%", end="")

    def _write(self, text: str, end: str) -> None:
        start = "\r\033[K" if self._live else ""
        sys.stderr.write(f"{start}{_PREFIX}{text}{end}")
        sys.stderr.flush()


def say(text: str) -> None:
    """Writes one line to stderr."""
    sys.stderr.write(f"{_PREFIX}{text}\n")
    sys.stderr.flush()
