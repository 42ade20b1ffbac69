"""Declarations of pipelines, the workflows that are generated from them, and single faults of these.

The faults are in tests/python/workflows/mutants, a file for each kind of fault.
"""

import copy
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from release_kit.documents import environments
from release_kit.documents.environments import Environments
from release_kit.engines.validation.tree import TreeFinding
from release_kit.engines.workflows import tree
from release_kit.engines.workflows.policy.run import check
from release_kit.values.yaml_source import read_one

FOLDER = Path(__file__).parents[1] / "python" / "workflows"
DECLARATIONS = FOLDER / "declarations"
NAMES = ("sample", "two", "five")
"""`sample` is that of //gitops; `two` has another registry, no Argo CD, its deploy repository at GitLab and manifests;
`five` one that tracks versions, several tests in one environment, and a person between others."""
Edit = Callable[[dict[str, Any]], Any]


def declared(name: str, edit: Edit = lambda _: None) -> Environments:
    """Returns a declaration, edited."""
    document = copy.deepcopy(json.loads((DECLARATIONS / f"{name}.json").read_text()))
    edit(document)
    return environments.parse(json.dumps(document).encode(), f"{name}.json", DECLARATIONS)


@cache
def texts(name: str) -> Mapping[str, str]:
    """Returns the generated workflows of a declaration."""
    return tree.files(declared(name))


def read(text: str) -> dict[str, Any]:
    """Returns a workflow; its events are in `true`, as YAML 1.1 has it."""
    value: dict[str, Any] = read_one(text).value
    return value


class WorkflowMutant(NamedTuple):
    """One fault."""

    kind: str
    name: str
    declaration: str
    edits: tuple[Mapping[str, str], ...]
    """Each puts `new` in the place of `old` in a `file`, at all places with `all`, or adds a `file` with a `text`."""
    rule: str
    """The one that finds it."""


@cache
def mutants() -> tuple[WorkflowMutant, ...]:
    """Returns all faults."""
    return tuple(
        WorkflowMutant(path.stem, each["name"], each.get("declaration", NAMES[0]), tuple(each["edits"]), each["rule"])
        for path in sorted((FOLDER / "mutants").glob("*.yaml"))
        for each in read_one(path.read_text()).value
    )


def edited(mutant: WorkflowMutant) -> dict[str, str]:
    """Returns the workflows of a mutant's declaration, with its fault."""
    files = dict(texts(mutant.declaration))
    for edit in mutant.edits:
        if "text" in edit:
            files[edit["file"]] = edit["text"]
            continue
        assert edit["old"] in files[edit["file"]], f"{mutant.kind}: {mutant.name}: the file is another by now"
        count = -1 if edit.get("all") else 1
        files[edit["file"]] = files[edit["file"]].replace(edit["old"], edit["new"], count)
    return files


def found(mutant: WorkflowMutant) -> tuple[TreeFinding, ...]:
    """Returns what is found in the workflows of a mutant, beside their declaration."""
    return _found(mutants().index(mutant))


@cache
def _found(position: int) -> tuple[TreeFinding, ...]:
    mutant = mutants()[position]
    return check(edited(mutant), {}, declared(mutant.declaration))


def table() -> str:
    """Returns the faults as a table in Markdown: what each is, and what is said of it."""
    lines = ["| kind | fault | rule | what it says |", "| --- | --- | --- | --- |"]
    for mutant in mutants():
        first = found(mutant)[0]
        said = f"{first.file}: {first.message}".replace("|", "&#124;")
        lines.append(f"| {mutant.kind} | {mutant.name} | `{mutant.rule}` | {said} |")
    return "\n".join(lines) + "\n"
