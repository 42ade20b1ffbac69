"""The stages of a release. Each calls release-kit, and reads nothing but what an earlier stage has published."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rehearsal import published
from rehearsal.declaration import DEMO, RELEASE, STAGING
from rehearsal.kit import FailedError, Ran
from rehearsal.world import PREFIX, World

DEADLINE = "60s"
GATES = "lint,render,chart-rules,values,package"
"""The gates of a chart that say something of a chart that has only another version than the one that Bazel tested."""
E2E_GATE, HEALTH_GATE, APPROVAL = "e2e", "argocd-health", "approval"
RELEASE_SET = "release/push.set.json"
SUITE = "release/e2e/e2e.suite/suite.json"


class Order(NamedTuple):
    """What is to be released."""

    version: str
    skip_staging: bool = False
    release_set: Path | None = None
    """The images and charts, as Bazel built them; None: the sample's."""
    suite: Path | None = None
    """The scenarios; None: the sample's."""
    deadline: str = DEADLINE
    """How long each gate may wait."""

    @property
    def tag(self) -> str:
        """In the source repository."""
        return f"v{self.version}"


class UnexpectedError(Exception):
    """A stage has said that it is done, and what it publishes is not there."""


def cut(world: World, order: Order) -> None:
    """Raises the version, commits, tags and pushes."""
    skip = ["--skip-staging"] if order.skip_staging else []
    world.kit.must("cut", order.version, *skip, folder=world.source.clone)
    _expect(f"refs/tags/{order.tag}" in world.source.refs(), f"the tag {order.tag} is not pushed")
    world.say(f"{order.tag} is pushed", "origin.git")


def build(world: World, order: Order) -> None:
    """Takes a fresh clone at the tag, stamps it, and holds its chart to the gates."""
    place = world.source.checkout(order.tag)
    stamp = _stamp(world, place)
    _expect(f"STABLE_VERSION {order.version}\n" in stamp, f"the stamp is of another version: {stamp}")
    world.say("the images are those that Bazel built: what is in them does not depend on the version", "bazel-bin")
    chart = place / "helm/shop"
    world.kit.must("chart", "gate", str(chart), "--config", str(chart / "GATES.json"), "--gates", GATES, folder=place)


def push(world: World, order: Order) -> None:
    """Pushes images, chart and record; the moving tags wait for `publish`."""
    place = world.source.checkout(order.tag)
    status = place.parent / "stable-status.txt"
    status.write_text(_stamp(world, place))
    release_set = order.release_set or world.sample / RELEASE_SET
    where = [
        "--registry",
        f"{world.registry.host}/{PREFIX}",
        "--status-file",
        str(status),
        "--record",
        str(world.record),
    ]
    world.kit.must("push", str(release_set), *where, "--hold-moving-tags")
    world.say(f"{order.version} is pushed; no moving tag has moved", world.registry.host)


def deploy_staging(world: World, order: Order) -> None:
    """Proposes the release everywhere, promotes it to the first environment, and waits until it runs there."""
    world.kit.must("hydrate", str(world.declaration), "--release", order.version)
    if order.skip_staging:
        world.say(f"{order.version} skips staging: nobody waits for {STAGING}")
        return
    promote_to(world, order, STAGING)
    wait(world, order, STAGING)


def e2e(world: World, order: Order) -> None:
    """Tests what runs in the first environment."""
    test(world, order, STAGING)


def status(world: World, order: Order) -> None:
    """Reads the verdict back: from GitHub, and from the branches."""
    if not order.skip_staging:
        expect_status(world, "success")
    told = json.loads(world.kit.must("status", str(world.declaration), "--json").output)
    for each in told["environments"]:
        active, proposed = each["active"], each["proposed"]
        held = proposed or active
        _expect(bool(held.get("skip_staging")) == order.skip_staging, f"the status of {each['name']}: {held}")
        waits = f", {held['version']} is next{', and skips staging' if order.skip_staging else ''}" if proposed else ""
        world.say(f"{active['version'] or 'nothing'} runs{waits}: {each['standing']}", each["name"])


def promote(world: World, order: Order) -> None:
    """Promotes to the next environment, and waits until it runs there."""
    promote_to(world, order, DEMO, "--from", STAGING)
    wait(world, order, DEMO)


def e2e_demo(world: World, order: Order) -> None:
    """Tests what runs in the second environment."""
    test(world, order, DEMO)


def release(world: World, order: Order) -> None:
    """Promotes to the last environment, once somebody has approved of it."""
    if world.approves:
        report = ["--environment", RELEASE, "--gate", APPROVAL, "--phase", "success"]
        world.kit.must("report", str(world.declaration), *report, "--description", "on call agrees")
    promote_to(world, order, RELEASE, "--from", DEMO)
    wait(world, order, RELEASE)


def publish(world: World, order: Order) -> None:
    """Makes the release public: last of all, from its record."""
    world.kit.must("publish", str(world.declaration), "--release", order.version, secrets=world.github_secret)
    files = published.releases(world).get(order.tag)
    _expect(bool(files), f"GitHub has no release {order.tag} with files")
    world.say(f"{order.tag} is public, with {', '.join(files or ())}", world.github.host)


def promote_to(world: World, order: Order, environment: str, *arguments: str) -> None:
    """Promotes the release, if it is what is proposed for an environment."""
    world.kit.must("promote", str(world.declaration), *arguments, "--to", environment, "--release", order.version)


def wait(world: World, order: Order, environment: str) -> None:
    """Waits until an environment runs what was promoted to it, and reports that; then looks whether it is so."""
    _passed(waited(world, order, environment))
    found = published.version(world.url(environment))
    _expect(found == order.version, f"{environment} answers {found or 'nothing'}, expected {order.version}")
    world.say(f"{environment} answers {found}", world.url(environment))


def waited(world: World, order: Order, environment: str) -> Ran:
    """Waits, whatever comes of it."""
    argocd = ["--server", world.argocd.host, "--deadline", order.deadline, "--report"]
    where = [str(world.declaration), "--environment", environment, "--release", order.version]
    return world.kit.run("argocd", "wait", *where, *argocd, secrets=world.argocd_secret)


def test(world: World, order: Order, environment: str) -> None:
    """Tests what runs in an environment, and reports the verdict."""
    _passed(tested(world, order, environment))


def tested(world: World, order: Order, environment: str) -> Ran:
    """Tests, whatever comes of it."""
    suite = order.suite or world.sample / SUITE
    where = ["--environments", str(world.declaration), "--environment", environment, "--release", order.version]
    how = ["--deadline", order.deadline, "--report", "--commit-status"]
    return world.kit.run("e2e", str(suite), *where, *how, secrets=world.e2e_secret)


def expect_status(world: World, state: str) -> None:
    """Looks at GitHub whether the commit that staging has is marked with the verdict of the tests.

    Raises:
        UnexpectedError: it is not.
    """
    commit = published.look(world).active[STAGING]
    found = published.statuses(world, commit)
    mine = {name: told for name, told in found.items() if name.endswith(f"/{E2E_GATE}")}
    _expect(list(mine.values()) == [state], f"expected a commit status {state} of {commit}, found {found}")
    world.say(f"{next(iter(mine))} is {state} on {commit[:12]}", world.github.host)


def _passed(ran: Ran) -> None:
    if ran.code:
        raise FailedError(ran)


def _stamp(world: World, place: Path) -> str:
    ran = world.run(place / "workspace_status.sh", folder=place)
    _passed(ran)
    return str(ran.output)


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise UnexpectedError(otherwise)


Step = Callable[[World, Order], None]
STAGES: dict[str, Step] = {
    "cut": cut,
    "build": build,
    "push": push,
    "deploy-staging": deploy_staging,
    "e2e": e2e,
    "status": status,
    "promote": promote,
    "e2e-demo": e2e_demo,
    "release": release,
    "publish": publish,
}
"""The stages of a release, in order; what comes of a faulty one is in rehearsal.faults."""
