"""Results: what each run took, and the document that keeps them."""

import json
import statistics
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

SCHEMA = "rules_release/push-benchmark/v1"


@dataclass(frozen=True)
class Case:
    """What is compared: a set, pushed in a phase, in a setting, to a registry."""

    registry: str
    images: str
    phase: str
    setting: str


@dataclass(frozen=True)
class Run:
    """One push of one client. Walls and CPU in seconds; requests and bytes are known behind the proxy only.

    `problem` says why a run does not count: it failed, or left a tag that points elsewhere.
    """

    case: Case
    client: str
    round: int
    wall: float
    cpu: float
    peak_memory: int
    problem: str = ""
    requests: dict[str, int] = field(default_factory=dict)
    uploaded: int | None = None
    proxy_cpu: float | None = None

    @property
    def request_count(self) -> int | None:
        """The number of requests, where they were counted."""
        return sum(self.requests.values()) if self.uploaded is not None else None


@dataclass(frozen=True)
class Results:
    """All runs, and what they ran on."""

    date: str
    machine: dict[str, str]
    versions: dict[str, str]
    runs: list[Run]

    def write(self, file: Path) -> None:
        """Writes the document."""
        file.write_text(json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1) + "\n")

    @classmethod
    def read(cls, file: Path) -> "Results":
        """Reads a document that `write` has written.

        Raises:
            ValueError: it is another document.
        """
        document = json.loads(file.read_text())
        if document.pop("schema", None) != SCHEMA:
            raise ValueError(f"{file}: expected a document of schema {SCHEMA}")
        runs = [Run(**{**run, "case": Case(**run["case"])}) for run in document.pop("runs")]
        return cls(**document, runs=runs)

    def of(self, case: Case, client: str) -> list[Run]:
        """Returns the runs of a client that count."""
        return [run for run in self.runs if run.case == case and run.client == client and not run.problem]

    def cases(self) -> list[Case]:
        """Returns the cases in the order in which they first ran."""
        return list(dict.fromkeys(run.case for run in self.runs))

    def clients(self) -> list[str]:
        """Returns the clients in the order in which they first ran."""
        return list(dict.fromkeys(run.client for run in self.runs))


Measure = Callable[[Run], float | int | None]


@dataclass(frozen=True)
class Spread:
    """Minimum and median of one figure."""

    minimum: float
    median: float


def spread(runs: Iterable[Run], measure: Measure) -> Spread | None:
    """Returns minimum and median of a figure over the runs that have it."""
    values = [value for value in map(measure, runs) if value is not None]
    return Spread(min(values), statistics.median(values)) if values else None
