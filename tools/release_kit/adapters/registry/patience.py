"""How often and how long to try again, and how many requests at once a registry bears."""

import os
import re
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from release_kit.adapters.registry.messages import Times
from release_kit.errors import RegistryError

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
LIMITING = frozenset({429, 503})


class Patience(NamedTuple):
    """The limits of trying again; seconds."""

    attempts: int = 6
    first_wait: float = 0.25
    longest_wait: float = 15.0
    longest_asked_wait: float = 60.0
    """A registry that asks for more (`Retry-After`) is given up."""
    total: float = 75.0
    """After as long no further attempt is begun."""
    times: Times = Times()
    """How long one exchange may take."""
    sleep: Callable[[float], None] = time.sleep

    def wait(self, attempt: int) -> float:
        """Returns how long to wait after the attempt of this number (from 1), with jitter."""
        longest: float = min(self.first_wait * 2 ** (attempt - 1), self.longest_wait)
        return longest * (0.5 + os.urandom(1)[0] / 510)

    def asked(self, retry_after: str, host: str) -> float:
        """Returns the seconds that a Retry-After header asks for (RFC 9110, section 10.2.3); 0 where it is none.

        Raises:
            RegistryError: it asks for more than is bearable.
        """
        seconds = _seconds(retry_after)
        if seconds > self.longest_asked_wait:
            remedy = "wait that long and run the same push again: it is safe, and goes on where this one stopped"
            raise RegistryError(f"{host}: asks to come back after {seconds:.0f} s (Retry-After)", remedy)
        return seconds


def _seconds(text: str) -> float:
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    if not text:
        return 0.0
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0


class Throttle:
    """Lets a number of requests be under way at once; fewer after a 429 or 503, slowly more after successes."""

    def __init__(self, limit: int) -> None:
        """Begins with `limit` requests at once, which is also the most there will be."""
        self._most = float(limit)
        self._limit = float(limit)
        self._active = 0
        self._ready = threading.Condition(threading.Lock())

    def __enter__(self) -> None:
        """Waits for a place."""
        with self._ready:
            while self._active >= int(self._limit):
                self._ready.wait()
            self._active += 1

    def __exit__(self, *_: object) -> None:
        """Gives the place back."""
        with self._ready:
            self._active -= 1
            self._ready.notify()

    def answered(self, status: int) -> None:
        """Learns from an answer: half as many after a limiting one, one more after about as many good ones."""
        if status in LIMITING:
            with self._ready:
                self._limit = max(1.0, self._limit / 2)
        elif self._limit < self._most:
            with self._ready:
                self._limit = min(self._most, self._limit + 1 / self._limit)
                self._ready.notify()
