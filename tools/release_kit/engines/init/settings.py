"""What a release needs of the workspace as a whole: its version, the stamp, and the modules."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from release_kit.engines.init.edits import Edits
from release_kit.engines.init.starlark import Insertion, argument, called, lines_of, quoted
from release_kit.errors import InputError

MODULE, BAZELRC, VERSION, STATUS = "MODULE.bazel", ".bazelrc", "VERSION", "workspace_status.sh"
_KEYS = ("STABLE_VERSION", "STABLE_COMMIT_SHA", "STABLE_DIRTY")
_COMMAND = re.compile(r"--workspace_status_command[= ]\s*(?P<command>\"[^\"]*\"|'[^']*'|\S+)")
_IMPORT = re.compile(r"^\s*(?:try-)?import\s+%workspace%/(?P<path>\S+)\s*$", re.MULTILINE)
_MAX_IMPORTS = 50
_LINE = f"""\
# Tells each build its version and commit, with which releases are tagged.
build --workspace_status_command="bash {STATUS}"
"""
_HELM = """\

# Which helm renders the charts: the one of this machine.
"""


class Stamp(NamedTuple):
    """Where a workspace that has neither gets its version and its stamp from."""

    version: str
    script: str


def stamp(edits: Edits, wanted: Stamp) -> None:
    """Adds VERSION and the script of the stamp, and lets .bazelrc name it; or tells what the present one lacks.

    Raises:
        InputError: a script of that name is there, and nothing calls it.
    """
    command = _status_command(edits)
    if command is not None:
        _note_keys(edits, command)
        return
    if edits.text(VERSION) is None:
        edits.add(VERSION, f"{wanted.version}\n")
    present = edits.text(STATUS)
    if present is None:
        edits.add(STATUS, wanted.script, is_program=True)
    elif present != wanted.script:
        raise InputError(
            f"{STATUS}: is there already, and {BAZELRC} does not name it",
            f'name it there with: build --workspace_status_command="bash {STATUS}"; or move it away',
        )
    before = edits.text(BAZELRC) or ""
    edits.insert(BAZELRC, Insertion(len(lines_of(before)), f"\n{_LINE}" if before.strip() else _LINE))


def _status_command(edits: Edits) -> str | None:
    """Returns the command of .bazelrc, or of a file that it imports; None where there is none."""
    for text in _bazelrcs(edits):
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        for found in _COMMAND.finditer("\n".join(lines)):
            return found["command"].strip("\"'")
    return None


def _bazelrcs(edits: Edits) -> Iterator[str]:
    paths = [BAZELRC]
    for path in paths:
        text = edits.text(path)
        if text is not None:
            yield text
            found = [each["path"] for each in _IMPORT.finditer(text)]
            paths += [each for each in found if each not in paths][: _MAX_IMPORTS - len(paths)]


def _note_keys(edits: Edits, command: str) -> None:
    """Says which keys the script of a workspace does not seem to print."""
    scripts = [edits.text(each.removeprefix("./").removeprefix("%workspace%/")) for each in _words(command)]
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


def repository(edits: Edits, version: str) -> str:
    """Returns the name that the workspace has for rules_release; adds the dependency where there is none.

    Raises:
        InputError: the workspace has no MODULE.bazel, or that is no Starlark.
    """
    if edits.text(MODULE) is None:
        raise InputError(f"{MODULE}: is not there", "run this in a workspace of Bazel modules, or name its folder")
    source = edits.source(MODULE)
    for call in source.calls("bazel_dep"):
        if argument(call, "name") == "rules_release":
            return argument(call, "repo_name") or "rules_release"
    line = f'bazel_dep(name = "rules_release", version = {quoted(version)})\n'
    place = source.after_last("bazel_dep", line) or source.after_last("module", f"\n{line}") or source.end(line)
    edits.insert(MODULE, place)
    return "rules_release"


def helm(edits: Edits, rules: str, major: str) -> str:
    """Declares which helm renders charts, unless the workspace does; returns its major version."""
    source = edits.source(MODULE)
    for call in source.calls("use_extension"):
        given = [each.value for each in call.args if hasattr(each, "value")]
        if given == [f"@{rules}//bazel:extensions.bzl", "helm"]:
            return _declared(edits, source.assigned(call)) or major
    name = "helm" if "helm" not in source.names() else "release_helm"
    call_text = called(f"{name}.local", {"version": major}).replace("(\n    ", "(").replace(",\n)", ")")
    declaration = f'{name} = use_extension("@{rules}//bazel:extensions.bzl", "helm")\n{call_text}'
    edits.insert(MODULE, source.end(_HELM.lstrip("\n") + declaration))
    return major


def _declared(edits: Edits, variable: str) -> str:
    """Returns the newest major version that the workspace declares."""
    source = edits.source(MODULE)
    tags = [call for tag in ("local", "toolchain") for call in source.calls(f"{variable}.{tag}")]
    return max((argument(call, "version").partition(".")[0] for call in tags), default="")
