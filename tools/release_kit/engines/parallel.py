"""Runs one function over many items with a bounded number of threads, for the whole release at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Executor, wait
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def each(pool: Executor, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """Returns the results in the items' order.

    After a failure what has not begun is dropped, what runs is waited for, and the first failure is raised.
    """
    futures = [pool.submit(function, item) for item in items]
    try:
        wait(futures, return_when=FIRST_EXCEPTION)
    finally:
        for future in futures:
            future.cancel()
    wait(futures)
    return [future.result() for future in sorted(futures, key=lambda future: future.cancelled())]
