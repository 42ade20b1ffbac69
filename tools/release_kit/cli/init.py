"""`release-kit init`: writes the package that releases a workspace, of what it finds in it."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import release_kit
from release_kit.cli.console import Console, escaped
from release_kit.errors import InputError, ReleaseError

if TYPE_CHECKING:
    from release_kit.adapters.workspace_folder import WorkspaceFolder
    from release_kit.engines.init.edits import Change, Edits
    from release_kit.engines.init.naming import Names
    from release_kit.engines.init.targets import Targets

_FIRST_VERSION = "0.1.0"
_PACKAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*", re.ASCII)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("folder", nargs="?", metavar="DIR", help="the workspace; the present one unless given")
    parser.add_argument("--write", action="store_true", help="write the files; without it, a terminal is asked")
    parser.add_argument(
        "--package", default="release", metavar="NAME", help="the package to write; release unless given"
    )
    parser.add_argument("--registry", metavar="HOST[/PREFIX]", help="where to push to, instead of what is found out")
    parser.add_argument("--bazel", metavar="PROGRAM", help="bazel; `bazel` or `bazelisk` on PATH unless given")
    parser.add_argument("--helm", metavar="PROGRAM", help="helm; `helm4`, `helm` or `helm3` on PATH unless given")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Shows what is missing, and writes it if that is wanted; returns the exit code."""
    from release_kit.adapters.workspace_folder import WorkspaceFolder

    folder = WorkspaceFolder(_root(arguments))
    changes, notes = _missing(arguments, folder, console)
    for note in notes:
        console.note(escaped(note))
    if not changes:
        if arguments.write:
            _clear(folder)
        console.step("nothing to do: this workspace has all that a release needs")
        return 0
    console.result(_inert(_difference(changes)))
    if not _is_wanted(arguments, changes, console):
        console.step("nothing is written; --write writes it")
        return 0
    _write(folder, changes)
    console.step(f"wrote {', '.join(sorted(change.path for change in changes))}")
    console.note(f"next: bazel run //{arguments.package}:push -- --dry-run")
    return 0


def _root(arguments: argparse.Namespace) -> Path:
    """Returns the workspace: what is named, from where the user is; else that of `bazel run`, else here."""
    if not _PACKAGE.fullmatch(arguments.package):
        raise InputError(f"--package: expected a name such as release, found {arguments.package!r:.200}")
    here = Path(os.environ.get("BUILD_WORKING_DIRECTORY", "."))
    if arguments.folder is not None:
        return here / str(arguments.folder)
    return Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", here))


def _missing(
    arguments: argparse.Namespace, folder: "WorkspaceFolder", console: Console
) -> "tuple[list[Change], list[str]]":
    """Finds out what there is; returns what is to be written, and what the user should know."""
    from release_kit.cli import init_charts
    from release_kit.engines.init import modules, package
    from release_kit.engines.init.edits import Edits
    from release_kit.engines.init.stamp import Stamp

    edits = Edits(folder.read)
    modules.repository(Edits(folder.read), release_kit.version())  # Refuses what is no workspace before Bazel does.
    targets = _targets(arguments, folder, console)
    if not targets.sets:
        init_charts.refuse_taken(folder, arguments.package)
    folders = init_charts.folders(folder)
    names = _names(arguments, folder, (targets, [each.name for each in folders if not each.is_library]), edits)
    found = init_charts.chosen(folders, targets, names, edits)
    judged = {} if targets.sets else init_charts.judged(found, folder, arguments.helm, edits)
    charts = [chart for chart in found if targets.sets or not chart.is_new or chart.folder.path in judged]
    stamp = Stamp(_version(folder), _script())
    wanted = package.Wanted(arguments.package, release_kit.version(), stamp, targets, names, charts, judged)
    package.write_all(wanted, edits)
    changes = edits.changes()
    for change in changes:
        folder.place(change.path)
    for path in folder.unseen(change.path for change in changes if change.before is None):
        edits.note(f"{path}: git does not see it: a .gitignore names it; add it with `git add --force {path}`")
    return package.in_order(changes, arguments.package), edits.notes


def _targets(arguments: argparse.Namespace, folder: "WorkspaceFolder", console: Console) -> "Targets":
    from release_kit.adapters.bazel_query import program, query
    from release_kit.engines.init import targets

    bazel = program(arguments.bazel)
    console.step(f"asking bazel what there is in {folder.root}")
    return targets.read(query(bazel, folder.root, targets.expression(), targets.ATTRIBUTES))


def _names(
    arguments: argparse.Namespace, folder: "WorkspaceFolder", found: "tuple[Targets, list[str]]", edits: "Edits"
) -> "Names":
    """Returns the repositories of images and charts; where something releases them already, nobody asks."""
    from release_kit.engines.init.naming import Names, component, names
    from release_kit.engines.init.remote import Home, home
    from release_kit.values.reference import parse_registry

    targets, charts = found
    if arguments.registry:
        parse_registry(arguments.registry, "--registry")
    if targets.sets:
        return Names("", {}, "", ())
    remote = folder.remote()
    at = home(remote.address) or Home("", component(folder.root.name))
    chosen = names(targets.images, targets.pushes, at, arguments.registry or "", charts)
    if not chosen.registry:
        where = remote.problem or f"the git remote {remote.name} is at no service whose registry is known"
        edits.note(
            f"registry: left out, as {where}: a push goes to a private one on loopback, until --registry names one"
        )
    return chosen


def _version(folder: "WorkspaceFolder") -> str:
    from release_kit.values.version import parse

    found = folder.released()
    try:
        return str(parse(found, "tag")) if found else _FIRST_VERSION
    except InputError:
        return _FIRST_VERSION


def _script() -> str:
    """Returns workspace_status.sh as a repository gets it: what `git archive` may have put in is taken out."""
    from release_kit.adapters.files import read_text

    text = read_text(Path(__file__).parent.with_name("workspace_status.sh"))
    return re.sub(
        r"^commit='[^']*' epoch='[^']*'", "commit='$Format:%H$' epoch='$Format:%ct$'", text, flags=re.MULTILINE
    )


def _difference(changes: "Sequence[Change]") -> str:
    from release_kit.engines.gitops.migration import difference

    before = {change.path: change.before for change in changes if change.before is not None}
    return difference(before, {change.path: change.after for change in changes})


def _inert(patch: str) -> str:
    """Returns a patch without letters that a terminal acts on (Unicode, category C); `git apply` takes all others."""
    from unicodedata import category

    def shown(letter: str) -> str:
        return ascii(letter)[1:-1] if category(letter).startswith("C") and letter not in "\n\t" else letter

    return "\r\n".join("".join(map(shown, part)) for part in patch.split("\r\n"))


def _is_wanted(arguments: argparse.Namespace, changes: "Sequence[Change]", console: Console) -> bool:
    if arguments.write:
        return True
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        return False
    console.ask(f"write these {len(changes)} files? [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(folder: "WorkspaceFolder", changes: "Sequence[Change]") -> None:
    """Writes all files or none, in their order.

    Raises:
        ReleaseError: one of them is another than was shown, or can't be written.
    """
    from release_kit.adapters.file_set import drafts_below, write_all

    for change in changes:
        if folder.read(change.path) != change.before:
            raise ReleaseError(
                f"{change.path}: has changed meanwhile; nothing is written", "run the same command again"
            )
    _clear(folder)
    contents = {folder.place(change.path): change.after.encode() for change in changes}
    programs = [folder.root / change.path for change in changes if change.is_program]
    write_all(contents, programs=programs, folder=drafts_below(folder.root))


def _clear(folder: "WorkspaceFolder") -> None:
    """Removes what a run that was killed has left."""
    from release_kit.adapters.file_set import remove_abandoned

    remove_abandoned(folder.root)
