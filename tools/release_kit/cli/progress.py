"""The progress of a push on a terminal: a line for each image whose blobs travel, and one for all of them."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from release_kit.cli.transfers import Transfers

MOST_LINES = 12
"""How many images are shown at once; fewer on a terminal with fewer lines."""
CRUMBS = 64 * 1024
"""Bytes: an image of which less has travelled, or is left to travel, is not shown; its config may wait for long."""
_OTHER_LINES = 4


class _OfAll(ProgressColumn):
    """A column of the line for all images only: what one image says of it is mere chance."""

    def __init__(self, column: ProgressColumn) -> None:
        super().__init__()
        self._column = column

    def render(self, task: Task) -> RenderableType:
        """Renders the column."""
        return self._column.render(task) if task.fields.get("is_total") else Text("")


class _ShownTransfers(Transfers):
    """Keeps the lines up to date."""

    def __init__(self, progress: Progress, expected: Mapping[str, int]) -> None:
        super().__init__()
        self._progress = progress
        self._sizes = Counter(expected)
        self._done: Counter[str] = Counter()
        self._lines: dict[str, TaskID] = {}
        self._drawing = threading.Lock()
        self._room = max(1, min(MOST_LINES, progress.console.height - _OTHER_LINES))
        self._total = progress.add_task("all", total=self._sizes.total(), is_total=True)

    def sent(self, name: str, size: int) -> None:
        """See the port."""
        super().sent(name, size)
        with self._drawing:
            self._done[name] += size
            self._sizes[name] = max(self._sizes[name], self._done[name])  # A refused mount sends what was not expected.
            self._draw(name)

    def spared(self, name: str, size: int) -> None:
        """See the port."""
        super().spared(name, size)
        with self._drawing:
            self._sizes[name] -= size
            self._draw(name)

    def _draw(self, name: str) -> None:
        done, size = self._done[name], self._sizes[name]
        self._progress.update(self._total, completed=self._done.total(), total=self._sizes.total())
        if not CRUMBS < done < size - CRUMBS:
            if name in self._lines:
                self._progress.remove_task(self._lines.pop(name))
        elif name in self._lines:
            self._progress.update(self._lines[name], completed=done, total=size)
        elif len(self._lines) < self._room:
            self._lines[name] = self._progress.add_task(name, completed=done, total=size)


@contextmanager
def shown(expected: Mapping[str, int]) -> Iterator[tuple[Transfers, Callable[[str], object]]]:
    """Shows transfers on stderr, which must be a terminal; the lines are gone when the context ends.

    Args:
        expected: how many bytes of each image may travel.

    Yields:
        What to tell of transfers, and how to write other text meanwhile.
    """
    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        DownloadColumn(),
        _OfAll(TransferSpeedColumn()),
        _OfAll(TimeRemainingColumn(compact=True)),
    )
    with Progress(*columns, console=console, transient=True) as progress:

        def write(text: str) -> None:
            console.print(Text.from_ansi(text.removesuffix("\n")))

        yield _ShownTransfers(progress, expected), write
