"""Runs one function over many items with a bounded number of threads, for the whole release at once.

The standard library's executors would do; importing them costs a fifth of the start of a push.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class _Work(Generic[T]):
    """Items that are waiting, and how many are being worked on; safe to use from several threads."""

    def __init__(self, items: Iterable[T]) -> None:
        self._waiting = deque(items)
        self._active = 0
        self._changed = threading.Condition()
        self.failure: Exception | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def run(self, function: Callable[[T], Iterable[T]]) -> None:
        """Works until nothing waits and nobody is at work that could bring more; after a failure begins nothing."""
        while True:
            with self._changed:
                while not self._waiting and self._active and not self.failure:
                    self._changed.wait()
                if self.failure or not self._waiting:
                    return
                item = self._waiting.popleft()
                self._active += 1
            more: Iterable[T] = ()
            try:
                more = function(item)
            except Exception as error:
                self.failure = self.failure or error
            finally:
                with self._changed:
                    self._waiting.extend(more)
                    self._active -= 1
                    self._changed.notify_all()


def drain(jobs: int, function: Callable[[T], Iterable[T]], items: Iterable[T]) -> None:
    """Calls `function` on every item, and on the items that it returns in turn.

    After a failure what has not begun is dropped, what runs is waited for, and the first failure is raised. An
    interrupt of the calling thread is raised at once; the others die with the process.

    Args:
        jobs: the most calls at once; the calling thread makes some of them.
        function: returns further items.
        items: what to begin with.
    """
    work = _Work(items)
    others = [threading.Thread(target=work.run, args=(function,), daemon=True) for _ in range(min(jobs, len(work)) - 1)]
    for thread in others:
        thread.start()
    work.run(function)
    for thread in others:
        thread.join()
    if work.failure:
        raise work.failure


def each(jobs: int, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Returns the results of `function` in the items' order; see `drain` for failures."""
    listed = list(items)
    results: dict[int, R] = {}

    def call(position: int) -> tuple[int, ...]:
        results[position] = function(listed[position])
        return ()

    drain(jobs, call, range(len(listed)))
    return [results[position] for position in range(len(listed))]
