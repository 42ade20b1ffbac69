"""A cut that fails, is interrupted or killed at any call of git: everything is as it was, or released."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rehearsal.git_server import GitRequest, GitServer, RefusedError, git, refs
from tests.support import cutting
from tests.support.cutting import FaultyGit, Workshop


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return cutting.workshop(tmp_path, monkeypatch)


@pytest.fixture(name="faulty")
def faulty_fixture(shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FaultyGit:
    return FaultyGit(tmp_path, monkeypatch)


@pytest.fixture(name="server")
def server_fixture(shop: Workshop) -> Iterator[GitServer]:
    """The same remote by HTTP."""
    with GitServer(shop.folder) as server:
        git(shop.bare, "config", "http.receivepack", "true")
        shop.git("remote", "set-url", "origin", server.url("remote"))
        yield server


def start_over(shop: Workshop) -> None:
    """Takes a release back, here and there."""
    for repository in (shop.bare, shop.clone):
        git(repository, "update-ref", "-d", "refs/tags/v1.3.0")
    git(shop.bare, "update-ref", "refs/heads/main", "v1.2.0^{commit}")
    shop.git("reset", "--quiet", "--hard", "v1.2.0")


def calls_of_a_cut(shop: Workshop, faulty: FaultyGit) -> list[str]:
    """Returns what git is called with by a cut that succeeds."""
    assert faulty.cut("1.3.0") == 0
    calls = faulty.calls
    start_over(shop)
    return calls


CHANGING = ("add ", "commit ", "tag ", "push ")


def test_a_cut_changes_the_repository_by_these_calls_alone(shop: Workshop, faulty: FaultyGit) -> None:
    calls = calls_of_a_cut(shop, faulty)
    assert [call.split()[0] + " " for call in calls if call.startswith(CHANGING)] == [*CHANGING]
    reading = {call.split()[0] for call in calls if not call.startswith(CHANGING)}
    assert reading <= {
        *("--no-optional-locks", "cat-file", "for-each-ref", "ls-files", "ls-remote", "remote", "rev-list", "config"),
        *("rev-parse", "symbolic-ref", "var"),
    }
    assert [call for call in calls if call.startswith(("ls-remote", "push"))][-1].startswith("push")


@pytest.mark.parametrize("what", ["fail", "fail-after"])
def test_a_failure_at_any_call_leaves_everything_as_it_was_or_released(
    shop: Workshop, faulty: FaultyGit, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    calls, before, released = calls_of_a_cut(shop, faulty), shop.snapshot(), []
    for number, call in enumerate(calls, 1):
        faulty.set(what, number)
        code = faulty.cut("1.3.0")
        if shop.snapshot() != before:
            assert shop.is_released(), call
            assert code == 0, call
            released.append(call.split()[0])
            start_over(shop)
        else:
            assert code, call
        assert "bug" not in capsys.readouterr().err
    # Whether there is a default branch, or some file of a commit, may also be answered by a failure.
    assert ("push" in released) == (what == "fail-after")
    assert not {"add", "commit", "tag", "ls-remote", "--no-optional-locks"} & {*released}


@pytest.mark.parametrize(("what", "code"), [("interrupt", 130), ("terminate", 143)])
def test_an_interrupt_at_any_call_leaves_everything_as_it_was_or_released(
    shop: Workshop, faulty: FaultyGit, what: str, code: int
) -> None:
    calls, before = calls_of_a_cut(shop, faulty), shop.snapshot()
    for number, call in enumerate(calls, 1):
        faulty.set(what, number)
        done = faulty.process("1.3.0")
        if shop.snapshot() == before:
            assert done.returncode == code, (call, done.stderr)
            assert "ERROR interrupted" in done.stderr
        else:
            assert call.startswith("push"), (call, done.stderr)
            assert shop.is_released()
            assert (done.returncode, done.stdout) == (0, "1.3.0\n")
            start_over(shop)


def test_a_push_that_has_begun_is_waited_for(shop: Workshop, faulty: FaultyGit) -> None:
    calls = calls_of_a_cut(shop, faulty)
    faulty.set("interrupt", len(calls))
    done = faulty.process("1.3.0")
    assert calls[-1].startswith("push")
    assert (done.returncode, done.stdout) == (0, "1.3.0\n"), done.stderr
    assert shop.is_released()


@pytest.mark.parametrize("call", ["commit", "tag"])
def test_further_interrupts_do_not_stop_the_undoing(shop: Workshop, faulty: FaultyGit, call: str) -> None:
    calls, before = calls_of_a_cut(shop, faulty), shop.snapshot()
    faulty.set("storm", next(number for number, each in enumerate(calls, 1) if each.startswith(call)))
    done = faulty.process("1.3.0")
    assert (done.returncode, shop.snapshot()) == (130, before), done.stderr
    assert len(faulty.calls) > len(calls) - 2, "git was asked to undo it"


@pytest.mark.parametrize("what", ["kill", "kill-after"])
def test_after_a_kill_at_any_call_the_same_command_finishes_it(
    shop: Workshop, faulty: FaultyGit, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    calls, before, told = calls_of_a_cut(shop, faulty), shop.snapshot(), []
    for number, call in enumerate(calls, 1):
        faulty.set(what, number)
        killed = faulty.process("minor")
        assert killed.returncode == -signal.SIGKILL, call
        if not any(each.startswith(CHANGING) for each in calls[:number]):
            assert shop.snapshot() == before, call
            continue
        capsys.readouterr()
        assert shop.cut("minor") == 0, call
        assert shop.is_released(), call
        told.append(capsys.readouterr().err)
        start_over(shop)
    assert any("a cut of 1.3.0 was stopped here; undone is what was left of it: the commit" in text for text in told)
    is_done = ["the cut that was stopped here is done" in text for text in told]
    assert is_done == [False] * (len(told) - 1) + [what == "kill-after"], "the push is the last call"


@pytest.mark.parametrize("number", range(1, 7))
def test_after_a_kill_between_two_files_nothing_is_left_of_either(
    shop: Workshop, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    code = f"""
import os, sys
seen = []
def kill(event, arguments):
    place = {{"open": 0, "os.rename": 1}}.get(event)
    if place is not None and any(name in str(arguments[place]) for name in ("VERSION", "Chart.yaml", "CHANGELOG.md")):
        seen.append(event)
        written = event == "os.rename" or ".new" in str(arguments[0])
        kill.number += written
        if written and kill.number == {number}:
            os.kill(os.getpid(), 9)
kill.number = 0
sys.addaudithook(kill)
from release_kit.cli.app import command
sys.exit(command())
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    killed = subprocess.run([sys.executable, "-c", code, "cut", "1.3.0"], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert shop.snapshot().own == {"release-kit-cut.json"}
    assert shop.cut("1.3.0", "--dry-run") == 1
    assert "a cut of 1.3.0 was stopped here; left of it: " in capsys.readouterr().err
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()


@pytest.mark.parametrize(
    "hook", ["pre-commit", "commit-msg", "prepare-commit-msg", "pre-push", "reference-transaction"]
)
def test_a_hook_that_refuses_leaves_everything_as_it_was(
    shop: Workshop, hook: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.snapshot()
    shop.hook(hook, "echo 'not on a Friday' >&2\nexit 1\n")
    assert shop.cut("1.3.0") == 1
    assert shop.snapshot() == before
    told = capsys.readouterr().err
    assert "not on a Friday" in told
    assert "* undone: main, its files and tags are as they were\n" in told


def test_what_a_hook_has_written_before_it_refuses_is_kept_and_told(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.snapshot()
    shop.hook("pre-commit", "echo formatted > CHANGELOG.md\ngit add CHANGELOG.md\necho more > extra\nexit 1\n")
    assert shop.cut("1.3.0") == 1
    after = shop.snapshot()
    assert {**after.files, "extra": None} == {**before.files, "extra": None}
    assert (after.refs, after.staged, after.status) == (before.refs, before.staged, "?? extra")
    told = capsys.readouterr().err
    (kept,) = (line for line in told.splitlines() if "git cat-file -p" in line)
    assert shop.git(*kept.partition("; git ")[2].split()[:3]) == "formatted"
    assert "left as it is: extra" in told


def test_a_hook_that_adds_to_the_commit_is_undone_with_it(shop: Workshop) -> None:
    before = shop.snapshot()
    shop.hook("pre-commit", "cp VERSION notes\ngit add notes\n")
    shop.hook("pre-push", "exit 1\n")
    assert shop.cut("1.3.0") == 1
    after = shop.snapshot()
    assert (after.refs, after.staged, after.status) == (before.refs, before.staged, "?? notes")


def test_a_commit_that_is_made_meanwhile_is_not_lost(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.hook("pre-push", "git commit --quiet --no-verify --allow-empty -m 'mine'\nexit 1\n")
    assert shop.cut("1.3.0") == 1
    assert shop.git("log", "-1", "--format=%s") == "mine"
    told = capsys.readouterr().err
    assert "ERROR a cut of 1.3.0 was stopped here and can't be taken back: main is at " in told
    assert "forget it: rm " in told
    assert shop.cut("1.4.0") == 1, "as long as it is not settled"
    Path(told.partition("forget it: rm ")[2].strip()).unlink()
    shop.git("tag", "-d", "v1.3.0")
    shop.hook("pre-push", "exit 0\n")
    shop.hook("pre-push", "exit 0\n")
    assert shop.cut("1.4.0", "--allow-empty-changelog") == 0


def test_a_branch_that_is_left_after_a_kill_is_asked_back_for(
    shop: Workshop, faulty: FaultyGit, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = calls_of_a_cut(shop, faulty)
    faulty.set("kill-after", next(i for i, call in enumerate(calls, 1) if call.startswith("tag")))
    faulty.process("1.3.0")
    shop.git("switch", "--quiet", "--create", "side")
    assert shop.cut("1.3.0") == 1
    told = capsys.readouterr().err
    assert "can't be taken back: main is not checked out; left of it: the commit " in told
    assert "finish it: git push --atomic origin main v1.3.0" in told
    shop.git("push", "--quiet", "--atomic", "origin", "main", "v1.3.0")
    shop.git("switch", "--quiet", "main")
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()


def test_a_file_that_was_changed_after_a_kill_is_left_alone(
    shop: Workshop, faulty: FaultyGit, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = calls_of_a_cut(shop, faulty)
    faulty.set("kill", next(i for i, call in enumerate(calls, 1) if call.startswith("commit")))
    faulty.process("1.3.0")
    shop.write({"CHANGELOG.md": "mine"})
    assert shop.cut("1.3.0") == 1
    assert (shop.clone / "CHANGELOG.md").read_text() == "mine"
    told = capsys.readouterr().err
    assert "somebody has changed CHANGELOG.md since" in told
    subprocess.run(told.partition("take it back: ")[2].partition(";")[0], shell=True, check=True)
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()


def test_a_journal_that_is_none_is_named(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    (shop.clone / ".git/release-kit-cut.json").write_text(json.dumps({"schema": "x"}))
    assert shop.cut("1.3.0") == 2
    assert ".git/release-kit-cut.json: schema: expected" in capsys.readouterr().err


def test_two_cuts_at_once_are_one(shop: Workshop, server: GitServer, capsys: pytest.CaptureFixture[str]) -> None:
    with pausing(server, "list to push") as (reached, go), started("1.3.0") as first:
        assert reached.wait(60)
        assert shop.cut("1.3.0") == 1
        go.set()
        assert first.wait() == 0
    assert "ERROR a cut is at work in this work tree" in capsys.readouterr().err
    assert shop.is_released()


@contextmanager
def pausing(server: GitServer, step: str) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Lets the server wait at a step; yields what says that it does, and what lets it go on."""
    reached, go = threading.Event(), threading.Event()

    def pause(request: GitRequest) -> None:
        if request.step == step and not reached.is_set():
            reached.set()
            assert go.wait(60)

    server.before = pause
    try:
        yield reached, go
    finally:
        go.set()


def started(*arguments: str) -> "subprocess.Popen[bytes]":
    """Starts a cut in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    code = "import sys; from release_kit.cli.app import command; sys.exit(command())"
    command = [sys.executable, "-c", code, "cut", *arguments]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def test_a_server_that_refuses_leaves_everything_as_it_was(
    shop: Workshop, server: GitServer, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.snapshot()
    hook = shop.bare / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    assert shop.cut("1.3.0") == 1
    assert shop.snapshot() == before
    assert "main is protected" in capsys.readouterr().err


@pytest.mark.parametrize("status", [0, 403, 503])
@pytest.mark.parametrize("step", ["list", "list to push", "push"])
def test_a_request_that_is_refused_leaves_everything_as_it_was(
    shop: Workshop, server: GitServer, step: str, status: int
) -> None:
    before = shop.snapshot()
    seen: list[str] = []

    def refuse(request: GitRequest) -> None:
        # git asks again where a connection was closed; what is asked afterwards is answered.
        if request.step == step and (step != "list" or not seen.count("list to push")):
            seen.append(request.step)
            raise RefusedError(status)

    server.before = refuse
    assert shop.cut("1.3.0") == 1
    assert seen
    assert shop.snapshot() == before


def test_an_answer_that_gets_lost_is_no_failure(
    shop: Workshop, server: GitServer, capsys: pytest.CaptureFixture[str]
) -> None:
    def lose(request: GitRequest) -> None:
        if request.step == "push":
            raise RefusedError

    server.after = lose
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()
    told = capsys.readouterr()
    assert told.out == "1.3.0\n"
    assert "* the answer of origin got lost; it has taken v1.3.0\n" in told.err


@pytest.mark.parametrize("has_taken", [True, False])
def test_a_server_that_falls_silent_is_asked_by_the_next_run(
    shop: Workshop, server: GitServer, has_taken: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    silent: list[str] = []

    def fall_silent(request: GitRequest) -> None:
        if request.step == "push":
            silent.append(request.step)
        if silent:
            raise RefusedError

    setattr(server, "after" if has_taken else "before", fall_silent)
    assert shop.cut("minor") == 1
    assert "whether origin has taken v1.3.0 can't be told" in capsys.readouterr().err
    assert shop.cut("minor") == 1, "it is silent still"
    server.before = server.after = lambda _: None
    capsys.readouterr()
    assert shop.cut("minor") == 0
    assert shop.is_released()
    is_done = "the cut that was stopped here is done" in capsys.readouterr().err
    assert is_done == has_taken
    assert len(shop.git("log", "--format=%s", "main").splitlines()) == 2


@pytest.mark.parametrize("step", ["list to push", "push"])
def test_somebody_who_pushes_first_wins_and_nothing_of_the_cut_is_seen(
    shop: Workshop, server: GitServer, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.snapshot()
    done: list[object] = []

    def push_first(request: GitRequest) -> None:
        if request.step == step and not done:
            done.append(True)
            shop.push_from_elsewhere()

    server.before = push_first
    assert shop.cut("1.3.0") == 1
    after = shop.snapshot()
    assert after._replace(remote={}) == before._replace(remote={})
    assert "refs/tags/v1.3.0" not in after.remote
    told = capsys.readouterr().err
    assert "ERROR somebody has pushed to main meanwhile" in told
    assert "git pull --rebase origin main" in told
    shop.git("pull", "--quiet", "--rebase", "origin", "main")
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()


def test_a_branch_that_somebody_takes_back_meanwhile_is_not_pushed_again(shop: Workshop, server: GitServer) -> None:
    shop.git("commit", "--quiet", "--allow-empty", "--message", "a mistake")
    shop.git("push", "--quiet", "origin", "main")
    before = shop.snapshot()

    def take_back(request: GitRequest) -> None:
        if request.step == "list to push":
            git(shop.bare, "update-ref", "refs/heads/main", "v1.2.0^{commit}")

    server.before = take_back
    assert shop.cut("1.3.0") == 1
    after = shop.snapshot()
    assert after._replace(remote={}) == before._replace(remote={})
    assert after.remote["refs/heads/main"] == shop.git("rev-parse", "v1.2.0^{commit}")


@pytest.mark.parametrize("step", ["list to push", "push"])
def test_a_tag_that_somebody_makes_first_is_not_replaced(
    shop: Workshop, server: GitServer, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.snapshot()
    done: list[object] = []

    def tag_first(request: GitRequest) -> None:
        if request.step == step and not done:
            done.append(git(shop.bare, "tag", "v1.3.0", "v1.2.0"))

    server.before = tag_first
    assert shop.cut("1.3.0") == 1
    expected = {**before.remote, "refs/tags/v1.3.0": before.remote["refs/tags/v1.2.0"]}
    assert shop.snapshot() == before._replace(remote=expected)
    assert "somebody has made the tag v1.3.0 on origin meanwhile" in capsys.readouterr().err


def test_a_cut_elsewhere_at_the_same_time_is_not_taken_for_this_one(
    shop: Workshop, server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shop.snapshot()
    done: list[object] = []
    git(shop.folder, "clone", "--quiet", str(shop.bare), "second")

    def cut_elsewhere(request: GitRequest) -> None:
        if request.step == "push" and not done:
            done.append(True)
            with started("1.3.0", "--root", str(shop.folder / "second")) as second:
                assert second.wait() == 0

    server.before = cut_elsewhere
    assert shop.cut("1.3.0", "--skip-staging") == 1
    after = shop.snapshot()
    assert after._replace(remote={}) == before._replace(remote={})
    assert refs(shop.folder / "second")["refs/tags/v1.3.0"] == after.remote["refs/tags/v1.3.0"]


def test_an_interrupt_while_the_server_takes_the_push_is_no_failure(shop: Workshop, server: GitServer) -> None:
    """The push is waited for, as it can't be taken back half way."""
    with pausing(server, "push") as (reached, go), started("1.3.0") as process:
        assert reached.wait(60)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        go.set()
        assert process.wait() == 0
    assert shop.is_released()
