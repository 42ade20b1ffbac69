"""Digests of sha512: kept where a registry takes them, and one clear error where it does not.

A registry that is asked to tag a manifest names it by sha256, as most do: it is the same image under another name.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.real_registry import CRANE, DISTRIBUTION_2, DISTRIBUTION_3
from release_kit.cli.app import main
from tests.support import artifacts
from tests.support.artifacts import get
from tests.support.fault_registry import FaultRegistry, Options
from tests.support.layouts import CONFIG, INDEX, LAYER, MANIFEST, Layout

REPOSITORY = "shop/core"
Root = dict[str, Any]


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))


def blobs(made: Layout) -> Root:
    config = made.blob(b'{"architecture": "arm64"}', CONFIG, "sha512")
    return artifacts.document(made, MANIFEST, config=config, layers=[made.blob(b"layer", LAYER, "sha512")])


def manifests(made: Layout, content: bytes = b"layer") -> Root:
    parts = {"config": made.blob(b"{}", CONFIG), "layers": [made.blob(content, LAYER)]}
    child = artifacts.document(made, MANIFEST, "sha512", **parts)
    return artifacts.document(made, INDEX, "sha512", manifests=[child])


def content(made: Layout, root: Root) -> bytes:
    return made.path(root["digest"]).read_bytes()


def pushed(folder: Path, host: str, root: Root, made: Layout, *more: str) -> int:
    return artifacts.push(folder, host, {REPOSITORY: (made, root)}, *more)


def check_blobs(folder: Path, host: str) -> None:
    made = Layout(folder / "made")
    root = blobs(made)
    assert pushed(folder, host, root, made) == 0
    for path in (made.folder / "blobs" / "sha512").iterdir():
        answer = get(host, f"{REPOSITORY}/blobs/sha512:{path.name}")
        assert (answer.status, answer.body) == (200, path.read_bytes())
    assert get(host, f"{REPOSITORY}/manifests/v1.2.3").body == content(made, root)


def test_blobs_arrive_under_their_digests(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        check_blobs(tmp_path, registry.host)


@pytest.mark.parametrize("registry_host", [DISTRIBUTION_2, DISTRIBUTION_3], indirect=True)
def test_blobs_arrive_under_their_digests_in_a_real_registry(tmp_path: Path, registry_host: str) -> None:
    check_blobs(tmp_path, registry_host)


@pytest.mark.parametrize(
    ("registry_host", "make", "status"),
    [(CRANE, blobs, 400), (DISTRIBUTION_2, manifests, 400), (DISTRIBUTION_3, manifests, 400)],
    indirect=["registry_host"],
)
def test_a_registry_that_does_not_take_them_is_one_clear_error_and_no_tag_is_written(
    tmp_path: Path, registry_host: str, make: Any, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Layout(tmp_path / "made")
    assert pushed(tmp_path, registry_host, make(made), made) == 1
    told = capsys.readouterr().err
    assert f"was answered {status}" in told
    assert "not every registry takes digests of sha512" in told
    assert get(registry_host, f"{REPOSITORY}/manifests/v1.2.3").status == 404


@pytest.mark.parametrize("tags_per_put", [0, 1, 10])
def test_manifests_arrive_under_their_digests_and_every_tag_shows_the_root(tmp_path: Path, tags_per_put: int) -> None:
    made = Layout(tmp_path / "made")
    root = manifests(made)
    with FaultRegistry(Options(tags_per_put=tags_per_put)) as registry:
        assert pushed(tmp_path, registry.host, root, made) == 0
        for path in (made.folder / "blobs" / "sha512").iterdir():
            answer = get(registry.host, f"{REPOSITORY}/manifests/sha512:{path.name}")
            assert (answer.status, answer.body) == (200, path.read_bytes())
        for tag in ("v1.2.3", "latest", f"sha-{root['digest'][7:19]}"):
            assert get(registry.host, f"{REPOSITORY}/manifests/{tag}") == (200, INDEX, content(made, root))


def test_a_registry_that_takes_tags_with_the_digest_lets_them_point_at_it(tmp_path: Path) -> None:
    made = Layout(tmp_path / "made")
    root = manifests(made)
    with FaultRegistry(Options(tags_per_put=10)) as registry:
        assert pushed(tmp_path, registry.host, root, made) == 0
        assert set(registry.state.tags(REPOSITORY).values()) == {root["digest"]}


@pytest.mark.parametrize("tags_per_put", [0, 10], ids=["tags of sha256", "tags of sha512"])
def test_a_second_push_writes_nothing_and_the_release_is_verified(
    tmp_path: Path, tags_per_put: int, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Layout(tmp_path / "made")
    with FaultRegistry(Options(tags_per_put=tags_per_put)) as registry:
        assert pushed(tmp_path, registry.host, manifests(made), made) == 0
        registry.journal.clear()
        assert pushed(tmp_path, registry.host, manifests(made), made) == 0
        assert "nothing to push" in capsys.readouterr().err
        assert not registry.journal.writes()
        assert main(["verify", str(tmp_path / "record.json"), "--deep"]) == 0


def test_a_tag_of_another_content_is_still_a_conflict_and_a_drift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, other = Layout(tmp_path / "made"), Layout(tmp_path / "other")
    with FaultRegistry() as registry:
        assert pushed(tmp_path, registry.host, manifests(made), made) == 0
        (tmp_path / "old.json").write_text((tmp_path / "record.json").read_text())
        foreign = registry.state.put_image(REPOSITORY, "latest")
        capsys.readouterr()
        assert main(["verify", str(tmp_path / "old.json"), "--json"]) == 1
        drifts = json.loads(capsys.readouterr().out)["drifts"]
        assert [(drift["place"], drift["found"]) for drift in drifts] == [(f"{REPOSITORY}:latest", foreign)]
        assert pushed(tmp_path, registry.host, manifests(other, b"other"), other) == 1
        assert "immutable tags are taken by another content" in capsys.readouterr().err
