"""Mutants of the sample's chart: tags, pull policies, and images and versions of the release."""

from pathlib import Path

import pytest

from tests.support.mutants import images, release_set
from tests.support.mutants.hold import faults
from tests.support.mutants.mutant import Mutant

MUTANTS = [mutant for _, mutants in (images.POLICIES, release_set.SET) for mutant in mutants]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fault)
def test_the_fault_is_named_by_its_gate_and_no_other(mutant: Mutant, tmp_path: Path) -> None:
    assert faults(mutant, tmp_path) == []
