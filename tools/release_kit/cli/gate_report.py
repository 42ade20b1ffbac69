"""What the gates of a chart found: for a person, as JSON and as JUnit."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from release_kit.cli import junit as junit_report
from release_kit.cli.console import Console
from release_kit.cli.junit import Case
from release_kit.engines.gates.run import GateResult, Status
from release_kit.values.finding import Finding

SCHEMA = "rules_release/gate-report/v1"


def show(folder: Path, results: Sequence[GateResult], console: Console, as_json: bool) -> None:
    """Prints the report to stdout, and on stderr how many gates hold."""
    if as_json:
        console.result(json.dumps(document(folder, results), indent=2))
    else:
        console.result("\n".join(_lines(results)))
    count = sum(len(result.findings) for result in results)
    held = sum(result.status is Status.PASSED for result in results)
    skipped = sum(result.status is Status.SKIPPED for result in results)
    aside = f", {skipped} skipped" if skipped else ""
    console.step(f"{folder}: {count} findings; {held} of {len(results)} gates hold{aside}")


def document(folder: Path, results: Sequence[GateResult]) -> dict[str, Any]:
    """Returns the report as a document."""
    return {
        "schema": SCHEMA,
        "chart": str(folder),
        "findings": sum(len(result.findings) for result in results),
        "gates": [_entry(result) for result in results],
    }


def _entry(result: GateResult) -> dict[str, Any]:
    return {
        "gate": str(result.gate),
        "values": result.values,
        "status": str(result.status),
        "findings": [finding._asdict() for finding in result.findings],
        "exempted": [each.finding._asdict() | {"reason": each.reason} for each in result.exempted],
        "skipped": result.skipped,
        "notes": list(result.notes),
    }


def _lines(results: Sequence[GateResult]) -> Iterator[str]:
    marks = {Status.PASSED: "ok  ", Status.FAILED: "FAIL", Status.SKIPPED: "skip"}
    for result in results:
        aside = f": {result.skipped}" if result.skipped else ""
        yield f"{marks[result.status]} {_title(result)}{aside}"
        for position, finding in enumerate(result.findings):
            following = result.findings[position + 1 : position + 2]
            yield from _told(finding, last=not following or following[0].remedy != finding.remedy)
        for each in result.exempted:
            yield f"     let pass ({each.reason}): {_where(each.finding)}{each.finding.message}"
        for note in result.notes:
            yield f"     {note}"


def _title(result: GateResult) -> str:
    return f"{result.gate} ({result.values})" if result.values else str(result.gate)


def _told(finding: Finding, last: bool = True) -> Iterator[str]:
    """Yields the lines of a finding; the remedy after the last of those that share it."""
    first, *others = f"{_where(finding)}{finding.message}".splitlines()
    yield f"     {first}"
    for line in others:
        yield f"       {line}"
    if finding.remedy and last:
        yield f"       try: {finding.remedy}"


def _where(finding: Finding) -> str:
    known = finding.thing == finding.file or finding.message.startswith(finding.thing)
    thing = "" if known else finding.thing
    return "".join(f"{part}: " for part in (finding.place, thing) if part)


def junit(folder: Path, results: Sequence[GateResult]) -> str:
    """Returns the report as JUnit has it: a test case for each gate and values file."""
    return junit_report.document(str(folder), folder.name or str(folder), [_case(result) for result in results])


def _case(result: GateResult) -> Case:
    if not result.findings:
        return Case(_title(result), skipped=result.skipped)
    text = "\n".join(line for finding in result.findings for line in _told(finding))
    return Case(_title(result), f"{len(result.findings)} findings", text)
