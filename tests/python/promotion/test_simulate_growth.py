"""How much a simulation does grows as its scenario does, and no faster: counted, not timed."""

import sys
from types import FrameType
from typing import Any

import pytest

from tests.support.simulations import CountingWriter, Played, declaration, simulate

ENVIRONMENTS = 5


def long(releases: int) -> Played:
    """Plays that many releases, each of which goes all the way before the next one."""
    flow = [{"name": f"stage-{number}"} for number in range(ENVIRONMENTS)]
    events = [{"at": f"{number * 30}m", "release": f"1.{number}.0"} for number in range(releases)]
    reporters = [{"gate": "argocd-health", "after": "2m"}]
    expect = [{"never": "stage-4 before argocd-health on stage-0"}, {"finally": {"stage-4": f"1.{releases - 1}.0"}}]
    return simulate(events, declaration(flow), reporters=reporters, expect=expect)


def calls(releases: int) -> int:
    """Counts the calls of Python functions."""
    count = 0

    def hear(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(hear)
    try:
        long(releases)
    finally:
        sys.setprofile(None)
    return count


def test_twice_as_many_releases_take_twice_as_many_calls() -> None:
    long(1)
    counts = [calls(number) for number in (20, 40, 80)]
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    assert second == pytest.approx(2 * first, rel=0.05)


@pytest.mark.parametrize("releases", [10, 40])
def test_a_release_writes_one_dry_commit_and_two_for_each_environment(releases: int) -> None:
    played = long(releases)
    assert played.found == []
    assert isinstance(played.writer, CountingWriter)
    assert played.writer.commits == ENVIRONMENTS + releases * (1 + 2 * ENVIRONMENTS)
    assert played.writer.blobs == 1 + 1 + releases * (1 + 2 * ENVIRONMENTS)
    assert played.writer.notes == 0


def test_a_change_writes_notes_where_it_makes_no_difference() -> None:
    flow = [{"name": f"stage-{number}"} for number in range(ENVIRONMENTS)]
    events: list[dict[str, Any]] = [
        {"at": "0s", "release": "1.0.0"},
        *({"at": f"{n}h", "change": ["stage-1"]} for n in range(1, 11)),
    ]
    played = simulate(events, declaration(flow), reporters=[{"gate": "argocd-health"}])
    assert isinstance(played.writer, CountingWriter)
    assert played.writer.notes == 10 * (ENVIRONMENTS - 1)
