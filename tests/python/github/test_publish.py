"""`release-kit publish`: everybody sees a release that has come through, once, and with its record."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.git_server import git
from rehearsal.github_routes import Request
from rehearsal.github_server import GitHubServer
from release_kit.documents import release_record
from release_kit.documents.fields import read_document
from release_kit.engines.push.record import record_image
from tests.support.publications import FILE, FLOW, RECORDS, SOURCE, WRITES, Publications, publications
from tests.support.secret_search import found, secret

CHANGELOG = """\
# Changelog

## Unreleased

## 1.0.0 - 2026-01-05

- The first one.

## 0.9.0 - 2026-01-01

- Before it.
"""


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: GitHubServer) -> Iterator[Publications]:
    with publications(tmp_path, monkeypatch, hub) as shop:
        yield shop


def test_everybody_sees_what_has_come_through(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.latest() == [None] * 3
    capsys.readouterr()
    assert shop.publish() == 0
    assert shop.latest() == shop.of("1.0.0")
    (page,) = shop.pages()
    assert (page["tag_name"], page["name"], page["prerelease"]) == ("v1.0.0", "shop 1.0.0", False)
    assert page["contents"] == {FILE: shop.content("1.0.0")}
    assert shop.hub.releases.latest(SOURCE) == "v1.0.0"
    out, err = capsys.readouterr()
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [
        ["shop/core", "latest"],
        ["shop/web", "latest"],
        ["shop/release", "latest"],
        ["acme/shop", "release"],
    ]
    assert "done: shop 1.0.0 is published" in err


def test_a_second_time_nothing_is_written(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.publish() == 0
    shop.forget()
    assert shop.publish() == 0
    assert not shop.writes()
    assert "1.0.0 was published already" in capsys.readouterr().err


def test_the_page_is_published_last_and_the_record_is_in_the_draft(shop: Publications) -> None:
    seen: list[tuple[str, list[str | None]]] = []

    def look(request: Request) -> None:
        if request.method in WRITES:
            seen.append((request.method, shop.latest()))

    shop.hub.instead = look
    assert shop.publish() == 0
    assert [method for method, _ in seen] == ["POST", "POST", "PATCH"]
    assert seen[1][1] == [None] * 3, "nothing that can be seen has moved while the draft is made"
    assert seen[2][1] == shop.of("1.0.0"), "the tags have moved before the page is there"


def test_a_dry_run_writes_nothing(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert shop.publish("1.0.0", "--dry-run", "--json") == 0
    assert not shop.writes()
    assert shop.latest() == [None] * 3
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["dry_run"]) == ("rules_release/publication/v1", True)
    assert [each["action"] for each in told["tags"]] == ["create"] * 3
    assert (told["release"]["tag"], told["release"]["was_there"], told["release"]["latest"]) == ("v1.0.0", False, True)


def test_the_record_is_found_by_its_version(shop: Publications, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.run("publish", "--release", "1.0.0") == 0
    assert shop.latest() == shop.of("1.0.0")
    assert shop.run("publish", "--release", "1.0.1") == 2
    assert "there is no release record of 1.0.1" in capsys.readouterr().err


def test_without_a_pipeline_the_tags_move_and_nobody_asks_github(
    shop: Publications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    shop.declare(FLOW, record_repository=RECORDS)
    assert shop.publish() == 0
    assert shop.latest() == shop.of("1.0.0")
    assert not shop.hub.journal


def test_the_deploy_repository_may_have_a_token_of_its_own(
    shop: Publications, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.server.password = secret("deploy-token")
    on_github = {"owner": "acme", "name": "deploy", "app_id": 1, "domain": shop.server.host, "url": shop.url}
    shop.declare(FLOW, repository=on_github, record_repository=RECORDS, pipeline=shop.pipeline)
    assert shop.publish() == 1, "the token of the source is none of the deploy repository"
    monkeypatch.setenv("DEPLOY_TOKEN", shop.server.password)
    assert shop.publish() == 0
    out, err = capsys.readouterr()
    assert not found(out + err)
    assert len(shop.pages()) == 1


def test_without_a_token_it_is_bad_input(
    shop: Publications, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    assert shop.publish() == 2
    assert "publish: needs a token in GITHUB_TOKEN" in capsys.readouterr().err
    assert shop.latest() == [None] * 3


def test_a_merged_pull_request_is_a_promotion(shop: Publications) -> None:
    tree = git(shop.bare, "rev-parse", "environment/release-next^{tree}")
    refs = shop.refs()
    parents = ("-p", refs["environment/release"], "-p", refs["environment/release-next"])
    made = git(shop.bare, "commit-tree", tree, *parents, "-m", "Merge pull request #7")
    git(shop.bare, "update-ref", "refs/heads/environment/release", made)
    assert shop.publish() == 0


def test_a_tag_that_is_an_object_counts_for_its_commit(shop: Publications) -> None:
    shop.hub.releases.annotated.add("v1.0.0")
    assert shop.publish() == 0


def test_a_pre_release_is_marked_and_moves_nothing(shop: Publications) -> None:
    assert shop.publish() == 0
    shop.come_through("1.1.0-rc.1")
    assert shop.publish("1.1.0-rc.1") == 0
    assert shop.latest() == shop.of("1.0.0")
    assert [(each["tag_name"], each["prerelease"]) for each in shop.pages()] == [
        ("v1.0.0", False),
        ("v1.1.0-rc.1", True),
    ]
    assert shop.hub.releases.latest(SOURCE) == "v1.0.0"


def test_a_newer_release_becomes_the_latest(shop: Publications) -> None:
    shop.push("1.9.0", hold=False)
    shop.hub.releases.add(SOURCE, "v1.9.0")
    shop.come_through("1.10.0")
    assert shop.publish("1.10.0") == 0
    assert shop.latest() == shop.of("1.10.0")
    assert shop.hub.releases.latest(SOURCE) == "v1.10.0"


def test_an_older_release_takes_nothing_from_a_newer_one(
    shop: Publications, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.push("1.10.0", hold=False)
    shop.hub.releases.add(SOURCE, "v1.10.0")
    capsys.readouterr()
    assert shop.publish("1.0.0", "--json") == 0
    assert shop.latest() == shop.of("1.10.0")
    out, err = capsys.readouterr()
    assert [(each["action"], each["newer"]) for each in json.loads(out)["tags"]] == [("stay", "1.10.0")] * 3
    assert "shop/core:latest stays with 1.10.0, which is newer" in err
    assert shop.hub.releases.latest(SOURCE) == "v1.10.0"
    assert len(shop.pages()) == 2


def test_a_record_tag_that_is_no_record_holds_nothing_back(shop: Publications) -> None:
    with shop.registry() as registry:
        record = read_document(shop.records["1.0.0"], release_record.from_fields)._replace(version="dev", registry="")
        made = record_image(record)
        for blob in made.blobs:
            registry.upload_blob(RECORDS, blob, None, lambda _: None)
        registry.put_tags(RECORDS, ["latest"], made.manifests[-1])
    assert shop.publish() == 0
    assert shop.latest() == shop.of("1.0.0")


def test_the_notes_are_those_of_the_changelog_or_of_a_file(
    shop: Publications, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("CHANGELOG.md").write_text(CHANGELOG)
    assert shop.publish() == 0
    assert shop.pages()[0]["body"] == "- The first one."
    shop.come_through("1.1.0")
    Path("notes.md").write_text("Much better")
    assert shop.publish("1.1.0", "--notes", "notes.md") == 0
    assert shop.pages()[1]["body"] == "Much better"
    assert shop.publish("1.1.0", "--notes", "nowhere.md") == 2
    Path("notes.md").write_text("x" * 125_001)
    assert shop.publish("1.1.0", "--notes", "notes.md") == 2
    assert "GitHub takes 125000" in capsys.readouterr().err


def test_a_release_that_has_no_record_gets_one(shop: Publications) -> None:
    shop.hub.releases.add(SOURCE, "v1.0.0", name="By hand")
    assert shop.publish() == 0
    (page,) = shop.pages()
    assert (page["name"], page["contents"]) == ("By hand", {FILE: shop.content("1.0.0")})
