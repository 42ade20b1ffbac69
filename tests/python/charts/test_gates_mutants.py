"""The sample's chart passes its gates, and enough mutants of it, of every kind, show what the gates catch."""

from pathlib import Path

import pytest

from tests.support.helm import BOTH, HELM_3
from tests.support.mutants import KINDS, Mutant
from tests.support.mutants.hold import faults, gates, golden, hold, prepared

# How many single faults of each kind were tried on the tools of others, which all together caught less than half.
TRIED = {
    "image policy": 23,
    "determinism": 6,
    "golden": 4,
    "values docs": 2,
    "release set": 9,
    "values schema": 6,
    "package": 7,
    "schema": 18,
    "chart rules": 23,
    "render": 10,
}
MUTANTS = [mutant for _, mutants in KINDS for mutant in mutants]
BASES = {mutant.base: mutant.fault for mutant in MUTANTS}
EVERY = 6
"""Every sixth mutant is tried with Helm 3, too."""


@pytest.mark.parametrize("major", BOTH)
@pytest.mark.parametrize("base", BASES, ids=lambda base: f"before {BASES[base]}" if base else "as it is")
def test_the_good_chart_has_no_finding(base: tuple[object, ...], major: str, tmp_path: Path) -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.base == base)
    chart = prepared(tmp_path, mutant.base)
    found = hold(chart, gates(chart, mutant.values), major=major)
    assert (found.code, found.findings) == (0, ()), found.said


def test_there_are_mutants_of_every_kind() -> None:
    counts = {kind: len(mutants) for kind, mutants in KINDS}
    assert {kind: counts.get(kind, 0) for kind in TRIED if counts.get(kind, 0) < TRIED[kind]} == {}


def test_every_mutant_has_a_name_of_its_own() -> None:
    assert len({mutant.fault for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS[::EVERY], ids=lambda mutant: mutant.fault)
def test_a_fault_is_caught_under_helm_3_too(mutant: Mutant, tmp_path: Path) -> None:
    goldens = golden(tmp_path / "golden", mutant.values, HELM_3) if mutant.gate == "golden" else None
    assert faults(mutant, tmp_path, goldens, HELM_3) == []
