"""Calls release-kit as anybody does: a process of its own, with arguments, an environment and an exit code."""

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rehearsal.timeline import Timeline

_REMEDY = re.compile(r"^try +(.*)$", re.MULTILINE)
_COMMANDS = "  COMMAND"
_ERROR = re.compile(r"^ERROR +(.*)$", re.MULTILINE)


class Ran(NamedTuple):
    """A command that is over."""

    command: str
    """As people type it."""
    code: int
    output: str
    narration: str

    @property
    def error(self) -> str:
        """What it says went wrong; empty if nothing did."""
        return next(iter(_ERROR.findall(self.narration)), "")

    @property
    def remedies(self) -> tuple[str, ...]:
        """What it says is to be done next: the commands in its table, or else its advice; then the same again."""
        return (*(self._commands() or _REMEDY.findall(self.narration)), self.command)

    def _commands(self) -> list[str]:
        """Returns what stands in the last column of a table of commands."""
        lines = self.output.splitlines()
        column = lines[0].find(_COMMANDS) if lines else -1
        return [line[column:].strip() for line in lines[1:] if column > 0 and line[column:].strip()]


class FailedError(Exception):
    """A command has failed, or what it has published is not what the next stage needs."""

    def __init__(self, ran: Ran) -> None:
        """Takes the command."""
        super().__init__(ran.error or f"{ran.command}: exit code {ran.code}")
        self.ran = ran


class Kit:
    """release-kit; every call is told, and all that a command says is kept."""

    def __init__(self, folder: Path, environment: Mapping[str, str], timeline: Timeline) -> None:
        """Takes the place of the logs and what every command finds in its environment; no secret is in that."""
        self.environment = dict(environment)
        self.secrets: list[str] = []
        """What no command may tell."""
        self._folder, self._timeline = folder, timeline
        self._count = 0
        folder.mkdir(parents=True)

    def run(self, *arguments: str, folder: Path | None = None, secrets: Mapping[str, str] | None = None) -> Ran:
        """Runs a command to its end.

        Args:
            *arguments: of release-kit.
            folder: where it runs.
            secrets: what its environment has besides.
        """
        return self.program([sys.executable, "-m", "release_kit"], "release-kit", arguments, folder, secrets)

    def must(self, *arguments: str, folder: Path | None = None, secrets: Mapping[str, str] | None = None) -> Ran:
        """Runs a command that has to succeed.

        Raises:
            FailedError: it does not.
        """
        ran = self.run(*arguments, folder=folder, secrets=secrets)
        if ran.code:
            raise FailedError(ran)
        return ran

    def program(
        self,
        program: Sequence[str],
        name: str,
        arguments: Sequence[str],
        folder: Path | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Ran:
        """Runs any program to its end, and tells it under a name."""
        self._timeline.tell(f"$ {_short(name, arguments)}")
        done = subprocess.run(
            [*program, *arguments],
            cwd=folder or self._folder,
            env={**self.environment, **(secrets or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        ran = Ran(shlex.join([name, *arguments]), done.returncode, done.stdout, done.stderr)
        self._keep(ran)
        if ran.code:
            self._timeline.tell(f"exit {ran.code}: {ran.error or ran.narration[-300:]}")
        return ran

    def _keep(self, ran: Ran) -> None:
        self._count += 1
        words = ran.command.split()[:2]
        name = f"{self._count:03}-{'-'.join(Path(word).name for word in words)}.txt"
        text = f"$ {ran.command}\n{ran.narration}{ran.output}exit {ran.code}\n"
        assert not any(each in text for each in self.secrets), f"{words}: a secret was told"
        (self._folder / name).write_text(text)


def _short(name: str, arguments: Sequence[str]) -> str:
    """Returns a command in one line, paths as their names."""
    return shlex.join([name, *(Path(each).name if each.startswith("/") else each for each in arguments)])
