"""Tables of pages whose rows name the tests that prove them."""

import re
from collections.abc import Iterable
from pathlib import Path

_NAMED = re.compile(r"`(test_\w+)`")


def rows(page: Path, header: str) -> list[list[str]]:
    """Returns the cells of the table with this header, row by row."""
    lines = page.read_text().splitlines()
    start = lines.index(header) + 2
    found = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def named(cell: str) -> list[str]:
    """Returns the tests that a cell names; none if something else is in it."""
    left = re.sub(r"`test_\w+`,?\s*", "", cell)
    return [] if left else _NAMED.findall(cell)


def tests(folders: Iterable[Path]) -> set[str]:
    """Returns the names of all tests of files below the folders."""
    files = [path for folder in folders for path in folder.rglob("test_*.py")]
    return {name for path in files for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)}
