"""`release-kit gitops generate`: writes the files for Argo CD and GitOps Promoter, or checks those that are there."""

import argparse
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from release_kit.cli.console import Console, escaped
from release_kit.errors import InputError, ReleaseError

MAX_BYTES = 16 * 1024 * 1024
"""Of one file that is looked at; no generated one has so many."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("environments", metavar="ENVIRONMENTS.json", help="the declaration of the environments")
    parser.add_argument("--output", required=True, metavar="DIR", help="the folder of the files")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is not as it should be")
    parser.add_argument("--fix-command", metavar="TEXT", help="what --check says to run, instead of this command")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes or checks the files; returns the exit code."""
    from release_kit.adapters import environment_values
    from release_kit.documents import environments
    from release_kit.engines.gitops import tree

    declared = environments.load(Path(arguments.environments))
    wanted = {path: text.encode() for path, text in tree.files(declared, environment_values.load(declared)).items()}
    folder = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "")) / arguments.output
    made = _Tree(declared.name, folder, wanted, _present(folder, wanted, declared.name))
    if arguments.check:
        _check(made, arguments, console)
    else:
        _write(made, console)
    return 0


class _Tree(NamedTuple):
    """The files, as they should be and as they are, by their paths below a folder."""

    name: str
    """Of the declaration."""
    folder: Path
    wanted: Mapping[str, bytes]
    present: Mapping[str, bytes]

    @property
    def changed(self) -> list[str]:
        """What is missing, or has another content, or is a file of an earlier run that is none now."""
        return sorted(path for path in {*self.wanted, *self.present} if self.wanted.get(path) != self.present.get(path))

    @property
    def locked(self) -> list[str]:
        """Programs that may not be executed."""
        from release_kit.engines.gitops.tree import PROGRAMS

        return [path for path in PROGRAMS if path in self.present and not os.access(self.folder / path, os.X_OK)]


def _present(folder: Path, wanted: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """Returns the files that are there: those of a path that is wanted, and others of an earlier run."""
    from release_kit.engines.gitops import origin, tree

    found: dict[str, bytes] = {}
    for place in (folder / part for part in tree.FOLDERS):
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            inside = path.relative_to(folder).as_posix()
            if path.is_file() and path.stat().st_size <= MAX_BYTES:
                content = _read(path)
                if inside in wanted or origin.is_ours(content, name):
                    found[inside] = content
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error


def _check(made: _Tree, arguments: argparse.Namespace, console: Console) -> None:
    from release_kit.engines.gitops.migration import difference

    changed = made.changed
    faults = [*changed, *(f"{path} (no program: chmod +x)" for path in made.locked if path not in changed)]
    if not faults:
        console.note(f"{len(made.wanted)} files in {made.folder} are as they should be")
        return
    before, after = (
        {path: files[path].decode(errors="replace") for path in changed if path in files}
        for files in (made.present, made.wanted)
    )
    if changed:
        console.result(escaped(difference(before, after)))
    command = ("release-kit", "gitops", "generate", arguments.environments, "--output", arguments.output)
    fix = arguments.fix_command or shlex.join(command)
    raise ReleaseError(f"{made.folder}: not as the declaration says: {', '.join(faults)}", f"run {fix}")


def _write(made: _Tree, console: Console) -> None:
    from release_kit.adapters.file_set import write_all
    from release_kit.engines.gitops import origin, tree

    for path in made.wanted:
        place = made.folder / path
        is_other = path in made.present and not origin.is_ours(made.present[path], made.name)
        if is_other or place.is_symlink() or (place.exists() and not place.is_file()):
            remedy = f"move it away, or name another folder for {made.name} in --output"
            raise InputError(f"{place}: expected a file that was generated from {made.name}, found another", remedy)
    changed = {*made.changed}
    stale = [path for path in made.present if path not in made.wanted]
    contents = {made.folder / path: made.wanted[path] for path in sorted({*changed, *made.locked}) if path not in stale}
    write_all(contents, [made.folder / path for path in stale], [made.folder / path for path in tree.PROGRAMS])
    for path in sorted({*made.wanted, *stale}):
        word = "removed" if path in stale else "wrote" if path in changed else "kept"
        console.result(f"{word} {made.folder / path}")
