"""A rehearsal: the stages in order, what fails on request, and what can be said of it at the end."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from rehearsal import faults, published
from rehearsal.declaration import STAGING
from rehearsal.failures import FAILURES
from rehearsal.kit import FailedError
from rehearsal.stages import STAGES, Order, Step, UnexpectedError
from rehearsal.timeline import FAILED, SCHEMA
from rehearsal.world import World

FAULTY = ("faulty", "rollback")
NAMES = (*STAGES, *FAULTY)
_SKIPPED = ("e2e",)
"""What a release that skips staging leaves out."""


class Wishes(NamedTuple):
    """What the user wants."""

    version: str = ""
    """What is released; by default a pre-release of the next minor version."""
    faults: tuple[str, ...] = ("login",)
    fail_at: tuple[str, ...] = ()
    resume: bool = False
    """A stage that was made to fail is run once more, without what made it fail."""
    skip_staging: bool = False


class Failed(NamedTuple):
    """A stage that has failed."""

    stage: str
    why: str
    """What was made to fail; empty where that was not asked for."""
    command: str
    said: str
    next: tuple[str, ...]
    """What the command says is to be done; the same command once more is the last of it."""
    differences: tuple[str, ...]
    """What is not as it was before, or half visible; empty: nothing."""


class Rehearsal:
    """Plays a release, and faulty ones after it."""

    def __init__(self, world: World, wishes: Wishes) -> None:
        """Has played nothing yet."""
        self._world, self._wishes = world, wishes
        self.failed: list[Failed] = []
        version = wishes.version or next_minor(world.source.version)
        self.order = Order(version, skip_staging=wishes.skip_staging)

    def play(self) -> bool:
        """Plays all stages.

        Returns:
            Whether all have passed, or have passed when they were run again.
        """
        for name, step in STAGES.items():
            if self._wishes.skip_staging and name in _SKIPPED:
                self._world.timeline.skip(name, f"{self.order.version} skips staging")
            elif not self._stage(name, self.order, step):
                return False
        if self._wishes.skip_staging:
            for name in FAULTY:
                self._world.timeline.skip(name, f"{STAGING} has no release to go back to")
            return True
        return all(self._faulty(name) for name in self._wishes.faults)

    def _faulty(self, fault: str) -> bool:
        world = self._world
        world.source.change(f"A change in which {faults.FAULTS[fault].about}.")
        order = faults.order_of(world, fault, following(world.source.version))
        good = self.order.version
        return self._stage("faulty", order, lambda world, order: faults.faulty(world, order, fault)) and self._stage(
            "rollback", order, lambda world, order: faults.rollback(world, order, good)
        )

    def _stage(self, name: str, order: Order, step: Step) -> bool:
        """Runs a stage, and where that is wished for makes it fail before."""
        world = self._world
        if name not in self._wishes.fail_at or any(each.stage == name for each in self.failed):
            return self._run(name, order, step)
        failure = FAILURES[name]
        world.timeline.turn_to(name)
        world.say(f"made to fail: {failure.about}")
        before = published.look(world)
        with failure.cause(world):
            passed = self._run(name, order._replace(deadline=failure.deadline), step, failure.about)
        if passed:
            raise AssertionError(f"{name}: {failure.about}, and it has passed all the same")
        self._check(name, order.version, before)
        if not self._wishes.resume or self.failed[-1].differences:
            return False
        world.say("what made it fail is put right: the same again")
        return self._run(name, order, step)

    def _run(self, name: str, order: Order, step: Step, why: str = "") -> bool:
        try:
            with self._world.timeline.stage(name):
                step(self._world, order)
        except FailedError as error:
            ran = error.ran
            said = ran.error or ran.narration.strip()[-300:]
            self.failed.append(Failed(name, why, ran.command, said, ran.remedies, ()))
            return False
        except UnexpectedError as error:
            self._world.say(f"unexpected: {error}")
            self.failed.append(Failed(name, why, "", str(error), (), (str(error),)))
            return False
        return True

    def _check(self, name: str, version: str, before: published.Published) -> None:
        """Looks whether everything is where it was."""
        world, failed = self._world, self.failed[-1]
        found = tuple(published.differences(name, before, published.look(world), version))
        self.failed[-1] = failed._replace(differences=(*failed.differences, *found))
        for line in found or ("every environment is where it was, and nothing is half visible",):
            world.say(line)
        for line in failed.next:
            world.say(f"next: {line}")

    def document(self) -> dict[str, Any]:
        """Returns all that can be said of it."""
        seen, timeline = published.look(self._world), self._world.timeline
        bad = bool(self.failed) and timeline.stages[-1].outcome == FAILED
        return {
            "schema": SCHEMA,
            "version": self.order.version,
            "outcome": "failed" if bad else "passed",
            "stages": [each._asdict() for each in timeline.stages],
            "releases": seen.releases,
            "failures": [each._asdict() for each in self.failed],
            "environments": [
                {"name": name, "version": seen.answers[name], "commit": commit, "url": self._world.url(name)}
                for name, commit in seen.active.items()
            ],
            "events": [each._asdict() for each in timeline.events],
        }


def next_minor(version: str) -> str:
    """Returns the first pre-release of the minor version that follows."""
    major, minor = _numbers(version)[:2]
    return f"{major}.{minor + 1}.0-rc.1"


def following(version: str) -> str:
    """Returns the version after one: what a pre-release is for, or else the next patch."""
    major, minor, patch = _numbers(version)
    return f"{major}.{minor}.{patch + ('-' not in version)}"


def _numbers(version: str) -> Sequence[int]:
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    assert found, f"no version: {version}"
    return [int(number) for number in found.groups()]
