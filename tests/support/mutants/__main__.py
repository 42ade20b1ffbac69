"""`python -m tests.support.mutants --table`: which gate catches which mutant, and what helm says of it."""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.helm import HELM_4, helm
from tests.support.mutants import KINDS, Mutant
from tests.support.mutants.hold import CHART, faults, golden, held

KUBE_VERSION = "1.31.0"
PASSES = "passes"
WIDEST = 150


def main(arguments: list[str]) -> int:
    """Prints the table; returns 1 if a mutant is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.mutants", description=__doc__)
    parser.add_argument("--table", action="store_true", required=True, help="print the table as Markdown")
    parser.add_argument("--helm", default=HELM_4, help="the major version (4)")
    options = parser.parse_args(arguments)
    rows = list(_rows(options.helm))
    sys.stdout.write("\n".join([*_summary(rows), "", *_table(rows)]) + "\n")
    return int(any(not row[2] for row in rows))


Row = tuple[str, str, str, str, str]
"""Kind, fault, gate that catches it (empty for none), what it says, what lint says."""


def _rows(major: str) -> Iterator[Row]:
    for kind, mutants in KINDS:
        for mutant in mutants:
            with tempfile.TemporaryDirectory() as folder:
                yield (kind, mutant.fault, *_caught(mutant, Path(folder), major))


def _caught(mutant: Mutant, folder: Path, major: str) -> tuple[str, str, str]:
    place = folder / "mutant"
    goldens = golden(folder / "golden", mutant.values, major) if mutant.gate == "golden" else None
    missed = faults(mutant, place, goldens, major)
    lint = _lint(mutant, place / CHART.name, major)
    if missed:
        return "", missed[0], lint
    naming = held(mutant, folder / "again", goldens, major).naming(mutant)
    first = next((each for each in naming if each["file"] == mutant.file), naming[0])
    where = f"{first['file']}:{first['line']}" if first["line"] else first["file"]
    return mutant.gate, ": ".join(filter(None, (where, first["message"]))), lint


def _lint(mutant: Mutant, chart: Path, major: str) -> str:
    """Returns what `helm lint --strict` says, with each of the values files."""
    for values in mutant.values:
        command = [str(helm(major)), "lint", "--strict", "--kube-version", KUBE_VERSION, "--values", values, "."]
        done = subprocess.run(command, cwd=chart, capture_output=True, text=True, check=False)
        if done.returncode:
            said = [line for line in done.stdout.splitlines() if line.startswith(("[ERROR]", "[WARNING]"))]
            return (said or done.stderr.splitlines() or ["fails"])[0]
    return PASSES


def _summary(rows: list[Row]) -> Iterator[str]:
    yield "| kind | mutants | caught by their gate | caught by `helm lint --strict` |"
    yield "| --- | ---: | ---: | ---: |"
    for kind in dict.fromkeys(row[0] for row in rows):
        yield _counts(kind, [row for row in rows if row[0] == kind])
    yield _counts("all", rows)


def _counts(title: str, rows: list[Row]) -> str:
    caught, linted = sum(bool(row[2]) for row in rows), sum(row[4] != PASSES for row in rows)
    return f"| {title} | {len(rows)} | {caught} ({caught / len(rows):.0%}) | {linted} ({linted / len(rows):.0%}) |"


def _table(rows: list[Row]) -> Iterator[str]:
    yield "| kind | fault | gate | what it says | `helm lint --strict` |"
    yield "| --- | --- | --- | --- | --- |"
    for kind, fault, gate, says, lint in rows:
        yield f"| {kind} | {fault} | {gate or '**missed**'} | {_cell(says)} | {_cell(lint)} |"


def _cell(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    # What is random, or of today, is no news.
    line = re.sub(r"(at another time: '[\w./-]+:).*", r"\1 ...'", line)
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 4]} ..."


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
