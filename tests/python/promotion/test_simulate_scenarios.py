"""The scenarios that simulator and promotions by CI share: each comes out in the simulator as its author expects."""

from pathlib import Path

import pytest

from release_kit.adapters.simulated_repository import SimulatedRepository
from release_kit.documents import environments, scenario
from release_kit.documents.scenario_event import ACTIONS
from release_kit.engines.simulation.player import play
from release_kit.engines.simulation.simulated_stage import ORDERED_SINCE, SimulatedStage

SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_each_scenario_comes_out_as_expected(path: Path, tmp_path: Path) -> None:
    read = scenario.load(path)
    assert read.environments is not None
    declared = environments.load(read.environments)
    with SimulatedRepository(tmp_path / "repository", declared.dry_branch) as writer:
        stage = SimulatedStage(declared, read.environments.read_bytes(), writer, read.start)
        assert play(read, declared, stage).findings == ()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_each_scenario_expects_something_and_keeps_the_order_that_promotions_by_ci_keep(path: Path) -> None:
    read = scenario.load(path)
    assert read.expect
    assert read.environments is not None
    assert environments.load(read.environments).promoter.release >= ORDERED_SINCE


def test_the_scenarios_have_every_kind_of_event() -> None:
    assert {event.action for path in SCENARIOS for event in scenario.load(path).events} == set(ACTIONS)
