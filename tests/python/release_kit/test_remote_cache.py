"""Layers in a remote cache: fetched only where the registry lacks them, and pushed only as what they should be."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from release_kit.errors import ContentNeededError
from release_kit.values.image import Blob
from tests.support import layouts, pushing
from tests.support.fault_registry import FaultRegistry, Options, actions
from tests.support.http_cache import HttpCache
from tests.support.lazy_sets import NAMES, SHARED, Lazy
from tests.support.narrators import nobody


@pytest.fixture(name="temporary")
def temporary_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture(name="lazy")
def lazy_fixture(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lazy]:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    for name in ("RELEASE_KIT_REMOTE_CACHE", "RELEASE_KIT_REMOTE_CACHE_AUTHORIZATION"):
        monkeypatch.delenv(name, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    with FaultRegistry() as registry, HttpCache() as cache:
        yield Lazy(work, registry, cache)
    assert not list(temporary.iterdir()), "what was fetched is still there"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


def test_into_an_empty_registry_each_layer_is_fetched_once(lazy: Lazy) -> None:
    assert lazy.push() == 0
    assert sorted(lazy.cache.fetched()) == sorted([lazy.shared, *lazy.layers.values()])
    assert lazy.is_complete()


def test_what_the_registry_has_is_not_fetched_and_no_cache_is_needed(lazy: Lazy) -> None:
    lazy.push()
    lazy.cache.seen.clear()
    assert lazy.push(cache="none") == 0
    assert lazy.push(version="1.2.4", commit="f" * 40, cache="none") == 0
    assert lazy.cache.seen == []


def test_exactly_the_layer_that_the_registry_lacks_is_fetched(lazy: Lazy) -> None:
    lazy.push()
    lazy.cache.seen.clear()
    new = lazy.cache.put(b"changed")
    lazy.write({"core": b"core" * 9, "web": b"changed"})
    assert lazy.push(version="1.2.4", commit="f" * 40) == 0
    assert lazy.cache.fetched() == [new]
    assert lazy.is_complete()


def test_a_layer_that_another_repository_has_is_mounted_from_there(lazy: Lazy) -> None:
    lazy.push("--only", "web")
    lazy.cache.seen.clear()
    lazy.cache.evict(lazy.shared)
    assert lazy.push() == 0
    assert lazy.cache.fetched() == [lazy.layers["core"]]


def test_a_layer_of_an_older_image_in_a_later_repository_is_mounted_into_the_first(lazy: Lazy) -> None:
    """No image of the set is there; only one that is no longer in it has brought the shared layer to `shop/web`."""
    lazy.cache.put(b"old")
    lazy.write({"web": b"old"})
    lazy.push(version="1.2.2", commit="e" * 40)
    lazy.cache.seen.clear()
    lazy.cache.evict(lazy.shared)
    lazy.write({name: name.encode() * 9 for name in NAMES})
    assert lazy.push() == 0
    assert sorted(lazy.cache.fetched()) == sorted(lazy.layers.values())


def test_what_a_failed_push_has_brought_is_not_fetched_again(lazy: Lazy) -> None:
    lazy.registry.on(actions.status(400), "PUT", "/manifests/")
    assert lazy.push() == 1
    lazy.registry.script.clear()
    lazy.cache.seen.clear()
    assert lazy.push() == 0
    assert lazy.cache.fetched() == []


@pytest.mark.parametrize("options", [Options(mounts="session"), Options(mounts="405")], ids=["session", "405"])
def test_where_mounts_are_refused_the_bytes_are_fetched_after_all(
    tmp_path: Path, temporary: Path, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    work = tmp_path / "work"
    work.mkdir()
    with FaultRegistry(options) as registry, HttpCache() as cache:
        lazy = Lazy(work, registry, cache)
        assert lazy.push("--only", "web") == 0
        cache.seen.clear()
        assert lazy.push() == 0
        assert sorted(cache.fetched()) == sorted([lazy.shared, lazy.layers["core"]])
        assert lazy.is_complete()
    assert not list(temporary.iterdir())


@pytest.fixture(name="unmounted", params=["session", "404", "405"])
def unmounted_fixture(
    request: pytest.FixtureRequest, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Lazy]:
    """A set whose registry mounts nothing."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    work = tmp_path / "work"
    work.mkdir()
    with FaultRegistry(Options(mounts=request.param)) as registry, HttpCache() as cache:
        yield Lazy(work, registry, cache)
    assert not list(temporary.iterdir())


def test_where_mounts_are_refused_what_the_repository_itself_has_is_not_fetched(unmounted: Lazy) -> None:
    assert unmounted.push() == 0
    unmounted.cache.seen.clear()
    unmounted.cache.evict(unmounted.shared)
    new = unmounted.cache.put(b"changed")
    unmounted.write({"core": b"core" * 9, "web": b"changed"})
    assert unmounted.push(version="1.2.4", commit="f" * 40) == 0
    assert unmounted.cache.fetched() == [new]
    assert unmounted.is_complete()


def test_where_mounts_are_refused_what_a_failed_push_has_brought_is_not_fetched_again(unmounted: Lazy) -> None:
    unmounted.registry.on(actions.status(400), "PUT", "/manifests/")
    assert unmounted.push() == 1
    unmounted.registry.script.clear()
    for digest in (unmounted.shared, *unmounted.layers.values()):
        unmounted.cache.evict(digest)
    assert unmounted.push() == 0
    assert unmounted.is_complete()


@pytest.mark.parametrize("more", [(), ("--dry-run",)], ids=["push", "dry run"])
def test_a_layer_of_the_registry_that_has_not_the_size_of_the_manifest_is_an_error_before_the_first_write(
    lazy: Lazy, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert lazy.push() == 0
    before = lazy.writes()
    made = layouts.Layout(lazy.folder / "wrong")
    layer = made.blob(SHARED, layouts.LAYER)
    made.finish(made.manifest(layers=[{**layer, "size": 7}]))
    made.path(lazy.shared).unlink()
    document = json.loads(lazy.set.read_text())
    document["images"] = [{**document["images"][0], "layout": str(made.folder)}]
    lazy.set.write_text(json.dumps(document))
    assert lazy.push(*more, version="1.2.4", commit="f" * 40) == 1
    assert lazy.writes() == before
    assert f"shop/core@{lazy.shared} has {len(SHARED)} bytes, expected 7 as the manifest says" in said(capsys)


def test_an_evicted_layer_is_an_error_before_the_first_write(lazy: Lazy, capsys: pytest.CaptureFixture[str]) -> None:
    lazy.cache.evict(lazy.layers["web"])
    assert lazy.push() == 1
    assert lazy.writes() == []
    error = said(capsys)
    for word in ("image web", lazy.layers["web"], lazy.cache.url, "push_strategy=eager", "--remote_download_all"):
        assert word in error


def test_without_a_cache_needed_layers_are_an_error_before_the_first_write(
    lazy: Lazy, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lazy.push(cache="none") == 2
    assert lazy.writes() == []
    error = said(capsys)
    for word in ("3 layers", "image core", lazy.shared, "--remote-cache", "push_strategy=eager"):
        assert word in error


@pytest.mark.parametrize("lie", [b"x" * 27, b"short", b"x" * 28], ids=["same size", "shorter", "longer"])
def test_a_lying_cache_never_gets_a_byte_into_the_registry(
    lazy: Lazy, lie: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(b"web" * 9) == 27
    lazy.cache.lie(lazy.layers["web"], lie)
    assert lazy.push() == 1
    assert lazy.writes() == []
    assert f"image web: {lazy.layers['web']}: the remote cache {lazy.cache.url} has" in said(capsys)


def test_a_dry_run_fetches_nothing_and_tells_what_is_missing(lazy: Lazy, capsys: pytest.CaptureFixture[str]) -> None:
    assert lazy.push("--dry-run") == 0
    assert {seen.method for seen in lazy.cache.seen} == {"HEAD"}
    lazy.cache.evict(lazy.shared)
    assert lazy.push("--dry-run") == 1
    assert lazy.shared in said(capsys)
    assert lazy.push("--dry-run", cache="none") == 2


def test_a_busy_cache_is_asked_again(lazy: Lazy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("release_kit.adapters.registry.patience.Patience.wait", lambda *_: 0.0)
    left = [503, 500]
    lazy.cache.answer = lambda *_: left.pop() if left else 0
    assert lazy.push() == 0
    assert lazy.is_complete()


@pytest.mark.parametrize("status", [302, 401, 403, 418])
def test_a_cache_that_refuses_is_an_error_before_the_first_write(
    lazy: Lazy, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    lazy.cache.answer = lambda *_: status
    assert lazy.push() == 1
    assert lazy.writes() == []
    error = said(capsys)
    assert f"the remote cache {lazy.cache.url} answered {status}" in error
    assert ("RELEASE_KIT_REMOTE_CACHE" in error) == (status in (401, 403))


def test_a_cache_that_is_not_there_is_an_error_before_the_first_write(
    lazy: Lazy, capsys: pytest.CaptureFixture[str]
) -> None:
    with HttpCache() as gone:
        pass
    assert lazy.push(cache=gone.url) == 1
    assert lazy.writes() == []
    assert f"the remote cache {gone.url}: can't be reached" in said(capsys)


def test_layers_that_do_not_fit_are_an_error_before_the_first_is_fetched(
    lazy: Lazy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full:
        f_bavail, f_frsize = 1, 512

    monkeypatch.setattr("release_kit.adapters.remote_cache.content.os.statvfs", lambda _: Full)
    assert lazy.push() == 2
    assert lazy.cache.seen == []
    assert "TMPDIR" in said(capsys)


def test_an_interrupted_push_leaves_no_file(lazy: Lazy, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[int] = []

    def interrupt(*_: object) -> None:
        modes.extend(path.stat().st_mode for path in temporary.rglob("*"))
        raise KeyboardInterrupt

    monkeypatch.setattr("release_kit.engines.push.run._manifests", interrupt)
    assert lazy.push() == 130
    folder, layers = 1, 3
    assert len(modes) == folder + layers
    assert not any(mode & 0o077 for mode in modes)
    assert not list(temporary.iterdir())


def disk_cache(folder: Path, *contents: bytes) -> Path:
    for content in contents:
        name = hashlib.sha256(content).hexdigest()
        place = folder / "cas" / name[:2] / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


def test_a_disk_cache_is_read_where_it_is(lazy: Lazy, tmp_path: Path, temporary: Path) -> None:
    folder = disk_cache(tmp_path / "disk", SHARED, *(name.encode() * 9 for name in NAMES))
    assert lazy.push(cache=str(folder)) == 0
    assert lazy.is_complete()
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("lie", [b"x" * 27, b"short"])
def test_a_lying_disk_cache_never_gets_a_byte_into_the_registry(lazy: Lazy, tmp_path: Path, lie: bytes) -> None:
    folder = disk_cache(tmp_path / "disk", SHARED, *(name.encode() * 9 for name in NAMES))
    name = lazy.layers["web"][7:]
    (folder / "cas" / name[:2] / name).write_bytes(lie)
    assert lazy.push(cache=str(folder)) == 1
    assert lazy.writes() == []


def test_a_layer_that_is_a_file_in_another_image_is_not_fetched(lazy: Lazy) -> None:
    document = json.loads(lazy.set.read_text())
    del document["images"][1]["layers"]
    document["images"][1]["layout"] = str(lazy.folder / "full" / "web")
    lazy.set.write_text(json.dumps(document))
    assert lazy.push() == 0
    assert lazy.cache.fetched() == [lazy.layers["core"]]


def test_what_is_not_here_is_asked_for_and_never_sent() -> None:
    """A registry with single POSTs would get a small blob without a question."""
    with FaultRegistry(Options(single_post=True)) as registry, pushing.client(registry) as client:
        with pytest.raises(ContentNeededError):
            client.upload_blob("shop/core", Blob(f"sha256:{'0' * 64}", 9, None, remote=True), None, nobody)
        assert not [record for record in registry.journal.records if "digest=" in record.query]
