"""Records every request with its place in one order that all threads share."""

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tests.support.fault_registry.messages import Request
from tests.support.fault_registry.routes import Endpoint

READS = frozenset({"GET", "HEAD", "OPTIONS"})
PASSING = frozenset({401, 408, 416, 429, 500, 502, 503, 504})
"""Answers after which the same question may be asked again."""


@dataclass(slots=True)
class Record:
    """One request. `begun` and `finished` are places in one order; events of several threads have different ones."""

    begun: int
    request: Request = field(repr=False)
    faults: list[str] = field(default_factory=list)
    """Names of the actions of all rules that hit it."""
    finished: int | None = None
    """When the answer was decided, before its first byte was sent; None while that is open."""
    status: int | None = None
    """What the client was told; None if it was told nothing."""
    handled: int | None = None
    """What the registry decided; None where a fault answered in its place."""

    @property
    def host(self) -> str:
        """Returns the name of the listener: registry, token or other."""
        return self.request.host

    @property
    def method(self) -> str:
        """Returns the method."""
        return self.request.method

    @property
    def path(self) -> str:
        """Returns the path without escapes and query."""
        return self.request.path

    @property
    def query(self) -> str:
        """Returns the raw query."""
        return self.request.query

    @property
    def asked(self) -> str:
        """Returns the path with the query, if there is one."""
        return self.request.asked

    @property
    def headers(self) -> Mapping[str, str]:
        """Returns the headers; names are in lower case."""
        return self.request.headers

    @property
    def endpoint(self) -> Endpoint:
        """Returns what the path names."""
        return self.request.route.endpoint

    @property
    def repository(self) -> str:
        """Returns the repository that the path names; empty where it names none."""
        return self.request.route.repository

    @property
    def reference(self) -> str:
        """Returns the digest, tag or session that the path names."""
        return self.request.route.reference

    @property
    def write(self) -> bool:
        """Returns whether the method may change the registry (a question to the token service never does)."""
        return self.method not in READS and self.endpoint not in (Endpoint.TOKEN, Endpoint.UNKNOWN)

    @property
    def body_length(self) -> int:
        """Returns how many bytes of the body have arrived."""
        return self.request.body.received

    def __str__(self) -> str:
        """Returns such as `7 registry PUT /v2/a/manifests/v1 201`."""
        return f"{self.begun} {self.host} {self.method} {self.asked} {self.status} {' '.join(self.faults)}".rstrip()

    def document(self) -> dict[str, object]:
        """Returns what can be written as JSON; of credentials only their scheme."""
        headers = dict(self.headers)
        if "authorization" in headers:
            headers["authorization"] = headers["authorization"].partition(" ")[0] + " ***"
        return {name: getattr(self, name) for name in _DOCUMENTED} | {"headers": headers}


_DOCUMENTED = (
    *("begun", "finished", "host", "method", "path", "query", "endpoint", "repository", "reference"),
    *("write", "body_length", "status", "handled", "faults"),
)


class Journal:
    """All requests in the order in which they came. Safe to use from several threads."""

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        self._records: list[Record] = []
        self.lock = threading.RLock()
        """Holds the order still; whoever waits for a change lets go of it."""
        self._changed = threading.Condition(self.lock)
        self._last = 0
        self._under_way = 0
        self.peak = 0
        """The most requests that were under way at once."""

    def tick(self) -> int:
        """Returns the next place in the order."""
        with self._changed:
            self._last += 1
            return self._last

    def begin(self, request: Request, faults: Iterable[str] = ()) -> tuple[Record, int]:
        """Records a request whose head has come, and the faults that hit it; returns how many are under way."""
        with self._changed:
            record = Record(self.tick(), request, list(faults))
            self._records.append(record)
            self._under_way += 1
            self.peak = max(self.peak, self._under_way)
            self._changed.notify_all()
            return record, self._under_way

    def finish(self, record: Record, status: int | None) -> None:
        """Records what a request is answered; to be called before the first byte of it is sent."""
        with self._changed:
            record.finished, record.status = self.tick(), status
            self._under_way -= 1
            self._changed.notify_all()

    def clear(self) -> None:
        """Forgets the requests so far, not the order."""
        with self._changed:
            self._records.clear()
            self.peak = self._under_way

    @property
    def records(self) -> list[Record]:
        """Returns all requests so far."""
        with self._changed:
            return list(self._records)

    def select(self, method: str = "", path: str = "", write: bool | None = None, **values: object) -> list[Record]:
        """Returns requests by method, by a regex searched in the path, and by any other field of a record."""
        return [
            record
            for record in self.records
            if method in ("", record.method)
            and re.search(path, record.path)
            and write in (None, record.write)
            and all(getattr(record, name) == value for name, value in values.items())
        ]

    def writes(self) -> list[Record]:
        """Returns the requests that could change something."""
        return self.select(write=True)

    def repeated(self) -> list[tuple[str, str]]:
        """Returns (method, path with query) of what one host was asked again after an answer that settled it.

        What is known of a tag or manifest is settled until it is written again; each session may be opened by itself.
        """
        settled: set[tuple[str, str, str]] = set()
        found = []
        for record in self.records:
            key = (record.host, record.method, record.asked)
            if record.endpoint is Endpoint.TOKEN or record.status is None or record.status in PASSING:
                continue
            if key in settled and not (record.endpoint is Endpoint.UPLOADS and not record.query):
                found.append(key[1:])
            if record.write:
                settled = {each for each in settled if each[1] not in READS or each[2] != record.path}
            settled.add(key)
        return found

    def with_header(self, name: str, host: str | None = None) -> list[Record]:
        """Returns the requests that carried a header, such as Authorization; only those to one listener."""
        return [r for r in self.records if name.lower() in r.headers and host in (None, r.host)]

    def wait(self, condition: Callable[[list[Record]], bool], timeout: float = 30.0) -> bool:
        """Waits until the requests so far meet a condition; False if they don't within `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(list(self._records)), timeout)
