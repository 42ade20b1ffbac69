"""Counts the bytes that travel while blobs are pushed."""

import threading
import time
from collections import Counter


class Transfers:
    """Implements the port `Transfers`; safe to use from several threads."""

    def __init__(self) -> None:
        """The clock runs from now."""
        self._began = time.monotonic()
        self._sent: Counter[str] = Counter()
        self._spared: Counter[str] = Counter()
        self._lock = threading.Lock()

    def sent(self, name: str, size: int) -> None:
        """See the port."""
        with self._lock:
            self._sent[name] += size

    def spared(self, name: str, size: int) -> None:
        """See the port."""
        with self._lock:
            self._spared[name] += size

    def __str__(self) -> str:
        """Returns such as `sent 134.3 MB in 1.2 s (111.9 MB/s), 8.0 MB were there`."""
        seconds = time.monotonic() - self._began
        sent, spared = (sum(counts.values()) / 1e6 for counts in (self._sent, self._spared))
        rate = f" ({sent / seconds:.1f} MB/s)" if sent and seconds else ""
        there = f", {spared:.1f} MB were there" if spared else ""
        return f"sent {sent:.1f} MB in {seconds:.1f} s{rate}{there}"
