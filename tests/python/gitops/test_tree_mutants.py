"""Each single fault of a generated tree is found by name; what can't be told from the files is with the declaration."""

from pathlib import Path

import pytest

from tests.support import tree_mutants
from tests.support.tree_mutants import TREES, TreeMutant, edited, found, mutants, texts
from tests.support.validation import rules

PAGE = Path(__file__).parents[3] / "docs" / "validation.md"


@pytest.mark.parametrize("is_declared", [False, True], ids=["alone", "declared"])
@pytest.mark.parametrize("tree", TREES)
def test_the_tree_without_a_fault_has_no_finding(tree: str, is_declared: bool) -> None:
    assert found(tree, texts(tree), is_declared) == ()


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: f"{mutant.kind}: {mutant.name}")
def test_each_fault_is_found_by_name(mutant: TreeMutant) -> None:
    files = edited(mutant)
    for is_declared, expected in ((False, mutant.alone), (True, mutant.declared)):
        seen = found(mutant.tree, files, is_declared)
        assert rules(seen) == expected
        assert all(each.message and each.remedy and each.file for each in seen)


def test_no_fault_is_passed_over_beside_the_declaration() -> None:
    assert [each for each in mutants() if not each.declared] == []


def test_enough_faults_of_the_checked_in_tree_are_found_in_the_files_alone() -> None:
    assert len([each for each in mutants() if each.tree == TREES[0] and each.alone]) >= 100


def test_no_two_faults_of_a_kind_have_one_name() -> None:
    names = [(each.kind, each.tree, each.name) for each in mutants()]
    assert len({*names}) == len(names)


def test_the_page_says_how_many_are_found() -> None:
    assert tree_mutants.counts() in PAGE.read_text(), f"let the table be:\n\n{tree_mutants.counts()}"
