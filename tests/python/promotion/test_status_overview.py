"""What the status makes of each situation, without a repository and without a browser."""

from release_kit.engines.promotion.model import EnvironmentState, GateState, Hydrated
from release_kit.engines.promotion.status import page_flow, page_tables
from release_kit.engines.promotion.status.history import Event
from release_kit.engines.promotion.status.overview import Situation, Standing
from release_kit.values.promotion_gate import Phase
from tests.support.situations import HOUR, NOW, declare, event, record, seen, state

NEWEST, OLD = "1.4.1", "1.4.0"
DECLARED = declare({"name": "staging"}, {"name": "demo"})
STAGING, DEMO = DECLARED.environments


def first(held: EnvironmentState, *events: Event) -> Situation:
    """Returns the situation of the first environment."""
    return seen(DECLARED, [held], *events).situations[0]


def newest_dry() -> str:
    release = seen(DECLARED, []).newest
    assert release
    return release.sha


def test_the_source_is_told_of_the_newest_release_and_of_what_came_by_a_known_commit() -> None:
    running = state(DECLARED, "staging", (NEWEST, NEWEST))
    assert first(running).source == record(NEWEST).commit
    older = state(DECLARED, "staging", (OLD, OLD))
    assert first(older).source == ""
    arrived = event(STAGING, OLD, "", HOUR)
    assert first(older, arrived).source == record(OLD).commit


def test_an_event_of_another_commit_is_not_how_the_present_one_came() -> None:
    running = state(DECLARED, "staging", (NEWEST, NEWEST))
    situation = first(running, event(STAGING, OLD, "", HOUR))
    assert (situation.arrival, situation.source) == (None, record(NEWEST).commit)


def test_nothing_is_waited_for_where_the_newest_release_runs_or_makes_no_difference() -> None:
    running = state(DECLARED, "staging", (NEWEST, ""))
    assert first(running).blockers == ()
    older = state(DECLARED, "staging", (OLD, OLD))
    noted = older._replace(proposed=older.proposed._replace(note=newest_dry()))
    assert first(noted).blockers == ()


def test_an_environment_without_the_newest_release_waits_for_the_hydrator() -> None:
    situation = first(state(DECLARED, "staging", (OLD, OLD)))
    assert [each.reason for each in situation.blockers] == ["staging is not hydrated for 1.4.1"]
    assert situation.standing is Standing.WAITING
    assert 'class="way wait"' in page_flow.flow(seen(DECLARED, [state(DECLARED, "staging", (OLD, OLD))]))


def test_only_a_timer_that_is_running_says_when_it_will_have_passed() -> None:
    declared = declare({"name": "staging", "gates": [{"kind": "timer", "duration": "2h"}]})
    told = []
    for phase in (Phase.PENDING, Phase.SUCCESS):
        held = state(declared, "staging", (NEWEST, NEWEST), ((Phase.SUCCESS, phase), ()))
        told.append([gate.description for gate in seen(declared, [held]).situations[0].active_gates])
    assert told == [["", "will have passed at 2026-11-23 15:42 UTC"], ["", ""]]


def test_gates_of_what_is_proposed_are_told_while_something_else_is_proposed() -> None:
    declared = declare({"name": "staging", "gates": [{"kind": "manual", "key": "approval"}]})
    told = []
    for proposed in (NEWEST, "1.4.2"):
        held = state(declared, "staging", (NEWEST, proposed), ((), (Phase.PENDING,)))
        told.append([gate.gate.key for gate in seen(declared, [held]).situations[0].proposed_gates])
    assert told == [[], ["approval"]]


def test_what_is_ready_says_so_and_what_waits_does_not() -> None:
    ready = page_flow.flow(seen(DECLARED, [state(DECLARED, "staging", (OLD, NEWEST))]))
    assert "Nothing holds it back." in ready
    waiting = [state(DECLARED, "staging", (OLD, OLD)), state(DECLARED, "demo", (OLD, NEWEST))]
    assert "Nothing holds it back." not in page_flow.flow(seen(DECLARED, waiting))


def test_it_is_not_said_that_an_environment_itself_can_end_its_wait() -> None:
    states = [state(DECLARED, "staging", (OLD, NEWEST)), state(DECLARED, "demo", (OLD, NEWEST))]
    page = page_flow.flow(seen(DECLARED, states))
    assert "staging has not been promoted to this change" in page
    assert "up to staging" not in page


def test_the_history_is_newest_first_and_ends_after_twenty() -> None:
    events = [event(DEMO if age % 2 else STAGING, f"1.0.{age}", "", age * HOUR) for age in range(1, 26)]
    text = page_tables.history(seen(DECLARED, [_empty(0), _empty(1)], *events))
    assert text.count("<tr") == 1 + 20
    places = [text.index(f"1.0.{age}<") for age in range(1, 21)]
    assert places == sorted(places)
    assert "1.0.21<" not in text


def test_a_remark_is_what_was_reported_and_else_what_is_declared() -> None:
    declared = declare({"name": "staging", "gates": [{"kind": "e2e", "description": "all the tests"}]})
    held = state(declared, "staging", (NEWEST, NEWEST))
    gate = declared.environments[0].gates[0]
    reported = held._replace(active_gates=(GateState(gate, Phase.FAILURE, NOW, "3 tests failed"),))
    assert "3 tests failed" in page_tables.gates(seen(declared, [reported]))
    silent = held._replace(active_gates=(GateState(gate),))
    assert "all the tests" in page_tables.gates(seen(declared, [silent]))


def _empty(position: int) -> EnvironmentState:
    return EnvironmentState(DECLARED.environments[position], Hydrated(), Hydrated())
