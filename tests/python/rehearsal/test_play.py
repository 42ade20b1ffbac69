"""Versions, the timeline, what a failed command says, and the page that tells of all this."""

from pathlib import Path

import pytest

from rehearsal.failures import FAILURES
from rehearsal.faults import FAULTS
from rehearsal.kit import Ran
from rehearsal.play import NAMES, following, next_minor
from rehearsal.timeline import FAILED, PASSED, SKIPPED, Event, Timeline

TABLE = """\
WHAT STANDS AGAINST IT   WHO    COMMAND
release has not passed   Alice  release-kit report X --gate approval
an image has changed     Bob
"""


@pytest.mark.parametrize(("version", "first"), [("0.1.0", "0.2.0-rc.1"), ("1.9.3", "1.10.0-rc.1")])
def test_the_first_release_is_a_pre_release_of_the_next_minor_version(version: str, first: str) -> None:
    assert next_minor(version) == first


@pytest.mark.parametrize(("version", "then"), [("0.2.0-rc.1", "0.2.0"), ("0.2.0", "0.2.1"), ("1.2.9", "1.2.10")])
def test_a_pre_release_is_followed_by_its_release(version: str, then: str) -> None:
    assert following(version) == then


def test_the_next_commands_are_those_that_the_table_names_and_the_same_again() -> None:
    ran = Ran("release-kit promote X", 1, TABLE, "ERROR it stays\ntry   do what the table names\n")
    assert ran.remedies == ("release-kit report X --gate approval", "release-kit promote X")
    assert ran.error == "it stays"


def test_without_a_table_the_advice_counts() -> None:
    ran = Ran("release-kit push X", 1, "", "* check\nERROR it fails\ntry   plug it in\n")
    assert ran.remedies == ("plug it in", "release-kit push X")


def test_the_timeline_keeps_what_happens_in_which_stage() -> None:
    shown: list[Event] = []
    timeline = Timeline(shown.append, iter(float(n) for n in range(20)).__next__)
    with timeline.stage("cut"):
        timeline.tell("two\nlines\x1b[31m", "here")
    with pytest.raises(KeyError), timeline.stage("push"):
        raise KeyError
    timeline.skip("e2e", "not now")
    assert [(each.name, each.outcome) for each in timeline.stages] == [
        ("cut", PASSED),
        ("push", FAILED),
        ("e2e", SKIPPED),
    ]
    assert shown == timeline.events
    assert shown[0] == Event(2.0, "cut", "two lines [31m", "here")


@pytest.mark.parametrize("name", [*NAMES, *FAULTS])
def test_the_page_names_every_stage_and_fault(name: str) -> None:
    assert f"| `{name}` |" in Path("docs/rehearsal.md").read_text()


@pytest.mark.parametrize("name", FAILURES)
def test_the_page_says_what_makes_each_stage_fail(name: str) -> None:
    (row,) = [line for line in Path("docs/rehearsal.md").read_text().splitlines() if line.startswith(f"| `{name}` |")]
    assert row.split(" | ")[2].removesuffix(" |") == FAILURES[name].about
