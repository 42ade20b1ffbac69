"""What the simulated promoter does, point by point; docs/promotion.md says where each rule is from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from release_kit.errors import InputError
from tests.support.simulations import APPROVAL, E2E, HEALTH, SOON, CountingWriter, declaration, git, simulate

RELEASE = {"at": "0s", "release": "1.0.0"}
NEWER = {"at": "3m", "release": "1.1.0"}
APPROVED = {"at": "10m", "gate": "approval", "environment": "release"}


def passed(at: str, environment: str, gate: str = "e2e", **fields: str) -> dict[str, str]:
    return {"at": at, "gate": gate, "environment": environment, **fields}


def test_the_first_environment_waits_for_nobody() -> None:
    played = simulate([RELEASE], deadlock="expected")
    assert played.minutes("demo-staging", "promoted 1.0.0") == [0]


def test_an_active_gate_holds_back_the_next_environment_and_not_its_own() -> None:
    played = simulate([RELEASE], reporters=SOON, deadlock="expected")
    assert played.minutes("demo-staging", "e2e passed for 1.0.0") == [5]
    assert played.minutes("demo", "promoted 1.0.0") == [5]


def test_all_active_gates_of_the_environment_before_have_to_pass() -> None:
    played = simulate(
        [RELEASE, passed("1h", "demo-staging", "argocd-health")], reporters=[SOON[1]], deadlock="expected"
    )
    assert played.minutes("demo", "promoted 1.0.0") == [60]


def test_a_proposed_gate_holds_back_its_own_environment() -> None:
    flow = ({"name": "demo-staging", "gates": [APPROVAL]}, {"name": "demo"})
    played = simulate([RELEASE, passed("10m", "demo-staging", "approval")], declaration(flow), reporters=SOON[:1])
    assert played.minutes("demo-staging", "promoted 1.0.0") == [10]
    assert played.versions == {"demo-staging": "1.0.0", "demo": "1.0.0"}


def test_a_gate_that_nobody_reported_is_pending() -> None:
    played = simulate([RELEASE], deadlock="expected")
    assert played.waits("demo") == [
        "demo-staging has not passed argocd-health",
        "demo-staging has not passed e2e",
    ]


def test_a_failed_gate_holds_back_until_it_passes() -> None:
    events: list[dict[str, Any]] = [
        RELEASE,
        passed("5m", "demo-staging", phase="failure"),
        passed("1h", "demo-staging"),
    ]
    played = simulate(events, reporters=SOON[:1], deadlock="expected")
    assert played.minutes("demo", "promoted 1.0.0") == [60]


def test_a_newer_release_takes_the_place_of_one_that_waits() -> None:
    played = simulate([RELEASE, NEWER], reporters=SOON, deadlock="expected")
    assert played.arrivals("demo-staging") == ["1.0.0", "1.1.0"]
    assert played.arrivals("demo") == ["1.1.0"]


def test_a_result_for_a_release_that_was_superseded_does_not_count() -> None:
    late = passed("20m", "demo-staging", release="1.0.0")
    played = simulate([RELEASE, NEWER, late], reporters=SOON[:1], deadlock="expected")
    assert played.minutes("demo-staging", "e2e for 1.0.0 does not count") == [20]
    assert played.versions["demo"] == ""


def test_a_result_for_other_values_of_the_same_release_does_not_count() -> None:
    events: list[dict[str, Any]] = [RELEASE, {"at": "3m", "change": ["demo-staging"]}]
    reporters = [SOON[0], {"gate": "e2e", "after": "20m"}]
    played = simulate(events, reporters=reporters, deadlock="expected")
    assert played.minutes("demo-staging", "e2e for 1.0.0 does not count") == [20]
    assert played.minutes("demo", "promoted 1.0.0") == [23]


def test_environments_that_need_no_change_get_a_note_and_no_commit(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = [RELEASE, {"at": "1h", "change": ["demo"]}]
    simulate(events, folder=tmp_path / "repository", reporters=SOON, deadlock="expected")
    heads = {
        name: git(tmp_path / "repository", "rev-parse", f"environment/{name}-next") for name in ("demo", "release")
    }
    newest = git(tmp_path / "repository", "rev-parse", "releases")
    assert newest in git(tmp_path / "repository", "notes", "--ref=hydrator.metadata", "show", heads["release"])
    assert heads["demo"] not in git(tmp_path / "repository", "notes", "--ref=hydrator.metadata", "list")
    assert newest in git(tmp_path / "repository", "show", f"{heads['demo']}:hydrator.metadata")


def test_an_environment_that_needs_no_change_is_looked_past_if_it_is_well() -> None:
    events: list[dict[str, Any]] = [
        RELEASE,
        {"at": "1h", "change": ["demo-staging", "release"]},
        {"at": "2h", "merge": "release"},
    ]
    reporters = [*SOON, {"gate": "approval"}]
    assert simulate(events, reporters=reporters).minutes("release", "promoted 1.0.0") == [120]
    sick = passed("1h30m", "demo", "argocd-health", phase="failure")
    events[2] = {**events[2], "refused": True}
    assert simulate([*events, sick], reporters=reporters).waits("release") == [
        "demo has failed argocd-health",
        "a person has to promote to release",
    ]


def test_an_environment_with_an_older_change_that_waits_is_not_looked_past() -> None:
    """What demo does not have yet holds back release, though the newest change is none for demo."""
    flow = ({"name": "demo-staging"}, {"name": "demo", "automatic": False}, {"name": "release"})
    events: list[dict[str, Any]] = [RELEASE, {"at": "1h", "change": ["release"]}]
    played = simulate(events, declaration(flow), reporters=SOON[:1])
    assert played.waits("release") == ["demo has not been promoted to this change"]


def test_a_person_promotes_where_it_is_not_automatic() -> None:
    events: list[dict[str, Any]] = [RELEASE, APPROVED, {"at": "1h", "merge": "release"}]
    played = simulate(events, reporters=SOON)
    assert played.minutes("release", "promoted 1.0.0") == [60]
    assert simulate(events[:2], reporters=SOON).waits("release") == ["a person has to promote to release"]


def test_a_person_is_refused_before_all_gates_have_passed() -> None:
    played = simulate([RELEASE, {"at": "1h", "merge": "release"}], reporters=SOON, deadlock="expected")
    (found,) = played.found
    assert "release has not passed approval" in found


@pytest.mark.parametrize("event", [{"merge": "demo"}, {"rollback": "demo"}, {"change": ["demo"]}])
def test_nothing_can_be_done_before_the_first_release(event: dict[str, Any]) -> None:
    played = simulate([{"at": "0s", **event}])
    assert len(played.found) == 1
    assert "refused" in played.found[0]


def test_a_hold_keeps_promotions_back_and_a_resume_lets_the_newest_go() -> None:
    events: list[dict[str, Any]] = [
        {"at": "0s", "hold": "demo"},
        RELEASE,
        {"at": "1h", "release": "1.1.0"},
        {"at": "2h", "resume": "demo"},
    ]
    played = simulate(events, reporters=SOON, deadlock="expected")
    assert played.arrivals("demo") == ["1.1.0"]
    assert played.minutes("demo", "promoted 1.1.0") == [120]


def test_a_timer_counts_from_the_promotion() -> None:
    flow = ({"name": "demo-staging", "gates": [{"kind": "timer", "duration": "1h30m"}]}, {"name": "demo"})
    events: list[dict[str, Any]] = [RELEASE, {"at": "1h", "release": "1.1.0"}]
    played = simulate(events, declaration(flow, gates=[]))
    assert played.arrivals("demo") == ["1.1.0"]
    assert played.minutes("demo", "promoted 1.1.0") == [150]


def test_a_schedule_holds_back_its_own_environment_outside_of_its_windows() -> None:
    gate = {"kind": "schedule", "allow": [{"cron": "0 12 * * *", "duration": "1h"}]}
    flow = ({"name": "demo-staging", "gates": [gate]},)
    events: list[dict[str, Any]] = [RELEASE, {"at": "3h59m", "release": "1.1.0"}, {"at": "4h", "release": "1.2.0"}]
    played = simulate(events, declaration(flow, gates=[]))
    assert played.minutes("demo-staging", "promoted 1.0.0") == [3 * 60]
    assert played.minutes("demo-staging", "promoted 1.1.0") == [4 * 60 - 1]
    assert played.minutes("demo-staging", "promoted 1.2.0") == [27 * 60]


def test_a_rollback_brings_back_the_last_good_release_and_keeps_the_bad_one_out() -> None:
    events: list[dict[str, Any]] = [RELEASE, {"at": "1h", "release": "1.1.0"}, {"at": "2h", "rollback": "demo"}]
    played = simulate(events, reporters=SOON, deadlock="expected")
    assert played.arrivals("demo") == ["1.0.0", "1.1.0", "1.0.0"]
    assert played.waits("demo") == ["demo has rolled this release back"]
    later = simulate([*events, {"at": "3h", "release": "1.2.0"}], reporters=SOON, deadlock="expected")
    assert later.versions["demo"] == "1.2.0"


def test_what_was_rolled_back_does_not_go_further() -> None:
    events: list[dict[str, Any]] = [RELEASE, {"at": "1h", "release": "1.1.0"}, {"at": "2h", "rollback": "demo"}]
    played = simulate(events, reporters=[*SOON, {"gate": "approval"}])
    assert played.waits("release")[0] == "demo has not been promoted to this change"


def test_a_rollback_passes_over_releases_that_did_not_pass() -> None:
    flow = ({"name": "demo-staging", "gates": [E2E]},)
    events: list[dict[str, Any]] = [
        RELEASE,
        passed("1m", "demo-staging"),
        {"at": "1h", "release": "1.1.0"},
        passed("1h1m", "demo-staging", phase="failure"),
        {"at": "2h", "release": "1.2.0"},
        {"at": "3h", "rollback": "demo-staging"},
    ]
    played = simulate(events, declaration(flow, gates=[]))
    assert played.arrivals("demo-staging") == ["1.0.0", "1.1.0", "1.2.0", "1.0.0"]


def test_an_older_version_is_what_the_simulator_promotes() -> None:
    """GitOps Promoter knows no versions: a hotfix of an older line is the newest dry commit."""
    played = simulate([RELEASE, {"at": "1h", "release": "0.9.9"}], reporters=SOON, deadlock="expected")
    assert played.arrivals("demo") == ["1.0.0", "0.9.9"]


def test_an_environment_that_tracks_versions_takes_what_its_constraint_allows() -> None:
    flow = ({"name": "demo-staging", "tracks": "^1.0", "gates": [E2E]}, {"name": "demo"})
    events: list[dict[str, Any]] = [RELEASE, {"at": "1h", "release": "2.0.0"}, {"at": "2h", "release": "1.1.0"}]
    played = simulate(events, declaration(flow, gates=[]), reporters=SOON[1:])
    assert played.arrivals("demo-staging") == ["1.0.0", "1.1.0"]
    assert played.arrivals("demo") == ["1.0.0", "1.1.0"]
    assert played.minutes("demo", "promoted 1.1.0") == [125]


@pytest.mark.parametrize(
    ("promoter", "expected"), [("0.36.0", [0]), ("0.37.9", [0]), ("0.38.0", [30]), ("0.39.1", [30])]
)
def test_releases_before_0_38_keep_no_order_behind_an_environment_without_gates(
    promoter: str, expected: list[int]
) -> None:
    flow = ({"name": "demo-staging", "gates": [APPROVAL]}, {"name": "demo"})
    declared = declaration(flow, gates=[], promoter={"release": promoter})
    played = simulate([RELEASE, passed("30m", "demo-staging", "approval")], declared)
    assert played.minutes("demo", "promoted 1.0.0") == expected


@pytest.mark.parametrize("promoter", ["0.36.0", "0.39.0"])
def test_all_releases_keep_the_order_behind_an_environment_with_gates(promoter: str) -> None:
    flow = ({"name": "demo-staging", "gates": [APPROVAL]}, {"name": "demo"})
    declared = declaration(flow, gates=[HEALTH], promoter={"release": promoter})
    events: list[dict[str, Any]] = [RELEASE, passed("30m", "demo-staging", "approval")]
    assert simulate(events, declared, reporters=SOON[:1]).minutes("demo", "promoted 1.0.0") == [31]


def test_what_is_due_at_one_time_happens_in_a_fixed_order() -> None:
    """The time first, then reporters, then events: at the third hour the test passes before the newer release."""
    events: list[dict[str, Any]] = [RELEASE, {"at": "5m", "release": "1.1.0"}]
    assert simulate(events, reporters=SOON, deadlock="expected").arrivals("demo") == ["1.0.0", "1.1.0"]


HOTFIX: Mapping[str, Any] = {"at": "3m", "release": "1.0.1", "skip_staging": True}
STAGED: Sequence[Mapping[str, Any]] = (
    {"name": "demo-staging", "staging": True, "gates": [E2E]},
    {"name": "demo"},
)


def test_a_hotfix_does_not_wait_for_staging_in_the_simulator() -> None:
    played = simulate([RELEASE, HOTFIX], declaration(STAGED), deadlock="expected")
    assert played.minutes("demo", "promoted 1.0.1") == [3]
    assert isinstance(played.writer, CountingWriter)
    messages = [made.message for made in played.writer.made.values() if made.message.startswith("Promote demo to")]
    assert ["Skipped-Staging: demo-staging\n" in message for message in messages] == [True]
    assert "Promoted-From" not in messages[0]


def test_a_hotfix_leaves_what_is_newer_in_staging() -> None:
    events: list[dict[str, Any]] = [{**RELEASE, "release": "1.1.0"}, {**HOTFIX}]
    played = simulate(events, declaration(STAGED), deadlock="expected")
    assert played.arrivals("demo-staging") == ["1.1.0"]
    assert played.arrivals("demo") == ["1.0.1"]


def test_a_hotfix_comes_to_staging_where_nothing_newer_is() -> None:
    played = simulate([RELEASE, HOTFIX], declaration(STAGED), deadlock="expected")
    assert played.arrivals("demo-staging") == ["1.0.0", "1.0.1"]


def test_an_older_release_that_skips_nothing_takes_the_place_in_staging() -> None:
    events: list[dict[str, Any]] = [{**RELEASE, "release": "1.1.0"}, {"at": "1h", "release": "1.0.1"}]
    played = simulate(events, declaration(STAGED), deadlock="expected")
    assert played.arrivals("demo-staging") == ["1.1.0", "1.0.1"]


def test_a_change_of_values_leaves_a_hotfix_one() -> None:
    played = simulate([RELEASE, HOTFIX, {"at": "4m", "change": ["demo"]}], declaration(STAGED), deadlock="expected")
    assert played.minutes("demo", "promoted 1.0.1") == [3, 4]


def test_who_wants_a_test_first_is_told_of_a_hotfix() -> None:
    never = {"never": "demo before e2e on demo-staging"}
    played = simulate([RELEASE, HOTFIX], declaration(STAGED), expect=[never], reporters=SOON)
    assert played.found == ["demo has 1.0.1, and e2e had not passed for it on demo-staging"]


def test_there_has_to_be_something_to_skip() -> None:
    with pytest.raises(InputError, match=r"events\[1\] .*no environment is declared as staging"):
        simulate([RELEASE, HOTFIX], declaration())
