"""Lost answers, refusals and kills at every request: each leaves all of a release, or nothing of it."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.git_server import GitRequest, GitServer, RefusedError, once_at
from tests.support import deployments
from tests.support.deployments import NEXT, REQUESTS, Deployment
from tests.support.fault_registry import FaultRegistry


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deployments.own_settings(tmp_path, monkeypatch)


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path) -> Iterator[Deployment]:
    with FaultRegistry() as registry, GitServer(tmp_path / "git") as server:
        # Whatever is rendered is rendered elsewhere; here it is the repository that counts.
        shop = Deployment(tmp_path, registry.host, server, delivery="application")
        shop.release()
        yield shop


@pytest.mark.parametrize("status", [0, 503])
@pytest.mark.parametrize("moment", range(len(REQUESTS)))
def test_a_refused_request_changes_nothing_or_all(
    shop: Deployment, moment: int, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise RefusedError(status)

    before = shop.refs()
    shop.server.before = once_at(moment, refuse)
    code = shop.hydrate()
    after = shop.refs()
    # git itself asks again where a connection was closed that had been used before.
    assert (after == before) if code else shop.is_whole()
    assert code == 1 or not status
    assert ("ERROR git " in capsys.readouterr().err) == bool(code)
    assert shop.hydrate() == 0
    assert shop.is_whole()
    assert shop.count(NEXT[0]) == 2


def test_an_answer_that_gets_lost_is_no_failure(shop: Deployment) -> None:
    def lose(request: GitRequest) -> None:
        if request.step == "push":
            raise RefusedError

    shop.server.after = lose
    assert shop.hydrate() == 0
    assert shop.is_whole()


@pytest.mark.parametrize("goes_on", [True, False], ids=["server-goes-on", "request-is-lost"])
@pytest.mark.parametrize("moment", range(len(REQUESTS)))
def test_a_kill_at_any_request_leaves_all_or_nothing(shop: Deployment, moment: int, goes_on: bool) -> None:
    reached, dead = threading.Event(), threading.Event()

    def pause() -> None:
        reached.set()
        assert dead.wait(60)
        if not goes_on:
            raise RefusedError

    before = shop.refs()
    shop.server.before = once_at(moment, pause)
    with subprocess.Popen(shop.command(), env=shop.environment(), start_new_session=True) as process:
        assert reached.wait(60)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        dead.set()
    shop.server.settle()
    after = shop.refs()
    assert after == before or shop.is_whole()
    assert shop.hydrate() == 0
    assert shop.is_whole()
    assert [shop.count(branch) for branch in ("releases", *NEXT)] == [1, 2, 2, 2]
