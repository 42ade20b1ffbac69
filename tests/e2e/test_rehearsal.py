"""The whole pipeline on loopback: a release goes all the way, and what a rehearsal does to the machine it is on."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.rehearsals import ORIGIN, Rehearsed, command, environment, git, rehearse

VERSION = "0.2.0-rc.1"


@pytest.fixture(name="good", scope="module")
def good_fixture(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    return rehearse(tmp_path_factory.mktemp("good"))


def test_a_release_goes_all_the_way(good: Rehearsed) -> None:
    assert good.code == 0, good.narration[-3000:]
    assert good.versions == {"demo-staging": VERSION, "demo": VERSION, "release": VERSION}
    assert {name: good.active(name)["version"] for name in good.versions} == good.versions
    assert list(good.document["releases"]) == [f"v{VERSION}"]
    assert good.document["releases"][f"v{VERSION}"], "its record is attached"
    assert (good.stages("failed"), good.stages("skipped")) == ([], [])


def test_all_environments_have_the_very_same_release(good: Rehearsed) -> None:
    records = [good.active(name) for name in good.versions]
    assert records == [records[0]] * 3
    assert records[0]["commit"] == git(good.folder / ORIGIN, "rev-parse", f"v{VERSION}^{{commit}}").strip()


def test_the_faulty_release_that_follows_was_in_staging_alone(good: Rehearsed) -> None:
    assert good.history("demo-staging") == [VERSION, "0.2.0", VERSION]
    assert good.history("demo") == [VERSION]
    assert good.history("release") == [VERSION]


def test_a_secret_is_in_nothing_that_is_kept(good: Rehearsed) -> None:
    from rehearsal.github_server import TOKEN

    kept = [path for path in (good.folder / "logs").iterdir() if path.is_file()]
    assert kept
    assert [path.name for path in kept if TOKEN in path.read_text()] == []


def test_a_release_that_skips_staging_comes_to_demo_without_it(tmp_path: Path) -> None:
    hotfix = rehearse(tmp_path, "--skip-staging")
    assert hotfix.code == 0, hotfix.narration[-3000:]
    assert hotfix.active("release")["skip_staging"] is True
    assert hotfix.history("demo-staging") == []
    assert (hotfix.history("demo"), hotfix.history("release")) == ([VERSION], [VERSION])
    assert hotfix.stages("skipped") == ["e2e", "faulty", "rollback"]


def test_an_interrupted_rehearsal_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    with subprocess.Popen(
        command(), env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = next((line for line in process.stderr if "is ready at" in line), "")
        assert said, "nothing was deployed"
        assert running(tmp_path), "nothing runs, so nothing could be left behind"
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        assert process.wait() == 130
    assert running(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def running(folder: Path) -> list[str]:
    """Returns the commands of all processes that name a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            told = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in told:
            found.append(told)
    return found
