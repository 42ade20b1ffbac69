"""What the validation of a tree found: for a person, as JSON and as JUnit."""

import json
from typing import Any

from release_kit.cli import junit as junit_report
from release_kit.cli.console import Console
from release_kit.cli.findings import lines
from release_kit.cli.junit import Case
from release_kit.engines.validation.rules import NAMES
from release_kit.engines.validation.run import Report
from release_kit.engines.validation.tree import clean

SCHEMA = "rules_release/validation-report/v1"


def show(report: Report, console: Console, as_json: bool) -> None:
    """Prints the findings to stdout, and on stderr how they were looked for."""
    for note in report.notes:
        console.note(clean(note))
    if as_json:
        console.result(json.dumps(document(report), indent=2))
    elif report.findings:
        console.result("\n".join(lines(report.findings)))
    objects = f"{report.objects} objects, {report.validated} of them compared with a schema"
    release = f"Promoter {report.release} ({clean(report.because)})"
    console.step(f"{len(report.findings)} findings in {objects}; {release}")


def document(report: Report) -> dict[str, Any]:
    """Returns the report as a document."""
    return {
        "schema": SCHEMA,
        "promoter": {"release": str(report.release), "because": report.because},
        "objects": report.objects,
        "validated": report.validated,
        "findings": [finding._asdict() for finding in report.findings],
        "notes": list(report.notes),
    }


def junit(suite: str, report: Report) -> str:
    """Returns the report as JUnit has it: a test case for each rule."""
    cases = []
    for name in NAMES:
        found = [finding for finding in report.findings if finding.rule == name]
        failure = f"{len(found)} findings" if found else ""
        cases.append(Case(name, failure, "\n".join(lines(found))))
    return junit_report.document(suite, "validate", cases)
