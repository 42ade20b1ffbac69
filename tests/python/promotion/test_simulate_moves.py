"""What comes of rollbacks, of what is wanted again, and of environments that follow versions, in the simulator."""

from typing import Any

import pytest

from tests.support.simulations import E2E, SOON, CountingWriter, declaration, simulate

CHAIN = ({"name": "a"}, {"name": "b"})
HEALTHY = [{"gate": "argocd-health", "after": "1m"}]
TWO: list[dict[str, Any]] = [{"at": "0s", "release": "1.0.0"}, {"at": "1h", "release": "1.1.0"}]


def test_what_was_kept_out_and_is_rolled_back_to_is_not_kept_out_any_more() -> None:
    back: list[dict[str, Any]] = [
        {"at": "2h", "rollback": "b"},
        {"at": "3h", "rollback": "b", "to": "1.1.0"},
        {"at": "4h", "change": ["b"]},
    ]
    played = simulate([*TWO, *back], declaration(CHAIN), reporters=HEALTHY)
    assert played.arrivals("b") == ["1.0.0", "1.1.0", "1.0.0", "1.1.0", "1.1.0"]


def test_a_second_rollback_does_nothing_and_one_after_a_promotion_does() -> None:
    events = [*TWO, {"at": "2h", "rollback": "b"}, {"at": "2h", "rollback": "b"}]
    assert simulate(events, declaration(CHAIN), reporters=HEALTHY).arrivals("b") == ["1.0.0", "1.1.0", "1.0.0"]
    more = [*events, {"at": "3h", "release": "1.2.0"}, {"at": "4h", "rollback": "b"}]
    played = simulate(more, declaration(CHAIN), reporters=HEALTHY)
    assert played.arrivals("b") == ["1.0.0", "1.1.0", "1.0.0", "1.2.0", "1.0.0"]


def test_only_the_first_commit_after_a_rollback_joins_the_histories() -> None:
    events = [*TWO, {"at": "2h", "rollback": "b"}, {"at": "3h", "release": "1.2.0"}, {"at": "4h", "release": "1.3.0"}]
    writer = simulate(events, declaration(CHAIN), reporters=HEALTHY).writer
    assert isinstance(writer, CountingWriter)
    hydrated = [new for new in writer.made.values() if new.ref.endswith("/b-next")]
    assert [len(new.parents) for new in hydrated] == [1, 1, 2, 1]


def test_what_was_rolled_back_is_wanted_again_in_vain_before_its_gates_have_passed() -> None:
    events: list[dict[str, Any]] = [
        {"at": "0s", "release": "1.0.0"},
        {"at": "1h", "merge": "release", "again": True, "refused": True},
    ]
    played = simulate(events, reporters=SOON, deadlock="expected")
    assert played.found == []
    assert played.versions["release"] == ""


def test_an_environment_that_tracks_versions_never_takes_an_older_one() -> None:
    flow = ({"name": "a", "tracks": "*"}, {"name": "b"})
    events = [{"at": "0s", "release": "1.1.0"}, {"at": "1h", "release": "1.0.5"}]
    played = simulate(events, declaration(flow), reporters=HEALTHY)
    assert played.arrivals("a") == ["1.1.0"]
    assert played.versions["b"] == "1.1.0"


@pytest.mark.parametrize("release", ["0.36.0", "0.39.0"])
def test_what_an_environment_that_tracks_versions_leaves_out_goes_no_further(release: str) -> None:
    flow = ({"name": "a", "tracks": "^1"}, {"name": "b"})
    declared = declaration(flow, gates=[], promoter={"release": release})
    assert simulate([*TWO, {"at": "2h", "release": "2.0.0"}], declared).arrivals("b") == ["1.0.0", "1.1.0"]


def test_no_rollback_goes_to_what_was_rolled_back_itself() -> None:
    events = [
        *TWO,
        {"at": "2h", "release": "1.2.0"},
        {"at": "3h", "rollback": "b", "to": "1.1.0"},
        {"at": "4h", "rollback": "b", "to": "1.0.0"},
        {"at": "5h", "gate": "argocd-health", "environment": "b", "phase": "failure"},
        {"at": "6h", "release": "1.3.0"},
        {"at": "7h", "rollback": "b", "refused": True},
    ]
    played = simulate(events, declaration(CHAIN), reporters=HEALTHY)
    assert played.found == []
    assert played.versions["b"] == "1.3.0"


def test_a_result_for_a_release_counts_with_any_values_where_versions_are_followed() -> None:
    flow = ({"name": "a", "tracks": "*", "gates": [E2E]}, {"name": "b"})
    passed = {"at": "1m", "gate": "e2e", "environment": "a"}
    played = simulate([TWO[0], passed, {"at": "2h", "change": ["b"]}], declaration(flow, gates=[]))
    assert played.minutes("b", "promoted 1.0.0") == [1, 120]
