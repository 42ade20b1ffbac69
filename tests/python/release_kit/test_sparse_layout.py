"""`release-kit layout sparse`: all of a layout but its layers."""

import json
from pathlib import Path

import pytest

from release_kit.adapters import layout
from release_kit.cli.app import main
from tests.support import layouts
from tests.support.layouts import LAYER, Layout


def sparse(folder: Path, target: Path, *more: str) -> int:
    return main(["layout", "sparse", str(folder), "--output", str(target), *more])


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def digests(folder: Path, descriptor: Path | None = None) -> tuple[list[str], list[str]]:
    image = layout.load(folder, descriptor, remote_layers=True)
    return [each.descriptor.digest for each in image.manifests], [each.digest for each in image.blobs if each.remote]


def nested(folder: Path) -> Layout:
    made = Layout(folder)
    children = [made.manifest(b"shared", name.encode(), architecture=name) for name in ("amd64", "arm64")]
    made.finish(made.index(made.index(*children)))
    return made


def test_it_has_all_manifests_and_configs_and_no_layer(tmp_path: Path) -> None:
    made = nested(tmp_path / "full")
    assert sparse(made.folder, tmp_path / "sparse") == 0
    full, kept = files(made.folder), files(tmp_path / "sparse")
    layers = {f"blobs/{digest.replace(':', '/')}" for digest in digests(made.folder)[1]}
    assert len(layers) == 3
    assert kept == {name: content for name, content in full.items() if name not in layers}
    assert digests(tmp_path / "sparse") == digests(made.folder)


def test_the_same_layout_gives_the_same_bytes_and_modes(tmp_path: Path) -> None:
    made = nested(tmp_path / "full")
    made.path(digests(made.folder)[0][0]).chmod(0o400)
    for name in ("one", "two"):
        sparse(made.folder, tmp_path / name)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "one").rglob("*") if path.is_file()} == {0o644}


def test_layers_need_not_be_there_and_links_become_files(tmp_path: Path) -> None:
    folder = layouts.image(tmp_path / "full", b"layer")
    (layer,) = digests(folder)[1]
    (folder / "blobs" / layer.replace(":", "/")).unlink()
    for blob in list((folder / "blobs" / "sha256").iterdir()):
        blob.rename(tmp_path / blob.name)
        blob.symlink_to(f"../../../{blob.name}")
    assert sparse(folder, tmp_path / "sparse") == 0
    assert not any(path.is_symlink() for path in (tmp_path / "sparse").rglob("*"))
    assert digests(tmp_path / "sparse") == digests(folder)


def test_a_layer_is_held_to_the_size_that_its_manifest_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Layout(tmp_path / "full")
    layer = made.blob(b"layer", LAYER)
    made.finish(made.manifest(layers=[{**layer, "size": 7}]))
    assert sparse(made.folder, tmp_path / "sparse") == 2
    assert f"{made.path(layer['digest'])}: expected 7 bytes, found 5" in capsys.readouterr().err
    assert not (tmp_path / "sparse").exists()


def test_an_index_that_is_itself_the_root_stays_it(tmp_path: Path) -> None:
    """As rules_img makes it: no blob has the root, a descriptor tells it."""
    made = nested(tmp_path / "full")
    root = json.loads((made.folder / "index.json").read_text())["manifests"][0]
    made.path(root["digest"]).rename(made.folder / "index.json")
    descriptor = tmp_path / "descriptor.json"
    descriptor.write_text(json.dumps(root))
    assert sparse(made.folder, tmp_path / "sparse", "--descriptor", str(descriptor)) == 0
    assert digests(tmp_path / "sparse", descriptor) == digests(made.folder, descriptor)
    assert not (tmp_path / "sparse" / "blobs" / root["digest"].replace(":", "/")).exists()


def test_a_layer_that_no_cache_knows_by_its_digest_stays(tmp_path: Path) -> None:
    made = Layout(tmp_path / "full")
    folder = made.finish(made.manifest(layers=[made.blob(b"x", LAYER, "sha512"), made.blob(b"y", LAYER)]))
    assert sparse(folder, tmp_path / "sparse") == 0
    kept = {blob.digest[:6] for blob in layout.load(tmp_path / "sparse", None, remote_layers=True).blobs if blob.path}
    assert kept == {"sha256", "sha512"}
    assert len(digests(tmp_path / "sparse")[1]) == 1


def test_what_is_a_config_and_a_layer_stays(tmp_path: Path) -> None:
    made = Layout(tmp_path / "full")
    empty = made.blob(b"{}", "application/vnd.oci.empty.v1+json")
    folder = made.finish(made.manifest(config=empty, layers=[empty]))
    assert sparse(folder, tmp_path / "sparse") == 0
    assert digests(tmp_path / "sparse")[1] == []


@pytest.mark.parametrize("what", ["manifest", "config"])
def test_a_wrong_byte_is_refused(tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = layouts.image(tmp_path / "full", b"layer")
    image = layout.load(folder, None, remote_layers=True)
    digest = image.root.digest if what == "manifest" else image.blobs[0].digest
    path = folder / "blobs" / digest.replace(":", "/")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert sparse(folder, tmp_path / "sparse") == 2
    assert digest[7:] in capsys.readouterr().err


def test_a_layer_of_two_sizes_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = Layout(tmp_path / "full")
    layer = made.blob(b"layer", LAYER)
    folder = made.finish(made.manifest(layers=[layer, {**layer, "size": 6}]))
    assert sparse(folder, tmp_path / "sparse") == 2
    assert "expected 5 bytes as said elsewhere in the image, found 6" in capsys.readouterr().err


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    folder = layouts.image(tmp_path / "full", b"layer")
    (tmp_path / "sparse").mkdir()
    (tmp_path / "sparse" / "mine").write_text("mine")
    assert sparse(folder, tmp_path / "sparse") == 2
    assert files(tmp_path / "sparse") == {"mine": b"mine"}


def test_what_is_no_layout_is_refused(tmp_path: Path) -> None:
    assert sparse(tmp_path, tmp_path / "sparse") == 2
    assert not (tmp_path / "sparse").exists()
