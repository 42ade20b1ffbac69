"""The simulator and the promotions by CI come to the same ends: whatever is simulated is what CI does."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release_kit.documents import environments, scenario
from release_kit.documents.environments import Environments
from release_kit.documents.scenario import Scenario
from release_kit.engines.promotion.model import EnvironmentState, GateState, Hydrated
from release_kit.engines.simulation.player import Result, play
from release_kit.engines.simulation.simulated_stage import SimulatedStage
from tests.support.memory_repository import MemoryRepository
from tests.support.promotion_stage import ClockedRepository, PromotionStage
from tests.support.promotions import settle
from tests.support.simulations import APPROVAL, E2E, HEALTH, CountingWriter, declaration

SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))


@pytest.fixture(autouse=True, scope="module")
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(tmp_path_factory.mktemp("settings"), monkeypatch)
        yield


def by_ci(loaded: Scenario, declared: Environments, content: bytes, folder: Path | None) -> Result:
    repository = ClockedRepository(declared, folder) if folder else MemoryRepository()
    return play(loaded, declared, PromotionStage(declared, content, repository, loaded.start))


def simulated(loaded: Scenario, declared: Environments, content: bytes) -> Result:
    return play(loaded, declared, SimulatedStage(declared, content, CountingWriter(), loaded.start))


def ends(result: Result) -> list[object]:
    """Returns all that can be said of the end without shas, which differ."""
    blockers = [[tuple(each) for each in waits] for waits in result.blockers]
    return [*map(end, result.states), blockers]


def end(state: EnvironmentState) -> object:
    same = state.active.dry == state.proposed.dry, state.active.effective == state.proposed.effective
    parts = (contents(state.active), contents(state.proposed), gates(state.active_gates), gates(state.proposed_gates))
    return (state.environment.name, state.has_change, same, *parts)


def contents(hydrated: Hydrated) -> object:
    since = hydrated.since if hydrated.dry else 0
    return hydrated.version, hydrated.record, since, hydrated.dry_time, bool(hydrated.note)


def gates(found: Sequence[GateState]) -> object:
    return [(state.gate.key, state.phase, state.since) for state in found]


def arrivals(result: Result) -> list[object]:
    """Returns which release came to which environment, when, and by what."""
    return [(entry.time, entry.environment, entry.kind, entry.version) for entry in result.merges]


def both(loaded: Scenario, declared: Environments, content: bytes, folder: Path | None = None) -> None:
    one, other = simulated(loaded, declared, content), by_ci(loaded, declared, content, folder)
    assert arrivals(other) == arrivals(one)
    assert ends(other) == ends(one)
    assert [finding.found for finding in other.findings] == [finding.found for finding in one.findings]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
@pytest.mark.parametrize("where", ["memory", "git"])
def test_a_scenario_ends_the_same(path: Path, where: str, tmp_path: Path) -> None:
    loaded = scenario.load(path)
    assert loaded.environments
    declared = environments.load(loaded.environments)
    both(loaded, declared, loaded.environments.read_bytes(), tmp_path if where == "git" else None)


NAMES = ("one", "two", "three")
TIMER: Mapping[str, Any] = {"kind": "timer", "duration": "7m"}
WINDOW: Mapping[str, Any] = {"kind": "schedule", "allow": [{"cron": "*/10 * * * *", "duration": "3m"}]}


def flows(tracks: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Returns three environments with any gates; the first may track versions, the first ones may be staging."""
    any_gate: st.SearchStrategy[Mapping[str, Any]] = st.sampled_from([E2E, TIMER, APPROVAL, WINDOW])
    gates_of = st.lists(any_gate, unique_by=lambda gate: str(gate["kind"]))
    environment = st.fixed_dictionaries({"gates": gates_of, "automatic": st.booleans()})
    first = st.sampled_from([{"name": "one", "tracks": "*", "gates": gates} for gates in ([], [E2E], [TIMER])])
    found = st.lists(environment, min_size=3, max_size=3).map(
        lambda each: [{"name": name, **fields} for name, fields in zip(NAMES, each, strict=True)]
    )
    flow = st.builds(lambda one, others: [one, *others[1:]], first, found) if tracks else found
    return st.builds(
        lambda each, last: [{**fields, "staging": i < last} for i, fields in enumerate(each)], flow, st.integers(0, 2)
    )


def steps(names: Sequence[str]) -> st.SearchStrategy[list[tuple[int, dict[str, Any]]]]:
    """Returns what happens, and how many minutes after the thing before; `names` are those that have a branch."""
    pinned = st.sampled_from(names)
    phases = st.sampled_from(["success", "success", "failure", "pending"])
    event = st.one_of(
        st.builds(lambda skips: {"release": "", "skip_staging": skips}, st.booleans()),
        st.lists(st.sampled_from(NAMES), min_size=1, unique=True).map(lambda chosen: {"change": chosen}),
        st.builds(lambda name, again: {"merge": name, **({"again": True} if again else {})}, pinned, st.booleans()),
        st.builds(lambda name: {"rollback": name}, pinned),
        st.builds(lambda name: {"rollback": name, "to": "1.0.0"}, pinned),
        st.builds(lambda name: {"hold": name}, pinned),
        st.builds(lambda name: {"resume": name}, pinned),
        st.builds(
            lambda name, phase: {"gate": "argocd-health", "environment": name, "phase": phase},
            st.sampled_from(NAMES),
            phases,
        ),
    )
    return st.lists(st.tuples(st.integers(0, 12), event), min_size=2, max_size=20)


def events(found: list[tuple[int, dict[str, Any]]], has_staging: bool) -> list[dict[str, Any]]:
    now, timed = 0, [{"at": "0m", "release": "1.0.0"}]
    for number, (minutes, event) in enumerate(found, 1):
        now += minutes
        more: dict[str, Any] = {}
        if "release" in event:
            more = {"release": f"1.{number}.0", "skip_staging": event["skip_staging"] and has_staging}
        timed.append({"at": f"{now}m", **event, **more})
    return timed


Played = tuple[list[dict[str, Any]], list[tuple[int, dict[str, Any]]]]
REPORTERS = st.fixed_dictionaries(
    {"after": st.sampled_from(["0s", "1m", "4m"]), "phase": st.sampled_from(["success", "success", "failure"])}
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.booleans().flatmap(lambda tracks: st.tuples(flows(tracks), steps(NAMES[tracks:]))), REPORTERS)
def test_whatever_happens_ends_the_same(played: Played, reporters: dict[str, Any]) -> None:
    flow, found = played
    keys = {"argocd-health", *(str(gate.get("key", gate["kind"])) for each in flow for gate in each["gates"])}
    said = [{"gate": key, **reporters} for key in sorted(keys - {"timer", "schedule"})]
    timed = events(found, has_staging=flow[0]["staging"])
    document = {"schema": scenario.SCHEMA, "name": "any", "events": timed, "reporters": said}
    content = json.dumps(declaration(flow, gates=[HEALTH])).encode()
    declared = environments.parse(content, "environments.json", Path("/nonexistent"))
    both(scenario.parse(json.dumps(document).encode(), "any.yaml", Path("/nonexistent")), declared, content)
