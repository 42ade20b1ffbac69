"""The table of docs/promotion.md is held to the tests that it names, and its examples to the command."""

import re
from pathlib import Path

import pytest

from release_kit.documents import environments, scenario
from release_kit.documents.scenario_event import ACTIONS
from tests.support import proofs
from tests.support.simulations import SOON, declaration, played_scenario, simulate

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "promotion.md"
TESTS = Path(__file__).parent
HEADER = "| point | GitOps Promoter | simulator and promotions by CI | shown by |"


def rows() -> list[list[str]]:
    """Returns the cells of the table, row by row."""
    return proofs.rows(PAGE, HEADER)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_point_is_shown_by_tests_that_there_are(row: list[str]) -> None:
    assert len(row) == 4
    named = proofs.named(row[3])
    assert named
    assert set(named) <= proofs.tests([TESTS])


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_point_names_its_source(row: list[str]) -> None:
    pattern = r"`[\w/.-]+\.(go|md)`|[a-z]+[A-Z]\w+|^the same|docs/gitops.md|^v0.36.0 has none|knows no versions"
    assert re.search(pattern, row[1]), row[1]


def test_every_test_of_the_simulated_rules_is_in_the_table() -> None:
    semantics = (TESTS / "test_simulate_semantics.py").read_text()
    named = {name for row in rows() for name in proofs.named(row[3])}
    left = set(re.findall(r"^def (test_\w+)", semantics, re.M)) - named
    assert left == {
        "test_nothing_can_be_done_before_the_first_release",
        "test_a_rollback_passes_over_releases_that_did_not_pass",
        "test_a_schedule_holds_back_its_own_environment_outside_of_its_windows",
        "test_what_is_due_at_one_time_happens_in_a_fixed_order",
    }


def test_the_page_has_every_action() -> None:
    events = re.findall(r"^\| `(\w+): ", PAGE.read_text(), re.M)
    assert set(ACTIONS) <= {*events, "resume"}


def test_the_scenario_of_the_page_comes_out_as_it_says() -> None:
    (text,) = re.findall(r"```yaml\n(schema: rules_release/scenario/v1\n.*?)```", PAGE.read_text(), re.S)
    read = scenario.parse(text.encode(), "docs/promotion.md", TESTS / "scenarios")
    assert read.environments is not None
    assert environments.load(read.environments).name == "shop"
    assert played_scenario(read, read.environments.read_bytes()).found == []


def test_a_gate_has_one_reporter_in_the_simulator_too() -> None:
    """What names an environment wins over what names none."""
    reporters = [{"gate": "argocd-health", "environment": "demo-staging", "after": "9m"}, *SOON]
    played = simulate([{"at": "0s", "release": "1.0.0"}], declaration(), reporters=reporters, deadlock="expected")
    assert played.minutes("demo-staging", "argocd-health passed for 1.0.0") == [9]
