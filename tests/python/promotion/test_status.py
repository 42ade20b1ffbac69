"""`release-kit status`, of environments on a real git server."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from rehearsal.git_server import GitServer, git
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import DEMO, FLOW, PROD, STAGING, Promotions, settle

NOW = "2030-01-01T12:00:00Z"
NAMES = ("staging", "demo", "prod")
RESULT = ("--description", "3 tests failed", "--url", "https://ci.example/1")


@contextmanager
def repository(folder: Path) -> Iterator[Promotions]:
    with pytest.MonkeyPatch.context() as patch, FaultRegistry() as registry, GitServer(folder / "git") as server:
        settle(folder, patch)
        patch.delenv("COLUMNS", raising=False)
        yield Promotions(folder, registry.host, server)


def make_busy(shop: Promotions) -> Promotions:
    """Lets 1.0.0 run everywhere, and 1.1.0 in staging, where e2e has failed."""
    shop.release("1.0.0")
    assert shop.promote() == 0
    assert shop.report("staging", "e2e") == 0
    assert shop.promote() == 0
    assert shop.report("prod", "approval") == 0
    assert shop.promote("--to", "prod") == 0
    shop.release("1.1.0")
    assert shop.promote() == 0
    assert shop.report("staging", "e2e", "failure", *RESULT) == 0
    return shop


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path) -> Iterator[Promotions]:
    with repository(tmp_path) as shop:
        yield shop


@pytest.fixture(name="busy")
def busy_fixture(shop: Promotions) -> Promotions:
    """For tests that change it."""
    return make_busy(shop)


@pytest.fixture(name="seen", scope="module")
def seen_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promotions]:
    """For tests that look at it only."""
    with repository(tmp_path_factory.mktemp("seen")) as shop:
        yield make_busy(shop)


def status(shop: Promotions, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    capsys.readouterr()
    assert shop.run("status", "--now", NOW, *more) == 0
    return capsys.readouterr().out


def told(shop: Promotions, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(status(shop, capsys, "--json", *more))
    return document


def standings(document: dict[str, Any]) -> list[str]:
    return [each["standing"] for each in document["environments"]]


def waits(environment: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["reason"], each["reporter"]) for each in environment["blockers"]]


def test_before_the_first_release_everything_is_empty(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    document = told(shop, capsys)
    assert standings(document) == ["empty"] * 3
    assert document["newest"] is None
    assert [each["history"] for each in document["environments"]] == [[], [], []]


def test_the_status_of_a_repository_without_branches_is_one_too(
    shop: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.server.create("acme/nothing")
    assert standings(told(shop, capsys, "--repository", shop.server.url("acme/nothing"))) == ["empty"] * 3


def test_it_tells_what_runs_and_since_when(seen: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    document = told(seen, capsys)
    assert document["schema"] == "rules_release/status/v1"
    assert document["newest"] == {"version": "1.1.0", "record": seen.identity("1.1.0"), "skip_staging": False}
    active = [each["active"] for each in document["environments"]]
    assert [each["version"] for each in active] == ["1.1.0", "1.0.0", "1.0.0"]
    assert [each["record"] for each in active] == [seen.identity(version) for version in ("1.1.0", "1.0.0", "1.0.0")]
    assert [each["commit"] for each in active] == [seen.refs()[f"environment/{name}"] for name in NAMES]
    records = [json.loads(seen.show(f"environment/{name}", "release-record.json")) for name in NAMES]
    assert [each["source"] for each in active] == [record["commit"] for record in records]
    when = int(git(seen.bare, "log", "-1", "--format=%ct", "environment/demo"))
    assert datetime.fromisoformat(active[1]["since"]).timestamp() == when


def test_it_tells_what_the_next_step_waits_for_and_who_can_end_it(
    seen: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    document = told(seen, capsys)
    assert standings(document) == ["failing", "blocked", "waiting"]
    staging, demo, prod = document["environments"]
    assert (staging["proposed"], demo["proposed"]["version"], prod["proposed"]["version"]) == (None, "1.1.0", "1.1.0")
    assert waits(demo) == [("staging has failed e2e", "scm-status")]
    assert waits(prod) == [
        ("demo has not been promoted to this change", "demo"),
        ("prod has not passed approval", "scm-status"),
        ("a person has to promote to prod", "a person"),
    ]
    [e2e] = staging["gates"]
    assert (e2e["key"], e2e["phase"], e2e["reporter"]) == ("e2e", "failure", "scm-status")
    assert (e2e["description"], e2e["url"]) == ("3 tests failed", "https://ci.example/1")


def test_an_environment_that_waits_for_a_person_only_is_held(
    busy: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    assert busy.report("staging", "e2e") == 0
    assert standings(told(busy, capsys)) == ["up to date", "ready", "waiting"]
    assert busy.promote() == 0
    assert busy.report("prod", "approval") == 0
    assert standings(told(busy, capsys)) == ["up to date", "up to date", "held"]


def test_history_is_told_newest_first_with_who_did_it(seen: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    history = told(seen, capsys)["environments"][0]["history"]
    assert [(each["kind"], each["version"], each["before"]) for each in history] == [
        ("promoted", "1.1.0", "1.0.0"),
        ("promoted", "1.0.0", ""),
    ]
    assert {each["author"] for each in history} == {"Jo Doe"}
    assert history[0]["commit"] == seen.refs()["environment/staging"]


def test_a_rollback_is_told_as_one(busy: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    assert busy.rollback("staging", "--reason", "the shop is down") == 0
    document = told(busy, capsys)
    staging = document["environments"][0]
    assert (staging["standing"], staging["active"]["version"], staging["rolled_back_from"]) == (
        "rolled back",
        "1.0.0",
        "1.1.0",
    )
    assert waits(staging) == [("1.1.0 was rolled back here, and has to be promoted again", "a person")]
    assert [each["kind"] for each in staging["history"]] == ["rolled back", "promoted", "promoted"]
    assert "rolled back (back from 1.1.0)" in status(busy, capsys)


def test_other_values_of_the_same_release_are_a_change(busy: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    busy.release("1.1.0", ["staging"], staging="more")
    assert busy.promote("--to", "staging") == 0
    history = told(busy, capsys)["environments"][0]["history"]
    assert [each["kind"] for each in history] == ["changed", "promoted", "promoted"]


def test_a_release_that_is_not_hydrated_waits_for_the_hydrator(
    busy: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    busy.release("1.2.0", ["staging", "demo"])
    assert busy.report("prod", "approval") == 0
    prod = told(busy, capsys)["environments"][2]
    assert prod["proposed"]["version"] == "1.1.0"
    git(busy.bare, "update-ref", "refs/heads/environment/prod-next", "refs/heads/environment/prod")
    prod = told(busy, capsys)["environments"][2]
    assert waits(prod) == [("prod is not hydrated for 1.2.0", "the hydrator")]


def test_an_environment_that_tracks_versions_runs_the_newest_one(
    busy: Promotions, capsys: pytest.CaptureFixture[str]
) -> None:
    busy.declare([{"name": "nightly", "tracks": "~1.0"}, *FLOW])
    nightly = told(busy, capsys)["environments"][0]
    assert (nightly["tracks"], nightly["branch"], nightly["active"]["version"]) == ("~1.0", "", "1.0.0")
    assert (nightly["standing"], nightly["blockers"], nightly["history"]) == ("up to date", [], [])
    assert "up to date (follows ~1.0)" in status(busy, capsys)


def test_a_timer_says_when_it_will_have_passed(shop: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare([{**STAGING, "gates": [{"kind": "timer", "duration": "90000h"}]}, DEMO, PROD])
    shop.release("1.0.0")
    assert shop.promote() == 0
    document = told(shop, capsys)
    assert standings(document) == ["being checked", "waiting", "waiting"]
    [timer] = document["environments"][0]["gates"]
    assert re.fullmatch(r"will have passed at 20\d\d-\d\d-\d\d \d\d:\d\d UTC", timer["description"])


def test_the_tables_say_what_the_document_says(seen: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    environments, gates, next_steps = status(seen, capsys).split("\n\n")
    rows = [re.split(r"\s{2,}", line) for line in environments.splitlines()]
    assert rows[0] == ["ENVIRONMENT", "VERSION", "COMMIT", "RECORD", "SINCE", "STATE", "NEXT"]
    assert [(row[0], row[1], row[5], row[6]) for row in rows[1:]] == [
        ("staging", "1.1.0", "failing", "-"),
        ("demo", "1.0.0", "blocked", "1.1.0"),
        ("prod", "1.0.0", "waiting", "1.1.0"),
    ]
    assert rows[1][3] == seen.identity("1.1.0")[7:14]
    assert re.search(r"^staging +e2e +1\.1\.0 +failure .* scm-status$", gates, re.MULTILINE)
    assert re.search(r"^prod +approval +1\.1\.0 +pending +- +scm-status$", gates, re.MULTILINE)
    assert re.search(r"^demo +staging has failed e2e +scm-status$", next_steps, re.MULTILINE)


def test_a_narrow_terminal_gets_a_table_for_each_environment(
    seen: Promotions, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    staging, demo, prod = status(seen, capsys).split("\n\n")
    assert re.match(r"staging +1\.1\.0\n", staging)
    assert re.search(r"^state +blocked$", demo, re.MULTILINE)
    assert re.search(r"^waits +staging has failed e2e$", demo, re.MULTILINE)
    assert max(map(len, "\n".join((staging, demo, prod)).splitlines())) <= 60


def test_the_page_is_written_whole_and_is_the_same_again(
    seen: Promotions, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pages = [tmp_path / "pages" / name for name in ("one.html", "two.html")]
    for page in pages:
        status(seen, capsys, "--html", str(page))
    text = pages[0].read_text(encoding="utf-8")
    assert text == pages[1].read_text(encoding="utf-8")
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert {file.name for file in (tmp_path / "pages").iterdir()} == {"one.html", "two.html"}
    assert "jo@example.com" not in text


def test_reading_the_status_writes_nothing(seen: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    before = seen.refs()
    seen.server.journal.clear()
    status(seen, capsys)
    assert seen.refs() == before
    assert {request.step for request in seen.server.journal} <= {"list", "fetch"}


def test_what_is_no_time_is_refused(seen: Promotions, capsys: pytest.CaptureFixture[str]) -> None:
    assert seen.run("status", "--now", "yesterday") == 2
    assert "--now: expected a time with its zone" in capsys.readouterr().err


def test_hostile_authors_and_messages_are_shown_as_text(
    busy: Promotions, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    head = busy.refs()["environment/staging"]
    tree = f"{head}^{{tree}}"
    message = "x\n\nRolled-Back-From: <script>alert(1)</script>"
    author = "\x1b[31mEve & Co\u202e"
    made = git(busy.bare, "commit-tree", tree, "-p", head, "-m", message, GIT_AUTHOR_NAME=author)
    git(busy.bare, "update-ref", "refs/heads/environment/staging", made)
    text = status(busy, capsys, "--html", str(tmp_path / "page.html"))
    assert "\x1b" not in text
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "rolled back from <bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>" in page
    assert "Eve &amp; Co" in page
    assert "\u202e" not in page
