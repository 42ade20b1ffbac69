"""Files that are generated from a declaration: written, or compared with those that are there."""

import argparse
import os
import shlex
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from release_kit.cli.console import Console, escaped
from release_kit.errors import InputError, ReleaseError

if TYPE_CHECKING:
    from release_kit.engines.gitops.origin import Origin

MAX_BYTES = 16 * 1024 * 1024
"""Of one file that is looked at; no generated one has so many."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of a command that generates files."""
    parser.add_argument("environments", metavar="ENVIRONMENTS.json", help="the declaration of the environments")
    parser.add_argument("--output", required=True, metavar="DIR", help="the folder of the files")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is not as it should be")
    parser.add_argument("--fix-command", metavar="TEXT", help="what --check says to run, instead of this command")


class GeneratedFiles(NamedTuple):
    """The files, as they should be and as they are, by their paths below a folder."""

    origin: "Origin"
    folder: Path
    wanted: Mapping[str, bytes]
    present: Mapping[str, bytes]
    programs: Collection[str] = ()
    """Those of them that are programs."""

    @property
    def changed(self) -> list[str]:
        """What is missing, or has another content, or is a file of an earlier run that is none now."""
        return sorted(path for path in {*self.wanted, *self.present} if self.wanted.get(path) != self.present.get(path))

    @property
    def locked(self) -> list[str]:
        """Programs that may not be executed."""
        return [path for path in self.programs if path in self.present and not os.access(self.folder / path, os.X_OK)]


def look(
    arguments: argparse.Namespace, wanted: Mapping[str, str], folders: Iterable[str], origin: "Origin"
) -> GeneratedFiles:
    """Returns the files as they should be, and those that are there: of a wanted path, and others of an earlier run."""
    folder = Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", "")) / arguments.output
    found: dict[str, bytes] = {}
    for place in (folder / part for part in folders):
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            inside = path.relative_to(folder).as_posix()
            if path.is_file() and path.stat().st_size <= MAX_BYTES:
                content = _read(path)
                if inside in wanted or origin.is_of(content):
                    found[inside] = content
    return GeneratedFiles(origin, folder, {path: text.encode() for path, text in wanted.items()}, found)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error


def write_or_check(made: GeneratedFiles, arguments: argparse.Namespace, console: Console) -> None:
    """Does what the arguments say.

    Raises:
        ReleaseError: with --check: a file is not as it should be.
        InputError: without it: a file can't be written, or is somebody else's.
    """
    if arguments.check:
        _check(made, arguments, console)
    else:
        _write(made, console)


def _check(made: GeneratedFiles, arguments: argparse.Namespace, console: Console) -> None:
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
    command = ("release-kit", *made.origin.command.split(), arguments.environments, "--output", arguments.output)
    fix = arguments.fix_command or shlex.join(command)
    raise ReleaseError(f"{made.folder}: not as the declaration says: {', '.join(faults)}", f"run {fix}")


def _write(made: GeneratedFiles, console: Console) -> None:
    from release_kit.adapters.file_set import write_all

    for path in made.wanted:
        place = made.folder / path
        is_other = path in made.present and not made.origin.is_of(made.present[path])
        if is_other or place.is_symlink() or (place.exists() and not place.is_file()):
            name = made.origin.name
            remedy = f"move it away, or name another folder for {name} in --output"
            raise InputError(f"{place}: expected a file that was generated from {name}, found another", remedy)
    changed = {*made.changed}
    stale = [path for path in made.present if path not in made.wanted]
    contents = {made.folder / path: made.wanted[path] for path in sorted({*changed, *made.locked}) if path not in stale}
    write_all(contents, [made.folder / path for path in stale], [made.folder / path for path in made.programs])
    for path in sorted({*made.wanted, *stale}):
        word = "removed" if path in stale else "wrote" if path in changed else "kept"
        console.result(f"{word} {made.folder / path}")
