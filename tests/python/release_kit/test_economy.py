"""A push asks nothing twice, and uses what a registry can do beyond what it must."""

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from release_kit.adapters.registry import uploads
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.patience import Patience
from release_kit.engines.parallel import Workers
from release_kit.engines.push.release import Release
from release_kit.errors import RegistryError, ReleaseError
from tests.support.fault_registry import FaultRegistry, Options, Record, actions
from tests.support.narrators import Kept
from tests.support.pushing import JOBS, NAMES, push, release

IMAGES = len(NAMES)
NEWER = Options(single_post=True, tags_per_put=10)


def records(wanted: Release, registry: FaultRegistry, jobs: int = JOBS) -> list[Record]:
    """Pushes and returns the requests that it took."""
    before = len(registry.journal.records)
    push(wanted, registry, Credentials(), Kept(), jobs)
    return registry.journal.records[before:]


def counts(wanted: Release) -> tuple[int, int]:
    """Returns how many unique blobs there are, and how many (repository, blob) links."""
    blobs = [blob.digest for item in wanted.items for blob in item.image.blobs]
    return len(set(blobs)), len(blobs)


def is_complete(registry: FaultRegistry, wanted: Release) -> bool:
    return all(
        registry.state.tags(item.repository).get(tag) == item.digest
        for item in wanted.items
        for tag in (*item.immutable_tags, *item.moving_tags)
    )


def test_a_cold_push_asks_no_more_than_it_must(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    unique, links = counts(wanted)
    with FaultRegistry() as registry:
        asked = records(wanted, registry)
        assert not registry.journal.repeated()
    on_top = ["probe", "claim", "confirm"]
    assert len(asked) == IMAGES + 2 * unique + (links - unique) + IMAGES + 4 * IMAGES + len(on_top)


def test_an_unchanged_release_is_looked_at_and_not_written(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry(Options(immutable="any")) as registry:
        records(wanted, registry)
        assert [record.method for record in records(wanted, registry)] == ["HEAD"] * 4 * IMAGES


def test_a_new_version_of_the_same_images_costs_two_looks_and_its_tags_an_image(tmp_path: Path) -> None:
    with FaultRegistry() as registry:
        records(release(tmp_path), registry)
        asked = records(release(tmp_path, version="1.2.4", commit="f" * 40), registry)
    methods = Counter(record.method for record in asked)
    probe_and_confirmation = 2
    assert methods == {"GET": IMAGES, "HEAD": 2 * IMAGES + probe_and_confirmation, "PUT": 2 * IMAGES}


def test_a_registry_that_does_not_name_itself_is_pinged_once(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry(Options(names_itself=False)) as registry:
        asked = records(wanted, registry)
    assert [record.path for record in asked].count("/v2/") == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_registry_whose_ping_is_not_for_us_is_one(tmp_path: Path, status: int) -> None:
    wanted = release(tmp_path)
    with FaultRegistry(Options(names_itself=False)) as registry:
        registry.on(actions.status(status), "GET", "/v2/$")
        records(wanted, registry)
        assert is_complete(registry, wanted)


@pytest.mark.parametrize("status", [404, 405, 403])
def test_a_registry_without_lists_of_tags_is_asked_for_each(tmp_path: Path, status: int) -> None:
    """Else a taken tag would be written over: the first image is new, so that nothing hints at a release."""
    with FaultRegistry() as registry:
        records(release(tmp_path, ("core", "web")), registry)
        registry.on(actions.status(status, b""), "GET", "/tags/list")
        before = len(registry.journal.writes())
        (tmp_path / "b").mkdir()
        changed = release(tmp_path / "b", ("api", "core"), commit="f" * 40, shared=b"other")
        with pytest.raises(ReleaseError, match=r"shop/core:v1\.2\.3 is sha256:"):
            records(changed, registry)
        assert len(registry.journal.writes()) == before


def test_a_first_contact_that_fails_is_not_repeated_by_those_who_wait_for_it(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    patience = Patience(sleep=lambda _: None)
    with FaultRegistry() as registry:
        registry.on(actions.status(503))
        client = HttpRegistry(registry.host, Credentials(), plain_http=True, patience=patience)
        names = [(item.repository, tag) for item in wanted.items for tag in item.immutable_tags]
        with closing(client), pytest.raises(RegistryError, match="503"):
            Workers(8).each(lambda name: client.manifest_digest(*name), names)
        assert len(registry.journal.records) <= 2 + 2 * patience.attempts  # The question, and the ping.


def test_a_single_post_is_used_where_it_works(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    unique, links = counts(wanted)
    with FaultRegistry(NEWER) as registry:
        asked = records(wanted, registry, jobs=1)  # One at a time: each knows the answer before.
        assert is_complete(registry, wanted)
        assert not registry.journal.repeated()
    posts = [record for record in asked if record.method == "POST"]
    whole = [record for record in posts if "digest=" in record.query]
    assert len(posts) == links
    assert len(whole) == unique
    assert len([r for r in asked if r.method == "PUT" and "/uploads/" in r.path]) == unique - len(whole)


def test_a_registry_without_single_post_gets_the_bytes_of_one_small_blob_twice_at_most(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry() as registry:
        asked = records(wanted, registry)
    tried = [record for record in asked if record.method == "POST" and "digest=" in record.query]
    assert len(tried) == 1


def test_a_single_post_that_leads_nowhere_is_followed_by_the_ordinary_way(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry() as registry:
        registry.on(actions.header("Location", None), "POST", r"\?digest=")
        records(wanted, registry)
        assert is_complete(registry, wanted)


def test_a_busy_registry_is_asked_for_a_single_post_again(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    unique, _ = counts(wanted)
    with FaultRegistry(NEWER) as registry:
        registry.on(actions.status(429), "POST", r"\?digest=", nth=1)
        asked = records(wanted, registry, jobs=1)
        assert is_complete(registry, wanted)
    assert len([record for record in asked if record.method == "POST" and "digest=" in record.query]) >= unique - 1


def test_a_large_blob_is_never_sent_before_it_is_asked_for(tmp_path: Path) -> None:
    wanted = release(tmp_path, shared=b"x" * (uploads.SINGLE_POST_BYTES + 1))
    large = max((blob for item in wanted.items for blob in item.image.blobs), key=lambda blob: blob.size)
    with FaultRegistry(NEWER) as registry:
        asked = records(wanted, registry)
    assert not [record for record in asked if f"digest={large.digest}" in record.query and record.method == "POST"]


def test_all_immutable_tags_of_an_image_take_one_request_where_that_works(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    with FaultRegistry(NEWER) as registry:
        asked = records(wanted, registry)
        assert is_complete(registry, wanted)
    puts = [record for record in asked if record.method == "PUT" and "/manifests/" in record.path]
    by_digest, tagged, witness, moving = IMAGES, IMAGES, 1, IMAGES
    assert len(puts) == by_digest + tagged + witness + moving


@pytest.mark.parametrize("taken", [0, 1])
def test_tags_that_the_registry_does_not_confirm_are_written_one_by_one(tmp_path: Path, taken: int) -> None:
    wanted = release(tmp_path)
    with FaultRegistry(Options(single_post=True, tags_per_put=taken)) as registry:
        records(wanted, registry)
        assert is_complete(registry, wanted)


def test_a_tag_that_somebody_writes_right_after_us_is_reported(tmp_path: Path) -> None:
    """Also where nothing but tags is new, and the first of them is not looked at again before it is written."""
    with FaultRegistry() as registry:
        records(release(tmp_path), registry)
        foreign = registry.state.put_image("shop/core")
        registry.on(actions.move_tag("shop/core", "v1.2.4", foreign, after=True), "PUT", "/manifests/v1.2.4")
        with pytest.raises(ReleaseError, match=r"shop/core:v1\.2\.4 was free, and somebody else has written it"):
            records(release(tmp_path, version="1.2.4", commit="f" * 40), registry)
        assert "latest" not in {change.tag for change in registry.state.changes("latest")[3:]}


def test_what_travelled_is_told_to_the_byte(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    narrator = Kept()
    with FaultRegistry() as registry:
        registry.on(actions.reset(), "PUT", endpoint="session", after_bytes=50_000, nth=1)
        push(wanted, registry, Credentials(), narrator)
    unique = {blob.digest: blob.size for item in wanted.items for blob in item.image.blobs}
    assert sum(narrator.travelled.values()) == sum(narrator.expected.values()) == sum(unique.values())
    assert narrator.there == {}


def test_what_is_there_is_told_as_spared(tmp_path: Path) -> None:
    wanted = release(tmp_path)
    narrator = Kept()
    with FaultRegistry() as registry:
        registry.on(actions.status(500), "PUT", "/manifests/")
        with pytest.raises(ReleaseError):
            push(wanted, registry, Credentials(), Kept())
        registry.script.clear()
        push(wanted, registry, Credentials(), narrator)
    travelled = {name: size for name, size in narrator.travelled.items() if size}
    assert sum(narrator.there.values()) + sum(travelled.values()) == sum(narrator.expected.values())
    assert sum(narrator.there.values()) >= len(b"shared" * 20_000)
