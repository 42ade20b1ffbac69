"""Threat: a path that is another thing when it is used than when it was looked at; a name that leads elsewhere."""

import os
from pathlib import Path

import pytest

from release_kit.adapters.files import write_atomically
from release_kit.cli.app import main
from release_kit.errors import InputError
from release_kit.values import branch
from tests.support import layouts, releases
from tests.support.fault_registry import FaultRegistry, actions


@pytest.mark.parametrize("as_link", [False, True], ids=["another file", "a link to another file"])
def test_a_blob_that_is_swapped_after_the_check_is_not_pushed(
    as_link: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is read again as it travels, and the registry is told the digest that was checked."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "none"))
    layer = b"layer" * 50_000
    folder = layouts.image(tmp_path / "core", layer)
    (blob,) = (path for path in (folder / "blobs" / "sha256").iterdir() if path.read_bytes() == layer)
    other = tmp_path / "other"
    other.write_bytes(b"OTHER" * 50_000)

    def swap(_: object) -> None:
        if other.exists():
            blob.unlink()
            blob.symlink_to(other.rename(tmp_path / "target")) if as_link else other.rename(blob)

    chosen, status = releases.write_set(tmp_path, {"shop/core": folder}), releases.write_status(tmp_path)
    with FaultRegistry() as registry:
        registry.on(actions.call(swap), "POST", endpoint="uploads")
        common = ["--registry", registry.host, "--status-file", str(status), "--record", str(tmp_path / "record.json")]
        assert main(["push", str(chosen), *common]) == 1
        assert not registry.state.tags("shop/core")
        assert not registry.state.manifests("shop/core")
    assert "Traceback" not in capsys.readouterr().err


def test_a_draft_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    precious, place = tmp_path / "precious", tmp_path / "record.json"
    precious.write_text("precious")
    (tmp_path / f".record.json.{os.getpid()}").symlink_to(precious)
    with pytest.raises(InputError, match="can't be written"):
        write_atomically(place, "record")
    assert precious.read_text() == "precious"
    assert not place.exists()


ODD = ("a..b", "../main", "a/../b", "@", "a@{1}", "a.lock", "a b", "a\n", "\x1b[2J", "\u202e", "a//b", "")


@pytest.mark.parametrize("name", ["--upload-pack=x", "-x", *ODD])
def test_a_hostile_branch_is_refused(name: str) -> None:
    assert branch.fault(name)
