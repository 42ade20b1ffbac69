"""The results of a suite: as tables, JSON, JUnit, and on the page of a CI run."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from release_kit.cli import junit as junit_report
from release_kit.cli.console import Console, escaped
from release_kit.cli.e2e_gate import Target
from release_kit.cli.junit import Case
from release_kit.documents.e2e_suite import Required, Suite
from release_kit.documents.scenario_words import shown_duration
from release_kit.engines.e2e.gate import Verdict
from release_kit.engines.e2e.outcomes import SKIPS, Outcome, ScenarioResult

if TYPE_CHECKING:
    from release_kit.engines.e2e.judge import Fault

SCHEMA = "rules_release/e2e-result/v1"


def document(suite: Suite, target: Target, verdict: Verdict) -> str:
    """Returns the results as a JSON document."""
    parts = {
        "schema": SCHEMA,
        "name": suite.name,
        "url": target.url,
        "version": target.version,
        "environment": target.environment,
        "commit": target.commit,
        "passed": verdict.passed,
        "description": verdict.description,
        "health": [
            {"path": each.health.path, "version": ".".join(each.health.version), "fault": each.fault}
            for each in verdict.seen
        ],
        "scenarios": [_entry(suite, result) for result in verdict.results],
        "faults": [fault._asdict() for fault in verdict.faults],
    }
    return json.dumps(parts, indent=2) + "\n"


def _entry(suite: Suite, result: ScenarioResult) -> dict[str, object]:
    required = _required(suite, result)
    return {
        **result._asdict(),
        "seconds": round(result.seconds, 3),
        "required": required is not None,
        "budget": required.budget if required else None,
    }


def _required(suite: Suite, result: ScenarioResult) -> Required | None:
    return next((each for each in suite.criteria.required if each.covers(result.scenario)), None)


def tell(verdict: Verdict, console: Console) -> None:
    """Tells of each scenario that did not pass where it failed, and what it wrote."""
    for result in verdict.results:
        if result.details and result.outcome is not Outcome.PASSED:
            console.note(f"{result.scenario}: {result.outcome}")
            for line in escaped(result.details).splitlines():
                console.note(f"  {line}")


def show(suite: Suite, verdict: Verdict, console: Console) -> None:
    """Prints the results as a table, and why they are not enough as another one."""
    if verdict.results:
        console.table(("SCENARIO", "RESULT", "TIME", "BUDGET", "REQUIRED"), list(_rows(suite, verdict)))
    if verdict.faults:
        rows = [(fault.place or suite.name, fault.message) for fault in verdict.faults]
        console.result("") if verdict.results else None
        console.table(("NOT PASSED", "BECAUSE"), rows)


def _rows(suite: Suite, verdict: Verdict) -> Iterator[Sequence[str]]:
    for result in verdict.results:
        required = _required(suite, result)
        budget = shown_duration(required.budget) if required and required.budget is not None else "-"
        yield result.scenario, str(result.outcome), f"{result.seconds:.2f}s", budget, "yes" if required else "-"


def junit(suite: Suite, verdict: Verdict) -> str:
    """Returns the results as JUnit has them: a case for each scenario, and one for whatever is about none."""
    own: dict[str, list[Fault]] = {}
    for fault in verdict.faults:
        own.setdefault(fault.place, []).append(fault)
    cases = [_case(result, own.pop(result.scenario, [])) for result in verdict.results]
    cases += [Case(place or suite.name, "; ".join(each.message for each in faults)) for place, faults in own.items()]
    return junit_report.document(suite.name, suite.name, cases)


def _case(result: ScenarioResult, faults: "Sequence[Fault]") -> Case:
    failure = "; ".join(fault.message for fault in faults)
    skipped = f"{result.outcome}: {result.message}" if result.outcome in SKIPS and not failure else ""
    return Case(result.scenario, failure, result.details if failure else "", skipped, result.seconds)


def markdown(suite: Suite, target: Target, verdict: Verdict) -> str:
    """Returns the results for the page of a CI run, ending with an empty line."""
    place = f" in {target.environment}" if target.environment else ""
    title = _cell(f"{'Passed' if verdict.passed else 'FAILED'}: {suite.name} {target.version}{place}")
    lines = [f"### {title}", "", _cell(verdict.description), ""]
    if verdict.results:
        lines += ["| scenario | result | time | budget | required |", "| --- | --- | ---: | ---: | --- |"]
        lines += [f"| {' | '.join(map(_cell, row))} |" for row in _rows(suite, verdict)]
        lines.append("")
    lines += [f"- {_cell(str(fault))}" for fault in verdict.faults]
    return "\n".join([*lines, ""] if verdict.faults else lines)


def _cell(text: str) -> str:
    """Returns a text as Markdown shows it and does nothing else with it."""
    shown = "".join(f"\\{letter}" if letter in "\\`*_{}[]<>|~#!@" else letter for letter in text)
    return shown.replace("\n", " ")
