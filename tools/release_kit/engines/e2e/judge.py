"""The judgement: what was seen of scenarios, against the criteria of their suite. Whatever did not run has failed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from release_kit.documents.e2e_suite import Criteria, Required
from release_kit.documents.scenario_words import shown_duration
from release_kit.engines.e2e.outcomes import (
    FAILURES,
    SKIPS,
    Outcome,
    ScenarioResult,
    duplicates,
    outcomes,
    strangers,
)
from release_kit.values.scenario_run import Run

EXIT_PASSED, EXIT_FAILED, EXIT_NOT_COLLECTED, EXIT_NOTHING = 0, 1, 2, 5
"""Of pytest (pytest.ExitCode)."""


class Fault(NamedTuple):
    """One reason why the suite has not passed."""

    place: str
    """The scenario, the file, or an address; empty for the suite as a whole."""
    message: str

    def __str__(self) -> str:
        """Returns it in one line."""
        return f"{self.place}: {self.message}" if self.place else self.message


class Judgement(NamedTuple):
    """All results, and all reasons why they are not enough."""

    results: tuple[ScenarioResult, ...]
    faults: tuple[Fault, ...]


def judge(criteria: Criteria, runs: Sequence[Run]) -> Judgement:
    """Judges the runs of all files of a suite."""
    results = tuple(result for run in runs for result in outcomes(run))
    faults = [fault for run in runs for fault in _run_faults(run)]
    faults += _failures(results)
    faults += _skips(criteria, results)
    faults += [fault for required in criteria.required for fault in _required_faults(required, results)]
    faults += _budget_faults(criteria, results)
    return Judgement(results, tuple(dict.fromkeys(faults)))


def judge_collection(criteria: Criteria, runs: Sequence[Run]) -> Judgement:
    """Judges what was found without running it: every required scenario is there, and every file can be read."""
    results = tuple(result for run in runs for result in outcomes(run))
    faults = [fault for run in runs for fault in _run_faults(run)]
    for required in criteria.required:
        if not any(required.covers(result.scenario) for result in results):
            faults.append(Fault(required.scenario, "is required, and there is no such scenario"))
    return Judgement(results, tuple(dict.fromkeys(faults)))


def _run_faults(run: Run) -> Iterator[Fault]:
    """Finds why the results of a file can't be taken as they are."""
    if not run.is_begun:
        yield Fault(run.file, "did not run: no time was left before the deadline")
        return
    if run.fault:
        yield Fault(run.file, run.fault)
    for event in run.events:
        if event.kind == "collect-error":
            yield Fault(event.scenario or run.file, f"can't be collected: {event.message}")
    if not any(event.kind == "collected" for event in run.events):
        yield Fault(run.file, "has no scenario")
    for name in duplicates(run):
        yield Fault(name, "has more than one result")
    for name in strangers(run):
        yield Fault(run.file, f"has a result of {name}, which is no scenario of it")
    yield from _end_faults(run)


def _end_faults(run: Run) -> Iterator[Fault]:
    """Finds whether pytest came to another end than its results say."""
    code = run.exit_code
    if code is None:
        yield Fault(run.file, f"was stopped at the deadline{_running(run)}")
    elif code < 0:
        yield Fault(run.file, f"pytest was ended by signal {-code}{_running(run)}")
    elif code != (expected := _expected_code(run)):
        yield Fault(run.file, f"pytest ended with {code}, expected {expected} after these results{_running(run)}")
    elif not any(event.kind == "finished" for event in run.events):
        yield Fault(run.file, f"pytest ended before it was finished{_running(run)}")


def _expected_code(run: Run) -> int:
    """Returns what pytest ends with after such events."""
    if any(event.kind == "collect-error" for event in run.events):
        return EXIT_NOT_COLLECTED
    if any(event.outcome == "failed" for event in run.events):
        return EXIT_FAILED
    found = {event.scenario for event in run.events if event.kind == "collected"}
    left_out = {event.scenario for event in run.events if event.kind == "deselected"}
    return EXIT_PASSED if found - left_out else EXIT_NOTHING


def _running(run: Run) -> str:
    """Returns which scenario was begun last, where it has no end."""
    begun = [event.scenario for event in run.events if event.kind == "started"]
    ended = {event.scenario for event in run.events if event.kind == "teardown"}
    return f", in {begun[-1]}" if begun and begun[-1] not in ended else ""


def _failures(results: Sequence[ScenarioResult]) -> Iterator[Fault]:
    words = {Outcome.FAILED: "failed", Outcome.ERROR: "failed in its setup or teardown", Outcome.NOT_RUN: ""}
    for each in results:
        if each.outcome in FAILURES:
            told = (words[each.outcome], each.message)
            yield Fault(each.scenario, ": ".join(part for part in told if part))


def _skips(criteria: Criteria, results: Sequence[ScenarioResult]) -> Iterator[Fault]:
    skipped = [each for each in results if each.outcome in SKIPS]
    if len(skipped) > criteria.allowed_skips:
        names = ", ".join(f"{each.scenario} ({each.outcome})" for each in skipped)
        many = f"{len(skipped)} of {len(results)} scenarios tell nothing"
        yield Fault("", f"{many}, {criteria.allowed_skips} may: {names}")


def _required_faults(required: Required, results: Sequence[ScenarioResult]) -> Iterator[Fault]:
    covered = [each for each in results if required.covers(each.scenario)]
    if not covered:
        yield Fault(required.scenario, "is required, and there is no such scenario")
    for each in covered:
        if each.outcome in SKIPS:
            because = f": {each.message}" if each.message else ""
            yield Fault(each.scenario, f"is required, and was {each.outcome}{because}")
        elif required.budget is not None and each.seconds > required.budget:
            yield Fault(each.scenario, f"took {each.seconds:.2f} s, its budget is {shown_duration(required.budget)}")


def _budget_faults(criteria: Criteria, results: Sequence[ScenarioResult]) -> Iterator[Fault]:
    seconds = sum(each.seconds for each in results)
    if criteria.budget is not None and seconds > criteria.budget:
        yield Fault("", f"the scenarios took {seconds:.2f} s, their budget is {shown_duration(criteria.budget)}")
