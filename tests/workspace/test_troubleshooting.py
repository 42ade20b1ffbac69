"""docs/troubleshooting.md is about errors that there are."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
ANYTHING = "..."
ENOUGH = 10
"""How many letters a text has to have for it to tell of an error."""


def told() -> list[str]:
    """Returns the errors of the page, `...` for what differs."""
    return re.findall(r"^### `(.*)`$", PAGE.read_text(), re.M)


def texts(node: ast.AST) -> Iterator[str]:
    """Yields the texts of a program, `...` for what is filled in."""
    for child in ast.walk(node):
        if isinstance(child, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else ANYTHING for part in child.values)
            yield "".join(map(str, parts))
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield from re.sub(r"\{\w*\}", ANYTHING, child.value).split("\n")


@cache
def known() -> list[re.Pattern[str]]:
    """Returns what each text of release-kit and of the rules, filled in, may be a part of."""
    paths = [*(ROOT / "tools").rglob("*.py"), *(ROOT / "bazel").rglob("*.bzl")]
    found = {text for path in paths for text in texts(ast.parse(path.read_text()))}
    pieces = ([piece for piece in text.split(ANYTHING) if piece] for text in found)
    return [
        re.compile(".*".join(map(re.escape, each)))
        for each in pieces
        if sum(len(re.findall(r"\w", piece)) for piece in each) >= ENOUGH
    ]


@pytest.mark.parametrize("message", told())
def test_the_error_is_one_that_there_is(message: str) -> None:
    assert any(pattern.search(message) for pattern in known())


def test_another_error_is_none() -> None:
    assert told()
    assert not any(pattern.search("the moon is full, and nothing was heard of it") for pattern in known())
