"""Each single fault of generated workflows is found by its rule, and by no other; those without one have no finding."""

from pathlib import Path

import pytest

from release_kit.engines.workflows.policy.run import NAMES, RULES, check, table
from tests.support import workflows
from tests.support.workflows import WorkflowMutant, found, mutants

PAGE = Path(__file__).parents[3] / "docs" / "workflows.md"


@pytest.mark.parametrize("name", workflows.NAMES)
@pytest.mark.parametrize("is_declared", [False, True], ids=["alone", "declared"])
def test_workflows_without_a_fault_have_no_finding(name: str, is_declared: bool) -> None:
    assert check(workflows.texts(name), {}, workflows.declared(name) if is_declared else None) == ()


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: f"{mutant.kind}: {mutant.name}")
def test_each_fault_is_found_by_its_rule(mutant: WorkflowMutant) -> None:
    seen = found(mutant)
    assert {each.rule for each in seen} == {mutant.rule}, [each.message for each in seen]
    for each in seen:
        assert each.message
        assert each.remedy
        assert each.line > 0
        assert each.file in workflows.edited(mutant)


def test_every_rule_has_a_fault_that_it_finds() -> None:
    assert {mutant.rule for mutant in mutants()} == {*NAMES}


def test_no_two_faults_of_a_kind_have_one_name() -> None:
    names = [(each.kind, each.name) for each in mutants()]
    assert len({*names}) == len(names)


def test_the_page_has_the_tables_of_rules_and_faults() -> None:
    for expected in (table(), workflows.table()):
        assert expected in PAGE.read_text(), f"let the table in docs/workflows.md be:\n\n{expected}"


def test_each_rule_says_all_that_it_should_and_has_a_name_of_its_own() -> None:
    assert len({*NAMES}) == len(NAMES)
    assert all(all(rule) for rule in RULES)
