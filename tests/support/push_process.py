"""`release-kit push` as a process of its own, for tests that kill it."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.fault_registry import FaultRegistry, actions


class PushProcess:
    """How to push one release set to a registry, again and again."""

    def __init__(self, chosen: Path, status: Path, registry: FaultRegistry) -> None:
        """Keeps the record and everything else beside the set."""
        self.record = chosen.parent / "record.json"
        self._registry = registry
        self._command = [sys.executable, "-m", "release_kit", "push", str(chosen), "--registry", registry.host]
        self._command += ["--status-file", str(status), "--record", str(self.record), "--jobs", "2"]
        self._environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "HOME": str(chosen.parent)}

    @contextmanager
    def started(self) -> Iterator["subprocess.Popen[str]"]:
        """Runs the push; it has ended when the block has."""
        with subprocess.Popen(self._command, env=self._environment, stderr=subprocess.PIPE, text=True) as process:
            yield process

    def run(self) -> str:
        """Runs the push to its good end and returns what it said."""
        with self.started() as process:
            assert process.stderr is not None
            said = process.stderr.read()
        assert process.returncode == 0, said
        return said

    def killed(self, moment: int) -> int | None:
        """Runs the push and kills it when its request number `moment` arrives; returns its exit code.

        A push that makes fewer requests is not killed.
        """
        running = threading.Event()
        processes: list[subprocess.Popen[str]] = []

        def kill(_: object) -> None:
            running.wait()
            processes[0].kill()

        rule = self._registry.on(actions.call(kill), nth=moment)
        with self.started() as process:
            processes.append(process)
            running.set()
            process.communicate()
        self._registry.script.remove(rule)
        assert (process.returncode == 0) == self.record.exists() == (rule.hits == 0)
        return process.returncode
