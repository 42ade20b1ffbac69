"""Waiting for Argo CD: when it ends, and how; all that Argo CD says is scripted."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import pytest

from release_kit.documents.environments import Environment
from release_kit.engines.deadline import Deadline
from release_kit.engines.promotion.deployment import (
    MAX_WORDS,
    Aim,
    End,
    Outcome,
    Watch,
    description,
    has_failed,
    is_done,
    wait,
    words,
)
from release_kit.engines.promotion.report import Released
from release_kit.errors import ReleaseError
from release_kit.values.application import ApplicationState, Operation, UnavailableError

OLD, NEW = "0" * 40, "1" * 40
AIM = Aim(Environment("demo", "environment/demo"), "shop-demo", NEW, "1.2.0", Released(commit=NEW))
OF_APPLICATION = AIM._replace(application="pin-shop-demo", child="shop-demo")
BEFORE = ApplicationState("Synced", (OLD,), "Healthy", operation=Operation("Succeeded", "", (OLD,)))
FOUND = ApplicationState("OutOfSync", (NEW,), "Healthy", operation=Operation("Succeeded", "", (OLD,)))
RUNNING = FOUND._replace(operation=Operation("Running", "one task left", (NEW,)))
ROLLING = ApplicationState("Synced", (NEW,), "Progressing", operation=Operation("Succeeded", "", (NEW,)))
DONE = ROLLING._replace(health="Healthy")
GIVEN_UP = FOUND._replace(operation=Operation("Failed", "a hook failed (retried 5 times).", (NEW,)))
Said = ApplicationState | Exception


class Scripted:
    """Says one thing after the other, and the last one for ever; a clock that moves only by sleeping."""

    def __init__(self, said: Iterable[Said], superseded: Callable[[], bool] = lambda: False) -> None:
        self.said, self.now = list(said), 0.0
        self.asked: list[tuple[float, bool]] = []
        self.told: list[str] = []
        self.superseded, self.looked_up = superseded, 0

    def look(self, name: str, refresh: bool) -> ApplicationState:
        assert name == "shop-demo"
        self.asked.append((self.now, refresh))
        found = self.said.pop(0) if len(self.said) > 1 else self.said[0]
        if isinstance(found, Exception):
            raise found
        return found

    def wait(self, aimed: Aim = AIM, deadline: float = 900.0) -> Outcome:
        limit = Deadline(deadline, lambda: self.now, self._sleep)
        return wait(aimed, self, Watch(limit, self._is_superseded, self.told.append))

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _is_superseded(self) -> bool:
        self.looked_up += 1
        return self.superseded()


def test_what_is_done_at_once_is_asked_once_and_with_a_refresh() -> None:
    argocd = Scripted([DONE])
    assert argocd.wait() == Outcome(End.HEALTHY, DONE, 0.0)
    assert argocd.asked == [(0.0, True)]
    assert (argocd.told, argocd.looked_up) == ([], 0)


def test_a_deployment_is_followed_to_its_end() -> None:
    argocd = Scripted([BEFORE, FOUND, RUNNING, RUNNING, ROLLING, DONE])
    assert argocd.wait().end is End.HEALTHY
    assert argocd.told == [
        "Synced at 000000000000, Healthy; sync Succeeded",
        "OutOfSync at 111111111111, Healthy; sync Succeeded",
        "OutOfSync at 111111111111, Healthy; sync Running: one task left",
        "Synced at 111111111111, Progressing; sync Succeeded",
    ], "the same thing is told once"


def test_what_looks_done_counts_only_once_argo_cd_has_looked_again() -> None:
    argocd = Scripted([FOUND, DONE, ROLLING, DONE, DONE])
    assert argocd.wait().end is End.HEALTHY
    assert [refresh for _, refresh in argocd.asked] == [True, False, True, False, True]
    first, second = argocd.asked[1:3]
    assert first[0] == second[0], "at once, not after a pause"


def test_the_repository_is_looked_at_again_while_the_commit_was_not_seen_yet() -> None:
    argocd = Scripted([BEFORE])
    assert argocd.wait(deadline=300.0).end is End.DEADLINE
    when = [time for time, refresh in argocd.asked if refresh]
    assert len(when) in (4, 5), when
    assert all(later - earlier >= 60 for earlier, later in pairwise(when))


def test_a_commit_that_was_seen_needs_no_further_refresh() -> None:
    argocd = Scripted([FOUND, ROLLING])
    assert argocd.wait(deadline=300.0).end is End.DEADLINE
    assert [refresh for _, refresh in argocd.asked].count(True) == 1


@pytest.mark.parametrize(
    "state",
    [
        BEFORE,
        FOUND,
        RUNNING,
        ROLLING,
        ApplicationState(),
        DONE._replace(sync="Unknown"),
        DONE._replace(sync="OutOfSync"),
        DONE._replace(revisions=()),
        DONE._replace(revisions=(NEW[:12],)),
        DONE._replace(operation=Operation("Terminating", "", (NEW,))),
        DONE._replace(operation=Operation("Running", "", (OLD,))),
        *(DONE._replace(health=each) for each in ("", "Degraded", "Missing", "Suspended", "Unknown", "healthy")),
    ],
    ids=str,
)
def test_nothing_less_is_done(state: ApplicationState) -> None:
    assert not is_done(state, AIM)
    assert Scripted([state]).wait(deadline=20.0).end is End.DEADLINE


@pytest.mark.parametrize(
    "state",
    [
        DONE._replace(operation=Operation()),
        DONE._replace(operation=Operation("Failed", "", (OLD,))),
        DONE._replace(revisions=(OLD, NEW)),
        DONE._replace(conditions=("OrphanedResourceWarning: 1",)),
        DONE._replace(unjudged=("shop-demo",)),
    ],
    ids=str,
)
def test_what_else_there_is_does_not_matter(state: ApplicationState) -> None:
    assert is_done(state, AIM)


def test_an_application_without_health_does_not_count_for_the_one_that_applies_it() -> None:
    seen = DONE._replace(unjudged=("shop-demo",))
    assert not is_done(seen, OF_APPLICATION)
    assert is_done(seen._replace(unjudged=("other",)), OF_APPLICATION)
    assert "Argo CD gives the Application shop-demo no health: argocd/health.yaml" in words(seen, OF_APPLICATION)
    assert "no health" not in words(seen, AIM)


def test_degraded_is_no_end() -> None:
    argocd = Scripted([ROLLING._replace(health="Degraded", message="progress deadline exceeded"), ROLLING, DONE])
    assert argocd.wait().end is End.HEALTHY
    assert argocd.told[0] == "Synced at 111111111111, Degraded: progress deadline exceeded; sync Succeeded"


def test_a_sync_that_argo_cd_gave_up_ends_the_wait() -> None:
    argocd = Scripted([FOUND, RUNNING, GIVEN_UP, DONE])
    outcome = argocd.wait()
    assert outcome.end is End.FAILED
    said = "Argo CD has given up: OutOfSync at 111111111111, Healthy; sync Failed: a hook failed (retried 5 times)."
    assert description(outcome, AIM) == said


def test_a_failed_hook_after_the_sync_is_a_failure_however_healthy_the_objects_are() -> None:
    seen = DONE._replace(operation=Operation("Failed", "PostSync hook failed", (NEW,)))
    assert has_failed(seen, AIM)
    assert not is_done(seen, AIM)
    assert Scripted([seen]).wait().end is End.FAILED


@pytest.mark.parametrize("phase", ["Failed", "Error"])
def test_a_failure_of_another_commit_is_none_of_this_one(phase: str) -> None:
    argocd = Scripted([FOUND._replace(operation=Operation(phase, "", (OLD,))), DONE])
    assert argocd.wait().end is End.HEALTHY


def test_the_deadline_ends_it_with_what_was_seen_last() -> None:
    argocd = Scripted([FOUND, ROLLING])
    outcome = argocd.wait(deadline=90.0)
    assert outcome.end is End.DEADLINE
    assert outcome.seen == ROLLING
    assert 60 < outcome.seconds <= 90, "no look is begun after it"
    assert description(outcome, AIM).endswith("s: Synced at 111111111111, Progressing; sync Succeeded")
    assert argocd.asked[-1][0] <= 90


def test_looks_become_rarer() -> None:
    argocd = Scripted([ROLLING])
    argocd.wait()
    times = [time for time, _ in argocd.asked]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses[0] <= 1 < 7 < min(pauses[6:50])
    assert len(pauses) < 130


def test_something_newer_ends_it_with_no_word_about_the_newer_one() -> None:
    newer = ApplicationState("Synced", ("2" * 40,), "Degraded")
    argocd = Scripted([FOUND, newer], superseded=lambda: True)
    outcome = argocd.wait()
    assert outcome.end is End.SUPERSEDED
    assert argocd.looked_up == 1, "nobody asks while Argo CD is at the commit"
    assert description(outcome, AIM).startswith("superseded, demo has something newer: Synced at 222222222222")


def test_a_sync_that_was_given_up_has_failed_whatever_came_meanwhile() -> None:
    seen = BEFORE._replace(operation=Operation("Failed", "a hook failed", (NEW,)))
    assert Scripted([seen], superseded=lambda: True).wait().end is End.FAILED


def test_what_was_done_is_done_whatever_came_meanwhile() -> None:
    assert Scripted([FOUND, DONE], superseded=lambda: True).wait().end is End.HEALTHY


def test_a_server_that_is_away_for_a_while_is_waited_for() -> None:
    argocd = Scripted([UnavailableError("away"), FOUND, UnavailableError("away"), UnavailableError("away"), DONE])
    assert argocd.wait().end is End.HEALTHY
    assert argocd.told == ["away", "OutOfSync at 111111111111, Healthy; sync Succeeded", "away"]


def test_a_server_that_never_answered_is_no_result() -> None:
    with pytest.raises(UnavailableError, match="away"):
        Scripted([UnavailableError("away")]).wait(deadline=30.0)


def test_something_newer_is_found_while_the_server_is_away() -> None:
    outcome = Scripted([UnavailableError("away")], superseded=lambda: True).wait()
    assert outcome == Outcome(End.SUPERSEDED, ApplicationState(), 0.0)


def test_a_refusal_ends_it() -> None:
    with pytest.raises(ReleaseError, match="no right"):
        Scripted([FOUND, ReleaseError("no right"), DONE]).wait()


def test_words_of_an_application_that_nobody_has_looked_at() -> None:
    assert words(ApplicationState(), AIM) == "not compared yet, of unknown health"


def test_words_have_an_end() -> None:
    seen: dict[str, Any] = {"conditions": tuple("c" * 300 for _ in range(20))}
    assert len(words(DONE._replace(**seen), AIM)) == MAX_WORDS
