"""`release-kit publish` refuses what has not come through, before anything is written, and tells all reasons."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.git_server import git
from rehearsal.github_server import GitHubServer
from release_kit.documents import release_record
from release_kit.documents.fields import read_document
from release_kit.values.image import MANIFEST_TYPE, Descriptor, Manifest
from tests.support.publications import FILE, RECORDS, SOURCE, Publications, publications


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: GitHubServer) -> Iterator[Publications]:
    with publications(tmp_path, monkeypatch, hub) as shop:
        yield shop


def refused(shop: Publications, capsys: pytest.CaptureFixture[str], version: str = "1.0.0") -> str:
    """Publishes what is refused, and returns the table; nothing was written."""
    before = shop.latest()
    shop.forget()
    capsys.readouterr()
    assert shop.publish(version) == 1
    assert not shop.writes()
    assert shop.latest() == before
    return capsys.readouterr().out


def test_what_the_last_environment_does_not_run_is_refused(
    shop: Publications, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.release("1.1.0")
    assert shop.promote("--to", "staging") == 0
    out = refused(shop, capsys, "1.1.0")
    assert "release runs 1.0.0, and not this 1.1.0" in out
    assert out.rstrip().endswith("--to release")


def test_another_release_of_the_same_version_is_refused(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(shop.records["1.0.0"].read_text())
    shop.records["1.0.0"].write_text(json.dumps({**record, "images": record["images"][:1]}))
    assert "release runs another release of that version, and not this 1.0.0" in refused(shop, capsys)


def test_what_a_rollback_brought_back_is_refused(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    shop.come_through("1.1.0")
    assert shop.rollback("release", "--to", "1.0.0") == 0
    assert "1.0.0 came to release by a rollback from 1.1.0" in refused(shop, capsys)


def test_what_somebody_committed_there_is_refused(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    tree = git(shop.bare, "rev-parse", "environment/release-next^{tree}")
    head = shop.refs()["environment/release"]
    made = git(shop.bare, "commit-tree", tree, "-p", head, "-m", "by hand")
    git(shop.bare, "update-ref", "refs/heads/environment/release", made)
    assert "1.0.0 came to release by a commit that is no promotion" in refused(shop, capsys)


def test_a_merge_that_changed_what_was_proposed_is_refused(
    shop: Publications, capsys: pytest.CaptureFixture[str]
) -> None:
    content = git(shop.bare, "hash-object", "-w", "--stdin", input_=b"changed")
    files = git(shop.bare, "ls-tree", "environment/release-next")
    tree = git(shop.bare, "mktree", input_=f"{files}\n100644 blob {content}\tmore.yaml\n".encode())
    refs = shop.refs()
    parents = ("-p", refs["environment/release"], "-p", refs["environment/release-next"])
    made = git(shop.bare, "commit-tree", tree, *parents, "-m", "Merge, and change")
    git(shop.bare, "update-ref", "refs/heads/environment/release", made)
    assert "1.0.0 came to release by a commit that is no promotion" in refused(shop, capsys)


def test_a_gate_that_failed_there_is_a_refusal(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.report("release", "e2e", "failure") == 0
    assert "release has failed e2e" in refused(shop, capsys)
    assert shop.report("release", "e2e", "success") == 0
    assert shop.publish() == 0


def test_what_the_registry_lost_is_refused(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    record = read_document(shop.records["1.0.0"], release_record.from_fields)
    other = shop.push("0.9.0")
    with shop.registry() as registry:
        for repository, digest in (("shop/core", other.images[0].digest), (RECORDS, shop.digest(f"{RECORDS}:v0.9.0"))):
            content = registry.manifest(repository, str(digest))
            made = Manifest(Descriptor(MANIFEST_TYPE, str(digest), len(content)), content)
            registry.put_tags(repository, ["v1.0.0"], made)
    out = refused(shop, capsys)
    assert f"shop/core:v1.0.0 is not as it was released: expected {record.images[0].digest}" in out
    assert f"{RECORDS}:v1.0.0 is not this release's record" in out


def test_a_tag_that_is_missing_or_of_another_commit_is_refused(
    shop: Publications, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = shop.hub.releases.tags[SOURCE, "v1.0.0"]
    shop.hub.releases.tags[SOURCE, "v1.0.0"] = "1" * 40
    assert f"the tag v1.0.0 of acme/shop is at {'1' * 40}, and the release was built from {commit}" in refused(
        shop, capsys
    )
    del shop.hub.releases.tags[SOURCE, "v1.0.0"]
    assert "acme/shop has no tag v1.0.0" in refused(shop, capsys)


def test_another_record_that_is_published_is_a_conflict_with_both_digests(
    shop: Publications, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.hub.releases.add(SOURCE, "v1.0.0", {FILE: b"other"})
    out = refused(shop, capsys)
    assert shop.identity("1.0.0") in out
    assert hashlib.sha256(b"other").hexdigest() in out
    shop.hub.releases.tells_digests = False
    assert "found a digest that the server does not tell" in refused(shop, capsys)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"version": "dev"}, "dev is no version of a release"),
        ({"dirty": True}, "1.0.0 was built from a work tree that differs from its commit"),
    ],
)
def test_what_is_no_release_is_refused(
    shop: Publications, capsys: pytest.CaptureFixture[str], changed: dict[str, object], reason: str
) -> None:
    record = json.loads(shop.records["1.0.0"].read_text())
    shop.records["1.0.0"].write_text(json.dumps({**record, **changed}))
    assert reason in refused(shop, capsys)


def test_all_reasons_are_told_at_once(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    shop.push("1.1.0")
    del shop.hub.releases.tags[SOURCE, "v1.1.0"]
    capsys.readouterr()
    assert shop.publish("1.1.0", "--json") == 1
    reasons = [each["reason"] for each in json.loads(capsys.readouterr().out)["refusals"]]
    assert reasons == ["release runs 1.0.0, and not this 1.1.0", "acme/shop has no tag v1.1.0"]


def test_a_release_that_nobody_can_change_is_refused(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    shop.hub.releases.add(SOURCE, "v1.0.0", immutable=True)
    assert "nobody can add it: it is immutable" in refused(shop, capsys)
