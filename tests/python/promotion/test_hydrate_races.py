"""Several hydrators and other writers at once: each ends with all of a release, or with nothing of it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.git_server import GitRequest, GitServer, git, once_at
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


def test_a_hydrate_asks_only_what_it_needs(shop: Deployment) -> None:
    assert shop.hydrate() == 0
    assert shop.server.steps() == REQUESTS


@pytest.mark.parametrize("moment", range(len(REQUESTS)))
def test_two_hydrators_at_once_end_with_one_commit_each(
    shop: Deployment, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other() -> None:
        named = shop.environment(GIT_AUTHOR_NAME="Other", GIT_COMMITTER_NAME="Other", GIT_AUTHOR_EMAIL="o@example.com")
        subprocess.run(shop.command(), env={**named, "GIT_COMMITTER_EMAIL": "o@example.com"}, check=True)

    shop.server.before = once_at(moment, other)
    assert shop.hydrate() == 0
    assert shop.is_whole()
    assert [shop.count(branch) for branch in ("releases", *NEXT)] == [1, 2, 2, 2]
    before = shop.refs()
    assert shop.hydrate() == 0
    assert shop.refs() == before


@pytest.mark.parametrize("moment", range(len(REQUESTS)))
def test_an_older_release_that_comes_late_is_refused(
    shop: Deployment, moment: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = shop.record.read_bytes()
    shop.release("1.3.0")
    newer = tmp_path / "newer.json"
    newer.write_bytes(shop.record.read_bytes())
    shop.record.write_bytes(old)
    command = ["--record", str(newer)]
    other = [part if part != str(shop.record) else command[1] for part in shop.command()]
    shop.server.before = once_at(moment, lambda: subprocess.run(other, env=shop.environment(), check=True))
    assert shop.hydrate() == 2
    assert "1.2.3 is older than 1.3.0" in capsys.readouterr().err
    assert shop.is_whole()
    assert json.loads(shop.show(NEXT[0], "release-record.json"))["version"] == "1.3.0"


@pytest.mark.parametrize("moment", range(len(REQUESTS)))
def test_what_others_push_to_next_in_between_is_built_upon(shop: Deployment, moment: int) -> None:
    made: list[str] = []
    shop.server.before = once_at(moment, lambda: made.append(shop.commit(NEXT[1], {"stray.txt": "x\n"})))
    assert shop.hydrate() == 0
    assert shop.is_whole()
    assert git(shop.bare, "rev-parse", f"{NEXT[1]}^") == made[0]
    assert "stray.txt" not in shop.files(NEXT[1])


@pytest.mark.parametrize("moment", range(len(REQUESTS)))
def test_notes_that_others_push_in_between_stay(shop: Deployment, moment: int) -> None:
    assert shop.hydrate() == 0
    shop.declare(
        delivery="application", environments=[{"name": "staging"}, {"name": "demo"}, {"name": "prod"}], gates=[]
    )
    first = len(shop.server.journal)
    stranger = shop.refs()["environment/demo"]
    ref = "refs/notes/hydrator.metadata"
    add = ("notes", "--ref", ref, "add", "-f", "-m", "theirs", stranger)
    shop.server.before = once_at(first + moment, lambda: git(shop.bare, *add))
    assert shop.hydrate() == 0
    assert git(shop.bare, "notes", "--ref", ref, "show", stranger) == "theirs"
    for branch in NEXT:
        assert json.loads(git(shop.bare, "notes", "--ref", ref, "show", branch))["drySha"] == shop.refs()["releases"]


def test_a_branch_that_is_deleted_in_between_is_an_error(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    shop.server.before = once_at(2, lambda: git(shop.bare, "update-ref", "-d", f"refs/heads/{NEXT[1]}"))
    assert shop.hydrate() == 1
    assert f"has no branch {NEXT[1]}" in capsys.readouterr().err
    assert "releases" not in shop.refs()


def test_who_always_loses_gives_up_and_says_where(shop: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    def hook(request: GitRequest) -> None:
        if request.step == "push":
            shop.commit(NEXT[2], {"stray.txt": f"{request.number}\n"})

    shop.server.before = hook
    assert shop.hydrate() == 1
    err = capsys.readouterr().err
    moved = shop.refs()[NEXT[2]][:12]
    assert f"somebody else was faster 10 times, the last time at refs/heads/{NEXT[2]} is at {moved}" in err
    assert "releases" not in shop.refs()
