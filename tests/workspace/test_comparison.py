"""docs/comparison.md: each feature of ours is shown by tests that there are."""

import re
from pathlib import Path

import pytest

from tests.support import proofs

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "comparison.md"
SHOWN_BY = "| feature |"
OURS, TESTS = 6, 7


def rows() -> list[list[str]]:
    """Returns the cells of the tables of features, row by row."""
    _, *tables = PAGE.read_text().split(SHOWN_BY)
    lines = [line for table in tables for line in table.partition("\n\n")[0].splitlines()[2:]]
    return [[cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")] for line in lines]


def known() -> set[str]:
    """Returns the names of all tests, those of Starlark too."""
    suites = (path.read_text() for path in (ROOT / "tests").rglob("*.bzl"))
    return proofs.tests([ROOT / "tests"]) | {
        name for text in suites for name in re.findall(r"^(_\w+_test) = ", text, re.M)
    }


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_feature_of_ours_is_shown_by_tests_that_there_are(row: list[str]) -> None:
    assert len(row) == TESTS + 1
    named = re.findall(r"`(\w+)`", row[TESTS])
    assert named or row[OURS].startswith("no")
    assert set(named) <= known()


def test_the_tables_are_read() -> None:
    assert len(rows()) > 50
