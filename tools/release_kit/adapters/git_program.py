"""The program git (https://git-scm.com), 2.39 or newer, in one bare repository; it asks nobody for a password."""

import os
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from release_kit.adapters.git_login import Login
from release_kit.errors import GitError, InputError

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.quotePath=true",
    "gc.auto=0",
    "maintenance.auto=false",
    "commit.gpgSign=false",
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
    "protocol.ext.allow=never",
    "advice.diverging=false",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "fetch.prune=false",
    "push.gpgSign=false",
    "push.followTags=false",
)
_KEPT = (
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_ASKPASS",
    "GIT_SSH",
    "GIT_SSL_",
    "GIT_CONFIG",
    "GIT_PROXY_",
    "GIT_EXEC_PATH",
)
"""What the environment may tell git: who commits, how to reach the server, and nothing of another repository."""
_NOBODY = {"NAME": "release-kit", "EMAIL": "release-kit@localhost"}
_NO_CAUSE = ("Done", "To ", "error: failed to push some refs", "hint:")
"""What lines begin with that say nothing of why a push failed."""
_REF = "! "
"""What the line of a ref begins with that was not moved; `SHA:REF [why]` follows (git push --porcelain)."""
_BECAUSE_OF_ANOTHER = "(atomic push failure)"
Done = subprocess.CompletedProcess[bytes]


class GitProgram:
    """Runs git in a folder of its own."""

    def __init__(self, folder: Path, login: Login | None = None) -> None:
        """Takes a folder for a bare repository, which `git init` has yet to make.

        Args:
            folder: the folder.
            login: who git is at one address; None: git's own settings say it.
        """
        self._folder, self._login = folder, login
        self._environment = _environment(folder)
        if login is not None:
            self._environment = login.added_to(self._environment)
        self._people: dict[str, tuple[bytes, bytes]] = {}

    def read(self, *arguments: str, input_: bytes = b"", check: bool = True) -> bytes:
        """Runs git and returns what it wrote.

        Raises:
            GitError: it failed, and `check` is set.
        """
        done = self.run(arguments, input_)
        if done.returncode and check:
            raise failed(arguments[0], done)
        return done.stdout

    def run(self, arguments: Sequence[str], input_: bytes = b"") -> Done:
        """Runs git, whatever comes of it.

        Raises:
            InputError: there is no git.
        """
        process = self._started(arguments, subprocess.PIPE)
        with process:
            try:
                output, errors = process.communicate(input_)
            except BaseException:
                process.kill()
                raise
        if self._login is not None and process.returncode:
            output, errors = self._login.hidden(output), self._login.hidden(errors)
        return Done(process.args, process.returncode, output, errors)

    def start(self, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Starts git, to be asked and answered by its pipes; else as `run`."""
        return self._started(arguments, subprocess.DEVNULL)

    def identity(self, role: str) -> bytes:
        """Returns name, address and time of the AUTHOR or the COMMITTER, as git has them.

        release-kit is who commits, where nobody is configured; the time is now, or what `GIT_AUTHOR_DATE` says.
        """
        if role not in self._people:
            self._people[role] = self._person(role)
        name, zone = self._people[role]
        if f"GIT_{role}_DATE" in self._environment:
            return self.read("var", f"GIT_{role}_IDENT").strip()
        return b"%s %d %s" % (name, int(time.time()), zone)

    def name_people(self) -> None:
        """Lets release-kit be who commits, where nobody is configured."""
        for role in ("AUTHOR", "COMMITTER"):
            self.identity(role)

    def _person(self, role: str) -> tuple[bytes, bytes]:
        """Returns name and address, and the time zone."""
        told = self.run(("var", f"GIT_{role}_IDENT"))
        if told.returncode:
            self._environment = {f"GIT_{role}_{key}": text for key, text in _NOBODY.items()} | self._environment
            told = self.run(("var", f"GIT_{role}_IDENT"))
        if told.returncode:
            raise failed("var", told)
        name, _, zone = told.stdout.strip().rsplit(b" ", 2)
        return name, zone

    def _started(self, arguments: Sequence[str], errors: int) -> "subprocess.Popen[bytes]":
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(
                ["git", *settings, *arguments],
                cwd=self._folder,
                env=self._environment,
                stdin=pipe,
                stdout=pipe,
                stderr=errors,
            )
        except FileNotFoundError as error:
            raise InputError("the program git is not on PATH", "install git, 2.39 or newer") from error


def _environment(folder: Path) -> dict[str, str]:
    """Returns the environment without what would lead git to another repository, or let it ask somebody."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith("GIT_") or key.startswith(_KEPT)}
    return {**kept, "GIT_DIR": str(folder.absolute()), "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "LC_ALL": "C"}


def failed(what: str, done: Done) -> GitError:
    """Returns the error that tells what git said, without the passwords of addresses."""
    told = done.stderr.decode(errors="replace") + (done.stdout.decode(errors="replace") if what == "push" else "")
    # A password may have any letter in it, such as a slash: whatever stands before the last @ is taken out.
    lines = [" ".join(line.split()) for line in re.sub(r"//[^\s'\"]*@", "//", told).splitlines()]
    worth = [line for line in dict.fromkeys(lines) if line and not line.startswith(_NO_CAUSE)]
    # What the server says of itself comes before what became of each ref, of which one stands for all.
    said = [line for line in worth if not line.startswith(_REF)]
    refs = [line.partition(":")[2] for line in worth if line.startswith(_REF) and _BECAUSE_OF_ANOTHER not in line]
    shown = "; ".join([*said[-4:], *refs[:1]]) or f"exit code {done.returncode}"
    clean = "".join(letter if letter.isprintable() else "?" for letter in shown)
    return GitError(
        f"git {what}: {clean:.600}", "check the address of the repository, and that git may read and write it"
    )
