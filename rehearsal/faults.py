"""Faulty releases: real ones, each with one thing broken, that a gate has to stop before they come to demo."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rehearsal import published, stages
from rehearsal.declaration import DEMO, RELEASE, STAGING
from rehearsal.kit import Ran
from rehearsal.stages import Order, UnexpectedError
from rehearsal.world import World

IMAGES = "docker/images/faulty"


class Fault(NamedTuple):
    """What is broken."""

    about: str
    image: str = ""
    """Which image of the set is another one; empty: all are good."""
    layout: str = ""
    """The other one, below IMAGES."""
    deadline: str = "30s"
    """How long a gate may wait for it."""


FAULTS = {
    "old-version": Fault("health answers an old version for ever", "web", "old_version_image", "4s"),
    "login": Fault("nobody can log in", "core", "login_image"),
    "slow-query": Fault("looking at products takes too long", "datasvc", "slow_query_image"),
    "skipped": Fault("half of the scenarios are skipped"),
    "no-health": Fault("health answers 404", "web", "no_health_image", "4s"),
}
"""By name; `--fault`."""


def faulty(world: World, order: Order, name: str) -> None:
    """Releases a faulty version as far as the gates let it.

    Raises:
        UnexpectedError: nothing has stopped it, or something can be seen of it where it must not.
    """
    before = published.look(world)
    fault = FAULTS[name]
    world.say(f"the fault: {fault.about}", f"{IMAGES}/{fault.layout}" if fault.layout else "the suite")
    if order.tag not in world.source.tags():
        stages.cut(world, order)
    stages.push(world, order)
    world.kit.must("hydrate", str(world.declaration), "--release", order.version)
    stages.promote_to(world, order, STAGING)
    stopped = _stopped(world, order)
    world.say(f"stopped: {stopped.error}", STAGING)
    refused = world.kit.run("promote", str(world.declaration), "--from", STAGING, "--to", DEMO)
    for what in _seen(world, before, order, refused):
        raise UnexpectedError(f"{order.version}, in which {fault.about}: {what}")
    world.say(f"{order.version} has not come to {DEMO}, and never was there", "deploy repository")


def rollback(world: World, order: Order, good: str) -> None:
    """Brings back what ran in the first environment before."""
    before = published.look(world)
    reason = ["--reason", f"{order.version} has not passed its gates"]
    world.kit.must("rollback", str(world.declaration), "--environment", STAGING, *reason)
    stages.wait(world, order._replace(version=good, deadline=stages.DEADLINE), STAGING)
    after = published.look(world)
    for name in (DEMO, RELEASE):
        if (before.active[name], before.answers[name]) != (after.active[name], after.answers[name]):
            raise UnexpectedError(f"the rollback of {STAGING} has changed {name}")
    world.say(f"{STAGING} is back at {good}; {DEMO} and {RELEASE} are what they were")


def order_of(world: World, name: str, version: str) -> Order:
    """Returns the order of a faulty release."""
    fault = FAULTS[name]
    folder = world.folder / f"fault-{name}"
    folder.mkdir(exist_ok=True)
    suite = None if fault.image else _skipping(world.sample / stages.SUITE, folder / "suite")
    return Order(version, release_set=_release_set(world, fault, folder), suite=suite, deadline=fault.deadline)


def _stopped(world: World, order: Order) -> Ran:
    """Goes through the gates of staging until one says no.

    Raises:
        UnexpectedError: none does.
    """
    for gate in (stages.waited, stages.tested):
        ran = gate(world, order, STAGING)
        if ran.code and gate is stages.tested:
            stages.expect_status(world, "failure")
        if ran.code:
            return ran
    raise UnexpectedError(f"no gate has stopped {order.version}")


def _seen(world: World, before: published.Published, order: Order, refused: Ran) -> Iterator[str]:
    """Tells what can be seen of a release that was to be stopped."""
    after = published.look(world)
    if refused.code != 1:
        yield f"the promotion to {DEMO} was not refused"
    for name in (DEMO, RELEASE):
        if order.version in published.history(world, name):
            yield f"the branch of {name} has held it"
        if (before.active[name], before.answers[name]) != (after.active[name], after.answers[name]):
            yield f"{name} has changed"
    if before.releases != after.releases:
        yield "it is a release at GitHub"
    for name, tags in after.tags.items():
        if tags.get("latest") != before.tags.get(name, {}).get("latest"):
            yield f"latest of {name} has moved"


def _release_set(world: World, fault: Fault, folder: Path) -> Path:
    """Writes the sample's release set with the faulty image in the place of the good one."""
    path = world.sample / stages.RELEASE_SET
    document = json.loads(path.read_text())
    for each in document["images"]:
        each["layout"] = str(path.parent / each["layout"])
        if each["name"] == fault.image:
            each["layout"] = str(world.sample / IMAGES / fault.layout)
    for each in document["charts"]:
        each["source"] = str(path.parent / each["source"])
    made = folder / "push.set.json"
    made.write_text(json.dumps(document, indent=2))
    return made


def _skipping(suite: Path, folder: Path) -> Path:
    """Copies a suite, and lets every other of its scenarios be skipped."""
    folder.mkdir(exist_ok=True)
    for path in suite.parent.iterdir():
        text = path.read_text()
        (folder / path.name).write_text(_half(text) if path.name.startswith("test_") else text)
    return folder / suite.name


def _half(text: str) -> str:
    """Returns a file of scenarios, of which every other is skipped."""
    skip = '@pytest.mark.skip(reason="is flaky")\n'
    parts = re.split(r"(?m)^(?=def test_)", text)
    made = "".join(skip + part if position % 2 else part for position, part in enumerate(parts))
    return made if "\nimport pytest\n" in made else made.replace('"""\n', '"""\n\nimport pytest\n', 1)
