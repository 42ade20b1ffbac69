"""The stamp of a workspace: its version, the script that prints it, and the line that calls that."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from release_kit.engines.init.edits import Edits
from release_kit.engines.init.starlark import Insertion, lines_of
from release_kit.errors import InputError
from release_kit.values.version import parse

BAZELRC, VERSION, STATUS = ".bazelrc", "VERSION", "workspace_status.sh"
_KEYS = ("STABLE_VERSION", "STABLE_COMMIT_SHA", "STABLE_DIRTY")
_COMMAND = re.compile(r"--workspace_status_command[= ]\s*(?P<command>\"[^\"]*\"|'[^']*'|\S+)")
_IMPORT = re.compile(r"^\s*(?:try-)?import\s+%workspace%/(?P<path>\S+)\s*$", re.MULTILINE)
_MAX_IMPORTS = 50
_OWN = f"bash {STATUS}"
_LINE = f"""\
# Tells each build its version and commit, with which releases are tagged.
build --workspace_status_command="{_OWN}"
"""


class Stamp(NamedTuple):
    """Where a workspace that has neither gets its version and its stamp from."""

    version: str
    script: str


def add(edits: Edits, wanted: Stamp) -> None:
    """Adds VERSION and the script of the stamp, and lets .bazelrc name it; or tells what the present one lacks.

    Raises:
        InputError: a script of that name is there, and nothing calls it.
    """
    command = _status_command(edits)
    present = edits.text(STATUS)
    if command is not None and (command != _OWN or present is not None):
        _note_keys(edits, command)
        return
    _version(edits, wanted.version)
    if present is None:
        edits.add(STATUS, wanted.script, is_program=True)
    elif present != wanted.script:
        raise InputError(
            f"{STATUS}: is there already, and {BAZELRC} does not name it",
            f'name it there with: build --workspace_status_command="{_OWN}"; or move it away',
        )
    if command is None:
        before = edits.text(BAZELRC) or ""
        edits.insert(BAZELRC, Insertion(len(lines_of(before)), f"\n{_LINE}" if before.strip() else _LINE))


def _version(edits: Edits, version: str) -> None:
    """Adds VERSION; or says that the present one names none."""
    present = edits.text(VERSION)
    if present is None:
        edits.add(VERSION, f"{version}\n")
        return
    try:
        parse("".join(present.split()), VERSION)
    except InputError as error:
        edits.note(f"{error.message}; correct it, as a release takes its version from there")


def _status_command(edits: Edits) -> str | None:
    """Returns the command of .bazelrc, or of a file that it imports, for all builds; None where there is none."""
    for text in _bazelrcs(edits):
        for line in re.sub(r"\\\r?\n", " ", text).splitlines():
            first, *options = line.split(maxsplit=1) or [""]
            found = _COMMAND.search("".join(options))
            # Behind a colon is the name of a configuration: `build:ci`.
            if found and not first.startswith("#") and ":" not in first:
                return found["command"].strip("\"'")
    return None


def _bazelrcs(edits: Edits) -> Iterator[str]:
    paths = [BAZELRC]
    for path in paths:
        text = edits.text(path) if path == BAZELRC else _readable(edits, path)
        if text is not None:
            yield text
            found = [each["path"] for each in _IMPORT.finditer(text)]
            paths += [each for each in found if each not in paths][: _MAX_IMPORTS - len(paths)]


def _readable(edits: Edits, path: str) -> str | None:
    """Returns the text of a file that may be anything; None, and a note, where it is no text of the workspace."""
    try:
        return edits.text(path)
    except InputError as error:
        edits.note(f"{error.message}; whether a stamp stands there is not known")
        return None


def _note_keys(edits: Edits, command: str) -> None:
    """Says which keys the script of a workspace does not seem to print."""
    scripts = [_readable(edits, each.removeprefix("./").removeprefix("%workspace%/")) for each in _words(command)]
    text = next((each for each in scripts if each is not None), None)
    missing = [key for key in _KEYS if key not in (text or "")]
    if text is None:
        edits.note(f"{BAZELRC}: {command!r} is kept; it has to print {', '.join(_KEYS)}")
    elif missing:
        edits.note(f"{BAZELRC}: {command!r} is kept; add to what it prints: {', '.join(missing)}")


def _words(command: str) -> list[str]:
    try:
        return [each for each in shlex.split(command) if not each.startswith(("/", "-", ".."))]
    except ValueError:
        return []
