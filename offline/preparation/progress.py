"""What the user sees while the root is prepared: one updating line on a terminal, one line a step elsewhere."""

import os
import sys
import time


class PreparationError(Exception):
    """A reason why the root cannot be prepared, with the remedy, for the user."""


class Step:
    """One step of the preparation, as a context manager that reports its start, its progress and its end on stderr."""

    def __init__(self, title: str, total: int = 0, unit: str = "") -> None:
        """`total` is the amount of work in bytes for the unit "MB", else a count; 0 shows no amount."""
        self._title = title
        self._total = total
        self._unit = unit
        self._note = ""
        self._shown = 0.0
        self._start = time.monotonic()
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __enter__(self) -> "Step":
        self._write(f"{self._title} ..." if self._live else f"{self._title}{self._size()} ...\n")
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self._write("\n" if self._live else "")
            return
        seconds = time.monotonic() - self._start
        note = f", {self._note}" if self._note else ""
        if self._live or note or seconds >= 2:
            self._write(f"{self._title}{self._size()}: done in {seconds:.0f} s{note}\n")

    def note(self, text: str) -> None:
        """Adds `text` to the line that reports the end of the step."""
        self._note = text

    def update(self, done: int) -> None:
        """Shows how far the step is, at most ten times a second."""
        now = time.monotonic()
        if self._live and self._total and now - self._shown >= 0.1:
            self._shown = now
            percent = min(100, 100 * done // self._total)
            self._write(f"{self._title}: {percent}% of {_amount(self._total, self._unit)}")

    def _size(self) -> str:
        return f", {_amount(self._total, self._unit)}" if self._total else ""

    def _write(self, text: str) -> None:
        start = "\r\033[K" if self._live and text != "\n" else ""
        sys.stderr.write(start + text if self._live else "rules_release: " * bool(text) + text)
        sys.stderr.flush()


def say(text: str) -> None:
    """Writes one line to stderr."""
    print(f"rules_release: {text}", file=sys.stderr, flush=True)


def _amount(total: int, unit: str) -> str:
    return f"{total / 1e6:.0f} MB" if unit == "MB" else f"{total} {unit}"
