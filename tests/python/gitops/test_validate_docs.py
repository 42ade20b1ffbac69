"""docs/validation.md has the rules as they are."""

import re
from pathlib import Path

from release_kit.engines.validation.rules import NAMES, RULES, table

PAGE = Path(__file__).parents[3] / "docs" / "validation.md"


def test_the_page_has_the_table_of_the_rules() -> None:
    assert table() in PAGE.read_text(), f"let the table in docs/validation.md be:\n\n{table()}"


def test_each_rule_says_all_that_it_should_and_has_a_name_of_its_own() -> None:
    assert len({*NAMES}) == len(NAMES)
    for rule in RULES:
        assert re.fullmatch(r"[a-z0-9-]+", rule.name)
        assert all(rule), rule
