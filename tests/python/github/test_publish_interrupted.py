"""`release-kit publish` stopped anywhere, lied to, or not alone: nobody ever sees a release without its record."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.github_routes import Answer, Request
from rehearsal.github_server import TOKEN, GitHubServer
from tests.support.fault_registry import FaultRegistry, actions
from tests.support.publications import FILE, RECORDS, SOURCE, WRITES, Publications, publications


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: GitHubServer) -> Iterator[Publications]:
    with publications(tmp_path, monkeypatch, hub) as shop:
        yield shop


def unseen(shop: Publications) -> None:
    """Holds what may be seen at any time."""
    for page in shop.pages():
        assert page["contents"].get(FILE) == shop.content("1.0.0"), "a release without its record was seen"
        assert shop.latest() == shop.of("1.0.0"), "the page was seen before the tags"


def test_a_draft_that_somebody_prepared_is_taken_with_its_notes(shop: Publications) -> None:
    Path("CHANGELOG.md").write_text("# Changelog\n\n## 1.0.0\n\n- Other notes\n")
    other = shop.hub.releases.add(SOURCE, "v1.0.1", draft=True, name="Summer", body="Enjoy")
    draft = shop.hub.releases.add(SOURCE, "v1.0.0", draft=True, name="Spring", body="Enjoy")
    assert shop.publish() == 0
    assert shop.hub.releases.all == [other, draft]
    assert other["draft"]
    assert (draft["draft"], draft["name"], draft["body"]) == (False, "Spring", "Enjoy")
    assert draft["contents"] == {FILE: shop.content("1.0.0")}


@pytest.mark.parametrize("state", ["uploaded", "starter"])
def test_a_half_made_draft_gets_the_right_record(shop: Publications, state: str) -> None:
    content = b"half" if state == "uploaded" else shop.content("1.0.0")
    states = {} if state == "uploaded" else {FILE: state}
    shop.hub.releases.add(SOURCE, "v1.0.0", {FILE: content}, draft=True, states=states)
    assert shop.publish() == 0
    (page,) = shop.pages()
    assert page["contents"] == {FILE: shop.content("1.0.0")}
    assert not page["states"]
    assert shop.hub.releases.all == [page]


def test_the_drafts_of_others_stay(shop: Publications) -> None:
    other = shop.hub.releases.add(SOURCE, "v2.0.0", draft=True)
    more = shop.hub.releases.add(SOURCE, "v1.0.0", {"more": b"x"}, draft=True, name="shop 1.0.0")
    shop.hub.releases.add(SOURCE, "v1.0.0", {FILE: shop.content("1.0.0")}, draft=True)
    assert shop.publish() == 0
    assert [each for each in shop.hub.releases.all if each["draft"]] == [other, more]


def test_stopped_at_any_request_to_github_and_run_again_it_ends_the_same(shop: Publications) -> None:
    for number in range(30):
        shop.withdraw()

        def stop(_: Request, last: int = number) -> Answer | None:
            unseen(shop)
            return Answer(422, {"message": "no"}) if len(shop.hub.journal) > last else None

        shop.hub.instead = stop
        done = shop.publish() == 0
        unseen(shop)
        if done:
            break
        shop.hub.instead = lambda _: None
        assert shop.publish() == 0
        (page,) = shop.hub.releases.all
        assert page["contents"] == {FILE: shop.content("1.0.0")}
        assert shop.latest() == shop.of("1.0.0")
    assert 6 < number < 29


def test_killed_after_any_request_to_github_and_run_again_it_ends_the_same(shop: Publications) -> None:
    command = shop.command("publish", "--record", str(shop.records["1.0.0"]))
    environment = {**shop.environment(), "GITHUB_TOKEN": TOKEN, "DOCKER_CONFIG": str(shop.folder)}
    for number in range(1, 30):
        shop.withdraw()
        running: list[subprocess.Popen[bytes]] = []

        def kill(_: Request, answer: Answer, last: int = number, at: list[subprocess.Popen[bytes]] = running) -> Answer:
            unseen(shop)
            if len(shop.hub.journal) == last:
                at[0].kill()
            return answer

        shop.hub.after = kill
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))
        killed = running[0].wait() != 0
        shop.hub.after = lambda _, answer: answer
        unseen(shop)
        if not killed:
            break
        assert shop.publish() == 0
        (page,) = shop.hub.releases.all
        assert page["contents"] == {FILE: shop.content("1.0.0")}
        assert shop.latest() == shop.of("1.0.0")
    assert 6 < number < 29


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_tag_that_can_not_be_moved_leaves_a_draft_that_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: GitHubServer, nth: int
) -> None:
    with FaultRegistry() as registry, publications(tmp_path, monkeypatch, hub, registry.host) as shop:
        fault = registry.on(actions.status(403), "PUT", "/manifests/latest", nth=nth)
        assert shop.publish() == 1
        assert not shop.pages()
        assert len(hub.releases.all) == 1
        assert shop.digest(f"{RECORDS}:latest") is None, "the record's come last"
        registry.script.remove(fault)
        before = len(registry.journal.writes())
        assert shop.publish() == 0
        assert 1 <= len(registry.journal.writes()) - before <= 4 - nth, "what was moved is not moved again"
        assert [page["contents"] for page in hub.releases.all] == [{FILE: shop.content("1.0.0")}]
        assert shop.latest() == shop.of("1.0.0")


def test_answers_that_got_lost_do_no_harm(shop: Publications) -> None:
    lost: list[str] = []

    def lose(request: Request, answer: Answer) -> Answer:
        unseen(shop)
        if request.method not in WRITES or f"{request.method} {request.path}" in lost:
            return answer
        lost.append(f"{request.method} {request.path}")
        return Answer(0)

    shop.hub.after = lose
    assert shop.publish() == 0
    assert len(lost) >= 4, "a second draft was removed, too"
    (page,) = shop.hub.releases.all
    assert (page["draft"], page["contents"]) == (False, {FILE: shop.content("1.0.0")})


def test_somebody_who_was_faster_has_published_it(shop: Publications) -> None:
    def faster(request: Request) -> None:
        if request.method == "PATCH" and not shop.pages():
            shop.hub.releases.add(SOURCE, "v1.0.0", {FILE: shop.content("1.0.0")})

    shop.hub.instead = faster
    assert shop.publish() == 0
    assert len(shop.hub.releases.all) == 1


def test_a_record_that_arrives_as_something_else_is_never_seen(
    shop: Publications, capsys: pytest.CaptureFixture[str]
) -> None:
    def spoil(request: Request, answer: Answer) -> Answer:
        if "assets" in request.path and request.method == "POST":
            return answer._replace(body={**answer.body, "digest": f"sha256:{'0' * 64}"})
        return answer

    shop.hub.after = spoil
    assert shop.publish() == 1
    assert f"arrived as sha256:{'0' * 64}" in capsys.readouterr().err
    assert not shop.pages()
    assert shop.latest() == [None] * 3


def test_an_older_server_tells_no_digest_and_gets_the_record_all_the_same(shop: Publications) -> None:
    shop.hub.releases.tells_digests = False
    shop.hub.releases.add(SOURCE, "v1.0.0", {FILE: b"half"}, draft=True)
    assert shop.publish() == 0
    (page,) = shop.pages()
    assert page["contents"] == {FILE: shop.content("1.0.0")}


@pytest.mark.parametrize("tags", [{}, {(SOURCE, "v1.0.0"): "1" * 40}])
def test_a_tag_that_goes_meanwhile_is_never_made_by_github(
    shop: Publications, capsys: pytest.CaptureFixture[str], tags: dict[tuple[str, str], str]
) -> None:
    def move(request: Request) -> None:
        if request.method == "POST":
            shop.hub.releases.tags = tags

    shop.hub.instead = move
    assert shop.publish() == 1
    assert "the tag v1.0.0 was at" in capsys.readouterr().err
    assert not shop.pages()
    assert shop.hub.releases.tags == tags


@pytest.mark.parametrize("sha", ["", "\x1b[2J", "1" * 39])
def test_a_tag_that_points_at_no_sha_is_told(shop: Publications, capsys: pytest.CaptureFixture[str], sha: str) -> None:
    body = {"object": {"type": "commit", "sha": sha}}
    shop.hub.instead = lambda request: Answer(200, body) if "/git/ref/" in request.path else None
    assert shop.publish() == 1
    err = capsys.readouterr().err
    assert "what it points at is no sha" in err
    assert "\x1b" not in err


@pytest.mark.parametrize("url", ["https://evil.example/assets{?name}", "ftp://x", ""])
def test_the_token_goes_to_no_other_address(shop: Publications, capsys: pytest.CaptureFixture[str], url: str) -> None:
    def elsewhere(request: Request, answer: Answer) -> Answer:
        if request.method == "POST" and request.path.endswith("/releases"):
            return answer._replace(body={**answer.body, "upload_url": url})
        return answer

    shop.hub.after = elsewhere
    assert shop.publish() == 1
    assert "names an address that is not its own" in capsys.readouterr().err
    assert not shop.pages()
