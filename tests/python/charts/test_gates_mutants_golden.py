"""Mutants of the sample's chart that only its goldens show."""

from pathlib import Path

import pytest

from tests.support.helm import BOTH, HELM_3
from tests.support.mutants import rendered
from tests.support.mutants.hold import faults, gates, golden, hold, prepared
from tests.support.mutants.mutant import BOTH as BOTH_FILES
from tests.support.mutants.mutant import Mutant


@pytest.fixture(scope="module")
def goldens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return golden(tmp_path_factory.mktemp("good"), BOTH_FILES)


@pytest.mark.parametrize("mutant", rendered.GOLDENS[1], ids=lambda mutant: mutant.fault)
def test_only_the_golden_shows_the_fault(mutant: Mutant, goldens: Path, tmp_path: Path) -> None:
    assert faults(mutant, tmp_path, goldens) == []


@pytest.mark.parametrize("mutant", rendered.GOLDENS[1], ids=lambda mutant: mutant.fault)
def test_without_goldens_nobody_sees_it(mutant: Mutant, tmp_path: Path) -> None:
    assert faults(mutant, tmp_path) == [f"golden does not say {mutant.says!r}"]


@pytest.mark.parametrize("major", BOTH)
def test_goldens_of_helm_4_hold_for_both(major: str, goldens: Path, tmp_path: Path) -> None:
    chart = prepared(tmp_path)
    found = hold(chart, gates(chart, BOTH_FILES, goldens), major=major)
    assert (found.code, found.findings) == (0, ()), found.said


def test_goldens_of_helm_3_are_those_of_helm_4(goldens: Path, tmp_path: Path) -> None:
    other = golden(tmp_path, BOTH_FILES, HELM_3)
    assert {path.name: path.read_bytes() for path in other.iterdir()} == {
        path.name: path.read_bytes() for path in goldens.iterdir()
    }


def test_a_golden_that_is_missing_is_a_finding(tmp_path: Path) -> None:
    chart = prepared(tmp_path)
    found = hold(chart, gates(chart, BOTH_FILES, tmp_path / "nothing"))
    assert [(each["gate"], "is missing" in each["message"]) for each in found.findings] == [("golden", True)] * 2
