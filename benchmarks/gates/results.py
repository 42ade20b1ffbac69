"""Results: what each run took, and the document that keeps them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.timing import Spread, spread

SCHEMA = "rules_release/gates-benchmark/v1"


class Case(NamedTuple):
    """What is compared: a chart with values files, on so many processors."""

    chart: str
    values: tuple[str, ...]
    cores: int


class Run(NamedTuple):
    """One run of one command. Walls and CPU in seconds, memory in bytes."""

    case: Case
    tool: str
    round: int
    wall: float
    cpu: float
    peak_memory: int
    exit_code: int
    said: str
    problem: str
    """Why the run does not count; empty if it does."""


class Results(NamedTuple):
    """All runs, and what they ran on."""

    date: str
    machine: dict[str, str]
    versions: dict[str, str]
    runs: list[Run]

    def write(self, file: Path) -> None:
        """Writes the document."""
        runs = [{**run._asdict(), "case": run.case._asdict()} for run in self.runs]
        file.write_text(json.dumps({"schema": SCHEMA, **self._asdict(), "runs": runs}, indent=1) + "\n")

    @classmethod
    def read(cls, file: Path) -> "Results":
        """Reads a document that `write` has written.

        Raises:
            ValueError: it is another document.
        """
        document = json.loads(file.read_text())
        if document.pop("schema", None) != SCHEMA:
            raise ValueError(f"{file}: expected a document of schema {SCHEMA}")
        return cls(**{**document, "runs": [_run(fields) for fields in document["runs"]]})

    def cases(self) -> list[Case]:
        """Returns the cases in the order in which they first ran."""
        return list(dict.fromkeys(run.case for run in self.runs))

    def of(self, case: Case, tool: str) -> dict[int, Run]:
        """Returns the runs of a tool that count, by their rounds."""
        return {run.round: run for run in self.runs if (run.case, run.tool) == (case, tool) and not run.problem}

    def figure(self, case: Case, tools: tuple[str, ...], measure: Callable[[Run], float]) -> Spread | None:
        """Returns a figure of tools that run one after another: the sum of it in each round in which all counted."""
        runs = [self.of(case, tool) for tool in tools]
        rounds = set.intersection(*(set(by_round) for by_round in runs))
        return spread(sum(measure(by_round[number]) for by_round in runs) for number in sorted(rounds))


def _run(fields: dict[str, Any]) -> Run:
    case = fields["case"]
    return Run(**{**fields, "case": Case(case["chart"], tuple(case["values"]), case["cores"])})
