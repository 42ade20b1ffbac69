"""SECURITY.md names, for each threat, tests that there are; each file of this folder is named there."""

import re
from pathlib import Path

import pytest

from tests.support import proofs

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
PAGE = ROOT / "SECURITY.md"
ROWS = proofs.rows(PAGE, "| threat | what holds | tests |")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_threat_names_tests_that_there_are(row: list[str]) -> None:
    threat, held, tests = row
    assert threat
    assert held
    assert proofs.named(tests)
    assert set(proofs.named(tests)) <= proofs.tests([ROOT / "tests" / "python"])


@pytest.mark.parametrize("path", sorted(HERE.glob("test_*.py")), ids=lambda path: path.name)
def test_every_file_of_threats_is_in_the_table(path: Path) -> None:
    known = set(re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE))
    named = {name for row in ROWS for name in proofs.named(row[2])}
    assert known & named or path.name in ("test_statement.py", "test_threats.py")
