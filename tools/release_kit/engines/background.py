"""Calls that are under way while something else is done.

The standard library's executors would do; importing them takes as long as rendering a small chart.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Pending(Generic[T]):
    """A call that is under way or done."""

    def __init__(self) -> None:
        """Is not done yet."""
        self._done = threading.Event()
        self._value: T | None = None
        self._error: BaseException | None = None

    def run(self, function: Callable[[], T]) -> None:
        """Makes the call, and keeps what comes of it."""
        try:
            self._value = function()
        except BaseException as error:  # Raised again where the result is asked for.
            self._error = error
        self._done.set()

    def result(self) -> T:
        """Waits for the call; returns its value, or raises what it raised."""
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]


class Background:
    """Makes calls in threads, a few at a time, in the order in which they were handed over."""

    def __init__(self, at_once: int) -> None:
        """Starts no thread yet."""
        self._free = at_once
        self._waiting: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def start(self, function: Callable[[], T]) -> Pending[T]:
        """Makes a call as soon as there is a thread for it."""
        pending: Pending[T] = Pending()
        with self._lock:
            self._waiting.append(lambda: pending.run(function))
            if self._free == 0:
                return pending
            self._free -= 1
        threading.Thread(target=self._work, daemon=True).start()
        return pending

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._free += 1
                    return
                call = self._waiting.pop(0)
            call()

    def drop(self) -> None:
        """Forgets the calls that have not begun."""
        with self._lock:
            self._waiting.clear()
