"""Workers: every item once, bounded, no more threads than help, failures and interrupts at once."""

import threading
from collections import Counter
from collections.abc import Iterable

import pytest

from release_kit.engines import parallel
from release_kit.engines.parallel import Workers


def test_each_returns_the_results_in_the_items_order() -> None:
    workers = Workers(8)
    assert workers.each(lambda number: number * 2, range(1000)) == [number * 2 for number in range(1000)]
    assert workers.each(str, []) == []


def test_what_an_item_brings_is_done_before_drain_returns() -> None:
    done: Counter[int] = Counter()
    lock = threading.Lock()

    def halve(number: int) -> Iterable[int]:
        with lock:
            done[number] += 1
        return (number // 2, number // 2) if number > 1 else ()

    Workers(8).drain(halve, [64])
    assert done == {64 // 2**step: 2**step for step in range(7)}


def test_no_more_run_at_once_than_allowed_and_all_of_them_where_they_wait() -> None:
    """Each waits until as many as are allowed have met: it would never end with fewer, and fail with more."""
    most, meeting, here = 12, threading.Barrier(12), Counter[str]()
    lock = threading.Lock()

    def wait(_: int) -> None:
        with lock:
            here["now"] += 1
            here["most"] = max(here["most"], here["now"])
        meeting.wait(timeout=60)
        with lock:
            here["now"] -= 1

    Workers(most).each(wait, range(5 * most))
    assert here["most"] == most


def test_threads_are_kept_from_one_call_to_the_next() -> None:
    workers, names = Workers(4), set[str]()
    for _ in range(50):
        workers.each(lambda _: names.add(threading.current_thread().name), range(4))
    assert 1 <= len(names) <= 4


def test_quick_work_is_left_to_a_few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "TICK", 60.0)
    names = set[str]()
    Workers(32).each(lambda _: names.add(threading.current_thread().name), range(1000))
    assert len(names) <= parallel.FEW


def test_after_a_failure_nothing_more_is_begun_and_it_is_raised() -> None:
    begun: list[int] = []

    def fail(number: int) -> None:
        begun.append(number)
        raise ValueError(str(number))

    workers = Workers(2)
    with pytest.raises(ValueError, match=r"\d"):
        workers.each(fail, range(100))
    assert len(begun) <= 2
    assert workers.each(str, [1]) == ["1"]


def test_an_interrupt_ends_the_work_that_has_not_begun() -> None:
    begun: list[int] = []
    let_go = threading.Event()

    def wait(number: int) -> None:
        begun.append(number)
        let_go.wait(timeout=60)

    class Interrupted:
        """A bell at which an interrupt comes."""

        def acquire(self, timeout: float = -1) -> bool:
            raise KeyboardInterrupt

        def locked(self) -> bool:
            return False

    workers = Workers(2)
    workers._bell = Interrupted()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        workers.each(wait, range(100))
    let_go.set()
    assert len(begun) <= 2
