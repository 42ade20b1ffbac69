"""The sample's releases on their way: from a real registry through all environments of a real git server, and back."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rehearsal.git_server import GitServer
from rehearsal.real_registry import DISTRIBUTION_3, real_registry
from release_kit.cli.app import main
from tests.support import releases

DECLARATION = "gitops/environments.json"
GOOD, NEXT = "1.0.0", "1.1.0"


class World(NamedTuple):
    """A registry with releases, and a repository that has nothing but what bootstrap.sh makes."""

    registry: str
    repository: str
    bare: Path
    capture: pytest.CaptureFixture[str]

    def run(self, command: str, *arguments: str) -> int:
        """Runs a command of release-kit on the repository."""
        self.capture.readouterr()
        return main([command, DECLARATION, "--repository", self.repository, *arguments])

    def promote(self, *arguments: str) -> int:
        """Promotes releases that are still in the registry as they were."""
        return self.run("promote", "--registry", self.registry.partition("/")[0], *arguments)

    def passes(self, environment: str, *gates: str) -> None:
        """Reports gates as passed for what is there."""
        for gate in gates:
            assert self.run("report", "--environment", environment, "--gate", gate, "--phase", "success") == 0

    def hydrate(self, version: str) -> int:
        """Writes a release to the proposed branches."""
        return self.run("hydrate", "--release", version, "--registry", self.registry)

    def versions(self) -> dict[str, Any]:
        """Returns which version runs where, as the status has it."""
        assert self.run("status", "--json") == 0
        status = json.loads(self.capture.readouterr().out)
        return {each["name"]: each["active"]["version"] for each in status["environments"]}


@pytest.fixture(name="registry", scope="module")
def registry_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two releases of the sample."""
    folder = tmp_path_factory.mktemp("registry")
    with real_registry(DISTRIBUTION_3, folder) as host:
        for version in (GOOD, NEXT):
            places = ["--registry", f"{host}/acme", "--record", str(folder / "record.json")]
            stamp = ["--status-file", str(releases.write_status(folder, version))]
            assert main(["push", "release/push.set.json", *places, *stamp]) == 0
        yield f"{host}/acme"


@pytest.fixture(name="world")
def world_fixture(registry: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[World]:
    with GitServer(tmp_path / "server") as server:
        bare = server.create("shop-deploy")
        url = server.url("shop-deploy")
        subprocess.run(["bash", "gitops/generated/bootstrap.sh", url], check=True, capture_output=True)
        yield World(registry, url, bare, capfd)


def test_a_release_goes_from_environment_to_environment_behind_its_gates(world: World) -> None:
    assert world.hydrate(GOOD) == 0
    assert world.promote() == 0
    assert world.versions() == {"demo-staging": GOOD, "demo": "", "release": ""}

    assert world.promote("--from", "demo-staging", "--to", "demo") == 1, "no gate of demo-staging has passed"
    world.passes("demo-staging", "argocd-health", "e2e")
    assert world.promote("--from", "demo-staging", "--to", "demo") == 0
    assert world.versions() == {"demo-staging": GOOD, "demo": GOOD, "release": ""}


def test_a_release_that_fails_behind_its_gates_is_stopped_and_rolled_back(world: World) -> None:
    world.hydrate(GOOD)
    world.promote()
    world.passes("demo-staging", "argocd-health", "e2e")
    world.promote()
    assert world.versions() == {"demo-staging": GOOD, "demo": GOOD, "release": ""}

    world.hydrate(NEXT)
    world.promote()
    assert world.run("report", "--environment", "demo-staging", "--gate", "e2e", "--phase", "failure") == 0
    assert world.promote("--to", "demo") == 1
    assert "demo-staging has failed e2e" in world.capture.readouterr().out
    assert world.versions() == {"demo-staging": NEXT, "demo": GOOD, "release": ""}

    assert world.run("rollback", "--environment", "demo-staging", "--no-verify") == 0
    assert world.versions() == {"demo-staging": GOOD, "demo": GOOD, "release": ""}
    world.promote()
    assert world.versions()["demo-staging"] == GOOD, "what was rolled back stays away"


def test_a_release_that_changed_in_the_registry_goes_nowhere(world: World) -> None:
    world.hydrate(GOOD)
    image = f"{world.registry}/shop/web"
    released = crane("digest", f"{image}:v{GOOD}")
    crane("copy", f"{world.registry}/shop/core:v{GOOD}", f"{image}:v{GOOD}")
    try:
        assert world.promote("--to", "demo-staging") == 1
    finally:
        crane("tag", f"{image}@{released}", f"v{GOOD}")
    assert f"shop/web:v{GOOD}" in world.capture.readouterr().out
    assert world.versions()["demo-staging"] == ""


def crane(*arguments: str) -> str:
    return subprocess.run(["crane", *arguments], check=True, capture_output=True, text=True).stdout.strip()
