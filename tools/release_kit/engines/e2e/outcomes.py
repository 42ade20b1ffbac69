"""What became of each scenario, by the events of the file that it is in."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from release_kit.values.scenario_run import Event, Run

PHASES = ("setup", "call", "teardown")


class Outcome(StrEnum):
    """What became of one scenario."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    """Its setup or teardown failed."""
    SKIPPED = "skipped"
    EXPECTED_FAILURE = "xfailed"
    UNEXPECTED_PASS = "xpassed"
    DESELECTED = "deselected"
    NOT_RUN = "not run"
    """It has no result, or not all of it."""


SKIPS = frozenset({Outcome.SKIPPED, Outcome.EXPECTED_FAILURE, Outcome.UNEXPECTED_PASS, Outcome.DESELECTED})
"""What tells nothing of what is deployed, though nothing failed."""
FAILURES = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN})


class ScenarioResult(NamedTuple):
    """What became of one scenario, how long it took, and why it did not pass."""

    scenario: str
    outcome: Outcome
    seconds: float = 0.0
    """With its setup and teardown."""
    message: str = ""
    details: str = ""


def outcomes(run: Run) -> tuple[ScenarioResult, ...]:
    """Returns the results of all scenarios that were found in a file, in the order of the file."""
    phases: dict[str, dict[str, Event]] = {}
    found = dict.fromkeys(event.scenario for event in run.events if event.kind == "collected")
    for event in run.events:
        if event.kind in PHASES or (event.kind == "subtest" and event.outcome == "skipped"):
            phases.setdefault(event.scenario, {})[event.kind] = event
    left_out = {event.scenario for event in run.events if event.kind == "deselected"}
    return tuple(_result(scenario, phases.get(scenario, {}), scenario in left_out) for scenario in found)


def _result(scenario: str, phases: Mapping[str, Event], is_left_out: bool) -> ScenarioResult:
    if is_left_out and not phases:
        return ScenarioResult(scenario, Outcome.DESELECTED, message="was deselected")
    outcome, telling = _outcome(phases)
    seconds = sum(phases[name].seconds for name in PHASES if name in phases)
    return ScenarioResult(scenario, outcome, seconds, telling.message, telling.details)


def _outcome(phases: Mapping[str, Event]) -> tuple[Outcome, Event]:
    """Returns the outcome, and the event that says why."""
    nothing = Event("call", message="did not run to its end")
    setup, call, teardown = (phases.get(name) for name in PHASES)
    if setup is not None and setup.outcome == "failed":
        return Outcome.ERROR, setup
    if call is not None and call.outcome == "failed":
        return Outcome.FAILED, call
    if setup is None or teardown is None:
        return Outcome.NOT_RUN, nothing
    if teardown.outcome == "failed":
        return Outcome.ERROR, teardown
    if setup.outcome == "skipped":
        return _skipped(setup)
    if call is None:
        return Outcome.NOT_RUN, nothing
    if call.outcome == "skipped":
        return _skipped(call)
    if call.expected_failure:
        return Outcome.UNEXPECTED_PASS, call._replace(message=call.message or "was expected to fail, and passed")
    return (Outcome.SKIPPED, phases["subtest"]) if "subtest" in phases else (Outcome.PASSED, call)


def _skipped(event: Event) -> tuple[Outcome, Event]:
    return (Outcome.EXPECTED_FAILURE if event.expected_failure else Outcome.SKIPPED), event


def duplicates(run: Run) -> Sequence[str]:
    """Returns the scenarios that were found, or have a result, more than once."""
    counts = Counter((event.kind, event.scenario) for event in run.events if event.kind in ("collected", *PHASES))
    return list(dict.fromkeys(scenario for (_, scenario), count in counts.items() if count > 1))


def strangers(run: Run) -> Sequence[str]:
    """Returns what events are about that is no scenario of this very file."""
    own = {event.scenario for event in run.events if event.kind == "collected"}
    named = dict.fromkeys(
        event.scenario for event in run.events if event.kind not in ("collect-error", "finished") and event.scenario
    )
    return [each for each in named if each not in own or each.partition("::")[0] != run.file]
