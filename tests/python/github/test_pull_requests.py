"""`release-kit promote --pull-request`: pull requests where promotions would be, and what may go wrong at GitHub."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rehearsal.git_server import GitServer, git
from rehearsal.github_routes import Answer
from rehearsal.github_server import TOKEN, GitHubServer
from release_kit.adapters.github import api
from release_kit.adapters.github.api import GitHubApi
from release_kit.adapters.github.pull_requests import GitHubPullRequests
from release_kit.adapters.registry.messages import Times
from release_kit.adapters.registry.patience import Patience
from release_kit.documents.scm import ScmRepository
from release_kit.errors import ReleaseError
from release_kit.values.pull_request import Draft, PullRequest
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import FLOW, Promotions, settle

QUICK = Patience(times=Times(connect=2.0, idle=2.0, total=5.0), sleep=lambda _: None)
DRAFT = Draft("environment/demo-next", "environment/demo", "Promote", "text")


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
    (pull,) = hub.pulls.all
    assert (pull["head"]["ref"], pull["base"]["ref"]) == ("environment/demo-next", "environment/demo")
    assert pull["title"] == "Promote demo to shop 1.0.0"
    assert f"release record: `{shop.identity('1.0.0')}`" in pull["body"]
    assert "| staging | e2e | success | 412 &#124; tests &#60;b&#62; https://ci.example/7 |" in pull["body"]
    assert pull["body"].rstrip().splitlines()[-1].startswith("Sha-dry-proposed: ")
    out, err = capsys.readouterr()
    assert out.strip() == pull["html_url"]
    assert f"pull request {pull['number']} is open now" in err
    assert shop.refs() == before, "a person merges"


def test_only_the_release_that_is_meant_becomes_a_pull_request(
    shop: Shop, hub: GitHubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shop.variant("1.0.0", commit="0" * 40)
    for meant in (["--release", "1.1.0"], ["--record", other], ["--release", "1.1.0", "--dry-run"]):
        assert shop.pull_request(*meant) == 1
        assert "that is wanted" in capsys.readouterr().out
    assert hub.pulls.all == []
    assert shop.pull_request("--release", "1.0.0") == 0
    assert len(hub.pulls.all) == 1


def test_what_runs_already_needs_no_pull_request_whatever_is_proposed(
    shop: Shop, hub: GitHubServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.promote("--to", "demo") == 0
    shop.release("1.1.0")
    for more in ([], ["--dry-run"]):
        assert shop.pull_request("--release", "1.0.0", *more) == 0
        assert "demo is at 1.0.0 already" in capsys.readouterr().err
    assert hub.pulls.all == []


def test_a_second_run_finds_the_first_ones(shop: Shop, hub: GitHubServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.pull_request() == 0
    assert shop.pull_request("--json") == 0
    assert len(hub.pulls.all) == 1
    assert [method for method, _ in hub.journal] == ["GET", "POST", "GET"]
    told = json.loads(capsys.readouterr().out.partition("\n{")[2].join(["{", ""]))
    assert told["pull_request"] == {"number": 7, "url": hub.pulls.all[0]["html_url"], "opened": False}


def test_a_newer_release_renews_the_open_one(shop: Shop, hub: GitHubServer) -> None:
    assert shop.pull_request() == 0
    shop.release("1.1.0")
    assert shop.promote("--to", "staging") == 0
    assert shop.report("staging", "e2e") == 0
    assert shop.pull_request() == 0
    (pull,) = hub.pulls.all
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
    assert len(hub.pulls.all) == 1
    after = shop.refs()
    assert {name for name in after if after[name] != before[name]} == {"environment/demo-next", "gate-results"}
    merged = git(shop.bare, "merge-tree", "--write-tree", after["environment/demo"], after["environment/demo-next"])
    assert merged == git(shop.bare, "rev-parse", "environment/demo-next^{tree}")
    assert shop.version("environment/demo-next") == "1.1.0"
    assert shop.pull_request() == 0
    assert shop.refs() == after, "a second run pushes nothing"


def test_a_pull_request_says_what_it_skips(shop: Shop, hub: GitHubServer, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.pull_request() == 0
    assert "skips staging" not in hub.pulls.all[0]["body"]
    staging = {**FLOW[0], "staging": True}
    repository = json.loads(shop.declaration.read_text())["repository"]
    shop.declare((staging, *FLOW[1:]), repository=repository)
    shop.release("1.0.1", skip_staging=True)
    capsys.readouterr()
    assert shop.pull_request() == 0
    (pull,) = hub.pulls.all
    assert "The release skips staging: it has not passed `staging`.\n" in pull["body"]
    assert "Skipped-Staging: staging\n" in pull["body"]
    assert "| staging | e2e |" not in pull["body"]
    told = "demo goes to 1.0.1 once the pull request is merged; it skips staging and has not passed staging\n"
    assert told in capsys.readouterr().err


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


def test_a_post_whose_answer_got_lost_opens_one(hub: GitHubServer) -> None:
    hub.after = lambda _, answer: Answer(0) if answer.status == 201 else answer
    assert not proposed(hub).opened
    assert len(hub.pulls.all) == 1


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
