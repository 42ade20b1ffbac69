"""Faulty releases, each with one thing broken: none comes to demo. What git and the registry say of it counts."""

from pathlib import Path

import pytest

from rehearsal.faults import FAULTS
from tests.support.rehearsals import Rehearsed, rehearse

GOOD = "0.2.0"
FAULTY = {fault: f"0.2.{position + 1}" for position, fault in enumerate(FAULTS)}
STOPPED_BY = {
    "old-version": "e2e",
    "login": "e2e",
    "slow-query": "e2e",
    "skipped": "e2e",
    "no-health": "argocd",
}


@pytest.fixture(name="rehearsed", scope="module")
def rehearsed_fixture(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    """One rehearsal in which each fault follows the other."""
    return rehearse(tmp_path_factory.mktemp("faults"), "--fault", "all", "--version", GOOD)


def test_all_faults_are_stopped(rehearsed: Rehearsed) -> None:
    assert rehearsed.code == 0, rehearsed.narration[-3000:]
    assert len(rehearsed.stages("passed")) == 10 + 2 * len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_release_never_comes_to_demo(rehearsed: Rehearsed, fault: str) -> None:
    assert f"v{FAULTY[fault]}" in rehearsed.tags, "it was released"
    assert FAULTY[fault] in rehearsed.history("demo-staging"), "it was in staging"
    assert FAULTY[fault] not in rehearsed.history("demo")
    assert FAULTY[fault] not in rehearsed.history("release")
    assert f"v{FAULTY[fault]}" not in rehearsed.document["releases"]


def test_staging_goes_back_after_each(rehearsed: Rehearsed) -> None:
    expected = [version for faulty in FAULTY.values() for version in (faulty, GOOD)]
    assert rehearsed.history("demo-staging") == [GOOD, *expected]
    assert rehearsed.versions == {"demo-staging": GOOD, "demo": GOOD, "release": GOOD}


def test_latest_is_what_was_published(rehearsed: Rehearsed) -> None:
    images = rehearsed.active("release")["images"]
    assert {each["repository"]: rehearsed.digest(each["repository"], "latest") for each in images} == {
        each["repository"]: each["digest"] for each in images
    }


@pytest.mark.parametrize("fault", FAULTS)
def test_the_gate_that_is_meant_for_it_stops_it(rehearsed: Rehearsed, fault: str) -> None:
    """What the gates themselves said: the last one before the promotion to demo was refused."""
    logs = [path.read_text() for path in sorted(Path(rehearsed.folder / "logs").iterdir())]
    begins = next(n for n, text in enumerate(logs) if text.startswith(f"$ release-kit cut {FAULTY[fault]}\n"))
    refused = next(n for n in range(begins, len(logs)) if "--to demo\n" in logs[n])
    assert logs[refused - 1].startswith(f"$ release-kit {STOPPED_BY[fault]} ")
    assert logs[refused - 1].endswith("exit 1\n")
    assert REASONS[fault] in logs[refused - 1]


REASONS = {
    "old-version": "version '0.0.9', expected '0.2.1'",
    "login": "test_login.py::test_login",
    "slow-query": "test_queries.py::test_one_product",
    "skipped": "skipped",
    "no-health": "expected 200, found 404",
}
