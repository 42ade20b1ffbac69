"""`release-kit push --hold-moving-tags`: everything is there but what moves, and everybody is told so."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from rehearsal.real_registry import DISTRIBUTION_2
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.cli.app import main
from tests.support import layouts, releases
from tests.support.fault_registry import FaultRegistry

HOLD = "--hold-moving-tags"
IMAGES = ("shop/core", "shop/web")
RECORDS = "shop/release"
one_registry = pytest.mark.parametrize("registry_host", [DISTRIBUTION_2], indirect=True)


class Work:
    """A release set of two images that publishes its record, and a registry."""

    def __init__(self, folder: Path, host: str) -> None:
        self.folder, self.host = folder, host
        self.record = folder / "record.json"
        self.build("first")

    def build(self, content: str) -> None:
        """Makes other images."""
        made = {
            name: layouts.image(self.folder / f"{name}-{content}", name.encode(), content.encode()) for name in IMAGES
        }
        releases.write_set(self.folder, made, record_repository=RECORDS)

    def push(self, *more: str, version: str = "1.2.3", commit: str = releases.COMMIT) -> int:
        """Runs `release-kit push`."""
        status = releases.write_status(self.folder, version, commit)
        common = ["--registry", self.host, "--status-file", str(status), "--record", str(self.record)]
        return main(["push", str(self.folder / "set.json"), *common, *more])

    def verify(self, *more: str) -> int:
        """Runs `release-kit verify`."""
        return main(["verify", str(self.record), *more])

    def tags(self) -> dict[str, str]:
        """Returns all tags, each with the digest that it points at."""
        found = {}
        with closing(HttpRegistry(self.host, Credentials(), plain_http=True)) as registry:
            for repository in (*IMAGES, RECORDS):
                for tag in registry.tags(repository) or ():
                    found[f"{repository}:{tag}"] = str(registry.manifest_digest(repository, tag))
        return found

    def latest(self) -> list[str]:
        """Returns what `latest` points at in each repository that has one."""
        return [digest for place, digest in sorted(self.tags().items()) if place.endswith(":latest")]


@pytest.fixture(autouse=True)
def settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_everything_is_there_but_what_moves(registry_host: str, tmp_path: Path) -> None:
    work = Work(tmp_path, registry_host)
    assert work.push(HOLD) == 0
    held = work.tags()
    assert work.push() == 0
    whole = work.tags()
    assert {place for place in whole if place not in held} == {f"{name}:latest" for name in (*IMAGES, RECORDS)}
    assert {place: whole[place] for place in held} == held


@one_registry
def test_latest_stays_with_the_release_before(registry_host: str, tmp_path: Path) -> None:
    work = Work(tmp_path, registry_host)
    assert work.push() == 0
    before = work.latest()
    work.build("second")
    assert work.push(HOLD, version="1.3.0", commit="1" * 40) == 0
    assert work.latest() == before
    assert work.push(version="1.3.0", commit="1" * 40) == 0
    assert not {*work.latest()} & {*before}


@one_registry
def test_the_record_is_the_same_as_that_of_a_plain_push(registry_host: str, tmp_path: Path) -> None:
    work = Work(tmp_path, registry_host)
    assert work.push(HOLD) == 0
    held = work.record.read_text()
    assert work.push() == 0
    assert work.record.read_text() == held
    assert json.loads(held)["images"][0]["moving_tags"] == ["latest"]


@one_registry
def test_a_second_one_writes_nothing(registry_host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = Work(tmp_path, registry_host)
    assert work.push(HOLD) == 0
    before = work.tags()
    capsys.readouterr()
    assert work.push(HOLD) == 0
    assert work.tags() == before
    err = capsys.readouterr().err
    assert f"nothing to push: all 6 other tags of 2 images are in {registry_host} already" in err
    assert "latest: held back for publish" in err


def test_no_request_writes_a_tag_that_moves(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        work = Work(tmp_path, registry.host)
        assert work.push(HOLD) == 0
        written = [f"{record.method} {record.path}" for record in registry.journal.writes()]
        assert any("v1.2.3" in each for each in written)
        assert not any("latest" in each for each in written)


@one_registry
def test_what_moved_already_is_not_held(registry_host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = Work(tmp_path, registry_host)
    assert work.push() == 0
    capsys.readouterr()
    assert work.push(HOLD) == 0
    err = capsys.readouterr().err
    assert f"nothing to push: all 8 tags of 2 images are in {registry_host} already" in err
    assert "held back" not in err


@one_registry
def test_plan_and_summary_say_what_is_held(
    registry_host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Work(tmp_path, registry_host)
    assert work.push(HOLD, "--dry-run") == 0
    out, err = capsys.readouterr()
    assert "create v1.2.3" in out
    assert "hold latest" in out
    assert "latest: held back for publish" in err
    assert work.push(HOLD, "--dry-run", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    tags = {tag["tag"]: tag["action"] for tag in plan["record"]["tags"]}
    assert (tags["v1.2.3"], tags["latest"], tags[f"sha-{releases.COMMIT}"]) == ("create", "hold", "create")
    page = tmp_path / "page.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    assert work.push(HOLD) == 0
    assert "latest (held back for publish)" in capsys.readouterr().out
    image, *_ = [line for line in page.read_text().splitlines() if "shop/core" in line]
    assert "`v1.2.3`" in image
    assert "latest" not in image
    assert "`latest`: held back for publish" in page.read_text()


@one_registry
def test_a_pre_release_has_nothing_to_hold(
    registry_host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Work(tmp_path, registry_host)
    assert work.push(HOLD, version="1.2.3-rc.1") == 0
    assert "held back" not in capsys.readouterr().err
    assert not work.latest()


@one_registry
def test_verify_tells_tags_that_were_held_from_damage(
    registry_host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = Work(tmp_path, registry_host)
    assert work.push(HOLD) == 0
    capsys.readouterr()
    assert work.verify() == 1
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["shop/core:latest", "shop/web:latest"]
    assert "they are tags that move: held back for publish, or with a newer release by now" in err
    assert work.verify("--without-moving-tags", "--deep") == 0
    assert work.push() == 0
    assert work.verify() == 0
