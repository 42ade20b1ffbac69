"""The private registry on loopback: started once, found again, stopped by its own process id."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.real_registry import DISTRIBUTION_2, DISTRIBUTION_3, find
from release_kit.adapters.local_registry import LocalRegistry
from release_kit.cli.app import main
from release_kit.errors import ReleaseError
from tests.support import artifacts, layouts, releases


@pytest.fixture(name="registry")
def registry_fixture(tmp_path: Path) -> Iterator[LocalRegistry]:
    registry = LocalRegistry(tmp_path / "rules_release" / "registry")
    yield registry
    registry.stop()


def test_it_is_started_once_and_found_again(registry: LocalRegistry) -> None:
    first = registry.ensure()
    assert LocalRegistry(registry.folder).ensure() == first


def test_it_comes_back_on_the_same_port_with_its_content(registry: LocalRegistry) -> None:
    first = registry.ensure()
    assert registry.stop() == first
    assert registry.running() is None
    second = registry.ensure()
    assert second.port == first.port
    assert second.pid != first.pid


def test_it_takes_images_with_foreign_layers(
    registry: LocalRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    made = layouts.Layout(tmp_path / "made")
    root, _ = artifacts.foreign(made, artifacts.FOREIGN_LAYERS[-1])
    assert artifacts.push(tmp_path, registry.ensure().host, {"shop/core": (made, root)}) == 0


def test_a_process_that_only_has_its_number_is_left_alone(registry: LocalRegistry) -> None:
    registry.folder.mkdir(parents=True)
    (registry.folder / "running.json").write_text(f'{{"port": 1, "pid": {os.getpid()}}}')
    assert registry.stop() is None


def test_a_spoilt_note_is_no_obstacle(registry: LocalRegistry) -> None:
    registry.folder.mkdir(parents=True)
    (registry.folder / "running.json").write_text("{")
    assert registry.ensure().port > 0


def test_without_a_registry_program_the_remedy_is_named(
    registry: LocalRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ReleaseError, match="none can be started here") as caught:
        registry.ensure()
    assert "--registry HOST[:PORT]" in caught.value.remedy


@pytest.mark.parametrize("kind", [DISTRIBUTION_2, DISTRIBUTION_3])
def test_either_distribution_will_do_and_takes_no_setting_of_other_programs(
    registry: LocalRegistry, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "registry").symlink_to(find(kind))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
    assert registry.ensure().port > 0


def test_a_push_without_a_registry_uses_it_and_leaves_it_up(
    registry: LocalRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = releases.write_set(tmp_path, {"shop/core": layouts.image(tmp_path / "core", b"layer")})
    status = str(releases.write_status(tmp_path))
    assert main(["push", str(path), "--status-file", status]) == 0
    running = registry.running()
    assert running is not None
    err = capsys.readouterr().err
    assert f"crane ls {running.host}/shop/core" in err
    assert f"process {running.pid}" in err
    assert main(["push", str(path), "--status-file", status]) == 0
    assert "nothing to push" in capsys.readouterr().err
    assert main(["registry", "--stop"]) == 0
    assert registry.running() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_it_is_up_until_it_is_told_to_stop(registry: LocalRegistry, number: signal.Signals) -> None:
    environment = os.environ | {
        "XDG_STATE_HOME": str(registry.folder.parents[1]),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-m", "release_kit", "registry"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = [process.stderr.readline() for _ in range(3)]
        running = registry.running()
        process.send_signal(number)
        rest = process.stderr.read()
    assert running is not None
    assert f"the registry on {running.host} is up" in said[0]
    assert (process.returncode, rest) == (0, "* stopped\n")
    assert registry.running() is None
