"""An external program that signs, as a child process: `PROGRAM HOST/REPOSITORY@DIGEST`, the statement on its stdin.

It gets the user's environment, as keys and logins are its own business, and none of release-kit's credentials.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from release_kit.adapters.interrupts import undisturbed
from release_kit.errors import InputError, ReleaseError
from release_kit.values.own_variables import without_ours
from release_kit.values.redaction import Redaction

MAX_OUTPUT = 64 * 1024
SHOWN_LINES = 20
GRACE_SECONDS = 5
"""How long a program that is told to end may take."""
_OF_OUR_PYTHON = frozenset({"PYTHONPATH", "PYTHONSAFEPATH"})
"""What a Bazel target sets for its own Python."""
_SECRET_WORDS = ("PASSWORD", "PASSPHRASE", "SECRET", "TOKEN", "PRIVATE_KEY", "API_KEY")
_SHORTEST_SECRET = 8


def find(named: str) -> Path:
    """Returns where the program is that `--signer` names.

    Raises:
        InputError: there is none.
    """
    found = shutil.which(named)
    if found is None:
        remedy = "name a program on PATH, or the path of a file that may be executed"
        raise InputError(f"--signer {named!r:.300}: is not there or is no program", remedy)
    return Path(found).absolute()


class ProgramSigner:
    """Implements the port Signer."""

    def __init__(self, program: Path, secrets: Iterable[str], environ: Mapping[str, str] = os.environ) -> None:
        """Starts nothing yet.

        Args:
            program: to run.
            secrets: what must not be shown, whoever knows it.
            environ: what the program gets, but for what a Bazel target has set for us, and who we are to others.
        """
        self._program = program
        known = without_ours(environ).items()
        self._environment = {name: text for name, text in known if name not in _OF_OUR_PYTHON}
        self._redaction = Redaction((*secrets, *_secrets(self._environment)))

    @property
    def name(self) -> str:
        """See the port."""
        return self._redaction.name(self._program.name)

    def sign(self, reference: str, statement: str) -> None:
        """See the port."""
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as output:
            stdin.write(statement.encode())
            stdin.seek(0)
            code = self._ended(reference, stdin, output)
            if code:
                raise ReleaseError(f"{self.name} {_fate(code)}{self._said(output)}", "see what the signer says")

    def _ended(self, reference: str, stdin: IO[bytes], output: IO[bytes]) -> int:
        """Runs the program; returns its exit code, negative for the signal that has killed it."""
        command = [str(self._program), reference]
        try:
            process = subprocess.Popen(
                command,
                env=self._environment,
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ReleaseError(f"{self.name} can't be run: {error.strerror}", "see that it is a program") from error
        try:
            return process.wait()
        finally:
            _end(process)

    def _said(self, output: IO[bytes]) -> str:
        """Returns the last lines of what the program has said, without secrets, as a terminal may show them."""
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - MAX_OUTPUT))
        told = self._redaction.text(output.read(MAX_OUTPUT).decode(errors="replace"))
        lines = [line for line in told.splitlines() if line.strip()][-SHOWN_LINES:]
        return "".join(["; it said:", *(f"\n  {line:.1000}" for line in lines)]) if lines else ", and said nothing"


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends a program that still runs, and what it has begun and left running: the session is its own."""
    with undisturbed():
        if process.poll() is None:
            _tell(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)
        _tell(process, signal.SIGKILL)
        process.wait()


def _tell(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    """Signals all of the session: its first process group, and those that programs such as `timeout` make in it."""
    others = _in_other_groups(process.pid)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
    for other in others:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(other, number)


def _in_other_groups(session: int) -> list[int]:
    """Returns the processes of a session that are not in its first process group; none where there is no /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):  # It ends meanwhile.
            group, of_session = map(int, path.read_bytes().rpartition(b")")[2].split()[2:4])
            if of_session == session != group:
                found.append(int(path.parent.name))
    return found


def _fate(code: int) -> str:
    if code > 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"


def _secrets(environment: Mapping[str, str]) -> Iterable[str]:
    """Yields what the names of variables tell to be secret; a short value would be found everywhere."""
    for name, text in environment.items():
        if len(text) >= _SHORTEST_SECRET and any(word in name.upper() for word in _SECRET_WORDS):
            yield text
