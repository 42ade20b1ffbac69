"""Single faults of trees as they are generated and checked in, and what the validation says of each.

They are in tests/python/gitops/mutants, a file for each kind of fault.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from release_kit.cli import validate_declared
from release_kit.documents.environments import Environments
from release_kit.engines.validation import run
from release_kit.engines.validation.tree import TreeFinding
from release_kit.values.yaml_source import read_one
from tests.support import gitops_trees
from tests.support.validation import kubernetes

ROOT = Path(__file__).parents[2]
FOLDER = gitops_trees.FOLDER / "mutants"
TREES = ("sample", "forgejo", "newer")
"""`sample` is gitops/generated as it is checked in; `forgejo` another host and rendered manifests; `newer` the sample
for GitOps Promoter 0.39."""


class TreeMutant(NamedTuple):
    """One fault."""

    kind: str
    name: str
    tree: str
    edits: tuple[Mapping[str, str], ...]
    """Each puts `new` in the place of `old` in a `file`, or is a file to `remove`, or one to `add` with a `text`."""
    alone: frozenset[str]
    """Rules that find it in the files; none where it can't be told."""
    declared: frozenset[str]
    """Rules that find it beside the declaration."""


@cache
def mutants() -> tuple[TreeMutant, ...]:
    """Returns all faults."""
    return tuple(_mutant(path.stem, each) for path in sorted(FOLDER.glob("*.yaml")) for each in _listed(path))


def _listed(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_one(path.read_text()).value
    return found


def _mutant(kind: str, found: Mapping[str, Any]) -> TreeMutant:
    rules = (frozenset(found[name]) for name in ("alone", "declared"))
    return TreeMutant(kind, found["name"], found.get("tree", TREES[0]), tuple(found["edits"]), *rules)


@cache
def declaration(tree: str) -> Environments:
    """Returns the declaration of a tree."""
    if tree == "newer":
        return gitops_trees.declared("sample", "0.39.0")
    return gitops_trees.declared(tree)


@cache
def texts(tree: str) -> Mapping[str, str]:
    """Returns the files of a tree."""
    if tree != "sample":
        made = gitops_trees.files(declaration(tree))
        return {name: text for name, text in made.items() if name.endswith(".yaml")}
    folder = ROOT / "gitops" / "generated"
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.yaml"))}


def edited(mutant: TreeMutant) -> dict[str, str]:
    """Returns the files of a mutant's tree, with its fault."""
    files = dict(texts(mutant.tree))
    for edit in mutant.edits:
        if "remove" in edit:
            del files[edit["remove"]]
        elif "add" in edit:
            files[edit["add"]] = edit["text"]
        else:
            assert edit["old"] in files[edit["file"]], f"{mutant.kind}: {mutant.name}: the file is another by now"
            files[edit["file"]] = files[edit["file"]].replace(edit["old"], edit["new"], 1)
    return files


@cache
def _options(tree: str) -> run.Options:
    return validate_declared.added(run.Options(), declaration(tree), [])


def found(tree: str, files: Mapping[str, str], is_declared: bool) -> tuple[TreeFinding, ...]:
    """Returns what is found in files, alone or with the declaration of a tree."""
    return run.validate(files, {}, kubernetes(), _options(tree) if is_declared else run.Options()).findings


def counts() -> str:
    """Returns how many faults of each kind are found, as a table in Markdown."""
    lines = [
        "| kind of fault | faults | found in the files alone | with the declaration |",
        "| --- | --: | --: | --: |",
    ]
    rows = [(kind, [each for each in mutants() if each.kind == kind]) for kind in sorted({m.kind for m in mutants()})]
    for kind, those in [*rows, ("all", list(mutants()))]:
        alone, declared = (
            sum(bool(rules) for rules in column) for column in zip(*(m[-2:] for m in those), strict=True)
        )
        lines.append(f"| {kind} | {len(those)} | {alone} | {declared} |")
    return "\n".join(lines) + "\n"
