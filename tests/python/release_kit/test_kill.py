"""A push that is killed or told to stop: nothing half-done is seen, and the same push run again finishes it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import layouts, releases
from tests.support.fault_registry import FaultRegistry, actions

REPOSITORIES = ("shop/core", "shop/web")
MOMENTS = 30  # More than the requests of one push: the last ones kill nothing, which a test makes sure of.


class Push:
    """A release set of two images, and `release-kit push` as a process of its own."""

    def __init__(self, folder: Path, registry: FaultRegistry) -> None:
        made = {name: layouts.image(folder / name, b"shared" * 9999, name.encode() * 9) for name in REPOSITORIES}
        self.digests = {name: layouts.root_digest(made[name]) for name in REPOSITORIES}
        self._command = [sys.executable, "-m", "release_kit", "push", str(releases.write_set(folder, made))]
        self._command += ["--registry", registry.host, "--status-file", str(releases.write_status(folder))]
        self._command += ["--record", str(folder / "record.json"), "--jobs", "2"]
        self.record = folder / "record.json"
        self._environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "HOME": str(folder)}
        registry.state.expect(images=list(self.digests.items()))

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


def is_whole(registry: FaultRegistry, push: Push) -> bool:
    tags = [registry.state.tags(repository) for repository in REPOSITORIES]
    expected = [push.digests[repository] for repository in REPOSITORIES]
    missing = [registry.state.missing(repository, push.digests[repository]) for repository in REPOSITORIES]
    found = [(each.get("v1.2.3"), each.get("latest")) for each in tags]
    return found == [(digest, digest) for digest in expected] and not any(missing)


@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_killed_at_any_request_a_re_run_finishes_the_same_release(moment: int, tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        push = Push(tmp_path, registry)
        running = threading.Event()
        processes: list[subprocess.Popen[str]] = []

        def kill(_: object) -> None:
            running.wait()
            processes[0].kill()

        rule = registry.on(actions.call(kill), nth=moment)
        with push.started() as process:
            processes.append(process)
            running.set()
            process.communicate()
        registry.script.remove(rule)
        assert process.returncode in (0, -signal.SIGKILL)
        assert (process.returncode == 0) == push.record.exists() == (rule.hits == 0)
        assert not registry.state.incomplete()
        push.run()
        assert is_whole(registry, push)
        assert not registry.state.incomplete()
        assert [image["digest"] for image in json.loads(push.record.read_text())["images"]] == list(
            push.digests.values()
        )


def test_the_last_moment_is_after_the_last_request(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        Push(tmp_path, registry).run()
        assert 20 < len(registry.journal.records) < MOMENTS


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("where", ["HEAD /v2/shop/core/manifests/", "PUT uploads", "PUT manifests/v1.2.3"])
def test_told_to_stop_it_stops_at_once_and_says_what_was_written(
    number: signal.Signals, code: int, where: str, tmp_path: Path
) -> None:
    method, _, path = where.partition(" ")
    with FaultRegistry() as registry:
        push = Push(tmp_path, registry)
        arrived = threading.Event()
        rule = registry.on(actions.stall(arrived=arrived), method, path)
        with push.started() as process:
            assert arrived.wait(60)
            process.send_signal(number)
            assert process.stderr is not None
            said = process.stderr.read()
        registry.script.remove(rule)
        assert process.returncode == code
        assert "ERROR interrupted" in said
        assert "run the same command again: it is safe" in said
        assert ("written so far" in said) == (method == "PUT")
        assert "Traceback" not in said
        push.run()
        assert is_whole(registry, push)
