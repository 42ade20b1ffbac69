"""The program bazel (https://bazel.build), 7 or newer, asked what targets there are."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from release_kit.adapters.interrupts import undisturbed
from release_kit.errors import InputError

MAX_BYTES = 256 * 1024 * 1024
_PROGRAMS = ("bazel", "bazelisk")
_QUIET = ("--noshow_progress", "--color=no", "--curses=no")
_OF_BAZEL_RUN = ("BUILD_WORKSPACE_DIRECTORY", "BUILD_WORKING_DIRECTORY", "PYTHONPATH", "PYTHONSAFEPATH")
"""What `bazel run` tells its program and that one's interpreter."""
_LINES = 12
_NO_PACKAGE = b"no targets found beneath ''"
"""What bazel calls an error: a workspace without any package."""


def program(named: str | None) -> str:
    """Returns where bazel is: what is named, else `bazel` or `bazelisk` on PATH.

    Raises:
        InputError: there is none.
    """
    wanted = (named,) if named else _PROGRAMS
    found = next(filter(None, map(shutil.which, wanted)), None)
    if found is None:
        raise InputError(f"{' or '.join(wanted)}: no such program on PATH", "name the program with --bazel")
    return found


def query(bazel: str, folder: Path, expression: str, attributes: Sequence[str]) -> str:
    """Returns the rules that a query finds, as JSON, one a line; waits for no other command of the same workspace.

    Raises:
        InputError: the query failed; says what bazel said.
    """
    shown = f"--proto:output_rule_attrs={','.join(attributes)}"
    command = [bazel, "--noblock_for_lock", "query", *_QUIET, "--output=streamed_jsonproto", shown, expression]
    kept = {key: text for key, text in os.environ.items() if key not in _OF_BAZEL_RUN}
    process = _started(command, folder, kept)
    with process:
        try:
            output, errors = process.communicate()
        except BaseException:
            with undisturbed(), suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            raise
    if process.returncode and _NO_PACKAGE in errors:
        return ""
    if process.returncode or len(output) > MAX_BYTES:
        raise InputError(
            f"bazel query: {_told(errors) or f'exit code {process.returncode}'}", _remedy(process.returncode)
        )
    return output.decode(errors="replace")


def _started(command: Sequence[str], folder: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )
    except OSError as error:
        raise InputError(f"{command[0]}: can't be run: {error.strerror}", "name the program with --bazel") from error


def _remedy(code: int) -> str:
    busy = 9
    if code == busy:
        return "another command of this workspace is running: wait for its end, then run it again"
    return "correct what bazel names, until `bazel query //...` works; then run it again"


def _told(errors: bytes) -> str:
    """Returns the last lines that bazel wrote, as a terminal may show them."""
    lines = [line.strip() for line in errors.decode(errors="replace").splitlines() if line.strip()]
    worth = [line for line in lines if line.startswith(("ERROR", "FATAL", "Another"))] or lines
    shown = "; ".join(worth[-_LINES:])
    return "".join(letter if letter.isprintable() else "?" for letter in shown)[:2000]
