"""The pages of the documentation: their snippets, what the comment above each says of it, and their tables.

<!-- from: tests/pages/rules_oci/BUILD.bazel -->    a section of that file
<!-- like: tests/pages/rules_helm/BUILD.bazel -->   the same, with the labels that a user has
<!-- before: rules_oci 2.3.2 -->                    how it is written with other rules
<!-- recipe: .gitlab-ci.yml -->                     a whole file of that name
"""

import ast
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).absolute().parents[2]
_SNIPPET = re.compile(
    r"(?:^<!-- (?P<mark>\w+): (?P<what>[^\n]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)


class Snippet(NamedTuple):
    """A fenced block of a page."""

    mark: str
    """`from`, `before`, `recipe`, `run`, ...; empty where no comment stands above."""
    what: str
    """What the comment names."""
    language: str
    text: str


def page(name: str) -> str:
    """Returns a page of docs."""
    return (ROOT / "docs" / name).read_text()


def snippets(name: str, mark: str = "") -> list[Snippet]:
    """Returns the fenced blocks of a page, in order; those with a mark where one is named."""
    found = [Snippet(*(part or "" for part in match.groups())) for match in _SNIPPET.finditer(page(name))]
    return [snippet for snippet in found if mark in ("", snippet.mark)]


def rows(text: str, header: str) -> list[list[str]]:
    """Returns the cells of the table below the line that begins with `header`."""
    _, found, rest = text.partition(f"\n{header}")
    assert found, f"no table {header}"
    lines = rest.partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def code(cell: str) -> str:
    """Returns what stands in backticks."""
    match = re.search(r"`([^`]+)`", cell)
    assert match, f"no code in {cell!r}"
    return match[1]


def statements(starlark: str) -> list[str]:
    """Returns the statements of a BUILD file without their layout; a load is one for each name."""
    made: list[str] = []
    for statement in ast.parse(starlark).body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "load":
            file, *names = call.args
            made += [f"load({ast.unparse(file)}, {ast.unparse(name)})" for name in [*names, *call.keywords]]
        else:
            made.append(ast.unparse(statement))
    return made
