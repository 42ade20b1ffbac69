"""Threads that work through the steps of a release, kept from one step to the next.

The standard library's executors would do; importing them costs a fifth of the start of a push, and they start all of
their threads at once, however quick the answers are.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

Task = Callable[[], Iterable["Task"]]
"""Something to do, which may bring more to do."""

FEW = 4
"""How many threads there are at first."""
TICK = 0.002
"""Seconds between two looks at whether more threads would help."""
BUSY = 0.3
"""The share of one CPU above which the process is taken to work, so that more threads would not help."""


def do(task: Task) -> Iterable[Task]:
    """Does one task: for `Workers.drain`."""
    return task()


class Workers:
    """A bounded number of threads; each call is complete when it returns. For use by one thread at a time.

    There are few threads at first, and twice as many after each tick in which items waited, the process did so too, and
    fewer items were done than there are threads: answers of a far registry take tens of milliseconds, those of a near
    one less than switching between many threads.
    """

    def __init__(self, most: int) -> None:
        """Starts no thread yet; `most` is how many there may be."""
        self._most = most
        self._threads = 0
        self._lock = threading.Lock()
        self._ready = threading.Condition(self._lock)
        self._bell = threading.Lock()
        self._bell.acquire()
        self._batch: _Batch[Any] | None = None

    def drain(self, function: Callable[[T], Iterable[T]], items: Iterable[T]) -> None:
        """Calls `function` on every item, and on the items that it returns in turn.

        After a failure what has not begun is dropped, what runs is waited for, and the first failure is raised. An
        interrupt of the calling thread is raised at once; the others die with the process.

        Args:
            function: returns further items.
            items: what to begin with.
        """
        batch = _Batch(function, items)
        with self._lock:
            self._batch = batch
            self._hire(FEW)
            self._ready.notify(len(batch.waiting))
        try:
            while not self._is_over(batch):
                self._wait(batch)
        finally:
            self._batch = None
        if batch.failure:
            raise batch.failure

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Returns the results of `function` in the items' order; see `drain` for failures."""
        listed = list(items)
        results: dict[int, R] = {}

        def call(position: int) -> tuple[int, ...]:
            results[position] = function(listed[position])
            return ()

        self.drain(call, range(len(listed)))
        return [results[position] for position in range(len(listed))]

    def _is_over(self, batch: "_Batch[T]") -> bool:
        with self._lock:
            return batch.is_over

    def _wait(self, batch: "_Batch[T]") -> None:
        """Waits until the bell rings; while items wait only a tick, after which more threads may help.

        No lock that others need is held meanwhile: an interrupt may come at any moment.
        """
        if self._threads >= self._most or not batch.waiting or batch.failure:
            self._bell.acquire()
            return
        began, worked, done = time.monotonic(), time.process_time(), batch.done
        self._bell.acquire(timeout=TICK)
        idle = time.process_time() - worked < BUSY * (time.monotonic() - began)
        if idle and batch.done - done < self._threads:
            with self._lock:
                self._hire(2 * self._threads)

    def _hire(self, wanted: int) -> None:
        """Starts threads until there are as many as wanted, allowed, and of use."""
        waiting = len(self._batch.waiting) if self._batch else 0
        for _ in range(min(wanted - self._threads, self._most - self._threads, waiting)):
            try:
                threading.Thread(target=self._work, daemon=True).start()
            except RuntimeError:  # The system gives no more: those that there are will do.
                self._most = self._threads
                if self._threads:
                    return
                raise
            self._threads += 1

    def _work(self) -> None:
        """Works on whatever batch there is, as long as the process lives."""
        with self._lock:
            while True:
                batch = self._batch
                if batch and batch.waiting and not batch.failure:
                    self._take(batch)
                else:
                    self._ready.wait()

    def _take(self, batch: "_Batch[T]") -> None:
        """Works on the next item; the lock is held before and after, not meanwhile."""
        item = batch.waiting.popleft()
        batch.active += 1
        more: tuple[T, ...] = ()
        self._lock.release()
        try:
            more = tuple(batch.function(item))
        except Exception as error:
            batch.failure = batch.failure or error
        finally:
            self._lock.acquire()
            batch.active -= 1
            batch.done += 1
            batch.waiting.extend(more)
            self._ready.notify(len(more))
            if (more or batch.is_over) and self._bell.locked():
                self._bell.release()


class _Batch(Generic[T]):
    """Items of one call: those that wait, and how many are being worked on."""

    def __init__(self, function: Callable[[T], Iterable[T]], items: Iterable[T]) -> None:
        self.function = function
        self.waiting = deque(items)
        self.active = 0
        self.done = 0
        self.failure: Exception | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing runs, and nothing waits that will still be begun."""
        return not self.active and (not self.waiting or self.failure is not None)
