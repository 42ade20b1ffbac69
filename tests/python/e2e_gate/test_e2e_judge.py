"""The judgement of results: each way not to pass, by itself, in a table."""

from typing import Any

import pytest

from release_kit.documents.e2e_suite import Criteria, Required
from release_kit.engines.e2e.judge import Judgement, judge, judge_collection
from release_kit.engines.e2e.outcomes import Outcome
from release_kit.values.scenario_run import Event, Run

FILE = "test_shop.py"
LOGIN, PAGE = f"{FILE}::test_login", f"{FILE}::test_page"


def phase(kind: str, scenario: str = LOGIN, outcome: str = "passed", **more: Any) -> Event:
    return Event(kind, scenario, outcome, **{"seconds": 0.5, **more})


def passed(scenario: str = LOGIN) -> list[Event]:
    return [Event("started", scenario), *(phase(kind, scenario) for kind in ("setup", "call", "teardown"))]


def ended(*events: Event, found: tuple[str, ...] = (LOGIN,), code: int | None = 0, **more: Any) -> Run:
    collected = [Event("collected", name) for name in found]
    return Run(FILE, (*collected, *events, Event("finished")), code, **more)


GOOD = ended(*passed(), *passed(PAGE), found=(LOGIN, PAGE))
STRICT = Criteria(required=(Required(LOGIN, 2), Required(PAGE)), budget=3)


def faults(criteria: Criteria, *runs: Run) -> list[str]:
    return [str(fault) for fault in judge(criteria, runs).faults]


def test_what_ran_and_passed_in_time_has_passed() -> None:
    judged = judge(STRICT, [GOOD])
    assert judged.faults == ()
    assert [(each.scenario, each.outcome, each.seconds) for each in judged.results] == [
        (LOGIN, Outcome.PASSED, 1.5),
        (PAGE, Outcome.PASSED, 1.5),
    ]


NOT_PASSED = {
    "failed": (
        ended(
            Event("started", LOGIN),
            phase("setup"),
            phase("call", outcome="failed", message="401"),
            phase("teardown"),
            code=1,
        ),
        [f"{LOGIN}: failed: 401"],
    ),
    "setup failed": (
        ended(phase("setup", outcome="failed", message="no user"), phase("teardown"), code=1),
        [f"{LOGIN}: failed in its setup or teardown: no user"],
    ),
    "teardown failed": (
        ended(phase("setup"), phase("call"), phase("teardown", outcome="failed", message="left over"), code=1),
        [f"{LOGIN}: failed in its setup or teardown: left over"],
    ),
    "skipped": (
        ended(phase("setup", outcome="skipped", message="not today"), phase("teardown")),
        [f"1 of 1 scenarios tell nothing, 0 may: {LOGIN} (skipped)"],
    ),
    "skipped within": (
        ended(phase("setup"), phase("call", outcome="skipped"), phase("teardown")),
        [f"1 of 1 scenarios tell nothing, 0 may: {LOGIN} (skipped)"],
    ),
    "a part of it skipped": (
        ended(phase("setup"), phase("subtest", outcome="skipped"), phase("call"), phase("teardown")),
        [f"1 of 1 scenarios tell nothing, 0 may: {LOGIN} (skipped)"],
    ),
    "expected to fail, and failed": (
        ended(phase("setup"), phase("call", outcome="skipped", expected_failure=True), phase("teardown")),
        [f"1 of 1 scenarios tell nothing, 0 may: {LOGIN} (xfailed)"],
    ),
    "expected to fail, and passed": (
        ended(phase("setup"), phase("call", expected_failure=True), phase("teardown")),
        [f"1 of 1 scenarios tell nothing, 0 may: {LOGIN} (xpassed)"],
    ),
    "deselected": (
        ended(Event("deselected", LOGIN), code=5),
        [f"1 of 1 scenarios tell nothing, 0 may: {LOGIN} (deselected)"],
    ),
    "collected and not run": (ended(), [f"{LOGIN}: did not run to its end"]),
    "no call": (ended(phase("setup"), phase("teardown")), [f"{LOGIN}: did not run to its end"]),
    "no teardown": (ended(phase("setup"), phase("call")), [f"{LOGIN}: did not run to its end"]),
    "no scenario": (ended(found=(), code=5), [f"{FILE}: has no scenario"]),
    "not collected": (
        Run(FILE, (Event("collect-error", FILE, message="SyntaxError"), Event("finished")), 2),
        [f"{FILE}: can't be collected: SyntaxError", f"{FILE}: has no scenario"],
    ),
    "two results": (ended(*passed(), phase("call")), [f"{LOGIN}: has more than one result"]),
    "collected twice": (ended(*passed(), found=(LOGIN, LOGIN)), [f"{LOGIN}: has more than one result"]),
    "a result of nothing that was collected": (
        ended(*passed(), *passed(PAGE)),
        [f"{FILE}: has a result of {PAGE}, which is no scenario of it"],
    ),
    "a scenario of another file": (
        ended(*passed(), *passed("test_other.py::test_x"), found=(LOGIN, "test_other.py::test_x")),
        [f"{FILE}: has a result of test_other.py::test_x, which is no scenario of it"],
    ),
    "not begun": (Run(FILE, is_begun=False), [f"{FILE}: did not run: no time was left before the deadline"]),
    "results that can't be read": (
        ended(*passed(), fault="its results can't be read: line 9 is no event"),
        [f"{FILE}: its results can't be read: line 9 is no event"],
    ),
    "killed at the deadline": (
        ended(*passed(), code=None),
        [f"{FILE}: was stopped at the deadline"],
    ),
    "ended by a signal": (ended(*passed(), code=-11), [f"{FILE}: pytest was ended by signal 11"]),
    "failed without a failure": (
        ended(*passed(), code=1),
        [f"{FILE}: pytest ended with 1, expected 0 after these results"],
    ),
    "passed with a failure": (
        ended(phase("setup"), phase("call", outcome="failed"), phase("teardown")),
        [f"{FILE}: pytest ended with 0, expected 1 after these results", f"{LOGIN}: failed"],
    ),
    "internal error": (
        ended(*passed(), code=3),
        [f"{FILE}: pytest ended with 3, expected 0 after these results"],
    ),
    "ended from within": (
        Run(FILE, (Event("collected", LOGIN), *passed()), 0),
        [f"{FILE}: pytest ended before it was finished"],
    ),
}


@pytest.mark.parametrize("name", NOT_PASSED)
def test_what_is_not_a_whole_passed_result_is_a_fault(name: str) -> None:
    run, expected = NOT_PASSED[name]
    assert faults(Criteria(), run) == expected


def test_a_stopped_run_names_the_scenario_that_it_was_in() -> None:
    run = ended(*passed(), Event("started", PAGE), phase("setup", PAGE), found=(LOGIN, PAGE), code=None)
    assert f"{FILE}: was stopped at the deadline, in {PAGE}" in faults(Criteria(), run)


def test_as_many_may_be_skipped_as_are_allowed_to_and_no_more() -> None:
    skipped = [phase("setup", PAGE, "skipped"), phase("teardown", PAGE)]
    run = ended(*passed(), *skipped, found=(LOGIN, PAGE))
    assert faults(Criteria(allowed_skips=1), run) == []
    assert faults(Criteria(allowed_skips=0), run) == [f"1 of 2 scenarios tell nothing, 0 may: {PAGE} (skipped)"]


def test_half_of_the_scenarios_skipped_is_a_fault_that_names_them() -> None:
    names = tuple(f"{FILE}::test_{i}" for i in range(4))
    events = [*passed(names[0]), *passed(names[1])]
    for name in names[2:]:
        events += [phase("setup", name, "skipped"), phase("teardown", name)]
    assert faults(Criteria(allowed_skips=1), ended(*events, found=names)) == [
        f"2 of 4 scenarios tell nothing, 1 may: {names[2]} (skipped), {names[3]} (skipped)"
    ]


@pytest.mark.parametrize("outcome", ["skipped", "xfailed", "xpassed", "deselected"])
def test_a_required_scenario_must_run_whatever_is_allowed(outcome: str) -> None:
    events = {
        "skipped": [phase("setup", outcome="skipped"), phase("teardown")],
        "xfailed": [phase("setup"), phase("call", outcome="skipped", expected_failure=True), phase("teardown")],
        "xpassed": [phase("setup"), phase("call", expected_failure=True), phase("teardown")],
        "deselected": [Event("deselected", LOGIN)],
    }[outcome]
    run = ended(*events, code=5 if outcome == "deselected" else 0)
    found = faults(Criteria(required=(Required(LOGIN),), allowed_skips=9), run)
    assert len(found) == 1
    assert found[0].startswith(f"{LOGIN}: is required, and was {outcome}")


def test_a_required_scenario_that_is_not_there_is_a_fault() -> None:
    assert faults(Criteria(required=(Required(PAGE),)), ended(*passed())) == [
        f"{PAGE}: is required, and there is no such scenario"
    ]


def test_each_parameter_of_a_required_scenario_is_required_and_a_longer_name_is_another_scenario() -> None:
    names = (f"{LOGIN}[a]", f"{LOGIN}[b]", f"{LOGIN}_again")
    events = [*passed(names[0]), phase("setup", names[1], "skipped"), phase("teardown", names[1]), *passed(names[2])]
    run = ended(*events, found=names)
    assert faults(Criteria(required=(Required(LOGIN, 9),), allowed_skips=1), run) == [
        f"{LOGIN}[b]: is required, and was skipped"
    ]
    alone = ended(*passed(names[2]), found=names[2:])
    assert faults(Criteria(required=(Required(LOGIN),)), alone) == [
        f"{LOGIN}: is required, and there is no such scenario"
    ]


def test_a_scenario_over_its_budget_is_a_fault_setup_and_teardown_included() -> None:
    assert faults(Criteria(required=(Required(LOGIN, 1),)), ended(*passed())) == [
        f"{LOGIN}: took 1.50 s, its budget is 1s"
    ]
    assert faults(Criteria(required=(Required(LOGIN, 2),)), ended(*passed())) == []


def test_a_budget_of_nothing_is_no_missing_budget() -> None:
    assert faults(Criteria(required=(Required(LOGIN, 0),), budget=0), ended(*passed())) == [
        f"{LOGIN}: took 1.50 s, its budget is 0s",
        "the scenarios took 1.50 s, their budget is 0s",
    ]


def test_all_scenarios_together_have_a_budget() -> None:
    assert faults(Criteria(budget=2), GOOD) == ["the scenarios took 3.00 s, their budget is 2s"]


def test_a_file_that_fails_leaves_the_results_of_the_others() -> None:
    other = Run("test_b.py", (Event("collected", "test_b.py::test_x"),), -9)
    judged: Judgement = judge(STRICT, [GOOD, other])
    assert [each.outcome for each in judged.results] == [Outcome.PASSED, Outcome.PASSED, Outcome.NOT_RUN]


def test_a_collection_has_passed_with_every_required_scenario_though_none_has_run() -> None:
    found = ended(found=(LOGIN, PAGE))
    assert judge_collection(STRICT, [found]).faults == ()
    missing = judge_collection(STRICT, [ended()]).faults
    assert [str(fault) for fault in missing] == [f"{PAGE}: is required, and there is no such scenario"]


@pytest.mark.parametrize("name", ["no scenario", "not collected", "collected twice", "killed at the deadline"])
def test_a_collection_that_broke_has_not_passed(name: str) -> None:
    assert judge_collection(Criteria(), [NOT_PASSED[name][0]]).faults
