"""Runs scenarios by pytest (https://docs.pytest.org), each file in a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from release_kit.adapters.e2e import events
from release_kit.errors import InputError
from release_kit.values.redaction import Redaction
from release_kit.values.scenario_run import Run

ORDER = "RELEASE_KIT_E2E"
"""As in the plugin, which can't be imported without pytest."""
MAX_OUTPUT = 64 * 1024
_KEPT = re.compile(r"PATH|HOME|LANG|LC_\w+|TZ|SSL_CERT_\w+|(https?|all|no)_proxy", re.IGNORECASE)
"""What of the environment scenarios get besides what their suite declares."""
_OPTIONS = ("-p", "release_kit.adapters.e2e.plugin", "-p", "no:cacheprovider", "-c", os.devnull)
_SHOWN = ("-vv", "--tb=short", "--color=no", "--no-header", "--show-capture=all", "--strict-markers")
"""Twice verbose, pytest cuts nothing out of the middle of a value: half of a secret would not be known as one."""


class PytestScenarios:
    """Implements the port Scenarios."""

    def __init__(
        self, folder: Path, order: Mapping[str, object], variables: Mapping[str, str], secrets: Sequence[str]
    ) -> None:
        """Begins nothing yet.

        Args:
            folder: of the suite.
            order: what the plugin is told: `url`, `version`.
            variables: of the environment, what the suite declares.
            secrets: what must not be told; all of it is in `variables`.

        Raises:
            InputError: there is no pytest.
        """
        import importlib.util

        if importlib.util.find_spec("pytest") is None:
            raise InputError("there is no pytest, which runs the scenarios", "install release-kit[e2e]")
        self._folder = os.path.realpath(folder)
        self._order = {**order, "names": list(variables)}
        self._variables = dict(variables)
        self._redaction = Redaction(secrets)
        self._more: tuple[str, ...] = ()

    def only_collecting(self) -> "PytestScenarios":
        """Returns what finds scenarios and runs none."""
        self._more = ("--collect-only",)
        return self

    def run(self, file: str, seconds: float) -> Run:
        """See the port."""
        with tempfile.TemporaryDirectory(prefix="release-kit-", ignore_cleanup_errors=True) as folder:
            results, output = Path(folder, "results"), Path(folder, "output")
            results.touch(0o600)
            with output.open("wb") as stream:
                code = self._ended(file, seconds, results, stream.fileno())
            found, fault = events.read(results, self._redaction)
            return Run(file, found, code, fault, self._tail(output))

    def _ended(self, file: str, seconds: float, results: Path, output: int) -> int | None:
        """Runs pytest; returns its exit code, None if it was killed at the deadline."""
        command = [sys.executable, "-m", "pytest", *_OPTIONS, *_SHOWN, *self._more]
        command += [f"--rootdir={self._folder}", f"--confcutdir={self._folder}", file]
        process = subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environment(results),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with process:
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                return None
            finally:
                # Also what it began and left running: the session is its own.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)

    def _environment(self, results: Path) -> dict[str, str]:
        return {
            **{name: text for name, text in os.environ.items() if _KEPT.fullmatch(name)},
            **self._variables,
            ORDER: json.dumps({**self._order, "results": str(results)}),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "PYTHONSAFEPATH": "1",
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(results.parent),
        }

    def _tail(self, output: Path) -> str:
        with output.open("rb") as stream:
            stream.seek(max(0, output.stat().st_size - MAX_OUTPUT))
            return events.lines(stream.read(MAX_OUTPUT).decode(errors="replace"), self._redaction)
