"""Reading OCI layouts: what Bazel's rules make is accepted, what is not what it says is refused."""

import json
import os
from pathlib import Path

import pytest

from release_kit.adapters import layout
from release_kit.errors import InputError
from tests.support import layouts
from tests.support.layouts import INDEX, LAYER, Layout


def test_a_single_image_has_one_manifest_and_its_blobs(tmp_path: Path) -> None:
    image = layout.load(layouts.image(tmp_path / "a", b"one", b"two"))
    assert image.root.digest == layouts.root_digest(tmp_path / "a")
    assert len(image.manifests) == 1
    assert sorted(blob.size for blob in image.blobs)[:2] == [3, 3]


def test_children_come_before_their_index(tmp_path: Path) -> None:
    made = Layout(tmp_path / "a")
    children = [made.manifest(b"x", architecture=name) for name in ("amd64", "arm64")]
    inner = made.index(*children)
    image = layout.load(made.finish(made.index(inner, children[0])))
    digests = [manifest.descriptor.digest for manifest in image.manifests]
    assert digests[:2] == [child["digest"] for child in children]
    assert digests[2] == inner["digest"]
    assert len(digests) == 4


def test_a_blob_may_be_a_link_to_anywhere(tmp_path: Path) -> None:
    folder = layouts.image(tmp_path / "a", b"layer")
    for path in (folder / "blobs" / "sha256").iterdir():
        moved = tmp_path / f"elsewhere-{path.name}"
        path.rename(moved)
        path.symlink_to(os.path.relpath(moved, path.parent))
    image = layout.load(folder)
    for blob in image.blobs:
        layout.verify_blob(blob)


def test_an_index_without_media_type_is_read(tmp_path: Path) -> None:
    made = Layout(tmp_path / "a")
    content = json.dumps({"manifests": [made.manifest(b"x")]}).encode()
    assert len(layout.load(made.finish(made.blob(content, INDEX))).manifests) == 2


def test_a_descriptor_tells_that_index_json_is_itself_the_root(tmp_path: Path) -> None:
    made = Layout(tmp_path / "a")
    folder = made.finish(made.manifest(b"x"), made.manifest(b"y"))
    content = (folder / "index.json").read_bytes()
    root = made.blob(content, INDEX)
    (folder / "blobs" / "sha256" / root["digest"].partition(":")[2]).unlink()
    (tmp_path / "descriptor.json").write_text(json.dumps(root))
    image = layout.load(folder, tmp_path / "descriptor.json")
    assert (image.root.digest, len(image.manifests)) == (root["digest"], 3)


def test_a_descriptor_of_another_size_than_index_json_is_refused(tmp_path: Path) -> None:
    made = Layout(tmp_path / "a")
    folder = made.finish(made.manifest(b"x"))
    root = made.blob((folder / "index.json").read_bytes(), INDEX)
    (tmp_path / "descriptor.json").write_text(json.dumps(root | {"size": 7}))
    with pytest.raises(InputError, match=f"index.json: expected 7 bytes, found {root['size']}"):
        layout.load(folder, tmp_path / "descriptor.json")


def test_layers_that_must_not_be_distributed_are_left_out(tmp_path: Path) -> None:
    made = Layout(tmp_path / "a")
    foreign = {
        "mediaType": "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "digest": "sha256:" + "0" * 64,
        "size": 9,
    }
    image = layout.load(made.finish(made.manifest(layers=[foreign])))
    assert len(image.blobs) == 1


def test_sha512_is_read(tmp_path: Path) -> None:
    made = Layout(tmp_path / "a")
    image = layout.load(made.finish(made.manifest(layers=[made.blob(b"x", LAYER, "sha512")])))
    assert any(blob.digest.startswith("sha512:") for blob in image.blobs)
    for blob in image.blobs:
        layout.verify_blob(blob)


def test_a_changed_blob_is_found(tmp_path: Path) -> None:
    folder = layouts.image(tmp_path / "a", b"layer")
    image = layout.load(folder)
    blob = next(blob for blob in image.blobs if blob.size == 5)
    assert blob.path
    blob.path.write_bytes(b"LAYER")
    with pytest.raises(InputError, match=rf"{blob.path}: its content has the digest sha256:"):
        layout.verify_blob(blob)


def _only(folder: Path, size: int) -> Path:
    return next(path for path in (folder / "blobs" / "sha256").iterdir() if path.stat().st_size == size)


def _empty(folder: Path) -> None:
    (folder / "oci-layout").unlink()


def _other_version(folder: Path) -> None:
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "2.0.0"}')


def _no_index(folder: Path) -> None:
    (folder / "index.json").unlink()


def _index_is_a_list(folder: Path) -> None:
    (folder / "index.json").write_text("[]")


def _two_roots(folder: Path) -> None:
    index = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps({"manifests": index["manifests"] * 2}))


def _no_roots(folder: Path) -> None:
    (folder / "index.json").write_text('{"manifests": []}')


def _edit_root(folder: Path, **fields: object) -> None:
    index = json.loads((folder / "index.json").read_text())
    index["manifests"][0] |= fields
    (folder / "index.json").write_text(json.dumps(index))


def _traversal(folder: Path) -> None:
    _edit_root(folder, digest="sha256:../../../etc/passwd")


def _unknown_algorithm(folder: Path) -> None:
    _edit_root(folder, digest="md5:" + "0" * 32)


def _wrong_size(folder: Path) -> None:
    _edit_root(folder, size=1)


def _negative_size(folder: Path) -> None:
    _edit_root(folder, size=-1)


def _size_is_text(folder: Path) -> None:
    _edit_root(folder, size="9")


def _unknown_media_type(folder: Path) -> None:
    _edit_root(folder, mediaType="text/plain")


def _other_kind(folder: Path) -> None:
    _edit_root(folder, mediaType="application/vnd.docker.distribution.manifest.v2+json")


def _index_without_manifests(folder: Path) -> None:
    Layout(folder).finish(Layout(folder).blob(b"{}", INDEX))


def _missing_layer(folder: Path) -> None:
    _only(folder, 5).unlink()


def _truncated_layer(folder: Path) -> None:
    _only(folder, 5).write_bytes(b"lay")


def _layer_is_a_folder(folder: Path) -> None:
    path = _only(folder, 5)
    path.unlink()
    path.mkdir()


def _layer_is_a_device(folder: Path) -> None:
    path = _only(folder, 5)
    path.unlink()
    path.symlink_to("/dev/zero")


def _link_to_itself(folder: Path) -> None:
    path = _only(folder, 5)
    path.unlink()
    path.symlink_to(path.name)


def _changed_manifest(folder: Path) -> None:
    path = folder / "blobs" / "sha256" / layouts.root_digest(folder).partition(":")[2]
    path.write_bytes(path.read_bytes().replace(b"2", b"3", 1))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_empty, "is no OCI image layout"),
        (_other_version, "expected imageLayoutVersion 1.0.0, found '2.0.0'"),
        (_no_index, "index.json: can't be read"),
        (_index_is_a_list, "index.json: expected object, found []"),
        (_two_roots, "expected exactly one manifest, found 2"),
        (_no_roots, "expected exactly one manifest, found 0"),
        (_traversal, "index.json.manifests[0].digest: expected a digest"),
        (_unknown_algorithm, "index.json.manifests[0].digest: expected a digest"),
        (_wrong_size, "expected 1 bytes, found"),
        (_negative_size, "manifests[0].size: expected bytes, found -1"),
        (_size_is_text, 'manifests[0].size: expected integer, found "9"'),
        (_unknown_media_type, "expected one of the media types"),
        (_other_kind, "its own mediaType is not 'application/vnd.docker.distribution.manifest.v2+json'"),
        (_index_without_manifests, "manifests: expected a value, found none"),
        (_missing_layer, "can't be read: No such file or directory"),
        (_truncated_layer, "expected 5 bytes, found 3"),
        (_layer_is_a_folder, "expected a regular file"),
        (_layer_is_a_device, "expected a regular file"),
        (_link_to_itself, "can't be read: Too many levels of symbolic links"),
        (_changed_manifest, "its content has the digest"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_not_what_it_says_is_refused(tmp_path: Path, spoil: object, words: str) -> None:
    folder = layouts.image(tmp_path / "a", b"layer")
    assert callable(spoil)
    spoil(folder)
    with pytest.raises(InputError) as caught:
        layout.load(folder)
    assert words in caught.value.message
    assert str(folder) in caught.value.message


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected the folder of an OCI image layout, found none"):
        layout.load(tmp_path / "nothing")
    with pytest.raises(InputError, match="expected the folder of an OCI image layout, found none"):
        layout.load(tmp_path / ("x" * 9999))


def test_a_changed_manifest_is_shown_with_a_digest_of_its_own_kind(tmp_path: Path) -> None:
    made = Layout(tmp_path / "a")
    folder = made.finish(made.blob(b'{"a": 1}', INDEX, "sha512"))
    next((folder / "blobs" / "sha512").iterdir()).write_bytes(b'{"a": 2}')
    with pytest.raises(InputError, match="its content has the digest sha512:"):
        layout.load(folder)
