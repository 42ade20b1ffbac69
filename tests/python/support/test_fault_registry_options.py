"""Each option of the fault registry makes it the kind of registry that it names."""

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.fault_registry import FaultRegistry, Lag, Options, actions
from tests.support.fault_registry.content import digest_of
from tests.support.fault_registry.manifest import OCI_MANIFEST
from tests.support.fault_registry.probe import Probe, manifest, with_digest

HELLO = digest_of(b"hello")
UPLOADS = "/v2/a/blobs/uploads/"


@contextmanager
def _running(options: Options) -> Iterator[tuple[FaultRegistry, Probe]]:
    with FaultRegistry(options) as registry, Probe(registry.host) as probe:
        yield registry, probe


def test_a_single_post_stores_the_blob() -> None:
    with _running(Options(single_post=True)) as (registry, probe):
        assert probe.ask("POST", f"{UPLOADS}?digest={HELLO}", b"hello").status == 201
        assert probe.ask("POST", f"{UPLOADS}?digest={HELLO}", b"other").codes == ["DIGEST_INVALID"]
        assert registry.state.content("a", HELLO) == b"hello"


def test_a_mount_without_from_finds_the_blob_anywhere() -> None:
    with _running(Options(anonymous_mount=True)) as (_, probe):
        probe.push_blob("b", b"hello")
        assert probe.ask("POST", f"{UPLOADS}?mount={HELLO}").status == 201


def test_a_shared_blob_is_seen_in_all_repositories() -> None:
    with _running(Options(shared_blobs=True)) as (_, probe):
        probe.push_blob("b", b"hello")
        assert probe.ask("HEAD", f"/v2/a/blobs/{HELLO}").status == 200


def test_mounts_can_be_answered_with_a_session_that_must_be_used() -> None:
    with _running(Options(mounts="session", mount_session_binds=True)) as (registry, probe):
        probe.push_blob("b", b"hello")
        opened = probe.ask("POST", f"{UPLOADS}?mount={HELLO}&from=b")
        other = probe.ask("POST", UPLOADS)
        assert (opened.status, other.status) == (202, 202)
        assert probe.ask("PUT", with_digest(other.header("Location"), HELLO), b"hello").codes == ["BLOB_UPLOAD_INVALID"]
        assert [session.mount for session in registry.state.sessions if session.mount] == [HELLO]
        assert probe.ask("PUT", with_digest(opened.header("Location"), HELLO), b"hello").status == 201


def test_mounts_can_be_refused_with_an_error() -> None:
    with _running(Options()) as (registry, probe):
        probe.push_blob("b", b"hello")
        registry.options.mounts = "404"
        assert probe.ask("POST", f"{UPLOADS}?mount={HELLO}&from=b").status == 404
        registry.options.mounts = "405"
        assert probe.ask("POST", f"{UPLOADS}?mount={HELLO}&from=b").codes == ["UNSUPPORTED"]
        assert registry.state.blobs("a") == {}


@pytest.mark.parametrize(("partial", "kept"), [("keep", "0-3"), ("discard", "0-1"), ("lose", "")])
def test_a_broken_chunk_is_kept_forgotten_or_takes_the_session_with_it(partial: str, kept: str) -> None:
    options = Options()
    options.partial = partial  # type: ignore[assignment]
    with _running(options) as (registry, probe):
        registry.on(actions.reset(), "PATCH", nth=2, after_bytes=2)
        place = probe.ask("POST", UPLOADS).header("Location")
        place = probe.ask("PATCH", place, b"he").header("Location")
        with pytest.raises(ConnectionError):
            probe.ask("PATCH", place, b"llo")
        probe.connection.close()
        status = probe.ask("GET", place)
        assert (status.status, status.header("Range")) == ((204, kept) if kept else (404, ""))


def test_a_broken_upload_is_resumed_where_it_stands() -> None:
    with _running(Options()) as (registry, probe):
        registry.on(actions.reset(), "PUT", nth=1, after_bytes=3)
        place = probe.ask("POST", UPLOADS).header("Location")
        with pytest.raises(ConnectionError):
            probe.ask("PUT", with_digest(place, HELLO), b"hello")
        probe.connection.close()
        assert probe.ask("PUT", with_digest(place, HELLO), b"hello").status == 416
        status = probe.ask("GET", place)
        assert status.header("Range") == "0-2"
        assert probe.ask("PUT", with_digest(status.header("Location"), HELLO), b"lo").status == 201


def test_who_resumes_a_stalled_upload_supersedes_it() -> None:
    with _running(Options()) as (registry, probe), Probe(registry.host) as second:
        arrived = threading.Event()
        stalled = registry.on(actions.stall(arrived=arrived), "PATCH", after_bytes=3)
        place = probe.ask("POST", UPLOADS).header("Location")
        probe.connection.request("PATCH", place, b"hello")
        assert arrived.wait(30)
        assert second.ask("PUT", with_digest(place, HELLO), b"hello").status == 416
        status = second.ask("GET", place)
        assert status.header("Range") == "0-2"
        assert second.ask("PUT", with_digest(status.header("Location"), HELLO), b"lo").status == 201
        registry.script.remove(stalled)
        with pytest.raises(http.client.RemoteDisconnected):
            probe.connection.getresponse()
        assert registry.state.content("a", HELLO) == b"hello"


def test_a_short_chunk_must_be_the_last() -> None:
    with _running(Options(chunk_min=4)) as (_, probe):
        opened = probe.ask("POST", UPLOADS)
        assert opened.header("OCI-Chunk-Min-Length") == "4"
        place = probe.ask("PATCH", opened.header("Location"), b"hel", Content_Range="0-2").header("Location")
        assert probe.ask("PATCH", place, b"lo..", Content_Range="3-6").codes == ["BLOB_UPLOAD_INVALID"]
        assert probe.ask("PUT", with_digest(place, digest_of(b"hel"))).status == 201


def test_too_much_in_one_request_is_answered_413_before_it_was_read() -> None:
    with _running(Options(chunk_max=4, single_post=True)) as (registry, probe):
        place = probe.ask("POST", UPLOADS).header("Location")
        assert probe.ask("PUT", with_digest(place, HELLO), b"hello").status == 413
        assert probe.ask("POST", f"{UPLOADS}?digest={HELLO}", b"hello").status == 413
        assert [record.body_length for record in registry.journal.select(status=413)] == [0, 0]
        assert probe.ask("PATCH", place, iter([b"hel", b"lo"])).status == 413
        place = probe.ask("GET", place).header("Location")
        assert probe.ask("PATCH", place, b"").status == 202


def test_an_upload_may_have_no_status() -> None:
    with _running(Options(upload_status=False)) as (_, probe):
        assert probe.ask("GET", probe.ask("POST", UPLOADS).header("Location")).status == 405


def test_without_the_referrers_api_no_subject_is_confirmed() -> None:
    with _running(Options(referrers=False)) as (_, probe):
        subject = {"mediaType": OCI_MANIFEST, "digest": HELLO, "size": 1}
        content = manifest(probe.push_blob("a", b"{}"), probe.push_blob("a", b"x"), 1, subject=subject)
        reply = probe.ask("PUT", "/v2/a/manifests/v1", content, Content_Type=OCI_MANIFEST)
        assert (reply.status, reply.header("OCI-Subject")) == (201, "")
        assert probe.ask("GET", f"/v2/a/referrers/{HELLO}").status == 404


@pytest.mark.parametrize(("taken", "tags"), [(0, []), (1, ["x"]), (10, ["x", "y"])])
def test_tags_of_a_put_by_digest_are_taken_as_far_as_supported(taken: int, tags: list[str]) -> None:
    with _running(Options(tags_per_put=taken)) as (registry, probe):
        content = manifest(probe.push_blob("a", b"{}"), probe.push_blob("a", b"x"), 1)
        target = f"/v2/a/manifests/{digest_of(content)}?tag=x&tag=y"
        reply = probe.ask("PUT", target, content, Content_Type=OCI_MANIFEST)
        assert (reply.headers.get_all("OCI-Tag") or [], sorted(registry.state.tags("a"))) == (tags, tags)


def test_a_tag_can_point_at_a_sha512_digest() -> None:
    with _running(Options(digest_parameter=True)) as (registry, probe):
        content = manifest(probe.push_blob("a", b"{}"), probe.push_blob("a", b"x"), 1)
        digest = digest_of(content, "sha512")
        probe.ask("PUT", f"/v2/a/manifests/v1?digest={digest}", content, Content_Type=OCI_MANIFEST)
        assert registry.state.tags("a") == {"v1": digest}


def test_immutable_tags_refuse_every_put_or_those_of_other_content() -> None:
    with _running(Options(immutable="different", immutable_tags="v.*")) as (registry, probe):
        content = manifest(probe.push_blob("a", b"{}"), probe.push_blob("a", b"x"), 1)
        other = manifest(digest_of(b"{}"), digest_of(b"x"), 1, annotations={"a": "b"})

        def put(tag: str, what: bytes) -> int:
            return probe.ask("PUT", f"/v2/a/manifests/{tag}", what, Content_Type=OCI_MANIFEST).status

        assert [put("v1", content), put("v1", content), put("v1", other)] == [201, 201, 400]
        assert [put("latest", content), put("latest", other)] == [201, 201]
        registry.options.immutable, registry.options.immutable_status = "any", 409
        assert put("v1", content) == 409
        assert registry.state.tags("a")["v1"] == digest_of(content)


def test_what_was_written_is_not_seen_for_some_reads() -> None:
    with _running(Options(lag=Lag(manifests=1, blobs=2, tags=3))) as (_, probe):
        digest = probe.push_image("a", "v1", b"layer")
        blob = f"/v2/a/blobs/{digest_of(b'layer')}"
        assert [probe.ask("HEAD", blob).status for _ in range(3)] == [404, 404, 200]
        assert [probe.ask("HEAD", f"/v2/a/manifests/{digest}").status for _ in range(2)] == [404, 200]
        assert [probe.ask("HEAD", "/v2/a/manifests/v1").status for _ in range(4)] == [404, 404, 404, 200]


def test_a_moved_tag_shows_its_former_digest_for_some_reads() -> None:
    with _running(Options()) as (registry, probe):
        before = probe.push_image("a", "v1", b"one")
        registry.options.lag.tags = 1
        after = probe.push_image("a", "v1", b"two")
        seen = [probe.ask("HEAD", "/v2/a/manifests/v1").header("Docker-Content-Digest") for _ in range(2)]
        assert seen == [before, after]


def test_head_may_be_unsupported() -> None:
    with _running(Options(head=False)) as (_, probe):
        digest = probe.push_blob("a", b"hello")
        assert probe.ask("HEAD", f"/v2/a/blobs/{digest}").status == 405
        assert probe.ask("GET", f"/v2/a/blobs/{digest}").status == 200


def test_a_manifest_may_be_limited_in_size() -> None:
    with _running(Options(manifest_max=10)) as (_, probe):
        assert probe.ask("PUT", "/v2/a/manifests/v1", b" " * 11, Content_Type=OCI_MANIFEST).status == 413


def test_too_many_requests_at_once_are_refused() -> None:
    with _running(Options(max_under_way=1, retry_after="7")) as (registry, probe), Probe(registry.host) as second:
        held = registry.on(actions.stall(), "GET", "/v2/$", nth=1)
        probe.connection.request("GET", "/v2/")
        assert registry.journal.wait(lambda records: len(records) == 1)
        refused = second.ask("GET", "/v2/")
        assert (refused.status, refused.header("Retry-After"), refused.codes) == (429, "7", ["TOOMANYREQUESTS"])
        registry.script.remove(held)
        assert probe.connection.getresponse().read() == b"{}"
        assert second.ask("GET", "/v2/").status == 200
        assert registry.journal.peak == 2


def test_a_warning_goes_with_each_answer() -> None:
    with _running(Options(warning="old")) as (_, probe):
        assert probe.ask("GET", "/v2/").header("Warning") == '299 - "old"'
        assert probe.ask("GET", "/v2/a/blobs/x").header("Warning") == '299 - "old"'


def test_content_need_not_be_kept() -> None:
    with _running(Options(keep_content=False)) as (registry, probe):
        digest = probe.push_blob("a", b"hello")
        assert (registry.state.blobs("a"), registry.state.content("a", digest)) == ({digest: 5}, None)
        place = probe.ask("POST", UPLOADS).header("Location")
        assert probe.ask("PUT", with_digest(place, digest), b"other").codes == ["DIGEST_INVALID"]
        assert probe.ask("HEAD", f"/v2/a/blobs/{digest}").header("Content-Length") == "5"


def test_references_need_not_be_checked() -> None:
    with _running(Options(references=False, accept=False)) as (registry, probe):
        content = manifest(HELLO, HELLO, 5)
        assert probe.ask("PUT", "/v2/a/manifests/v1", content, Content_Type=OCI_MANIFEST).status == 201
        assert probe.ask("GET", "/v2/a/manifests/v1", Accept="text/x").status == 200
        assert registry.state.missing("a", digest_of(content)) == [f"a@{HELLO}", f"a@{HELLO}"]
        assert json.loads(probe.ask("GET", "/v2/a/tags/list").body)["tags"] == ["v1"]
