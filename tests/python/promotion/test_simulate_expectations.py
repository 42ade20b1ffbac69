"""What a scenario's author may expect, what is found where it is not so, and changes that can never go on."""

from typing import Any

import pytest

from release_kit.errors import InputError
from tests.support.simulations import APPROVAL, SOON, declaration, simulate

RELEASE = {"at": "0s", "release": "1.0.0"}
APPROVED = {"at": "10m", "gate": "approval", "environment": "release"}
MERGED = {"at": "1h", "merge": "release"}
WHOLE: list[dict[str, Any]] = [{"at": "0s", "release": "0.9.0"}, RELEASE, APPROVED, MERGED]
"""The first release is superseded everywhere but in the first environment."""
WEAK = declaration(
    ({"name": "demo-staging", "gates": [APPROVAL]}, {"name": "demo"}), gates=[], promoter={"release": "0.36.0"}
)
"""By the rules of this GitOps Promoter demo waits for nothing."""


def expecting(*expect: dict[str, Any], events: list[dict[str, Any]] = WHOLE, **fields: Any) -> list[str]:
    return simulate(events, reporters=SOON, expect=list(expect), **fields).found


@pytest.mark.parametrize(
    "expect",
    [
        {"never": "release before e2e on demo-staging"},
        {"never": "demo before argocd-health on demo-staging"},
        {"never": "release before approval on release"},
        {"never": {"environment": "release", "version": "0.9.0"}},
        {"eventually": {"demo": "1.0.0", "release": "1.0.0"}},
        {"eventually": {"demo": "1.0.0"}, "within": "5m"},
        {"finally": {"demo-staging": "1.0.0", "release": "1.0.0"}},
    ],
)
def test_what_is_as_expected_is_no_finding(expect: dict[str, Any]) -> None:
    assert expecting(expect) == []


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ({"never": {"environment": "demo", "version": "1.0.0"}}, "demo has 1.0.0"),
        ({"eventually": {"demo": "1.0.0"}, "within": "4m59s"}, "demo had 1.0.0 after 5m"),
        ({"finally": {"demo": "none"}}, "demo has 1.0.0 at the end"),
    ],
)
def test_what_is_not_as_expected_is_found(expect: dict[str, Any], found: str) -> None:
    assert expecting(expect) == [found]


def test_a_release_that_never_comes_is_found() -> None:
    held: list[dict[str, Any]] = [{"at": "0s", "hold": "demo"}, RELEASE]
    deadlock = {"deadlock": "expected"}
    assert expecting({"eventually": {"demo": "1.0.0"}}, events=held, **deadlock) == ["demo never had 1.0.0"]
    assert expecting({"finally": {"demo": "1.0.0"}}, events=held, **deadlock) == ["demo has no release at the end"]


def test_an_order_that_is_broken_names_the_event_and_the_time() -> None:
    expect = [{"never": "demo before approval on demo-staging"}]
    played = simulate([RELEASE], WEAK, expect=expect, start="2026-01-05T09:00:00Z", deadlock="expected")
    (finding,) = played.result.findings
    assert finding.expected == "never: demo before approval on demo-staging"
    assert finding.found == "demo has 1.0.0, and approval had not passed for it on demo-staging"
    assert (finding.time, finding.cause) == (1767603600, "release: 1.0.0, events[0] (line 1)")


def test_a_gate_that_passed_for_the_release_before_does_not_keep_an_order() -> None:
    events: list[dict[str, Any]] = [
        RELEASE,
        {"at": "1m", "gate": "approval", "environment": "demo-staging"},
        {"at": "1h", "release": "1.1.0"},
    ]
    expect = [{"never": "demo before approval on demo-staging"}]
    played = simulate(events, WEAK, expect=expect, deadlock="expected")
    assert [(f.time - played.result.scenario.start) // 60 for f in played.result.findings] == [0, 60]


def test_a_gate_that_passed_for_the_same_content_keeps_the_order_of_other_values() -> None:
    events: list[dict[str, Any]] = [*WHOLE, {"at": "2h", "change": ["release"]}, {"at": "3h", "merge": "release"}]
    reporters = [*SOON, {"gate": "approval"}]
    expect = [{"never": "release before e2e on demo-staging"}]
    assert simulate(events, reporters=reporters, expect=expect).found == []


def test_a_rollback_breaks_no_order_and_comes_too_late_for_nothing() -> None:
    events: list[dict[str, Any]] = [RELEASE, {"at": "1h", "release": "1.1.0"}, {"at": "2h", "rollback": "demo"}]
    order = [{"never": "demo before approval on demo-staging"}]
    found = simulate(events, WEAK, expect=order, deadlock="expected").found
    assert [each.partition(",")[0] for each in found] == ["demo has 1.0.0", "demo has 1.1.0"]
    within = [{"eventually": {"demo": "1.0.0"}, "within": "1m"}]
    assert simulate(events, WEAK, expect=within, deadlock="expected").found == []


def test_a_refusal_that_is_expected_and_does_not_come_is_found() -> None:
    events: list[dict[str, Any]] = [RELEASE, APPROVED, {**MERGED, "refused": True}]
    assert expecting(events=events) == ["it was not"]


def test_a_gate_that_nobody_reports_is_a_deadlock() -> None:
    played = simulate([RELEASE], reporters=SOON[:1])
    (finding,) = [f for f in played.result.findings if f.gate == "e2e"]
    assert finding.expected == "no deadlock"
    assert finding.found == "demo waits for e2e of 1.0.0 on demo-staging, and nobody reports it"
    assert (finding.environment, finding.time) == ("demo-staging", played.result.scenario.start)
    assert finding.remedy == "let scm-status report it: add an event `gate: e2e` or a reporter to the scenario"


def test_a_gate_of_what_is_proposed_is_waited_for_with_the_version_that_is_proposed() -> None:
    events: list[dict[str, Any]] = [*WHOLE, {"at": "2h", "release": "1.1.0"}]
    found = simulate(events, reporters=SOON).found
    assert found == ["release waits for approval of 1.1.0 on release, and nobody reports it"]


def test_a_reporter_that_is_still_to_report_makes_no_deadlock() -> None:
    assert simulate([RELEASE], reporters=[*SOON, {"gate": "approval"}], until="30s").found == []


def test_a_reporter_that_never_reports_is_a_deadlock() -> None:
    reporters = [SOON[0], {"gate": "e2e", "phase": "never"}]
    assert (
        "demo waits for e2e of 1.0.0 on demo-staging, and nobody reports it"
        in expecting() + simulate([RELEASE], reporters=reporters).found
    )


def test_each_gate_is_found_once_however_many_environments_wait() -> None:
    flow = [{"name": f"stage-{number}", "gates": []} for number in range(4)]
    played = simulate([RELEASE], declaration(flow))
    assert played.found == ["stage-1 waits for argocd-health of 1.0.0 on stage-0, and nobody reports it"]


@pytest.mark.parametrize(
    "events",
    [
        [RELEASE, APPROVED],
        [{"at": "0s", "hold": "demo"}, RELEASE],
        [RELEASE, {"at": "10m", "gate": "argocd-health", "environment": "demo", "phase": "failure"}, APPROVED],
    ],
    ids=["a person", "a hold", "a failure"],
)
def test_what_somebody_can_end_is_no_deadlock(events: list[dict[str, Any]]) -> None:
    assert simulate(events, reporters=[*SOON, {"gate": "approval"}]).found == []


def test_a_time_that_is_still_to_come_is_no_deadlock() -> None:
    flow = ({"name": "demo-staging", "gates": [{"kind": "timer", "duration": "2h"}]}, {"name": "demo"})
    played = simulate([RELEASE], declaration(flow, gates=[]), until="1h")
    assert played.found == []
    assert played.waits("demo") == ["demo-staging has not passed timer"]


def test_windows_that_never_open_are_a_deadlock() -> None:
    gate = {"kind": "schedule", "allow": [{"cron": "0 0 30 2 *", "duration": "1h"}]}
    played = simulate([RELEASE], declaration(({"name": "demo", "gates": [gate]},), gates=[]))
    assert played.found == ["demo waits for schedule on demo, and none of its windows ever opens"]


ON_MONDAYS = {"kind": "schedule", "key": "mondays", "allow": [{"cron": "0 9 * * 1", "duration": "1h"}]}
ON_TUESDAYS = {"kind": "schedule", "key": "tuesdays", "allow": [{"cron": "0 9 * * 2", "duration": "1h"}]}
DAILY = {"kind": "schedule", "key": "daily", "allow": [{"cron": "30 9 * * *", "duration": "1h"}]}


def test_windows_that_are_never_open_together_are_a_deadlock() -> None:
    flow = ({"name": "demo", "gates": [ON_MONDAYS, ON_TUESDAYS]},)
    played = simulate([{"at": "2h", "release": "1.0.0"}], declaration(flow, gates=[]))
    assert played.found == [
        "demo waits for mondays on demo, which is never open together with tuesdays",
        "demo waits for tuesdays on demo, which is never open together with mondays",
    ]


def test_a_change_waits_until_all_windows_are_open_together() -> None:
    flow = ({"name": "demo", "gates": [ON_MONDAYS, DAILY]},)
    played = simulate([{"at": "2h", "release": "1.0.0"}], declaration(flow, gates=[]))
    assert played.found == []
    assert played.minutes("demo", "promoted 1.0.0") == [7 * 24 * 60 + 30]


def test_a_release_that_a_constraint_leaves_out_waits_and_is_no_deadlock() -> None:
    flow = ({"name": "demo-staging", "tracks": "^1"}, {"name": "demo"}, {"name": "release"})
    played = simulate([RELEASE, {"at": "1h", "release": "2.0.0"}], declaration(flow), reporters=SOON[:1])
    assert played.found == []
    assert played.waits("demo") == ["demo-staging follows ^1 and has not taken this change"]


def test_a_deadlock_may_be_expected_and_has_to_come_then() -> None:
    assert simulate([RELEASE], deadlock="expected").found == []
    expected = simulate(WHOLE, reporters=SOON, deadlock="expected")
    assert expected.found == ["nothing waits for a gate that nobody reports"]


def test_a_scenario_that_ends_early_leaves_out_what_comes_later() -> None:
    played = simulate([RELEASE], reporters=SOON, until="4m")
    assert (played.versions["demo"], played.result.end - played.result.scenario.start) == ("", 240)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"events": [{"at": "0s", "merge": "prod"}]}, r"events\[0\] \(line 1\): there is no environment 'prod'"),
        ({"events": [{"at": "0s", "change": ["prod"]}]}, "there is no environment 'prod'"),
        ({"events": [{"at": "0s", "gate": "e2e", "environment": "demo"}]}, "demo has no gate 'e2e'"),
        ({"reporters": [{"gate": "e3e"}]}, r"reporters\[0\]: .* has no gate 'e3e'"),
        ({"expect": [{"never": "prod before e2e on demo"}]}, r"expect\[0\]: there is no environment 'prod'"),
        ({"expect": [{"never": "demo before e3e on demo"}]}, r"expect\[0\]: demo has no gate 'e3e'"),
        ({"expect": [{"finally": {"demo": "1.1.0"}}]}, r"expect\[0\]: the scenario never releases 1.1.0"),
        (
            {"expect": [{"never": {"environment": "demo", "version": "1.1.0"}}]},
            r"expect\[0\]: the scenario never releases 1.1.0",
        ),
        (
            {"events": [RELEASE, {"at": "1m", "gate": "e2e", "environment": "demo-staging", "release": "1.0.1"}]},
            r"events\[1\] \(line 1\): the scenario never releases 1.0.1",
        ),
        ({"reporters": [SOON[1], SOON[1]]}, r"reporters\[1\]: reporters\[0\] reports e2e already"),
    ],
)
def test_names_that_the_declaration_does_not_have_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        simulate(fields.pop("events", [RELEASE]), **fields)


def test_how_long_it_took_counts_from_the_first_release() -> None:
    events: list[dict[str, Any]] = [RELEASE, {"at": "4m", "release": "1.0.0", "again": True}]
    within = [{"eventually": {"demo": "1.0.0"}, "within": "2m"}]
    assert "demo had 1.0.0 after 5m" in simulate(events, reporters=SOON, expect=within).found


def test_nobody_reports_what_the_time_opens_and_nobody_promotes_what_tracks_versions() -> None:
    flow = ({"name": "demo-staging", "tracks": "*", "gates": [{"kind": "timer", "duration": "1h"}]}, {"name": "demo"})
    with pytest.raises(InputError, match="timer is a timer: the time alone opens it"):
        simulate([RELEASE], declaration(flow), reporters=[{"gate": "timer"}])
    with pytest.raises(InputError, match="demo-staging tracks versions: nobody can merge it"):
        simulate([{"at": "0s", "merge": "demo-staging"}], declaration(flow))
