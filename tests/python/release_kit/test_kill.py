"""A push that is killed or told to stop: nothing half-done is seen, and the same push run again finishes it."""

import json
import signal
import threading
from pathlib import Path

import pytest

from tests.support import layouts, releases
from tests.support.fault_registry import FaultRegistry, actions
from tests.support.push_process import PushProcess

REPOSITORIES = ("shop/core", "shop/web")
MOMENTS = 30  # More than the requests of one push: the last ones kill nothing, which a test makes sure of.


class Push(PushProcess):
    """Of a release set of two images."""

    def __init__(self, folder: Path, registry: FaultRegistry) -> None:
        made = {name: layouts.image(folder / name, b"shared" * 9999, name.encode() * 9) for name in REPOSITORIES}
        self.digests = {name: layouts.root_digest(made[name]) for name in REPOSITORIES}
        super().__init__(releases.write_set(folder, made), releases.write_status(folder), registry)
        registry.state.expect(images=list(self.digests.items()))


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
        assert push.killed(moment) in (0, -signal.SIGKILL)
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
