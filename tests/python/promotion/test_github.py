"""`release-kit promote --pull-request`: pull requests where promotions would be, and what may go wrong at GitHub."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rehearsal.git_server import GitServer, git
from rehearsal.github_server import TOKEN, Answer, GitHubServer
from release_kit.adapters.github import api
from release_kit.adapters.github.api import GitHubApi, checked_token
from release_kit.adapters.github.pull_requests import GitHubPullRequests
from release_kit.adapters.registry.messages import Times
from release_kit.adapters.registry.patience import Patience
from release_kit.documents.scm import ScmRepository
from release_kit.errors import InputError, ReleaseError
from release_kit.values.pull_request import Draft, PullRequest
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import FLOW, Promotions, settle

QUICK = Patience(times=Times(connect=2.0, idle=2.0, total=5.0), sleep=lambda _: None)
DRAFT = Draft("environment/demo-next", "environment/demo", "Promote", "text")


@pytest.fixture(name="hub")
def hub_fixture() -> Iterator[GitHubServer]:
    with GitHubServer() as hub:
        yield hub
        assert not hub.faults


class Shop(Promotions):
    """Environments whose repository says that it is on GitHub."""

    def pull_request(self, *more: str) -> int:
        """Promotes to demo by a pull request."""
        return self.promote("--to", "demo", "--pull-request", *more)


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: GitHubServer) -> Iterator[Shop]:
    settle(tmp_path, monkeypatch)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setattr(api, "Patience", lambda: QUICK)
    with FaultRegistry() as registry, GitServer(tmp_path / "git") as server:
        shop = Shop(tmp_path, registry.host, server)
        on_github = {"owner": "acme", "name": "deploy", "app_id": 1, "domain": hub.host, "url": shop.url}
        shop.declare(FLOW, repository=on_github)
        shop.release("1.0.0")
        assert shop.promote() == 0
        assert (
            shop.report(
                "staging", "e2e", "success", "--description", "412 | tests <b>", "--url", "https://ci.example/7"
            )
            == 0
        )
        yield shop


def test_a_pull_request_says_what_it_is_about(
    shop: Shop, hub: GitHubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.refs()
    capsys.readouterr()
    assert shop.pull_request() == 0
    (pull,) = hub.pulls
    assert (pull["head"]["ref"], pull["base"]["ref"]) == ("environment/demo-next", "environment/demo")
    assert pull["title"] == "Promote demo to shop 1.0.0"
    assert f"release record: `{shop.identity('1.0.0')}`" in pull["body"]
    assert "| staging | e2e | success | 412 &#124; tests &#60;b&#62; https://ci.example/7 |" in pull["body"]
    assert pull["body"].rstrip().splitlines()[-1].startswith("Sha-dry-proposed: ")
    out, err = capsys.readouterr()
    assert out.strip() == pull["html_url"]
    assert f"pull request {pull['number']} is open now" in err
    assert shop.refs() == before, "a person merges"


def test_a_second_run_finds_the_first_ones(shop: Shop, hub: GitHubServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.pull_request() == 0
    assert shop.pull_request("--json") == 0
    assert len(hub.pulls) == 1
    assert [method for method, _ in hub.journal] == ["GET", "POST", "GET"]
    told = json.loads(capsys.readouterr().out.partition("\n{")[2].join(["{", ""]))
    assert told["pull_request"] == {"number": 7, "url": hub.pulls[0]["html_url"], "opened": False}


def test_a_newer_release_renews_the_open_one(shop: Shop, hub: GitHubServer) -> None:
    assert shop.pull_request() == 0
    shop.release("1.1.0")
    assert shop.promote("--to", "staging") == 0
    assert shop.report("staging", "e2e") == 0
    assert shop.pull_request() == 0
    (pull,) = hub.pulls
    assert pull["title"] == "Promote demo to shop 1.1.0"


def test_gates_hold_for_pull_requests_too(shop: Shop, hub: GitHubServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.report("staging", "e2e", "failure") == 0
    assert shop.pull_request() == 1
    assert "staging has failed e2e" in capsys.readouterr().out
    assert not hub.journal


def test_what_is_active_already_needs_none(shop: Shop, hub: GitHubServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.promote("--to", "demo") == 0
    assert shop.pull_request() == 0
    assert not hub.journal
    assert "demo is at 1.0.0 already" in capsys.readouterr().err


def test_a_dry_run_opens_none(shop: Shop, hub: GitHubServer) -> None:
    assert shop.pull_request("--dry-run") == 0
    assert not hub.journal


def test_a_merged_pull_request_is_a_promotion(shop: Shop) -> None:
    assert shop.pull_request() == 0
    active, proposed = shop.refs()["environment/demo"], shop.refs()["environment/demo-next"]
    tree = git(shop.bare, "merge-tree", "--write-tree", active, proposed)
    made = git(shop.bare, "commit-tree", tree, "-p", active, "-p", proposed, "-m", "Merge pull request #7")
    git(shop.bare, "update-ref", "refs/heads/environment/demo", made)
    assert shop.promote("--to", "demo") == 0
    assert shop.active("demo") == "1.0.0"


def test_after_a_rollback_the_pull_request_can_be_merged(shop: Shop, hub: GitHubServer) -> None:
    assert shop.promote("--to", "demo") == 0
    shop.release("1.1.0")
    assert shop.promote("--to", "staging") == 0
    assert shop.report("staging", "e2e") == 0
    assert shop.promote("--to", "demo") == 0
    assert shop.rollback("demo") == 0
    before = shop.refs()
    assert shop.pull_request() == 1, "it was rolled back"
    assert shop.pull_request("--again") == 0
    assert len(hub.pulls) == 1
    after = shop.refs()
    assert {name for name in after if after[name] != before[name]} == {"environment/demo-next", "gate-results"}
    merged = git(shop.bare, "merge-tree", "--write-tree", after["environment/demo"], after["environment/demo-next"])
    assert merged == git(shop.bare, "rev-parse", "environment/demo-next^{tree}")
    assert shop.version("environment/demo-next") == "1.1.0"
    assert shop.pull_request() == 0
    assert shop.refs() == after, "a second run pushes nothing"


@pytest.mark.parametrize("token", ["", " ", "ghs_one two", "ghs_one\nX: two", "ghs_\N{SNOWMAN}"])
def test_without_a_token_it_is_bad_input(
    shop: Shop, hub: GitHubServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], token: str
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", token)
    assert shop.pull_request() == 2
    err = capsys.readouterr().err
    assert "needs a token in GITHUB_TOKEN" in err
    assert "ghs_" not in err
    assert not hub.journal


def test_another_host_is_bad_input(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(FLOW)
    assert shop.pull_request() == 2
    assert "works on GitHub only, the repository is at fake" in capsys.readouterr().err


def proposed(hub: GitHubServer) -> PullRequest:
    """Proposes the draft."""
    place = ScmRepository("github", "https://git.example/acme/deploy.git", "scm", "acme", "deploy", domain=hub.host)
    with closing(GitHubApi(hub.host, TOKEN, QUICK)) as access:
        return GitHubPullRequests(place, access).propose(DRAFT)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 0])
def test_a_passing_failure_is_tried_again(hub: GitHubServer, status: int) -> None:
    failures = [Answer(status, {"message": "later"})] * 2
    hub.instead = lambda _: failures.pop() if failures else None
    assert proposed(hub).opened
    assert len(hub.pulls) == 1


@pytest.mark.parametrize("header", [("Retry-After", "1"), ("X-RateLimit-Remaining", "0")])
def test_a_limit_is_waited_for(hub: GitHubServer, header: tuple[str, str]) -> None:
    failures = [Answer(403, {"message": "You have exceeded a secondary rate limit"}, (header,))]
    hub.instead = lambda _: failures.pop() if failures else None
    assert proposed(hub).opened


def test_a_post_whose_answer_got_lost_opens_one(hub: GitHubServer) -> None:
    def lose(method: str) -> Answer | None:
        if method == "POST" and not hub.pulls:
            hub._open(json.dumps({"title": "Promote", "head": DRAFT.head, "base": DRAFT.base, "body": "text"}).encode())
            return Answer(0)
        return None

    hub.instead = lose
    assert not proposed(hub).opened
    assert len(hub.pulls) == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, {"message": f"Bad credentials {TOKEN}"}), "does not know the token"),
        (Answer(403, {"message": "Resource not accessible by integration"}), "let the token in GITHUB_TOKEN do this"),
        (Answer(404, {"message": "Not Found"}), "let the token in GITHUB_TOKEN do this"),
        (Answer(301, {"message": "Moved Permanently"}), "has moved"),
        (Answer(422, {"message": "Validation Failed", "errors": [{"message": "No commits"}]}), ""),
        (Answer(500, {"message": "never well"}), ""),
        (Answer(418, b"\x1b[2Jno json"), ""),
        (Answer(418, ["\x1b[2J"]), ""),
    ],
)
def test_what_github_refuses_is_told_without_the_token(hub: GitHubServer, answer: Answer, said: str) -> None:
    hub.instead = lambda _: answer
    with pytest.raises(ReleaseError) as caught:
        proposed(hub)
    text = f"{caught.value.message} {caught.value.remedy}"
    assert f"GET /repos/acme/deploy/pulls: {answer.status}" in text
    assert said in text
    assert TOKEN not in text
    assert text.isprintable()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"no json"),
        Answer(200, {"message": "no list"}),
        Answer(200, [{"head": {"ref": DRAFT.head}, "base": {"ref": DRAFT.base}}]),
        Answer(
            200, [{"head": {"ref": DRAFT.head}, "base": {"ref": DRAFT.base}, "number": 1, "html_url": "javascript:"}]
        ),
        Answer(
            200, [{"head": {"ref": DRAFT.head}, "base": {"ref": DRAFT.base}, "number": True, "html_url": "http://x"}]
        ),
    ],
)
def test_an_answer_that_makes_no_sense_is_told(hub: GitHubServer, answer: Answer) -> None:
    hub.instead = lambda _: answer
    with pytest.raises(ReleaseError):
        proposed(hub)


def test_pull_requests_of_forks_and_of_other_branches_are_others(hub: GitHubServer) -> None:
    other = {"head": {"ref": "environment/demo-next-2"}, "base": {"ref": DRAFT.base}, "number": 3}
    answers = [Answer(200, [other, "x", {"head": None}])]
    hub.instead = lambda _: answers.pop() if answers else None
    assert proposed(hub).opened


def test_an_address_that_nobody_answers_at_is_told() -> None:
    place = ScmRepository("github", "https://git.example/x.git", "scm", "acme", "deploy")
    with pytest.raises(ReleaseError, match="Connection refused"):
        GitHubPullRequests(place, GitHubApi("127.0.0.1:1", TOKEN, QUICK)).propose(DRAFT)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("", "https://api.github.com"),
        ("github.acme.example", "https://github.acme.example/api/v3"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/api/v3"),
    ],
)
def test_the_api_is_where_github_has_it(domain: str, expected: str) -> None:
    assert GitHubApi(domain, TOKEN).root == expected


def test_a_token_that_is_none_is_never_shown() -> None:
    with pytest.raises(InputError) as caught:
        checked_token("two words", "--pull-request", "write pull requests")
    assert "two words" not in f"{caught.value.message} {caught.value.remedy}"
