"""`release-kit report --commit-status`: on which commit a status is set, by whom, and what a second run does."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from rehearsal.git_server import GitRequest, GitServer, RefusedError, git
from rehearsal.github_routes import Answer, Request
from rehearsal.github_server import TOKEN, GitHubServer
from rehearsal.github_shapes import moment
from rehearsal.github_statuses import MOST
from release_kit.adapters.github import api
from release_kit.adapters.github.api import GitHubApi
from release_kit.adapters.github.statuses import GitHubStatuses
from release_kit.adapters.registry.messages import Times
from release_kit.adapters.registry.patience import Patience
from release_kit.documents.scm import ScmRepository
from release_kit.engines.promotion.commit_status import LIFETIME
from release_kit.errors import ReleaseError
from release_kit.values.commit_status import CommitStatus
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import FLOW, Promotions, settle

QUICK = Patience(times=Times(connect=2.0, idle=2.0, total=5.0), sleep=lambda _: None)
CONTEXT = "release-kit/e2e"
OURS, THEIRS = "https://ci.example/runs/7", "https://ci.example/runs/8"
DEPLOY = "acme/deploy"


class Shop(Promotions):
    """Environments whose repository is on GitHub: staging runs 1.0.0, which is proposed everywhere else."""

    hub: GitHubServer

    def at(self, hub: GitHubServer) -> None:
        """Lets the repository be on this GitHub, which knows its commits."""
        self.hub = hub
        hub.statuses.knows = self._has
        self.declare(FLOW, repository=self.on_github)

    @property
    def on_github(self) -> dict[str, object]:
        """The repository, as the declaration has it."""
        return {"owner": "acme", "name": "deploy", "app_id": 1, "domain": self.hub.host, "url": self.url}

    def tell(self, phase: str = "success", *more: str, name: str = "staging", gate: str = "e2e") -> int:
        """Reports a gate with its commit status."""
        return self.report(name, gate, phase, "--commit-status", "--url", OURS, *more)

    def head(self, branch: str = "environment/staging") -> str:
        """Returns the head of a branch."""
        return self.refs()[branch]

    def statuses(self, sha: str = "") -> list[dict[str, Any]]:
        """Returns the statuses of a commit, newest first; by default of what staging runs."""
        return self.hub.statuses.of(DEPLOY, sha or self.head())

    def states(self, sha: str = "") -> list[str]:
        """Returns their states."""
        return [each["state"] for each in self.statuses(sha)]

    def add(self, state: str, url: str = THEIRS, age: int = 0, context: str = CONTEXT) -> None:
        """Sets a status on what staging runs, as another run does."""
        when = moment(self.hub.clock() - age)
        self.hub.statuses.add(DEPLOY, self.head(), state=state, context=context, target_url=url, created_at=when)

    def _has(self, repository: str, sha: str) -> bool:
        found = re.fullmatch(r"[0-9a-f]{40}", sha) and sha in git(self.bare, "rev-list", "--all").split()
        return repository == DEPLOY and bool(found)


@pytest.fixture(name="begun", scope="module")
def begun_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        with FaultRegistry() as registry, GitServer(folder / "git") as server:
            shop = Shop(folder, registry.host, server)
            shop.release("1.0.0")
            assert shop.promote() == 0
            yield shop


@pytest.fixture(name="shop")
def shop_fixture(begun: Shop, hub: GitHubServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setattr(api, "Patience", lambda: QUICK)
    before = begun.refs()
    begun.at(hub)
    yield begun
    begun.server.before = begun.server.after = lambda _: None
    begun.restore(before)


def test_a_status_says_what_the_result_says(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.tell("success", "--description", "412 tests") == 0
    (status,) = shop.statuses()
    said = {key: status[key] for key in ("context", "state", "description", "target_url")}
    assert said == {"context": CONTEXT, "state": "success", "description": "412 tests", "target_url": OURS}
    assert shop.result("staging", "1.0.0", "e2e")["phase"] == "success"
    assert f"commit status {CONTEXT} of {shop.head()} is success" in capsys.readouterr().err


@pytest.mark.parametrize("phase", ["pending", "success", "failure"])
def test_all_phases_are_states_of_github(shop: Shop, phase: str) -> None:
    assert shop.tell(phase) == 0
    assert shop.states() == [phase]


def test_without_the_flag_github_is_not_asked(shop: Shop) -> None:
    assert shop.report("staging", "e2e") == 0
    assert not shop.hub.journal


def test_a_test_goes_from_pending_to_its_end(shop: Shop) -> None:
    assert shop.tell("pending") == 0
    assert shop.tell("failure") == 0
    assert shop.states() == ["failure", "pending"]


def test_a_second_run_of_the_same_writes_nothing(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.tell() == 0
    before, asked = shop.refs(), len(shop.hub.journal)
    assert shop.tell() == 0
    assert shop.refs() == before
    assert shop.states() == ["success"]
    assert [method for method, _ in shop.hub.journal[asked:]] == ["GET"]
    assert f"commit status {CONTEXT} of {shop.head()} was already success" in capsys.readouterr().err


def test_a_gate_of_what_is_active_is_set_on_the_active_commit(shop: Shop) -> None:
    shop.release("1.1.0")
    assert shop.tell() == 0
    assert shop.states(shop.head("environment/staging")) == ["success"]
    assert shop.states(shop.head("environment/staging-next")) == []


def test_a_gate_of_what_is_proposed_is_set_on_the_proposed_commit(shop: Shop) -> None:
    assert shop.tell(name="prod", gate="approval") == 0
    assert shop.states(shop.head("environment/prod-next")) == ["success"]
    assert shop.states(shop.head("environment/prod")) == []


def test_a_test_that_took_long_is_told_of_the_commit_that_it_looked_at(shop: Shop) -> None:
    looked_at = shop.head()
    shop.release("1.1.0")
    assert shop.promote() == 0
    assert shop.head() != looked_at
    assert shop.tell("success", "--commit", looked_at) == 0
    assert shop.states(looked_at) == ["success"]
    assert shop.states(shop.head()) == []


def once(step: str, action: Callable[[], object]) -> Callable[[GitRequest], None]:
    """Returns a hook of the git server that acts at the first request of a kind."""
    waiting = [action]

    def hook(request: GitRequest) -> None:
        if request.step == step and waiting:
            waiting.pop()()

    return hook


def moved_on(shop: Shop) -> Callable[[], object]:
    """Returns what promotes a newer release, made already, behind everybody's back."""
    before = shop.refs()
    shop.release("1.1.0")
    assert shop.promote("--to", "staging") == 0
    newer = shop.head()
    shop.restore(before)
    return lambda: git(shop.bare, "update-ref", "refs/heads/environment/staging", newer)


def test_a_promotion_between_result_and_status_changes_no_sha(shop: Shop) -> None:
    looked_at, move = shop.head(), moved_on(shop)
    shop.server.after = once("push", move)
    assert shop.tell() == 0
    assert shop.head() != looked_at
    assert shop.states(looked_at) == ["success"]
    assert shop.states(shop.head()) == []
    assert shop.result("staging", "1.0.0", "e2e")["phase"] == "success"
    assert not shop.result("staging", "1.1.0", "e2e")


def test_a_lost_race_moves_result_and_status_together(shop: Shop) -> None:
    looked_at, move = shop.head(), moved_on(shop)

    def both() -> None:
        move()
        shop.server.before = lambda _: None
        assert shop.report("prod", "approval") == 0

    shop.server.before = once("push", both)
    assert shop.tell() == 0
    assert shop.states(looked_at) == []
    assert shop.states(shop.head()) == ["success"]
    assert not shop.result("staging", "1.0.0", "e2e")
    assert shop.result("staging", "1.1.0", "e2e")["phase"] == "success"


def refused(shop: Shop, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 1) -> str:
    """Reports, which is refused before anything is written."""
    before, asked = shop.refs(), len(shop.hub.journal)
    capsys.readouterr()
    assert shop.tell(*arguments) == code
    assert shop.refs() == before, "a refusal wrote a result"
    assert all(method == "GET" for method, _ in shop.hub.journal[asked:]), "a refusal wrote a status"
    return capsys.readouterr().err


def test_another_run_that_is_at_it_keeps_this_one_away(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.add("pending", age=LIFETIME - 60)
    for phase in ("pending", "success", "failure"):
        err = refused(shop, capsys, phase)
        assert f"another run of release-bot ({THEIRS}) is at it: pending since" in err
        assert "--take-over" in err


def test_a_run_that_came_to_nothing_does_not_keep_others_away_for_ever(shop: Shop) -> None:
    shop.add("pending", age=LIFETIME + 60)
    assert shop.tell() == 0
    assert shop.states() == ["success", "pending"]


def test_another_run_may_be_taken_over(shop: Shop) -> None:
    shop.add("pending")
    assert shop.tell("pending", "--take-over") == 0
    assert shop.tell("success") == 0
    assert shop.states() == ["success", "pending", "pending"]


def test_who_was_taken_over_has_no_say_any_more(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.tell("pending") == 0
    shop.add("failure")
    assert "has taken it over: failure since" in refused(shop, capsys, "success")


def test_a_later_run_may_test_again(shop: Shop) -> None:
    shop.add("pending", age=9)
    shop.add("failure")
    assert shop.tell("pending") == 0
    assert shop.tell("success") == 0
    assert shop.states()[0] == "success"


def test_a_run_that_is_started_again_goes_on(shop: Shop) -> None:
    assert shop.tell("pending") == 0
    assert shop.tell("failure") == 0
    shop.add("failure")
    assert shop.tell("pending") == 0
    assert shop.tell("success") == 0
    assert shop.states()[0] == "success"


def test_who_has_ended_may_say_more_after_another_run(shop: Shop) -> None:
    assert shop.tell("failure") == 0
    shop.add("failure")
    assert shop.tell("success") == 0
    assert shop.states() == ["success", "failure", "failure"]


def test_who_was_taken_over_may_begin_again(shop: Shop) -> None:
    assert shop.tell("pending") == 0
    shop.add("failure")
    assert shop.tell("pending") == 0
    assert shop.tell("success") == 0
    assert shop.states() == ["success", "pending", "failure", "pending"]


@pytest.mark.parametrize("state", ["success", "failure", "error"])
def test_what_another_run_has_ended_is_no_hindrance(shop: Shop, state: str) -> None:
    shop.add(state)
    assert shop.tell("success") == 0
    assert shop.states()[0] == "success"


def test_the_same_said_by_another_run_is_another_status(shop: Shop) -> None:
    assert shop.tell("success", "--url", THEIRS) == 0
    assert shop.tell("success") == 0
    assert [each["target_url"] for each in shop.statuses()] == [OURS, THEIRS]


@pytest.mark.parametrize("context", ["release-kit/E2E", "Release-Kit/e2e"])
def test_names_in_other_letters_are_the_same_name(shop: Shop, capsys: pytest.CaptureFixture[str], context: str) -> None:
    shop.add("pending", context=context)
    assert "is at it" in refused(shop, capsys, "success")


def test_other_names_are_no_hindrance(shop: Shop) -> None:
    shop.add("pending", context="release-kit/e2e-2")
    shop.add("pending", context="e2e")
    assert shop.tell() == 0


def test_statuses_of_other_commits_are_no_hindrance(shop: Shop) -> None:
    other = shop.head("environment/prod-next")
    shop.hub.statuses.add(DEPLOY, other, context=CONTEXT, target_url=THEIRS)
    assert shop.tell() == 0


def racing(shop: Shop, state: str, url: str) -> Callable[[Request, Answer], Answer]:
    """Returns a hook of GitHub that sets a status right after the first that is set."""

    def hook(request: Request, answer: Answer) -> Answer:
        if request.method == "POST" and len(shop.statuses()) == 1:
            shop.add(state, url)
        return answer

    return hook


@pytest.mark.parametrize("state", ["pending", "success", "failure"])
def test_a_run_that_says_the_last_word_wins(shop: Shop, capsys: pytest.CaptureFixture[str], state: str) -> None:
    shop.hub.after = racing(shop, state, THEIRS)
    assert shop.tell() == 1
    err = capsys.readouterr().err
    assert f"another run of release-bot ({THEIRS}) was faster to say the last word: {state} since" in err
    assert "the result is written, and its commit status is not sure" in err
    assert f"--commit {shop.head()}" in err
    assert len(shop.statuses()) == 2, "it flaps"


def test_a_later_word_of_the_same_run_is_no_other_run(shop: Shop) -> None:
    shop.hub.after = racing(shop, "failure", OURS)
    assert shop.tell("pending") == 0


def test_a_status_whose_answer_got_lost_is_set(shop: Shop) -> None:
    lost: list[Request] = []

    def lose(request: Request, answer: Answer) -> Answer:
        if request.method == "POST" and not lost:
            lost.append(request)
            return Answer(0)
        return answer

    shop.hub.after = lose
    assert shop.tell() == 0
    assert shop.states() == ["success", "success"]
    asked = len(shop.hub.journal)
    assert shop.tell() == 0
    assert [method for method, _ in shop.hub.journal[asked:]] == ["GET"]


def test_a_run_that_ends_before_its_status_is_finished_by_the_next(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.hub.instead = lambda request: Answer(403, {"message": "no"}) if request.method == "POST" else None
    assert shop.tell() == 1
    assert "the result is written, and its commit status is not sure" in capsys.readouterr().err
    assert (shop.states(), shop.result("staging", "1.0.0", "e2e")["phase"]) == ([], "success")
    shop.hub.instead = lambda _: None
    before = shop.refs()
    assert shop.tell("success", "--commit", shop.head()) == 0
    assert shop.refs() == before, "the result was there"
    assert shop.states() == ["success"]


def test_a_run_that_ends_before_its_result_has_set_no_status(shop: Shop) -> None:
    def refuse(request: GitRequest) -> None:
        if request.step == "push":
            raise RefusedError(403)

    shop.server.before = refuse
    assert shop.tell() == 1
    assert not shop.statuses()
    shop.server.before = lambda _: None
    assert shop.tell() == 0
    assert shop.states() == ["success"]


def test_a_release_that_is_not_there_has_no_commit(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.release("1.1.0")
    err = refused(shop, capsys, "success", "--release", "1.1.0")
    assert "no commit of staging has 1.1.0 now" in err
    assert shop.tell("success", "--record", str(shop.records["1.0.0"])) == 0
    assert shop.states() == ["success"]


def test_what_tracks_versions_has_no_commit(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    edge = {"name": "edge", "tracks": "^1.0", "gates": [{"kind": "e2e"}]}
    shop.declare((edge, *FLOW), repository=shop.on_github)
    capsys.readouterr()
    assert shop.tell(name="edge") == 2
    assert "edge tracks versions and has no branch" in capsys.readouterr().err


def test_elsewhere_than_on_github_it_is_bad_input(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.declare(FLOW)
    err = refused(shop, capsys, "success", code=2)
    assert "--commit-status: works on GitHub only, the repository is at fake" in err
    assert "report without --commit-status" in err


def test_without_a_token_it_is_bad_input(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    assert "--commit-status: needs a token in GITHUB_TOKEN" in refused(shop, capsys, "success", code=2)


def test_taking_over_is_about_commit_statuses(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.report("staging", "e2e", "success", "--take-over") == 2
    assert "--take-over is about commit statuses" in capsys.readouterr().err
    assert not shop.result("staging", "1.0.0", "e2e")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "e2e of shop 1.0.0 in staging"),
        ("x" * 140, "x" * 140),
        ("x" * 141, "x" * 139 + "…"),
        ("x" * 1000, "x" * 139 + "…"),
        ("fine \N{WHITE HEAVY CHECK MARK}\N{PARTY POPPER}", "fine \N{WHITE HEAVY CHECK MARK}\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_description_is_as_github_takes_it(shop: Shop, text: str, expected: str) -> None:
    assert shop.tell("success", "--description", text) == 0
    assert shop.statuses()[0]["description"] == expected
    assert shop.result("staging", "1.0.0", "e2e")["description"] == text, "the result has all of it"
    assert shop.tell("success", "--description", text) == 0
    assert len(shop.statuses()) == 1


def on_actions(monkeypatch: pytest.MonkeyPatch, server: str, repository: str, number: str) -> None:
    names = ("GITHUB_ACTIONS", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    for name, value in zip(names, ("true", server, repository, number), strict=True):
        monkeypatch.setenv(name, value)


def test_on_github_actions_the_run_is_known(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    on_actions(monkeypatch, "https://github.com", "acme/shop", "4711")
    assert shop.report("staging", "e2e", "success", "--commit-status") == 0
    assert shop.statuses()[0]["target_url"] == "https://github.com/acme/shop/actions/runs/4711"
    assert shop.result("staging", "1.0.0", "e2e")["url"] == "https://github.com/acme/shop/actions/runs/4711"


def test_an_address_that_is_named_comes_first(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    on_actions(monkeypatch, "https://github.com", "acme/shop", "4711")
    assert shop.tell() == 0
    assert shop.statuses()[0]["target_url"] == OURS


@pytest.mark.parametrize(
    ("server", "repository", "number"),
    [
        ("javascript:alert(1)", "acme/shop", "1"),
        ("https://jo:pass@github.com", "acme/shop", "1"),
        ("https://github.com", "acme/shop/more", "1"),
        ("https://github.com", "acme/shop?x", "1"),
        ("https://github.com", "acme/shop", "1\x1b[2J"),
        ("https://github.com", "acme/shop", ""),
    ],
)
def test_what_makes_no_address_of_a_run_is_bad_input(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    server: str,
    repository: str,
    number: str,
) -> None:
    on_actions(monkeypatch, server, repository, number)
    assert shop.report("staging", "e2e", "success", "--commit-status") == 2
    assert "make no address of a run" in capsys.readouterr().err
    assert not shop.hub.journal


def test_elsewhere_a_status_has_no_address(shop: Shop) -> None:
    assert shop.report("staging", "e2e", "success", "--commit-status") == 0
    assert shop.statuses()[0]["target_url"] is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://jo:pass@ci.example/", "https://ci.example/a b"])
def test_an_address_that_is_none_is_bad_input(shop: Shop, capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert "url: expected an address" in refused(shop, capsys, "success", "--url", url, code=2)
    assert not shop.hub.journal


def test_the_status_is_printed_as_json(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert shop.tell("success", "--description", "412 tests", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["commit_status"] == {
        "context": CONTEXT,
        "commit": shop.head(),
        "state": "success",
        "description": "412 tests",
        "url": OURS,
        "written": True,
    }


def test_a_report_without_a_status_prints_none(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert shop.report("staging", "e2e", "success", "--json") == 0
    assert "commit_status" not in json.loads(capsys.readouterr().out)


def statuses(hub: GitHubServer, sha: str, *, then: Callable[[GitHubStatuses], Any]) -> Any:
    """Does something with the statuses of the repository."""
    place = ScmRepository("github", "https://git.example/acme/deploy.git", "scm", "acme", "deploy", domain=hub.host)
    with closing(GitHubApi(hub.host, TOKEN, QUICK)) as access:
        return then(GitHubStatuses(place, access))


SHA = "1" * 40


def test_the_newest_is_found_behind_many_of_other_names(hub: GitHubServer) -> None:
    hub.statuses.add(DEPLOY, SHA, context=CONTEXT, state="failure")
    for number in range(150):
        hub.statuses.add(DEPLOY, SHA, context=f"other/{number}")
    found = statuses(hub, SHA, then=lambda known: next(known.of(SHA, CONTEXT)))
    assert found.state == "failure"
    assert len(hub.journal) == 2


def test_the_newest_of_many_is_found_by_one_request(hub: GitHubServer) -> None:
    for _ in range(150):
        hub.statuses.add(DEPLOY, SHA, context=CONTEXT)
    assert statuses(hub, SHA, then=lambda known: next(known.of(SHA, CONTEXT))).number == 150
    assert len(hub.journal) == 1


def test_a_commit_has_a_thousand_statuses_of_a_name_and_no_more(hub: GitHubServer) -> None:
    for _ in range(MOST):
        hub.statuses.add(DEPLOY, SHA, context=CONTEXT)
    with pytest.raises(ReleaseError) as caught:
        statuses(hub, SHA, then=lambda known: known.set(SHA, CommitStatus(CONTEXT, "success", "x", OURS)))
    assert f"{SHA} has as many statuses {CONTEXT} as GitHub takes (1000)" in caught.value.message
    assert caught.value.remedy
    assert len(hub.statuses.all) == MOST


def test_a_commit_that_github_does_not_know_is_told(hub: GitHubServer) -> None:
    hub.statuses.knows = lambda *_: False
    with pytest.raises(ReleaseError, match="No commit found for SHA"):
        statuses(hub, SHA, then=lambda known: known.set(SHA, CommitStatus(CONTEXT, "success", "x", OURS)))
    with pytest.raises(ReleaseError, match="404 Not Found"):
        statuses(hub, SHA, then=lambda known: [*known.of(SHA, CONTEXT)])


@pytest.mark.parametrize(
    "item",
    [
        {"context": CONTEXT},
        {"context": CONTEXT, "id": True, "state": "success"},
        {"context": CONTEXT, "id": 7, "state": None},
    ],
)
def test_an_answer_that_is_no_status_is_told(hub: GitHubServer, item: dict[str, object]) -> None:
    hub.instead = lambda _: Answer(200, [item])
    with pytest.raises(ReleaseError, match="no commit status"):
        statuses(hub, SHA, then=lambda known: [*known.of(SHA, CONTEXT)])


def test_what_others_have_written_is_printable(hub: GitHubServer) -> None:
    item = {"context": CONTEXT, "id": 7, "state": "pending\x1b[2J", "target_url": "https://x/\x1b[2J"}
    item |= {"creator": {"login": "jo\x1b[2J"}, "created_at": "yesterday", "description": None}
    hub.instead = lambda _: Answer(200, [7, None, {"context": 3}, item])
    (found,) = statuses(hub, SHA, then=lambda known: [*known.of(SHA, CONTEXT)])
    assert f"{found.state}{found.url}{found.creator}".isprintable()
    assert (found.time, found.description) == (0, "")
