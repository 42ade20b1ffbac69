"""What a release that skips staging waits for, rule by rule."""

import pytest

from release_kit.engines.promotion.model import (
    EnvironmentState,
    GateState,
    Hydrated,
    automatic,
    blockers,
    skipped,
    source,
)
from release_kit.engines.promotion.state import ROLLED_BACK
from release_kit.values.promotion_gate import Phase
from tests.support.environment_states import E2E, FAILED, PASSED, PENDING, at, state


def hotfix(dry: str) -> Hydrated:
    """Returns what a branch holds after the dry commit of a release that skips staging."""
    return at(dry)._replace(skip_staging=True)


def staging(active: Hydrated, proposed: Hydrated, *phases: Phase, name: str = "staging") -> EnvironmentState:
    """Returns an environment that a hotfix does not wait for."""
    made = state(name, active, proposed, *phases)
    return made._replace(environment=made.environment._replace(staging=True))


def failing(made: EnvironmentState, dry: str, *gates: GateState) -> EnvironmentState:
    """Lets gates have failed for a release."""
    return made._replace(failed=tuple((at(dry).record, gate) for gate in gates))


def reasons(*states: EnvironmentState) -> list[str]:
    """Returns what the last environment waits for."""
    return [blocker.reason for blocker in blockers(states, len(states) - 1)]


WAYS = {
    "does not run it": staging(at("1"), hotfix("2"), PASSED),
    "is not hydrated for it": staging(at("1"), at("1"), PASSED),
    "runs something newer": staging(at("3"), at("3"), PASSED),
    "has not passed": staging(hotfix("2"), hotfix("2"), PENDING),
    "has nothing": staging(Hydrated(), Hydrated()),
}


@pytest.mark.parametrize("before", WAYS.values(), ids=WAYS)
def test_a_hotfix_does_not_wait_for_staging(before: EnvironmentState) -> None:
    proposed = [before, state("demo", at("1"), hotfix("2"))]
    assert reasons(*proposed) == []
    assert 1 in automatic(proposed)


@pytest.mark.parametrize("before", WAYS.values(), ids=WAYS)
def test_any_other_release_does(before: EnvironmentState) -> None:
    """Even where staging runs a hotfix: what is proposed counts."""
    assert reasons(before, state("demo", at("1"), at("2"))) != []


def test_an_environment_that_is_not_staging_is_waited_for() -> None:
    for waiting in (state("test", at("1"), hotfix("2")), state("test", hotfix("2"), hotfix("2"), PENDING)):
        assert reasons(waiting, state("demo", at("1"), hotfix("2"))) != []


def test_an_environment_between_is_waited_for() -> None:
    first, last = staging(at("1"), hotfix("2")), state("release", at("1"), hotfix("2"))
    assert reasons(first, state("demo", at("1"), hotfix("2")), last) == ["demo has not been promoted to this change"]
    assert reasons(first, state("demo", hotfix("2"), hotfix("2"), PENDING), last) == ["demo has not passed e2e"]
    assert reasons(first, state("demo", hotfix("2"), hotfix("2"), PASSED), last) == []


def test_gates_of_its_own_and_a_person_are_waited_for() -> None:
    own = state("release", at("1"), hotfix("2"), approval=PENDING)
    own = own._replace(environment=own.environment._replace(automatic=False))
    expected = ["release has not passed approval", "a person has to promote to release"]
    assert reasons(staging(at("1"), hotfix("2")), own) == expected


def test_what_has_failed_in_staging_stops_it_everywhere() -> None:
    first = failing(staging(hotfix("2"), hotfix("2"), FAILED), "2", GateState(E2E, FAILED))
    demo = state("demo", at("1"), hotfix("2"))
    (found,) = blockers([first, demo], 1)
    assert (found.reason, found.environment, found.key, found.phase, found.reporter) == (
        ("staging has failed e2e", "staging", "e2e", FAILED, "scm-status")
    )
    passed = state("demo", hotfix("2"), hotfix("2"), PASSED)
    assert reasons(first, passed, state("release", at("1"), hotfix("2"))) == ["staging has failed e2e"]


def test_what_has_failed_of_another_release_does_not_stop_it() -> None:
    first = failing(staging(at("1"), hotfix("2"), FAILED), "1", GateState(E2E, FAILED))
    assert reasons(first, state("demo", at("1"), hotfix("2"))) == []


def test_what_was_rolled_back_in_staging_is_stopped() -> None:
    first = failing(staging(at("1"), hotfix("2"), PASSED), "2", GateState(ROLLED_BACK, FAILED))
    assert reasons(first, state("demo", at("1"), hotfix("2"))) == ["staging has rolled this release back"]


def test_what_has_failed_in_a_later_staging_environment_is_nothing_to_an_earlier_one() -> None:
    later = failing(staging(at("1"), hotfix("2")), "2", GateState(E2E, FAILED))
    assert blockers([staging(at("1"), hotfix("2"), name="first"), later], 0) == ()


def test_a_release_that_waits_for_staging_hears_of_a_failure_once() -> None:
    first = failing(staging(at("2"), at("2"), FAILED), "2", GateState(E2E, FAILED))
    assert reasons(first, state("demo", at("1"), at("2"))) == ["staging has failed e2e"]


def test_all_staging_environments_are_skipped_and_no_other() -> None:
    states = [
        staging(at("1"), hotfix("2"), name="first"),
        staging(at("1"), hotfix("2"), name="second"),
        state("demo", hotfix("2"), hotfix("2"), PASSED),
        state("release", at("1"), hotfix("2")),
    ]
    assert reasons(*states[:2]) == []
    assert reasons(*states) == []
    assert skipped(states, 3) == ("first", "second")
    assert sourced(states, 3) == "demo"
    assert (skipped(states, 2), sourced(states, 2)) == (("first", "second"), "")


def sourced(states: list[EnvironmentState], position: int) -> str:
    found = source(states, position)
    return found.environment.name if found else ""


@pytest.mark.parametrize(
    ("first", "names"),
    [
        (staging(hotfix("2"), hotfix("2"), PASSED), ()),
        (staging(hotfix("2"), hotfix("2"), PENDING), ("staging",)),
        (staging(at("1"), hotfix("2"), PASSED), ("staging",)),
    ],
    ids=["passed", "not passed", "not there"],
)
def test_what_a_hotfix_has_passed_anyway_is_not_skipped(first: EnvironmentState, names: tuple[str, ...]) -> None:
    states = [first, state("demo", at("1"), hotfix("2"))]
    assert skipped(states, 1) == names
    assert sourced(states, 1) == ("" if names else "staging")


def test_another_release_skips_nothing() -> None:
    states = [staging(hotfix("1"), at("2")), state("demo", at("1"), at("2"))]
    assert (skipped(states, 1), sourced(states, 1)) == ((), "staging")
