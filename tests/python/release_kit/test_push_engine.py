"""The push engine against a recording registry: order, economy, conflicts, failures."""

from pathlib import Path

import pytest

from release_kit.adapters import layout
from release_kit.documents import release_set
from release_kit.engines.parallel import Workers
from release_kit.engines.push import run as engine
from release_kit.engines.push.look import make_plan
from release_kit.engines.push.plan import Action, Plan, look_at_blobs
from release_kit.engines.push.record import make_record
from release_kit.engines.push.release import Release, assemble
from release_kit.errors import InputError, ReleaseError
from release_kit.values.reference import Registry
from release_kit.values.stamp import Stamp
from tests.support import layouts, releases
from tests.support.narrators import Kept
from tests.support.recording_registry import RecordingRegistry

SHARED = b"shared" * 1000


JOBS = 4


def stamp(version: str = "1.2.3", commit: str = releases.COMMIT, dirty: str = "false") -> Stamp:
    return Stamp({"STABLE_VERSION": version, "STABLE_COMMIT_SHA": commit, "STABLE_DIRTY": dirty})


def release(folder: Path, stamped: Stamp, **own: bytes) -> Release:
    made = {
        f"shop/{name}": layouts.image(folder / f"{name}-{hash(layer)}", SHARED, layer) for name, layer in own.items()
    }
    chosen = release_set.load(releases.write_set(folder, made))
    return assemble(chosen, Registry("registry.example", "acme"), stamped, layout.load)


def push(wanted: Release, registry: RecordingRegistry) -> Plan:
    return engine.push_release(wanted, registry, Workers(JOBS), layout.verify_blob, Kept())


def test_each_step_is_complete_before_the_next_begins(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    push(release(tmp_path, stamp(), core=b"core", web=b"web"), registry)
    stages = list(map(_stage, registry.writes()))
    assert stages == sorted(stages)
    assert set(stages) == {0, 1, 2, 3}


def _stage(call: tuple[str, str, str]) -> int:
    kind, _, name = call
    if kind != "manifest":
        return 0
    return 1 if ":" in name else 3 if name == "latest" else 2


def test_a_shared_blob_is_uploaded_once_and_mounted_elsewhere(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    wanted = release(tmp_path, stamp(), core=b"core", web=b"web", datasvc=b"datasvc")
    push(wanted, registry)
    digests = [blob.digest for image in wanted.images for blob in image.image.blobs]
    uploads = [name for call, _, name in registry.calls if call == "uploaded"]
    assert sorted(uploads) == sorted(set(digests))
    assert len([call for call in registry.calls if call[0] == "mounted"]) == len(digests) - len(set(digests))


def test_refused_mounts_cost_bytes_but_not_the_release(tmp_path: Path) -> None:
    registry = RecordingRegistry(mounts=False)
    push(release(tmp_path, stamp(), core=b"core", web=b"web"), registry)
    assert set(registry.digests("acme/shop/web")) >= {"v1.2.3", "latest"}


def test_a_second_push_writes_nothing(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    wanted = release(tmp_path, stamp(), core=b"core", web=b"web")
    push(wanted, registry)
    registry.calls.clear()
    assert push(wanted, registry).is_empty
    assert registry.writes() == []
    assert len(registry.calls) == 2 * 4  # One look at each tag, and nothing else.


def test_a_new_version_of_the_same_images_writes_tags_only(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    push(release(tmp_path, stamp(), core=b"core"), registry)
    registry.calls.clear()
    push(release(tmp_path, stamp("1.2.4", "f" * 40), core=b"core"), registry)
    assert sorted(registry.writes()) == [("manifest", "acme/shop/core", name) for name in ("sha-" + "f" * 40, "v1.2.4")]


def test_latest_moves_to_the_new_release(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    push(release(tmp_path, stamp(), core=b"old"), registry)
    plan = push(release(tmp_path, stamp("1.2.4", "f" * 40), core=b"new"), registry)
    tags = registry.digests("acme/shop/core")
    assert tags["latest"] == tags["v1.2.4"] != tags["v1.2.3"]
    assert [tag.action for image in plan.images for tag in image.tags if tag.tag == "latest"] == [Action.MOVE]


@pytest.mark.parametrize(("version", "dirty"), [("1.2.4-rc.1", "false"), ("1.2.4", "true"), ("dev", "false")])
def test_only_a_release_moves_latest(tmp_path: Path, version: str, dirty: str) -> None:
    registry = RecordingRegistry()
    push(release(tmp_path, stamp(), core=b"old"), registry)
    before = registry.digests("acme/shop/core")["latest"]
    push(release(tmp_path, stamp(version, "f" * 40, dirty), core=b"new"), registry)
    assert registry.digests("acme/shop/core")["latest"] == before


def test_a_taken_immutable_tag_is_refused_before_the_first_write(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    first = release(tmp_path, stamp(), core=b"old", web=b"same")
    push(first, registry)
    registry.calls.clear()
    second = release(tmp_path, stamp(commit="f" * 40), core=b"new", web=b"same")
    with pytest.raises(ReleaseError) as caught:
        push(second, registry)
    assert registry.writes() == []
    assert "acme/shop/core:v1.2.3" in caught.value.message
    for wanted in (first, second):
        assert wanted.images[0].image.root.digest in caught.value.message
    assert "acme/shop/web:v1.2.3" not in caught.value.message


def test_a_corrupt_layer_is_refused_before_the_first_write(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    wanted = release(tmp_path, stamp(), core=b"core", web=b"web")
    path = next(blob for blob in wanted.images[1].image.blobs if blob.size == 3).path
    assert path
    path.write_bytes(b"WEB")
    with pytest.raises(InputError, match="its content has the digest"):
        push(wanted, registry)
    assert registry.writes() == []


@pytest.mark.parametrize("version", ["1.2.3", "latest"])
def test_a_failure_says_what_was_written_and_a_re_run_finishes(tmp_path: Path, version: str) -> None:
    registry = RecordingRegistry()
    wanted = release(tmp_path, stamp(), core=b"core", web=b"web")
    registry.fail_on = ("manifest", "latest" if version == "latest" else "v1.2.3")
    with pytest.raises(ReleaseError) as caught:
        push(wanted, registry)
    assert "written so far: blobs uploaded: 5, blobs mounted: 1, manifests: 2" in caught.value.message
    assert "run the same push again: it is safe" in caught.value.remedy
    assert all("latest" not in registry.digests(f"acme/shop/{name}") for name in ("core", "web"))
    registry.fail_on = None
    push(wanted, registry)
    assert all(set(registry.digests(f"acme/shop/{name}")) >= {"v1.2.3", "latest"} for name in ("core", "web"))


def test_a_plan_counts_the_bytes_that_would_travel_and_writes_nothing(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    wanted = release(tmp_path, stamp(), core=b"core", web=b"web")
    plan = make_plan(wanted, registry, Workers(JOBS), layout.verify_blob)
    unique = {blob.digest: blob.size for image in wanted.images for blob in image.image.blobs}
    blobs = look_at_blobs(plan, registry, Workers(JOBS))
    assert sum(item.blob.size for item in blobs if item.action is Action.CREATE) == sum(unique.values())
    assert registry.writes() == []


def test_a_record_names_each_image_with_its_digest_size_and_tags(tmp_path: Path) -> None:
    wanted = release(tmp_path, stamp(), core=b"core")
    record = make_record(push(wanted, RecordingRegistry()).release, "registry.example")
    image = record.images[0]
    assert (record.version, record.commit, record.registry) == ("1.2.3", releases.COMMIT, "registry.example")
    assert (image.name, image.repository, image.digest) == (
        "core",
        "acme/shop/core",
        wanted.images[0].image.root.digest,
    )
    assert image.immutable_tags == (f"sha-{releases.COMMIT}", "v1.2.3", f"sha-{image.digest[7:19]}")
    assert image.moving_tags == ("latest",)
    assert image.size == wanted.images[0].image.size > len(SHARED)


def test_an_image_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    path = releases.write_set(tmp_path, {"shop/core": tmp_path / "nothing"})
    with pytest.raises(InputError, match="image core: .*expected the folder of an OCI image layout"):
        assemble(release_set.load(path), Registry("h", ""), stamp(), layout.load)
