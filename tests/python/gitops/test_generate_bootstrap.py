"""The script that makes the branches, run by bash against real repositories."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import gitops_trees as trees

PAIRS = ("environment/demo-staging", "environment/demo", "environment/release")
ALL = {"releases", "gate-results", *PAIRS, *(f"{branch}-next" for branch in PAIRS)}


def git(*arguments: str, cwd: Path) -> str:
    who = {f"GIT_{role}_{key}": "test" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env={**os.environ, **who}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def heads(server: Path) -> dict[str, str]:
    lines = git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads", cwd=server).splitlines()
    return dict(line.split(" ") for line in lines)


@pytest.fixture
def server(tmp_path: Path) -> Path:
    folder = tmp_path / "server repository.git"
    git("init", "--quiet", "--bare", str(folder), cwd=tmp_path)
    return folder


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "bootstrap.sh"
    path.write_text(trees.files(trees.declared("full"))["bootstrap.sh"])
    return path


def run(script: Path, server: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"HOME": str(script.parent), "TMPDIR": str(script.parent)}
    return subprocess.run(
        ["bash", str(script), str(server)], env=environment, capture_output=True, text=True, check=False
    )


def commit(server: Path, branch: str, *parents: str) -> str:
    tree = git("mktree", "--missing", cwd=server)
    arguments = [part for parent in parents for part in ("-p", parent)]
    made = git("commit-tree", "-m", f"for {branch}", *arguments, tree, cwd=server)
    git("update-ref", f"refs/heads/{branch}", made, cwd=server)
    return made


def test_all_branches_are_made_with_one_beginning(script: Path, server: Path) -> None:
    done = run(script, server)
    assert (done.returncode, done.stderr) == (0, "")
    found = heads(server)
    assert {*found} == ALL
    assert len({*found.values()}) == 1
    assert git("ls-tree", "-r", found["releases"], cwd=server) == ""


def test_a_second_run_changes_nothing_and_says_so(script: Path, server: Path) -> None:
    run(script, server)
    before = heads(server)
    done = run(script, server)
    assert done.returncode == 0
    assert {line.split(" ")[0] for line in done.stdout.splitlines()} == {"kept"}
    assert heads(server) == before


def test_branches_that_are_there_stay_as_they_are(script: Path, server: Path) -> None:
    live = commit(server, "environment/demo", commit(server, "scratch"))
    mine = commit(server, "gate-results")
    assert run(script, server).returncode == 0
    found = heads(server)
    assert found["environment/demo"] == found["environment/demo-next"] == live
    assert found["gate-results"] == mine


def test_what_runs_begins_where_the_proposed_branch_did(script: Path, server: Path) -> None:
    first = commit(server, "scratch")
    proposed = commit(server, "environment/demo-next", commit(server, "scratch", first))
    assert run(script, server).returncode == 0
    found = heads(server)
    assert (found["environment/demo"], found["environment/demo-next"]) == (first, proposed)


def test_both_branches_of_each_environment_share_history(script: Path, server: Path) -> None:
    commit(server, "environment/release-next")
    assert run(script, server).returncode == 0
    for branch in PAIRS:
        assert git("merge-base", branch, f"{branch}-next", cwd=server)


def test_runs_at_the_same_time_agree(script: Path, server: Path) -> None:
    environment = {**os.environ, "HOME": str(script.parent), "TMPDIR": str(script.parent)}
    runs = [
        subprocess.Popen(
            ["bash", str(script), str(server)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for each in runs:
        _, told = each.communicate(timeout=120)
        assert each.returncode == 0, told
    assert {*heads(server)} == ALL
    assert len({*heads(server).values()}) == 1


def test_a_branch_that_somebody_else_makes_meanwhile_is_kept(script: Path, server: Path) -> None:
    theirs = commit(server, "scratch")
    hook = server / "hooks" / "pre-receive"
    rival = f"git update-ref refs/heads/environment/demo {theirs} 2>/dev/null || true"
    unset = "unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES"
    theirs_first = f"[ $ref = refs/heads/environment/demo ] && ({unset}; {rival})"
    hook.write_text(f"#!/bin/sh\nwhile read old new ref; do {theirs_first}; done\ntrue\n")
    hook.chmod(0o755)
    done = run(script, server)
    assert done.returncode == 0, done.stderr
    assert "kept environment/demo, which somebody else has just made" in done.stdout
    assert heads(server)["environment/demo"] == heads(server)["environment/demo-next"] == theirs


def test_a_server_that_refuses_is_an_error(script: Path, server: Path) -> None:
    hook = server / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    done = run(script, server)
    assert done.returncode == 1
    assert "can't make the branch releases" in done.stderr
    assert heads(server) == {}


def test_a_server_that_is_not_there_is_an_error(script: Path, tmp_path: Path) -> None:
    done = run(script, tmp_path / "nothing")
    assert done.returncode != 0
    assert "made" not in done.stdout


def test_the_copy_is_gone_afterwards(script: Path, server: Path) -> None:
    before = sorted(script.parent.iterdir())
    run(script, server)
    assert sorted(script.parent.iterdir()) == before


def test_names_that_a_shell_would_obey_are_quoted(tmp_path: Path, server: Path) -> None:
    branch = "environment/$(touch${IFS}pwned)'\"`id`;&@URL@"

    def name(document: dict[str, Any]) -> None:
        document["environments"][0].update(branch=branch)
        document["repository"].update(url="https://host/$(touch${IFS}pwned)")

    made = trees.declared("full", edit=name)
    script = tmp_path / "bootstrap.sh"
    script.write_text(trees.files(made)["bootstrap.sh"])
    assert run(script, server).returncode == 0
    assert {branch, f"{branch}-next"} <= {*heads(server)}
    assert not (tmp_path / "pwned").exists()
