"""What fails on request: for each stage something that does fail in life, and can be put right again."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from rehearsal.declaration import STAGING
from rehearsal.git_server import GitRequest, RefusedError
from rehearsal.github_routes import Answer, Request
from rehearsal.real_registry import Registry
from rehearsal.source import HOOK
from rehearsal.stages import DEADLINE
from rehearsal.world import PREFIX, World

_HOOK = """\
#!/bin/sh
echo 'the release branch is frozen' >&2
exit 1
"""
_WATCH_SECONDS = 0.002
_ENOUGH_BLOBS = 5


class Failure(NamedTuple):
    """Something that goes wrong in a stage."""

    about: str
    cause: Callable[[World], AbstractContextManager[None]]
    """While the context lasts."""
    deadline: str = DEADLINE
    """How long each gate may wait meanwhile."""


@contextmanager
def _frozen(world: World) -> Iterator[None]:
    hook = world.source.origin / HOOK
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK)
    hook.chmod(0o755)
    try:
        yield
    finally:
        hook.unlink()


@contextmanager
def _without_helm(world: World) -> Iterator[None]:
    helm = world.kit.environment["HELM_BIN"]
    world.kit.environment["HELM_BIN"] = str(world.folder / "no-helm")
    try:
        yield
    finally:
        world.kit.environment["HELM_BIN"] = helm


@contextmanager
def _dying_registry(world: World) -> Iterator[None]:
    """Kills the registry when it has some blobs of the release; starts it again, with what it has, at the end."""
    blobs, over = world.folder / "registry/storage/docker/registry/v2/blobs/sha256", threading.Event()

    def watch() -> None:
        known = set(blobs.glob("*/*"))
        while not over.wait(_WATCH_SECONDS):
            if len(set(blobs.glob("*/*")) - known) >= _ENOUGH_BLOBS:
                world.registry.kill()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        world.registry.stop()
        port = world.registry.port
        world.registry = Registry(world.machine.registry, world.folder / "registry", port)


def _refusing(after: int) -> Callable[[World], AbstractContextManager[None]]:
    """Returns a git server that answers 503 to all pushes but so many."""

    @contextmanager
    def refusing(world: World) -> Iterator[None]:
        pushes: list[int] = []

        def before(request: GitRequest) -> None:
            if request.step == "push":
                pushes.append(request.number)
                if len(pushes) > after:
                    raise RefusedError(503)

        with _before(world, before):
            yield

    return refusing


@contextmanager
def _silent_git(world: World) -> Iterator[None]:
    def before(_: GitRequest) -> None:
        raise RefusedError(503)

    with _before(world, before):
        yield


@contextmanager
def _before(world: World, hook: Callable[[GitRequest], None]) -> Iterator[None]:
    kept, world.git.before = world.git.before, hook
    try:
        yield
    finally:
        world.git.before = kept


@contextmanager
def _without_core(world: World) -> Iterator[None]:
    world.deployer.namespaces[STAGING].kill("shop-core")
    try:
        yield
    finally:
        world.deployer.again(STAGING)


@contextmanager
def _moved_image(world: World) -> Iterator[None]:
    """Puts another image under an immutable tag, as somebody with too many rights might."""
    images = f"{world.registry.host}/{PREFIX}/shop"
    tag = f"v{world.source.version}"
    inspected = ["skopeo", "inspect", "--tls-verify=false", "--no-tags", "--format", "{{.Digest}}"]
    told = subprocess.run([*inspected, f"docker://{images}/web:{tag}"], capture_output=True, text=True, check=True)
    _copy(f"{images}/core:{tag}", f"{images}/web:{tag}")
    try:
        yield
    finally:
        _copy(f"{images}/web@{told.stdout.strip()}", f"{images}/web:{tag}")


def _copy(source: str, target: str) -> None:
    plain = ["--all", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false"]
    command = ["skopeo", "copy", "--quiet", *plain, f"docker://{source}", f"docker://{target}"]
    subprocess.run(command, capture_output=True, check=True)


@contextmanager
def _other_password(world: World) -> Iterator[None]:
    kept, world.password = world.password, f"not-{world.password}"
    try:
        yield
    finally:
        world.password = kept


@contextmanager
def _nobody_approves(world: World) -> Iterator[None]:
    world.approves = False
    try:
        yield
    finally:
        world.approves = True


@contextmanager
def _forbidding_github(world: World) -> Iterator[None]:
    kept = world.github.instead

    def instead(request: Request) -> Answer | None:
        if request.method == "POST" and "/releases" in request.path:
            return Answer(403, {"message": "Resource not accessible by integration"})
        return kept(request)

    world.github.instead = instead
    try:
        yield
    finally:
        world.github.instead = kept


FAILURES = {
    "cut": Failure("a hook of the source repository refuses the push", _frozen),
    "build": Failure("the machine has no helm", _without_helm),
    "push": Failure("the registry dies when it has half of the images", _dying_registry),
    "deploy-staging": Failure("the deploy repository answers 503 to the promotion", _refusing(1)),
    "e2e": Failure("core dies in demo-staging", _without_core, "5s"),
    "status": Failure("the deploy repository can't be read", _silent_git),
    "promote": Failure("somebody has put another image under a tag of the release", _moved_image),
    "e2e-demo": Failure("the password of the user who tests has been changed", _other_password),
    "release": Failure("nobody has approved", _nobody_approves),
    "publish": Failure("GitHub's token may not make releases", _forbidding_github),
    "faulty": Failure("the deploy repository answers 503 to the hydration", _refusing(0)),
    "rollback": Failure("the deploy repository answers 503 to the rollback", _refusing(0)),
}
"""By stage; `--fail-at`."""
