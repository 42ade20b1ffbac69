"""What must not be stopped half way."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
"""SIGALRM repeats an interrupt that may have got lost (cli/app.py)."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Lets no interrupt stop what is done inside; one that comes meanwhile is forgotten.

    Programs that are started inside are interrupted as ever.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, 0)
    # A function, as what is ignored stays ignored in programs that are started.
    before = {number: signal.signal(number, lambda *_: None) for number in _INTERRUPTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
