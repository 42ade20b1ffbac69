"""The page: text, and pictures as GitHub draws them (Mermaid)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.support.architecture.documents import flow
from tests.support.architecture.graphs import (
    LAYERS,
    Arrows,
    between_engines,
    between_folders,
    between_layers,
    between_packages,
    sizes,
)

PAGE = Path("docs/architecture.md")
UPDATE = "python3 -m tests.support.architecture"
FOLDERS = {
    "bazel": "the public Starlark API, and what it is made of",
    "tools": "release-kit: the Python package that does the work",
    "docker": "the sample application's images",
    "helm": "its chart",
    "release": "its release set, and what is done with it",
    "gitops": "its environments, and what is generated from them",
    "rehearsal": "the whole pipeline on loopback",
    "benchmarks": "how fast it is, beside others",
    "examples": "modules of their own that use the API",
    "docs": "these pages, the API's pages and the schemas",
    "tests": "what holds all this to its word",
}
TEXT = """# Architecture

Starlark decides *what*: it writes documents. Python does *how*: it reads them. Nothing else is between the two
([Documents](documents.md)), so `release-kit` does the same without Bazel.

The pictures are drawn from the code, by `{update}`; a test fails where they differ from it.

## The layers of release_kit

Imports go down only, `engines` and `adapters` know nothing of each other, and `cli` brings them together; a test reads
every import. In the picture a number is of modules, on an arrow of those that import something of what it points at.

{layers}

`errors` has the two that end a command; `values` are what has no place of its own, such as a tag or a version;
`documents` read JSON and name the path of what is wrong; `ports` say what engines need; `adapters` are registries, git,
helm, GitHub and files; `engines` decide.

## The engines

{engines}

## Starlark

A package loads from those that it points at; a number is of files, on an arrow of those that load. What is below
`bazel/private` has load visibility for its users only, and `lib` has functions that know no `ctx`.

{starlark}

## The repository

A folder points at those whose targets its BUILD files name, or whose packages its Python imports; `tests` may use them
all, and is left out. A number is of files.

{folders}

{table}

## Who writes and reads which document

What the code says without being run: a Starlark file writes a document if it has its schema's name; a command prints
it if the module that has that name is no parser, and reads it if the parser is called, in a module that it imports,
at once or later. Files that commands write beside their result, such as the release record, are in
[Documents](documents.md).

{documents}
"""


def page(files: Sequence[Path]) -> str:
    """Returns the text of docs/architecture.md."""
    engines, starlark = between_engines(files), between_packages(files)
    return TEXT.format(
        update=UPDATE,
        layers=_chart("TB", {name: sizes(files)[name] for name in LAYERS}, between_layers(files)),
        engines=_chart("LR", _linked(*engines), engines[1]) + "\n\n" + _alone(*engines),
        starlark=_chart("TB", starlark[0], starlark[1]),
        folders=_folders(files),
        table="\n".join(_table(("folder", "what is there"), [(f"`{name}/`", FOLDERS[name]) for name in _there(files)])),
        documents="\n".join(_documents(files)),
    )


def _chart(direction: str, nodes: Mapping[str, int], arrows: Arrows) -> str:
    """Returns a flowchart in which what is pointed at is below (TB) or to the right (LR)."""
    names = {name: f"n{position}" for position, name in enumerate(sorted(nodes))}
    lines = [f'    {names[name]}["{name}{f" ({nodes[name]})" if nodes[name] else ""}"]' for name in sorted(nodes)]
    lines += [
        f"    {names[own]} -->|{count}| {names[other]}"
        for (own, other), count in arrows.items()
        if own in names and other in names
    ]
    return "\n".join(["```mermaid", f"flowchart {direction}", *lines, "```"])


def _linked(nodes: Mapping[str, int], arrows: Arrows) -> dict[str, int]:
    named = {name for arrow in arrows for name in arrow}
    return {name: nodes[name] for name in sorted(nodes) if name in named}


def _alone(nodes: Mapping[str, int], arrows: Arrows) -> str:
    alone = [f"`{name}`" for name in sorted(nodes) if name not in _linked(nodes, arrows)]
    return f"By themselves, with no arrow to or from another engine: {', '.join(alone)}." if alone else ""


def _there(files: Sequence[Path]) -> list[str]:
    return [name for name in FOLDERS if any(path.parts[0] == name for path in files)]


def _folders(files: Sequence[Path]) -> str:
    shown = {name: 0 for name in _there(files) if name != "tests"}
    return _chart("TB", shown, between_folders(files))


def _documents(files: Sequence[Path]) -> Iterator[str]:
    rows = []
    for document, starlark, printed, read in flow(files):
        written = [f"[{Path(path).name}](../{path})" for path in starlark]
        link = f"[{document}](schemas/{document}-v1.schema.json)"
        rows.append((link, ", ".join(written), _said(printed), _said(read)))
    yield from _table(("document", "written by", "printed by", "read by"), rows)


def _said(commands: Iterable[str]) -> str:
    return ", ".join(f"`{command}`" for command in commands)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield from (f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}")
    yield from (f"| {' | '.join(row)} |".replace("|  |", "| |").replace("|  |", "| |") for row in rows)
