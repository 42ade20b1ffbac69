"""Stages that fail: nothing has changed, the next command is named, and the same stage passes once that is done."""

import subprocess
from pathlib import Path

import pytest

from rehearsal.failures import FAILURES
from rehearsal.play import NAMES
from tests.support.rehearsals import Rehearsed, command, environment, git, rehearse

VERSION = "0.2.0-rc.1"


@pytest.fixture(name="resumed", scope="module")
def resumed_fixture(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """One rehearsal in which each stage fails, and is run again."""
    failing = [word for name in NAMES for word in ("--fail-at", name)]
    return rehearse(tmp_path_factory.mktemp("failures"), *failing, "--resume")


def test_every_stage_can_be_made_to_fail() -> None:
    assert tuple(FAILURES) == NAMES


def test_every_stage_that_failed_passes_when_it_is_run_again(resumed: Rehearsed) -> None:
    assert resumed.code == 0, resumed.narration[-3000:]
    assert resumed.stages("failed") == list(NAMES)
    assert resumed.stages("passed") == list(NAMES)
    assert set(resumed.versions.values()) == {VERSION}


@pytest.mark.parametrize("stage", NAMES)
def test_a_failed_stage_changes_nothing_and_says_what_comes_next(resumed: Rehearsed, stage: str) -> None:
    failure = next(each for each in resumed.document["failures"] if each["stage"] == stage)
    assert failure["differences"] == []
    assert failure["said"]
    assert len(failure["next"]) >= 2, "what has to be done, and what is to be run again"
    assert failure["next"][-1] == failure["command"]


def test_the_branches_have_every_promotion_once(resumed: Rehearsed) -> None:
    assert resumed.history("demo-staging") == [VERSION, "0.2.0", VERSION]
    assert (resumed.history("demo"), resumed.history("release")) == ([VERSION], [VERSION])


def test_a_refused_cut_ends_the_rehearsal_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        command("--fail-at", "cut"), env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "every environment is where it was" in done.stderr
    assert f"next: release-kit cut {VERSION}\n" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_registry_that_dies_leaves_no_tag(tmp_path: Path) -> None:
    failed = rehearse(tmp_path, "--fail-at", "push")
    assert (failed.code, failed.document["outcome"]) == (1, "failed")
    tags = list((failed.folder / "registry").rglob("_manifests/tags/*"))
    assert tags == []
    assert git(failed.folder / "deploy/shop-deploy.git", "log", "--format=%s", "releases").splitlines() == [
        "Begin the branches of environments"
    ]
