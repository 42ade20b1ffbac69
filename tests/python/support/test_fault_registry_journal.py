"""The fault registry records what it was asked, and what it held at every change of a tag."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import fault_registry
from tests.support.fault_registry import FaultRegistry, actions
from tests.support.fault_registry.content import digest_of
from tests.support.fault_registry.probe import Probe, manifest

ROOT = Path(fault_registry.__file__).parents[3]


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    with FaultRegistry() as running:
        yield running


@pytest.fixture
def probe(registry: FaultRegistry) -> Iterator[Probe]:
    with Probe(registry.host) as made:
        yield made


def test_requests_are_recorded_in_order_with_what_matters(registry: FaultRegistry, probe: Probe) -> None:
    probe.ask("GET", "/v2/a%2Fb/tags/list?n=1", X_Mine="yes")
    probe.push_blob("a", b"hello")
    first, post, put = registry.journal.records
    assert (first.method, first.path, first.query, first.status) == ("GET", "/v2/a/b/tags/list", "n=1", 404)
    assert (first.endpoint, first.repository, first.headers["x-mine"]) == ("tags", "a/b", "yes")
    assert (post.endpoint, put.endpoint, put.body_length, put.status, put.handled) == (
        "uploads",
        "session",
        5,
        201,
        201,
    )
    assert [record.write for record in (first, post, put)] == [False, True, True]
    ends = [record.finished or 0 for record in (first, post, put)]
    assert first.begun < ends[0] < post.begun < ends[1] < put.begun < ends[2]
    assert str(first) == f"{first.begun} registry GET /v2/a/b/tags/list?n=1 404"


def test_writes_and_others_can_be_selected(registry: FaultRegistry, probe: Probe) -> None:
    probe.push_image("a", "v1")
    probe.ask("HEAD", "/v2/a/manifests/v1")
    assert {record.method for record in registry.journal.writes()} == {"POST", "PUT"}
    assert len(registry.journal.select("PUT", "/manifests/v1$", repository="a", status=201)) == 1
    assert len(registry.journal.select(write=False)) == 1
    registry.journal.clear()
    assert registry.journal.records == []


def test_what_is_asked_again_after_it_was_settled_is_repeated(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.status(503), nth=1)
    for path in ("/v2/", "/v2/", "/v2/a/tags/list", "/v2/a/tags/list?n=1"):
        probe.ask("GET", path)
    assert registry.journal.repeated() == []
    probe.ask("GET", "/v2/a/tags/list")
    assert registry.journal.repeated() == [("GET", "/v2/a/tags/list")]


def test_what_was_written_since_may_be_asked_again(registry: FaultRegistry, probe: Probe) -> None:
    probe.ask("HEAD", "/v2/a/manifests/v1")
    probe.push_image("a", "v1")
    probe.ask("HEAD", "/v2/a/manifests/v1")
    assert registry.journal.repeated() == []
    probe.ask("HEAD", "/v2/a/manifests/v1")
    assert registry.journal.repeated() == [("HEAD", "/v2/a/manifests/v1")]


def test_a_document_and_a_representation_hold_no_credentials(registry: FaultRegistry, probe: Probe) -> None:
    probe.ask("GET", "/v2/", Authorization="Bearer swordfish")
    record = registry.journal.records[0]
    assert record.headers["authorization"] == "Bearer swordfish"
    assert "swordfish" not in f"{record!r} {record} {record.document()}"
    assert "Bearer ***" in str(record.document())


def test_the_journal_can_be_waited_for(registry: FaultRegistry, probe: Probe) -> None:
    assert not registry.journal.wait(lambda records: bool(records), timeout=0)
    probe.ask("GET", "/v2/")
    assert registry.journal.wait(lambda records: records[0].status == 200)


def test_the_state_shows_blobs_manifests_and_tags(registry: FaultRegistry, probe: Probe) -> None:
    digest = probe.push_image("a", "v1", b"layer")
    assert registry.state.repositories == ["a"]
    assert registry.state.blobs("a") == {digest_of(b"{}"): 2, digest_of(b"layer"): 5}
    assert list(registry.state.manifests("a")) == [digest]
    assert (registry.state.tags("a"), registry.state.tags("b")) == ({"v1": digest}, {})
    assert registry.state.repositories == ["a"]


def test_every_write_of_a_tag_is_in_the_history(registry: FaultRegistry, probe: Probe) -> None:
    foreign = registry.state.put_image("a", "latest")
    ours = probe.push_image("a", "latest")
    probe.push_image("a", "latest")
    changes = registry.state.changes("latest")
    assert [(each.before, each.after) for each in changes] == [(None, foreign), (foreign, ours), (ours, ours)]
    put = registry.journal.select("PUT", "/manifests/")[0]
    assert put.begun < changes[1].order < (put.finished or 0)
    assert registry.state.incomplete() == []


def test_a_tag_written_before_the_expected_release_is_there_is_incomplete(
    registry: FaultRegistry, probe: Probe
) -> None:
    second = digest_of(manifest(digest_of(b"{}"), digest_of(b"two"), 3))
    registry.state.expect(images=[("b", second)], tags=[("b", "v1", second)])
    probe.push_image("a", "latest", b"one")
    probe.push_image("b", second, b"two")
    probe.push_image("a", "latest", b"one")
    probe.push_image("b", "v1", b"two")
    assert [change.missing for change in registry.state.history] == [(f"b@{second}", "b:v1"), ("b:v1",), ()]
    assert [change.tag for change in registry.state.incomplete()] == ["latest", "latest"]


def test_it_runs_in_a_process_of_its_own() -> None:
    fault = {"action": "status", "arguments": {"code": 503, "retry_after": 1}, "method": "GET", "nth": [1]}
    options = {"absolute_locations": True, "lag": {"tags": 1}}
    command = [sys.executable, "-m", "tests.support.fault_registry", "--options", json.dumps(options)]
    process = subprocess.Popen(
        [*command, "--fault", json.dumps(fault), "--user", "me:pw"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        with Probe(addresses["registry"], {"Authorization": "Basic bWU6cHc="}) as probe:
            assert [probe.ask("GET", "/v2/").status for _ in range(2)] == [503, 200]
            digest = probe.push_image("a", "v1")
        report = json.loads(process.communicate()[0])
    assert process.returncode == 0
    assert report["tags"] == {"a": {"v1": digest}}
    assert [each["status"] for each in report["requests"]][:2] == [503, 200]
    assert {each["headers"]["authorization"] for each in report["requests"]} == {"Basic ***"}
