"""What happens in a rehearsal, in order: told as it happens, and as a whole at the end."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

SCHEMA = "rules_release/rehearsal/v1"
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
_MARKS = {PASSED: "ok", FAILED: "FAILED", SKIPPED: "skipped"}
_STYLES = {
    "$ ": "dim",
    "exit ": "red",
    "unexpected:": "red",
    "made to fail:": "yellow",
    "next:": "bold",
    "stopped:": "green",
}
_COLOURS = {PASSED: "green", FAILED: "red", SKIPPED: "yellow"}


class Event(NamedTuple):
    """Something that happened."""

    seconds: float
    """Since the start."""
    stage: str
    what: str
    where: str = ""


class Stage(NamedTuple):
    """A stage that is over."""

    name: str
    outcome: str
    """One of PASSED, FAILED and SKIPPED."""
    seconds: float
    """How long it took."""
    remark: str = ""


class Timeline:
    """Keeps all that is told, from any thread."""

    def __init__(
        self, show: Callable[[Event], None] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begins now.

        Args:
            show: shows an event as it happens.
            clock: tells the time in seconds.
        """
        self.events: list[Event] = []
        self.stages: list[Stage] = []
        self._show, self._clock, self._begun = show or (lambda _: None), clock, clock()
        self._stage = "prepare"
        self._lock = threading.Lock()

    def tell(self, what: str, where: str = "") -> None:
        """Writes down what has just happened, and where."""
        with self._lock:
            event = Event(self._clock() - self._begun, self._stage, _line(what), where)
            self.events.append(event)
            self._show(event)

    def turn_to(self, name: str) -> None:
        """Lets what is told from now on be about a stage."""
        self._stage = name

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Is about a stage for as long as the context lasts; it has failed where that is left by an exception."""
        self.turn_to(name)
        begun, outcome = self._clock(), FAILED
        try:
            yield
            outcome = PASSED
        finally:
            self.stages.append(Stage(name, outcome, self._clock() - begun))

    def skip(self, name: str, why: str) -> None:
        """Writes down a stage that is left out."""
        self.turn_to(name)
        self.tell(why)
        self.stages.append(Stage(name, SKIPPED, 0.0, why))


def shown(event: Event) -> None:
    """Shows an event on stderr: in colour on a terminal, plain otherwise."""
    head = f"{event.seconds:6.1f}s  {event.stage:<15}"
    where = f"  [{event.where}]" if event.where else ""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.text import Text

        style = next((style for begin, style in _STYLES.items() if event.what.startswith(begin)), "")
        line = Text.assemble((head, "cyan"), (event.what, style), (where, "dim"))
        Console(stderr=True, soft_wrap=True).print(line)
    else:
        sys.stderr.write(f"{head}{event.what}{where}\n")
        sys.stderr.flush()


def table(stages: Sequence[Stage]) -> None:
    """Prints the stages on stdout, each with what came of it and how long it took."""
    rows = [(each.name, _MARKS[each.outcome], f"{each.seconds:.1f} s", each.remark) for each in stages]
    if sys.stdout.isatty():
        _rich_table(stages, rows)
        return
    header = ("STAGE", "OUTCOME", "TOOK", "")
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _rich_table(stages: Sequence[Stage], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    made = Table("stage", "outcome", "took", "", box=None)
    made.columns[2].justify = "right"
    for stage, row in zip(stages, rows, strict=True):
        colour = _COLOURS[stage.outcome]
        made.add_row(row[0], f"[{colour}]{row[1]}[/]", *row[2:])
    Console().print(made)


def _line(text: str) -> str:
    """Returns a text in one line that a terminal may show."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
