"""Others are faster, processes are killed, answers get lost: no environment is ever on a half-written state."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import pytest

from rehearsal.git_server import GitRequest, GitServer, RefusedError, git
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import Promotions, settle

NAMES = ("staging", "demo", "prod")
MOST_REQUESTS = 30
"""More than any of the commands needs."""


@pytest.fixture(name="shop", scope="module")
def shop_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promotions]:
    """Staging and demo run 1.1.0 and had 1.0.0; 1.2.0 runs in staging and may go on to demo."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        with FaultRegistry() as registry, GitServer(folder / "git") as server:
            shop = Promotions(folder, registry.host, server)
            for version in ("1.0.0", "1.1.0", "1.2.0"):
                shop.release(version)
                assert shop.promote() == 0
                assert shop.report("staging", "e2e") == 0
                if version != "1.2.0":
                    assert shop.promote() == 0
            shop.push("1.3.0")
            yield shop


@pytest.fixture(name="begin")
def begin_fixture(shop: Promotions) -> Iterator[dict[str, str]]:
    """All refs before a test; they are so again after it."""
    before = shop.refs()
    assert shop.active(*NAMES) == "1.2.0 1.1.0 -"
    yield before
    shop.server.before = shop.server.after = lambda _: None
    shop.restore(before)


def during(shop: Promotions, number: int, other: Callable[[], object]) -> list[str]:
    """Lets something happen before the request of a number, from 0 on, that comes from now on; once.

    Returns:
        A list that has the request's step in it once that has happened.
    """
    seen: list[GitRequest] = []
    happened: list[str] = []

    def hook(request: GitRequest) -> None:
        seen.append(request)
        if len(seen) == number + 1 and not happened:
            happened.append(request.step)
            shop.server.before = lambda _: None
            thread = Thread(target=other)
            thread.start()
            thread.join()

    shop.server.before = hook
    return happened


def at_each_request(
    shop: Promotions, begin: dict[str, str], command: Callable[[], int], other: Callable[[], object]
) -> Iterator[int]:
    """Runs a command once for each of its requests, with something else happening just before that request.

    Yields:
        The command's exit code; the refs are as before each time.
    """
    for number in range(MOST_REQUESTS):
        happened = during(shop, number, other)
        code = command()
        shop.server.before = lambda _: None
        if not happened:
            assert number > 4, "a promotion reads, fetches and pushes"
            return
        yield code
        shop.restore(begin)
    raise AssertionError("the command never ends")


def test_of_two_promotions_at_once_one_wins_and_the_other_says_so(shop: Promotions, begin: dict[str, str]) -> None:
    codes: list[int] = []

    def promote() -> int:
        return shop.promote("--to", "demo")

    for code in at_each_request(shop, begin, promote, lambda: codes.append(promote())):
        assert (code, codes.pop()) == (0, 0)
        assert shop.active("demo") == "1.2.0"
        assert git(shop.bare, "rev-parse", "environment/demo^1") == begin["environment/demo"]


def test_a_promotion_never_takes_the_place_of_a_newer_one(shop: Promotions, begin: dict[str, str]) -> None:
    def newer() -> None:
        shop.release("1.3.0")
        assert shop.promote() == 0
        assert shop.report("staging", "e2e") == 0
        assert shop.promote() == 0
        assert shop.active("demo") == "1.3.0"

    for code in at_each_request(shop, begin, lambda: shop.promote("--to", "demo"), newer):
        assert code == 0
        assert shop.active("staging", "demo") == "1.3.0 1.3.0"


def test_a_rollback_does_not_hit_a_release_that_was_promoted_meanwhile(shop: Promotions, begin: dict[str, str]) -> None:
    seen = set()
    for code in at_each_request(shop, begin, lambda: shop.rollback("demo"), lambda: shop.promote("--to", "demo")):
        kept_out = {version for version in shop.records if shop.result("demo", version, "rolled-back")}
        seen.add((code, shop.active("demo"), *kept_out))
    assert seen == {
        (0, "1.1.0", "1.2.0"),  # The promotion came first, and is what was rolled back.
        (1, "1.2.0"),  # It came between: nothing was rolled back.
    }


def test_a_rollback_and_a_report_are_both_kept(shop: Promotions, begin: dict[str, str]) -> None:
    def report() -> None:
        assert shop.report("prod", "approval") == 0

    for code in at_each_request(shop, begin, lambda: shop.rollback("demo"), report):
        assert code == 0
        assert shop.active("demo") == "1.0.0"
        assert shop.result("demo", "1.1.0", "rolled-back")["phase"] == "failure"
        assert shop.result("prod", "1.2.0", "approval")["phase"] == "success"


def test_of_two_rollbacks_at_once_one_wins_and_the_other_says_so(shop: Promotions, begin: dict[str, str]) -> None:
    def rollback() -> int:
        return shop.rollback("demo")

    codes: list[int] = []
    for code in at_each_request(shop, begin, rollback, lambda: codes.append(rollback())):
        assert (code, codes.pop()) == (0, 0)
        assert shop.active("demo") == "1.0.0"
        assert git(shop.bare, "rev-parse", "environment/demo^") == begin["environment/demo"]


def test_a_gate_that_fails_before_the_push_is_seen_where_the_push_is_lost(
    shop: Promotions, begin: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    def worse() -> None:
        assert shop.report("staging", "e2e", "failure") == 0
        made = git(shop.bare, "commit-tree", "environment/demo^{tree}", "-p", "environment/demo", "-m", "Touch")
        git(shop.bare, "update-ref", "refs/heads/environment/demo", made)

    codes = [*at_each_request(shop, begin, lambda: shop.promote("--to", "demo"), worse)]
    assert codes.count(1) > 4
    assert "staging has failed e2e" in capsys.readouterr().out


ROLLBACK = ("rollback", "--environment", "demo")
PROMOTION = ("promote", "--to", "demo")
REPORT = ("report", "--environment", "prod", "--gate", "approval", "--phase", "success")


def killed(shop: Promotions, number: int, when: str, command: tuple[str, ...]) -> bool:
    """Kills a command at the request of a number; tells whether it came so far."""
    seen: list[GitRequest] = []
    processes: list[subprocess.Popen[bytes]] = []
    dead: list[bool] = []

    def hook(request: GitRequest) -> None:
        seen.append(request)
        if len(seen) == number + 1:
            dead.append(True)
            processes[0].kill()
            processes[0].wait()

    setattr(shop.server, when, hook)
    with subprocess.Popen(
        shop.command(*command), env=shop.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        processes.append(process)
        process.wait()
    shop.server.before = shop.server.after = lambda _: None
    return bool(dead)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("command", "changed"),
    [(ROLLBACK, {"environment/demo", "gate-results"}), (PROMOTION, {"environment/demo"}), (REPORT, {"gate-results"})],
    ids=["rollback", "promote", "report"],
)
def test_a_command_that_is_killed_leaves_all_or_nothing(
    shop: Promotions, begin: dict[str, str], when: str, command: tuple[str, ...], changed: set[str]
) -> None:
    found = set()
    for number in range(MOST_REQUESTS):
        if not killed(shop, number, when, command):
            break
        after = shop.refs()
        moved = frozenset(name for name in after if after[name] != begin.get(name))
        assert moved in (frozenset(), changed)
        found.add(moved)
        assert shop.run(*command) == 0, "a second run finishes the same"
        after = shop.refs()
        assert {name for name in after if after[name] != begin.get(name)} == changed
        assert int(git(shop.bare, "rev-list", "--count", f"{begin['gate-results']}..gate-results")) <= 1
        shop.restore(begin)
    assert number > 4
    assert frozenset() in found


@pytest.mark.parametrize("goes_on", [False, True], ids=["", "others-go-on"])
@pytest.mark.parametrize("command", [ROLLBACK, PROMOTION, REPORT], ids=["rollback", "promote", "report"])
def test_a_lost_answer_is_no_failure(
    shop: Promotions, begin: dict[str, str], command: tuple[str, ...], goes_on: bool
) -> None:
    lost: list[str] = []

    def lose(request: GitRequest) -> None:
        if request.step == "push" and not lost:
            lost.append(request.step)
            for branch in ("environment/demo", "gate-results") if goes_on else ():
                made = git(shop.bare, "commit-tree", f"{branch}^{{tree}}", "-p", branch, "-m", "Touch")
                git(shop.bare, "update-ref", f"refs/heads/{branch}", made)
            raise RefusedError

    shop.server.after = lose
    assert shop.run(*command) == 0
    assert lost
    assert shop.refs() != begin
    assert (
        shop.count("environment/demo")
        <= int(git(shop.bare, "rev-list", "--count", "--first-parent", begin["environment/demo"])) + 1 + goes_on
    )


@pytest.mark.parametrize("command", [ROLLBACK, PROMOTION, REPORT], ids=["rollback", "promote", "report"])
def test_a_server_that_refuses_a_push_is_told(
    shop: Promotions, begin: dict[str, str], command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(request: GitRequest) -> None:
        if request.step == "push":
            raise RefusedError(403)

    shop.server.before = refuse
    assert shop.run(*command) == 1
    assert "git push: " in capsys.readouterr().err
    assert shop.refs() == begin


def test_a_branch_that_never_rests_is_given_up(
    shop: Promotions, begin: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    def touch(request: GitRequest) -> None:
        if request.step == "push":
            made = git(shop.bare, "commit-tree", "environment/demo^{tree}", "-p", "environment/demo", "-m", "Touch")
            git(shop.bare, "update-ref", "refs/heads/environment/demo", made)

    shop.server.before = touch
    assert shop.promote("--to", "demo") == 1
    assert "others were faster 20 times in a row" in capsys.readouterr().err
    assert shop.active("demo") == "1.1.0"


def test_a_repository_that_is_not_there_is_told(
    shop: Promotions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.promote("--repository", (tmp_path / "nothing").as_uri()) == 1
    assert "git ls-remote: " in capsys.readouterr().err
