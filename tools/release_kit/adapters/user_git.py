"""The program git (https://git-scm.com), 2.39 or newer, as its user runs it: own settings, hooks, keys and logins."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from release_kit.adapters.git_program import Done, failed
from release_kit.adapters.interrupts import undisturbed
from release_kit.errors import GitError, InputError

_OF_ANOTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
"""What git tells the hooks that it calls, and those must not tell another git."""
_ASKS_NOBODY = {
    "GIT_TERMINAL_PROMPT": "0",
    "GCM_INTERACTIVE": "never",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_EDITOR": "false",
    "GIT_PAGER": "cat",
}
_LOW_SPEED = {"GIT_HTTP_LOW_SPEED_LIMIT": "1", "GIT_HTTP_LOW_SPEED_TIME": "60"}
"""Bytes a second, and for how many seconds a server may be slower than that."""
_END_SECONDS = 10
"""How long git may take to clear up once it is told to end."""
REMEDY = "correct what git names, then run the same command again"


class Call(NamedTuple):
    """One call of git."""

    arguments: tuple[str, ...]
    input: bytes = b""
    grace: int = 0
    """For how many seconds git may go on after an interrupt, before it is told to end."""
    changes: bool = False
    """Whether it changes the repository, so that nobody else may while it runs."""


class UserGit:
    """Runs git in a work tree."""

    def __init__(self, folder: Path, lock: int | None = None) -> None:
        """Takes the folder to run in, and the file that is locked as long as something changes the repository."""
        self._folder, self._lock = folder, lock

    def read(self, *arguments: str, input_: bytes = b"") -> bytes:
        """Runs git and returns what it wrote.

        Raises:
            GitError: it failed.
        """
        return self.done(Call(arguments, input_)).stdout

    def change(self, *arguments: str, input_: bytes = b"", grace: int = 0) -> bytes:
        """Runs git, which changes something, as `read`."""
        return self.done(Call(arguments, input_, grace, changes=True)).stdout

    def done(self, call: Call) -> Done:
        """Runs git; returns all that it said.

        Raises:
            GitError: it failed.
        """
        done = self.run(call)
        if done.returncode:
            what = next(each for each in call.arguments if not each.startswith("-"))
            raise GitError(failed(what, done).message, REMEDY)
        return done

    def run(self, call: Call) -> Done:
        """Runs git, whatever comes of it; an interrupt ends it before it ends this process.

        Raises:
            InputError: there is no git.
        """
        with self._started(call) as process:
            try:
                output, errors = process.communicate(call.input)
            except BaseException:
                with undisturbed():
                    _end(process, call.grace)
                raise
        return Done(process.args, process.returncode, output, errors)

    def _started(self, call: Call) -> "subprocess.Popen[bytes]":
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(
                ["git", *call.arguments],
                cwd=self._folder,
                env=_environment(),
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                # Without a terminal nothing can ask, and an interrupt of the terminal does not come to git itself.
                start_new_session=True,
                pass_fds=(self._lock,) if self._lock is not None and call.changes else (),
            )
        except FileNotFoundError as error:
            raise InputError("the program git is not on PATH", "install git, 2.39 or newer") from error


def _end(process: "subprocess.Popen[bytes]", grace: int) -> None:
    """Waits for git, then tells it and what it has called to end, so that no lock of its own is left."""
    for seconds, number in ((grace, signal.SIGTERM), (_END_SECONDS, signal.SIGKILL)):
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=seconds)
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _environment() -> dict[str, str]:
    kept = {key: text for key, text in os.environ.items() if key not in _OF_ANOTHER_REPOSITORY}
    return {**_LOW_SPEED, **kept, **_ASKS_NOBODY}
