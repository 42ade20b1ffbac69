"""Without faults the fault registry is a correct and strict registry (distribution-spec 1.1)."""

import hashlib
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.support.fault_registry import FaultRegistry, Options
from tests.support.fault_registry.content import digest_of
from tests.support.fault_registry.manifest import OCI_INDEX, OCI_MANIFEST
from tests.support.fault_registry.probe import Probe, Reply, index, manifest, with_digest

UPLOADS = "/v2/a/blobs/uploads/"
ABSENT = "sha256:" + 64 * "a"


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    with FaultRegistry() as running:
        yield running


@pytest.fixture
def probe(registry: FaultRegistry) -> Iterator[Probe]:
    with Probe(registry.host) as made:
        yield made


def _put_manifest(probe: Probe, path: str, content: bytes, media_type: str = OCI_MANIFEST) -> Reply:
    return probe.ask("PUT", path, content, Content_Type=media_type)


def test_it_answers_the_ping_on_one_connection_again_and_again(probe: Probe) -> None:
    assert [probe.ask("GET", "/v2/").status for _ in range(3)] == [200, 200, 200]


def test_no_thread_is_left_when_it_has_stopped() -> None:
    before = threading.active_count()
    with FaultRegistry() as registry, Probe(registry.host) as probe:
        assert probe.ask("GET", "/v2/").status == 200
        assert threading.active_count() > before
    assert threading.active_count() == before


def test_a_client_that_speaks_tls_is_sent_away_at_once(registry: FaultRegistry) -> None:
    host, _, port = registry.host.partition(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"\x16\x03\x01\x01\x1e hello")
        assert client.recv(1024).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert registry.journal.records == []


def test_a_blob_uploaded_in_one_piece_is_there(probe: Probe) -> None:
    digest = probe.push_blob("a", b"hello")
    head = probe.ask("HEAD", f"/v2/a/blobs/{digest}")
    assert (head.status, head.header("Content-Length"), head.header("Docker-Content-Digest")) == (200, "5", digest)
    assert probe.ask("GET", f"/v2/a/blobs/{digest}").body == b"hello"
    part = probe.ask("GET", f"/v2/a/blobs/{digest}", Range="bytes=1-2")
    assert (part.status, part.body, part.header("Content-Range")) == (206, b"el", "bytes 1-2/5")
    assert probe.ask("GET", f"/v2/a/blobs/{digest}", Range="bytes=5-").status == 416


def test_a_blob_is_seen_in_its_own_repository_only(probe: Probe) -> None:
    digest = probe.push_blob("a", b"hello")
    assert probe.ask("HEAD", f"/v2/b/blobs/{digest}").status == 404
    assert probe.ask("GET", f"/v2/b/blobs/{digest}").codes == ["BLOB_UNKNOWN"]


def test_chunks_are_taken_in_order_and_the_status_names_the_offset(probe: Probe) -> None:
    first = probe.ask("POST", UPLOADS)
    assert (first.status, first.header("Range")) == (202, "0-0")
    second = probe.ask("PATCH", first.header("Location"), b"hel", Content_Range="0-2")
    assert (second.status, second.header("Range")) == (202, "0-2")
    status = probe.ask("GET", second.header("Location"))
    assert (status.status, status.header("Range"), status.body) == (204, "0-2", b"")
    third = probe.ask("PATCH", status.header("Location"), b"lo", Content_Range="3-4")
    assert probe.ask("PUT", with_digest(third.header("Location"), digest_of(b"hello"))).status == 201


def test_a_chunk_at_the_wrong_offset_is_refused_and_the_right_one_is_named(probe: Probe) -> None:
    place = probe.ask("POST", UPLOADS).header("Location")
    place = probe.ask("PATCH", place, b"hel", Content_Range="0-2").header("Location")
    refused = probe.ask("PATCH", place, b"lo", Content_Range="4-5")
    assert (refused.status, refused.header("Range"), refused.codes) == (416, "0-2", ["BLOB_UPLOAD_INVALID"])
    assert probe.ask("PATCH", place, b"lo", Content_Range="3-9").status == 400
    assert probe.ask("PUT", with_digest(place, digest_of(b"hello")), b"lo", Content_Range="3-4").status == 201


def test_an_old_location_is_refused(probe: Probe) -> None:
    old = probe.ask("POST", UPLOADS).header("Location")
    new = probe.ask("PATCH", old, b"hello").header("Location")
    assert probe.ask("PUT", with_digest(old, digest_of(b"hello"))).status == 416
    assert probe.ask("PUT", with_digest(new, digest_of(b"hello"))).status == 201


def test_a_body_in_chunked_transfer_coding_is_read(probe: Probe) -> None:
    place = probe.ask("POST", UPLOADS).header("Location")
    place = probe.ask("PATCH", place, iter([b"hel", b"", b"lo"])).header("Location")
    assert probe.ask("PUT", with_digest(place, digest_of(b"hello"))).status == 201


def test_a_client_that_expects_100_continue_gets_it(registry: FaultRegistry, probe: Probe) -> None:
    place = probe.ask("POST", UPLOADS).header("Location")
    reply = probe.ask("PUT", with_digest(place, digest_of(b"hello")), b"hello", Expect="100-continue")
    assert reply.status == 201
    assert registry.state.blobs("a") == {digest_of(b"hello"): 5}


def test_a_wrong_digest_is_refused_and_ends_the_session(registry: FaultRegistry, probe: Probe) -> None:
    place = probe.ask("POST", UPLOADS).header("Location")
    assert probe.ask("PUT", with_digest(place, ABSENT), b"hello").codes == ["DIGEST_INVALID"]
    assert probe.ask("GET", place).codes == ["BLOB_UPLOAD_UNKNOWN"]
    assert registry.state.blobs("a") == {}
    place = probe.ask("POST", UPLOADS).header("Location")
    assert probe.ask("PUT", with_digest(place, "md5:1"), b"hello").codes == ["DIGEST_INVALID"]


def test_sha512_is_a_digest_too(probe: Probe) -> None:
    digest = "sha512:" + hashlib.sha512(b"hello").hexdigest()
    place = probe.ask("POST", UPLOADS).header("Location")
    assert probe.ask("PUT", with_digest(place, digest), b"hello").header("Docker-Content-Digest") == digest
    assert probe.ask("HEAD", f"/v2/a/blobs/{digest}").status == 200


def test_a_session_can_be_cancelled(registry: FaultRegistry, probe: Probe) -> None:
    place = probe.ask("POST", UPLOADS).header("Location")
    assert len(registry.state.sessions) == 1
    assert probe.ask("DELETE", place).status == 204
    assert registry.state.sessions == []


def test_a_mount_takes_the_blob_from_the_other_repository(probe: Probe) -> None:
    digest = probe.push_blob("a", b"hello")
    mounted = probe.ask("POST", f"/v2/b/blobs/uploads/?mount={digest}&from=a")
    assert (mounted.status, mounted.header("Docker-Content-Digest")) == (201, digest)
    assert probe.ask("GET", mounted.header("Location")).body == b"hello"
    assert probe.ask("POST", f"/v2/b/blobs/uploads/?mount={digest}&from=b").status == 201


@pytest.mark.parametrize("query", [f"mount={digest_of(b'hello')}", f"mount={digest_of(b'hello')}&from=c"])
def test_a_mount_that_cannot_be_is_an_upload(probe: Probe, query: str) -> None:
    digest = probe.push_blob("a", b"hello")
    opened = probe.ask("POST", f"/v2/b/blobs/uploads/?{query}")
    assert opened.status == 202
    assert probe.ask("PUT", with_digest(opened.header("Location"), digest), b"hello").status == 201


def test_single_post_without_support_is_an_upload_that_has_cost_its_bytes(
    registry: FaultRegistry, probe: Probe
) -> None:
    opened = probe.ask("POST", f"{UPLOADS}?digest={digest_of(b'hello')}", b"hello")
    assert (opened.status, opened.header("Range")) == (202, "0-0")
    assert registry.journal.records[0].body_length == 5


def test_an_image_is_read_by_tag_and_by_digest(probe: Probe) -> None:
    digest = probe.push_image("a", "v1")
    for reference in ("v1", digest):
        reply = probe.ask("GET", f"/v2/a/manifests/{reference}", Accept=OCI_MANIFEST)
        assert (reply.header("Docker-Content-Digest"), digest_of(reply.body)) == (digest, digest)
        assert reply.header("Content-Type") == OCI_MANIFEST
        head = probe.ask("HEAD", f"/v2/a/manifests/{reference}")
        assert (head.header("Content-Length"), head.body) == (str(len(reply.body)), b"")
    assert probe.ask("GET", "/v2/a/manifests/v1", Accept=OCI_INDEX).codes == ["MANIFEST_UNKNOWN"]
    assert probe.ask("GET", "/v2/a/manifests/v2").codes == ["MANIFEST_UNKNOWN"]


def test_a_manifest_whose_blob_is_in_another_repository_only_is_refused(probe: Probe) -> None:
    content = manifest(probe.push_blob("a", b"{}"), probe.push_blob("b", b"layer"), 5)
    assert _put_manifest(probe, "/v2/a/manifests/v1", content).codes == ["MANIFEST_BLOB_UNKNOWN"]
    assert json.loads(probe.ask("GET", "/v2/a/tags/list").body)["tags"] == []


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    ],
)
def test_a_layer_that_must_not_be_distributed_need_not_be_there(probe: Probe, media_type: str) -> None:
    content = manifest(probe.push_blob("a", b"{}"), ABSENT, 5, media_type)
    assert _put_manifest(probe, "/v2/a/manifests/v1", content).status == 201


def test_an_index_whose_child_is_missing_is_refused(probe: Probe) -> None:
    child = manifest(digest_of(b"{}"), digest_of(b"layer"), 5)
    probe.push_image("a", digest_of(child))
    content = index((digest_of(child), len(child)))
    assert _put_manifest(probe, "/v2/b/manifests/v1", content, OCI_INDEX).codes == ["MANIFEST_BLOB_UNKNOWN"]
    assert _put_manifest(probe, "/v2/a/manifests/v1", content, OCI_INDEX).status == 201


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"schemaVersion":1}', b'{"schemaVersion":2,"layers":[]}'])
def test_what_is_no_manifest_is_refused(probe: Probe, content: bytes) -> None:
    assert _put_manifest(probe, "/v2/a/manifests/v1", content).codes == ["MANIFEST_INVALID"]


def test_a_manifest_must_have_the_digest_size_and_type_that_it_is_put_by(probe: Probe) -> None:
    config, layer = probe.push_blob("a", b"{}"), probe.push_blob("a", b"layer")
    good, wrong_size = manifest(config, layer, 5), manifest(config, layer, 6)
    assert _put_manifest(probe, f"/v2/a/manifests/{ABSENT}", good).codes == ["DIGEST_INVALID"]
    assert _put_manifest(probe, "/v2/a/manifests/v1", good, OCI_INDEX).codes == ["MANIFEST_INVALID"]
    assert _put_manifest(probe, "/v2/a/manifests/v1", good, "text/plain").codes == ["MANIFEST_INVALID"]
    assert _put_manifest(probe, "/v2/a/manifests/v1", wrong_size).codes == ["SIZE_INVALID"]
    digest = digest_of(good, "sha512")
    assert _put_manifest(probe, f"/v2/a/manifests/{digest}", good).header("Docker-Content-Digest") == digest


def test_tags_are_listed_in_order_and_in_pages(probe: Probe) -> None:
    for tag in ("c", "a", "b"):
        probe.push_image("a", tag)
    assert json.loads(probe.ask("GET", "/v2/a/tags/list").body) == {"name": "a", "tags": ["a", "b", "c"]}
    page = probe.ask("GET", "/v2/a/tags/list?n=2")
    assert json.loads(page.body)["tags"] == ["a", "b"]
    assert page.header("Link") == '</v2/a/tags/list?n=2&last=b>; rel="next"'
    assert json.loads(probe.ask("GET", "/v2/a/tags/list?n=2&last=b").body)["tags"] == ["c"]
    assert probe.ask("GET", "/v2/nothing/tags/list").codes == ["NAME_UNKNOWN"]


def test_referrers_are_found_by_their_subject_even_before_it_is_there(probe: Probe) -> None:
    subject = {"mediaType": OCI_MANIFEST, "digest": ABSENT, "size": 1}
    config, layer = probe.push_blob("a", b"{}"), probe.push_blob("a", b"sbom")
    content = manifest(config, layer, 4, subject=subject, artifactType="text/x", annotations={"k": "v"})
    assert _put_manifest(probe, f"/v2/a/manifests/{digest_of(content)}", content).header("OCI-Subject") == ABSENT
    found = json.loads(probe.ask("GET", f"/v2/a/referrers/{ABSENT}").body)["manifests"]
    assert [(each["digest"], each["artifactType"]) for each in found] == [(digest_of(content), "text/x")]
    filtered = probe.ask("GET", f"/v2/a/referrers/{ABSENT}?artifactType=other")
    assert json.loads(filtered.body)["manifests"] == []
    assert filtered.header("OCI-Filters-Applied") == "artifactType"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v2/A/tags/list", 400, "NAME_INVALID"),
        ("GET", "/v2/a/b..c/tags/list", 400, "NAME_INVALID"),
        ("GET", "/v2/a/blobs/sha256:1", 400, "DIGEST_INVALID"),
        ("PUT", "/v2/a/manifests/-v", 400, "MANIFEST_INVALID"),
        ("DELETE", "/v2/a/manifests/v1", 405, "UNSUPPORTED"),
        ("POST", "/v2/a/blobs/uploads", 405, "UNSUPPORTED"),
        ("PUT", "/v2/a/blobs/uploads/gone?digest=" + ABSENT, 404, "BLOB_UPLOAD_UNKNOWN"),
        ("GET", "/", 404, "NAME_UNKNOWN"),
    ],
)
def test_what_is_wrong_is_refused_with_its_code(probe: Probe, method: str, path: str, status: int, code: str) -> None:
    reply = probe.ask(method, path, b"" if method == "PUT" else None)
    assert (reply.status, reply.codes) == (status, [code])


def test_options_may_change_while_it_runs(registry: FaultRegistry, probe: Probe) -> None:
    registry.options.absolute_locations = True
    assert probe.ask("POST", UPLOADS).header("Location").startswith(f"http://{registry.host}/v2/a/blobs/uploads/")
    assert registry.options != Options()
