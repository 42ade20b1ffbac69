"""Charts as the push engine sees them: after the images, before what moves, each version written once."""

import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from release_kit.adapters import layout
from release_kit.adapters.registry.credentials import Credentials
from release_kit.documents import release_record
from release_kit.documents.fields import parse_document
from release_kit.engines.parallel import Workers
from release_kit.engines.push.plan import Plan
from release_kit.engines.push.record import make_record, with_record
from release_kit.engines.push.release import Release
from release_kit.engines.push.run import push_release
from release_kit.engines.verify import Drift, verify
from release_kit.errors import ReleaseError
from release_kit.values.tags import TagPolicy
from tests.support import pushing
from tests.support.fault_registry import FaultRegistry, Record, actions
from tests.support.narrators import Kept
from tests.support.pushing import NAMES, chart, with_chart
from tests.support.recording_registry import RecordingRegistry

JOBS = 4
IMAGES = len(NAMES)
CHARTS = "charts/shop"


def release(folder: Path, content: bytes = b"chart", created: str = "") -> Release:
    """A release of images, and of a chart whose manifest tells when it was made."""
    annotations = {"org.opencontainers.image.created": created} if created else {}
    return with_chart(pushing.release(folder), chart(folder / f"chart{created}", content=content, **annotations))


def record(wanted: Release, registry: RecordingRegistry) -> Plan:
    return push_release(wanted, registry, Workers(JOBS), layout.verify_blob, Kept())


def asked(wanted: Release, registry: FaultRegistry) -> list[Record]:
    """Pushes and returns the requests that it took."""
    before = len(registry.journal.records)
    pushing.push(wanted, registry, Credentials(), Kept())
    return registry.journal.records[before:]


def test_a_chart_is_tagged_after_all_images_and_before_anything_moves(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    record(release(tmp_path), registry)
    stages = list(map(_stage, registry.writes()))
    assert stages == sorted(stages)
    assert Counter(stages)[3] == 1
    assert set(stages) == {0, 1, 2, 3, 4}


def _stage(call: tuple[str, str, str]) -> int:
    kind, repository, name = call
    if kind != "manifest":
        return 0
    if ":" in name:
        return 1
    return 3 if repository == CHARTS else 4 if name == "latest" else 2


def test_a_chart_gets_its_version_and_no_other_tag(tmp_path: Path) -> None:
    registry = RecordingRegistry()
    record(release(tmp_path), registry)
    assert set(registry.digests(CHARTS)) == {"1.2.3"}


def test_an_unchanged_chart_costs_one_look(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry() as registry:
        asked(wanted, registry)
        assert [record.method for record in asked(wanted, registry)] == ["HEAD"] * (4 * IMAGES + 1)


def test_a_new_chart_costs_two_looks_before_and_two_at_its_version(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        images = asked(pushing.release(tmp_path), registry)
    with FaultRegistry() as registry:
        both = asked(release(tmp_path), registry)
        assert registry.journal.repeated() == [("HEAD", f"/v2/{CHARTS}/manifests/1.2.3")]
    blobs, manifest, tag, looks = 2 * 2, 1, 1, 2 + 2
    assert len(both) == len(images) + blobs + manifest + tag + looks


def test_a_set_of_charts_only_is_released(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry() as registry:
        asked(wanted._replace(items=wanted.charts), registry)
        assert registry.state.tags(CHARTS) == {"1.2.3": wanted.charts[0].digest}


@pytest.mark.parametrize("after", [False, True], ids=["before we write it", "after we wrote it"])
def test_a_version_that_somebody_else_writes_meanwhile_is_noticed(tmp_path: Path, after: bool) -> None:
    with FaultRegistry() as registry:
        foreign = registry.state.put_image(CHARTS)
        where = f"/{CHARTS}/manifests/1.2.3" if after else "/shop/core/manifests/sha256:"
        registry.on(actions.move_tag(CHARTS, "1.2.3", foreign, after=after), "PUT", where)
        with pytest.raises(ReleaseError, match=r"charts/shop:1\.2\.3 was free, and somebody else") as caught:
            asked(release(tmp_path), registry)
        assert not registry.state.changes("latest")
        assert "release a new version" in caught.value.remedy


@pytest.mark.parametrize(("content", "remedy"), [(b"chart", "delete the tag"), (b"other", "never moves")])
def test_a_taken_version_is_refused_before_the_first_write(tmp_path: Path, content: bytes, remedy: str) -> None:
    """The same package in another manifest is what `helm push` leaves, and what another commit makes."""
    first = release(tmp_path)
    second = release(tmp_path, content, "2026-11-23")
    second = second._replace(items=second.charts)
    with FaultRegistry() as registry:
        asked(first, registry)
        writes = len(registry.journal.writes())
        with pytest.raises(ReleaseError, match=r"charts/shop:1\.2\.3 is sha256:") as caught:
            asked(second, registry)
        assert len(registry.journal.writes()) == writes
    assert first.charts[0].digest in caught.value.message
    assert second.charts[0].digest in caught.value.message
    assert ("the same package" in caught.value.message) == (content == b"chart")
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"layers": [{"digest": 7}]}', b'{"layers": {}}'])
def test_a_foreign_manifest_that_makes_no_sense_is_a_conflict_like_others(tmp_path: Path, body: bytes) -> None:
    with FaultRegistry() as registry:
        registry.state.put_image(CHARTS, "1.2.3")
        registry.on(actions.status(200, body), "GET", f"/{CHARTS}/manifests/")
        with pytest.raises(ReleaseError, match="taken by another content, nothing was written") as caught:
            asked(release(tmp_path), registry)
        assert "never moves" in caught.value.remedy


def test_a_conflict_of_an_image_says_nothing_of_packages(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        asked(release(tmp_path), registry)
        registry.state.put_image("shop/web", "v1.2.3")
        other = release(tmp_path, created="2026-11-23")
        with pytest.raises(ReleaseError, match="the same package in another manifest") as caught:
            asked(other, registry)
        assert "never moves" in caught.value.remedy


class Part(NamedTuple):
    """A push of a chart whose images were, or were not, pushed before."""

    images: Release
    chart: Release


@pytest.fixture(name="part")
def part_fixture(tmp_path: Path) -> Part:
    wanted = release(tmp_path)
    return Part(wanted._replace(items=wanted.images), wanted._replace(items=wanted.charts, relied_on=wanted.images))


def test_a_chart_alone_is_refused_while_an_image_of_its_release_is_missing(part: Part) -> None:
    with FaultRegistry() as registry:
        asked(part.images._replace(items=part.images.items[:2]), registry)
        writes = len(registry.journal.writes())
        with pytest.raises(ReleaseError, match=r"before their images.*missing: shop/api:v1\.2\.3$") as caught:
            asked(part.chart, registry)
        assert len(registry.journal.writes()) == writes
        assert "--only api" in caught.value.remedy


def test_a_chart_alone_is_pushed_where_its_images_are(part: Part) -> None:
    with FaultRegistry() as registry:
        asked(part.images, registry)
        asked(part.chart, registry)
        assert registry.state.tags(CHARTS) == {"1.2.3": part.chart.items[0].digest}


def test_an_image_of_another_content_is_not_what_a_chart_relies_on(part: Part) -> None:
    with FaultRegistry() as registry:
        asked(part.images, registry)
        registry.state.put_image("shop/core", "v1.2.3")
        with pytest.raises(ReleaseError, match=r"missing: shop/core:v1\.2\.3$"):
            asked(part.chart, registry)


def test_the_record_names_each_chart_with_its_version(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    made = make_record(wanted, "registry.example")
    (found,) = made.charts
    item = wanted.charts[0]
    assert (found.name, found.repository, found.version, found.digest) == ("shop", CHARTS, "1.2.3", item.digest)
    assert (found.size, found.immutable_tags) == (item.image.size, ("1.2.3",))
    assert parse_document(made.to_json().encode(), "record", release_record.from_fields) == made


def test_the_published_record_has_the_charts_and_is_tagged_last(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    policy = TagPolicy(("v{{STABLE_VERSION}}",), ("latest",))
    published = with_record(wanted, make_record(wanted, "h"), "shop/release", policy)
    registry = RecordingRegistry()
    record(published, registry)
    tags = [repository for kind, repository, name in registry.writes() if kind == "manifest" and ":" not in name]
    assert tags[-2:] == ["shop/release"] * 2
    assert "shop/release" not in tags[:-2]
    layer = published.items[-1].image.blobs[-1].content
    assert [found["digest"] for found in json.loads(layer)["charts"]] == [wanted.charts[0].digest]


def _looked(registry: FaultRegistry, wanted: Release, deep: bool = False) -> list[Drift]:
    with pushing.client(registry) as client:
        return verify(make_record(wanted, registry.host), client, Workers(JOBS), deep)


@pytest.mark.parametrize("deep", [False, True])
def test_a_released_chart_is_verified(tmp_path: Path, deep: bool) -> None:
    wanted = release(tmp_path)
    with FaultRegistry() as registry:
        asked(wanted, registry)
        before = len(registry.journal.records)
        assert _looked(registry, wanted, deep) == []
        looked = [record.path for record in registry.journal.records[before:] if f"/{CHARTS}/" in record.path]
    heads = 1 + 1
    assert len(looked) == heads + (1 + 2 * 2 if deep else 0)


def test_a_moved_and_a_lost_chart_are_drifts(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    digest = wanted.charts[0].digest
    with FaultRegistry() as registry:
        asked(wanted, registry)
        foreign = registry.state.put_image(CHARTS, "1.2.3")
        assert _looked(registry, wanted) == [Drift(f"{CHARTS}:1.2.3", digest, foreign)]
        registry.on(actions.status(404), "HEAD", f"/{CHARTS}/manifests/")
        lost = [(f"{CHARTS}@{digest}", "nothing"), (f"{CHARTS}:1.2.3", "nothing")]
        assert [(drift.place, drift.found) for drift in _looked(registry, wanted)] == lost


def test_a_package_that_changed_under_its_digest_is_found_by_a_deep_look(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry() as registry:
        asked(wanted, registry)
        registry.on(actions.status(200, b"CHART"), "GET", f"/{CHARTS}/blobs/", nth=2)
        assert _looked(registry, wanted) == []
        (drift,) = _looked(registry, wanted, deep=True)
    assert drift.place.startswith(f"{CHARTS}@sha256:")
