"""How long something is waited for, and how long between two looks."""

import os
import time
from collections.abc import Callable
from typing import NamedTuple


class Deadline(NamedTuple):
    """A moment, and a clock that tells how far away it is; seconds."""

    at: float
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    first_wait: float = 0.5
    longest_wait: float = 15.0

    @property
    def left(self) -> float:
        """How long it is until then; 0 once it is past."""
        return max(0.0, self.at - self.clock())

    def rest(self, attempt: int) -> bool:
        """Sleeps before the next look: longer after each attempt (from 1), with jitter, and shorter near the deadline.

        Returns:
            False if no time is left for another look.
        """
        left = self.left
        if left < self.first_wait:
            return False
        longest = min(self.first_wait * 2.0 ** min(attempt - 1, 30), self.longest_wait)
        wait = longest * (0.5 + os.urandom(1)[0] / 510)
        self.sleep(min(wait, left / 2))
        return True


def within(
    seconds: float, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> Deadline:
    """Returns the deadline that is so far away from now."""
    return Deadline(clock() + seconds, clock, sleep)
