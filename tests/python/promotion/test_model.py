"""What a promotion waits for, rule by rule."""

import pytest

from release_kit.engines.promotion.model import EnvironmentState, GateState, Hydrated, automatic, blockers
from release_kit.values.promotion_gate import Phase
from tests.support.environment_states import E2E, FAILED, HEALTH, PASSED, PENDING, at, state


def reasons(*states: EnvironmentState) -> list[str]:
    """Returns what the last environment waits for."""
    return [blocker.reason for blocker in blockers(states, len(states) - 1)]


def test_the_first_environment_waits_for_nobody() -> None:
    assert reasons(state("staging", at("1"), at("2"))) == []


def test_a_proposed_gate_holds_back_its_own_environment_only() -> None:
    waiting = state("staging", at("1"), at("2"), approval=PENDING)
    assert reasons(waiting) == ["staging has not passed approval"]
    assert reasons(waiting._replace(active=at("2")), state("demo", at("1"), at("2"))) == []


@pytest.mark.parametrize(
    ("phase", "expected"),
    [(PASSED, []), (PENDING, ["staging has not passed e2e"]), (FAILED, ["staging has failed e2e"])],
)
def test_an_active_gate_holds_back_the_next_environment(phase: Phase, expected: list[str]) -> None:
    assert reasons(state("staging", at("2"), at("2"), phase), state("demo", at("1"), at("2"))) == expected


def test_a_gate_that_passed_for_the_release_before_does_not_count() -> None:
    still = state("staging", at("1"), at("2"), PASSED)
    assert reasons(still, state("demo", at("1"), at("2"))) == ["staging has not been promoted to this change"]


def test_an_environment_waits_until_those_before_it_are_hydrated() -> None:
    ahead = state("staging", at("2"), at("3"), PASSED)
    assert reasons(ahead, state("demo", at("1"), at("2"))) == ["staging is not hydrated for this change"]


def test_an_environment_that_follows_versions_is_waited_for_by_name() -> None:
    ahead = state("staging", at("1"), at("1"), PASSED)
    ahead = ahead._replace(environment=ahead.environment._replace(tracks="^1"))
    (found,) = blockers([ahead, state("demo", at("1"), at("2"))], 1)
    assert (found.reason, found.reporter) == ("staging follows ^1 and has not taken this change", "staging")


def test_an_environment_that_had_something_newer_is_waited_for() -> None:
    older = state("staging", at("2"), at("2"), PASSED)
    assert reasons(older, state("demo", at("3"), at("2"))) == ["staging has an older change"]
    of_the_same_second = at("3")._replace(dry_time=older.active.dry_time)
    assert reasons(older, state("demo", of_the_same_second, at("2"))) == []


def test_an_environment_without_the_change_is_looked_past() -> None:
    first = state("staging", at("2"), at("2"), PENDING)
    unchanged = state("demo", at("1"), at("1", note="2"), PASSED)
    assert reasons(first, unchanged, state("release", at("1"), at("2"))) == ["staging has not passed e2e"]
    passed = first._replace(active_gates=(GateState(E2E, PASSED),))
    assert reasons(passed, unchanged, state("release", at("1"), at("2"))) == []


def test_an_environment_without_the_change_has_to_be_well() -> None:
    unchanged = state("demo", at("1"), at("1", note="2"), FAILED)
    first = state("staging", at("2"), at("2"), PASSED)
    assert reasons(first, unchanged, state("release", at("1"), at("2"))) == ["demo has failed e2e"]


def test_all_gates_of_an_environment_without_the_change_have_to_pass() -> None:
    unchanged = state("demo", at("1"), at("1", note="2"), PASSED, PENDING)
    first = state("staging", at("2"), at("2"), PASSED)
    assert reasons(first, unchanged, state("release", at("1"), at("2"))) == ["demo has not passed e2e"]


def test_an_environment_without_the_change_has_to_have_the_one_before() -> None:
    waiting = state("demo", at("0"), at("1", note="2"), PASSED)
    first = state("staging", at("2"), at("2"), PASSED)
    expected = ["demo has not been promoted to this change"]
    assert reasons(first, waiting, state("release", at("0"), at("2"))) == expected


def test_an_environment_whose_proposed_branch_says_nothing_is_not_looked_past() -> None:
    ahead = state("staging", at("1"), Hydrated(note="2"), PASSED)
    assert reasons(ahead, state("demo", at("1"), at("2"))) == ["staging has not been promoted to this change"]


def test_a_change_that_concerns_only_the_last_environment_passes() -> None:
    unchanged = [state(name, at("1"), at("1", note="2"), PASSED) for name in ("staging", "demo")]
    assert reasons(*unchanged, state("release", at("1"), at("2"))) == []


def test_a_person_is_waited_for_where_promotions_are_not_automatic() -> None:
    by_hand = state("release", at("1"), at("2"))
    by_hand = by_hand._replace(environment=by_hand.environment._replace(automatic=False))
    before = state("demo", at("2"), at("2"), PASSED)
    assert reasons(before, by_hand) == ["a person has to promote to release"]
    assert automatic([before, by_hand]) == ()


def test_all_that_is_waited_for_is_told_at_once_with_who_reports_it() -> None:
    before = state("demo", at("2"), at("2"), FAILED)
    before = before._replace(active_gates=(*before.active_gates, GateState(HEALTH)))
    found = blockers([before, state("release", at("1"), at("2"), approval=PENDING)], 1)
    assert [(each.environment, each.key, each.reporter) for each in found] == [
        ("demo", "e2e", "scm-status"),
        ("demo", "argocd-health", "argocd-commit-status"),
        ("release", "approval", "commit-status"),
    ]


def test_where_nothing_is_proposed_there_is_no_change() -> None:
    assert not state("staging", at("1"), Hydrated()).has_change
    assert not state("staging", Hydrated(), Hydrated()).has_change


def test_only_changes_are_promoted() -> None:
    same = state("staging", at("2"), at("2"), PASSED)
    unchanged = state("demo", at("2"), at("2", note="3"))
    assert automatic([same, unchanged, state("release", at(""), at(""))]) == ()
    assert automatic([same, state("demo", at("1"), at("2"))]) == (1,)
