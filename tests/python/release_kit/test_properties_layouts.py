"""OCI layouts, sound ones of any shape and ones spoiled anywhere: what is read is what was made, or it is refused."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_kit.adapters import layout
from release_kit.errors import InputError
from release_kit.values.image import Image
from tests.support.layouts import CONFIG, INDEX, LAYER, MANIFEST, Layout

CLAIM = settings(max_examples=60, deadline=None, derandomize=True, database=None)
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"


class Leaf(NamedTuple):
    """An image for one platform: layers with their algorithms, how many foreign ones, and its own algorithm."""

    layers: list[tuple[bytes, str]]
    foreign: int
    algorithm: str
    names_type: bool


class Node(NamedTuple):
    """An index."""

    children: list[Any]
    algorithm: str
    names_type: bool


class Made:
    """A layout as it was made: what reading it must find."""

    def __init__(self, folder: Path, tree: Leaf | Node) -> None:
        self.layout = Layout(folder)
        self.manifests: dict[str, bytes] = {}
        self.blobs: dict[str, int] = {}
        self.root = self._add(tree)
        self.layout.finish(self.root)

    def _add(self, tree: Leaf | Node) -> dict[str, Any]:
        if isinstance(tree, Node):
            document: dict[str, Any] = {"mediaType": INDEX, "manifests": [self._add(child) for child in tree.children]}
        else:
            document = {"mediaType": MANIFEST, "config": self._blob(b"{}", "sha256", CONFIG), "layers": []}
            document["layers"] += [self._blob(content, algorithm) for content, algorithm in tree.layers]
            document["layers"] += [{"mediaType": FOREIGN, "digest": "sha256:" + "0" * 64, "size": 9}] * tree.foreign
        media_type = document["mediaType"] if tree.names_type else document.pop("mediaType")
        content = json.dumps({"schemaVersion": 2, **document}).encode()
        descriptor = self.layout.blob(content, media_type, tree.algorithm)
        self.manifests.setdefault(descriptor["digest"], content)
        return descriptor

    def _blob(self, content: bytes, algorithm: str, media_type: str = LAYER) -> dict[str, Any]:
        descriptor = self.layout.blob(content, media_type, algorithm)
        self.blobs[descriptor["digest"]] = len(content)
        return descriptor

    @property
    def folder(self) -> Path:
        return self.layout.folder

    def path(self, digest: str) -> Path:
        return self.folder / "blobs" / Path(*digest.split(":"))


_ALGORITHMS = st.sampled_from(["sha256", "sha256", "sha512"])
# Few contents, so that images share them.
_LAYERS = st.lists(st.tuples(st.sampled_from([b"", b"one", b"two", b"\0" * 99]), _ALGORITHMS), max_size=3)
LEAVES = st.builds(Leaf, _LAYERS, st.integers(0, 1), _ALGORITHMS, st.booleans())


def _indexes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Node]:
    return st.builds(Node, st.lists(inner, max_size=3), _ALGORITHMS, st.booleans())


_FLAT = _indexes(LEAVES)
TREES: st.SearchStrategy[Leaf | Node] = LEAVES | _FLAT | _indexes(LEAVES | _FLAT)


@contextmanager
def made_of(tree: Leaf | Node) -> Iterator[Made]:
    with TemporaryDirectory() as folder:
        yield Made(Path(folder) / "image", tree)


def load_whole(folder: Path) -> Image:
    """Reads a layout and every blob, as a push does."""
    image = layout.load(folder)
    for blob in image.blobs:
        layout.verify_blob(blob)
    return image


def digests_of(image: Image) -> tuple[list[str], list[str]]:
    return [manifest.descriptor.digest for manifest in image.manifests], [blob.digest for blob in image.blobs]


def loaded_or_refused(made: Made, load: Callable[[Path], Image] = load_whole) -> Image | None:
    """What is read; None where it is refused with one short, printable error that names the layout."""
    try:
        return load(made.folder)
    except InputError as error:
        message = error.message
    assert str(made.folder) in message
    assert message.isprintable()
    assert len(message) < 900
    return None


@given(TREES)
@CLAIM
def test_what_was_made_is_read_each_thing_once_and_what_is_pointed_at_first(tree: Leaf | Node) -> None:
    with made_of(tree) as made:
        image = load_whole(made.folder)
        assert {item.descriptor.digest: item.content for item in image.manifests} == made.manifests
        assert list(made.manifests) == [item.descriptor.digest for item in image.manifests]
        assert [item.descriptor.size for item in image.manifests] == [len(item.content) for item in image.manifests]
        assert {blob.digest: blob.size for blob in image.blobs} == made.blobs
        assert [blob.path for blob in image.blobs] == [made.path(blob.digest) for blob in image.blobs]
        assert image.root == (made.root["mediaType"], made.root["digest"], made.root["size"])
        assert image.size == sum(map(len, made.manifests.values())) + sum(made.blobs.values())


@given(TREES, st.integers(-1, 1), st.booleans())
@CLAIM
def test_a_descriptor_names_the_root_whether_a_blob_or_index_json_holds_it(
    tree: Leaf | Node, more: int, inside: bool
) -> None:
    with made_of(tree) as made:
        descriptor = made.folder.parent / "descriptor.json"
        root = made.root
        if inside:
            (made.folder / "index.json").write_bytes(made.path(root["digest"]).read_bytes())
            made.path(root["digest"]).unlink()
        descriptor.write_text(json.dumps(root | {"size": root["size"] + more}))
        if more:
            with pytest.raises(InputError, match=f"expected {root['size'] + more} bytes, found {root['size']}"):
                layout.load(made.folder, descriptor)
        else:
            assert digests_of(layout.load(made.folder, descriptor)) == (list(made.manifests), list(made.blobs))


@given(st.integers(0, 12), LEAVES)
@CLAIM
def test_eight_manifests_within_each_other_are_read_and_nine_are_refused(indexes: int, leaf: Leaf) -> None:
    tree: Leaf | Node = leaf
    for _ in range(indexes):
        tree = Node([tree], "sha256", True)
    with made_of(tree) as made:
        assert (loaded_or_refused(made) is not None) == (indexes + 1 <= 8)


Spoil = Callable[[bytes, int], bytes]
SPOILS: dict[str, Spoil] = {
    "one bit": lambda content, at: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] if content else b"\0",
    "one byte less": lambda content, at: content[:at] + content[at + 1 :] if content else b"\0",
    "one byte more": lambda content, at: content[:at] + b"0" + content[at:],
    "cut off": lambda content, at: content[:at] if content else b"\0",
    "twice": lambda content, _: content + content if content else b"\0",
    "no UTF-8": lambda content, at: content[:at] + b"\xff" + content[at:],
    "empty": lambda content, _: b"" if content else b"\0",
}


@given(TREES, st.sampled_from(sorted(SPOILS)), st.integers(0, 9999), st.integers(0, 9999))
@CLAIM
def test_other_bytes_in_a_manifest_or_blob_are_always_found(
    tree: Leaf | Node, spoil: str, which: int, where: int
) -> None:
    with made_of(tree) as made:
        paths = [made.path(digest) for digest in (*made.manifests, *made.blobs)]
        path = paths[which % len(paths)]
        content = path.read_bytes()
        path.write_bytes(SPOILS[spoil](content, where % (len(content) or 1)))
        assert loaded_or_refused(made) is None


@given(TREES, st.sampled_from(["oci-layout", "index.json"]), st.sampled_from(sorted(SPOILS)), st.integers(0, 9999))
@CLAIM
def test_other_bytes_in_oci_layout_or_index_json_make_no_other_image(
    tree: Leaf | Node, name: str, spoil: str, where: int
) -> None:
    with made_of(tree) as made:
        content = (made.folder / name).read_bytes()
        (made.folder / name).write_bytes(SPOILS[spoil](content, where % len(content)))
        image = loaded_or_refused(made)
        assert image is None or digests_of(image) == (list(made.manifests), list(made.blobs))


_OTHER: list[Any] = [
    *(None, True, 0, -1, 1.5, 2**70, 10**4000, "", "\x1b[2J\n" * 400, "\ud800", [], [None], {}, {"\x1b\n": 1}),
    *("sha256:" + "0" * 64, "sha512:" + "0" * 128, "sha256:../../../../etc/passwd", "sha256:/etc/passwd", "../a:b"),
    *(INDEX, MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST, LAYER, FOREIGN, "2.0.0"),
]
_KEYS = ("mediaType", "digest", "size", "manifests", "layers", "config", "annotations", "urls", "data", "\x1b[2J")


def spoiled(document: Any, which: int, key: str, value: Any) -> Any:
    """The document with another value at one place, or with one more field in one object."""
    owners = [document, *_inside(document)]
    owner = owners[which % len(owners)]
    if isinstance(owner, dict):
        owner[key if which % 3 or not owner else sorted(owner)[which % len(owner)]] = value
    elif owner:
        owner[which % len(owner)] = value
    return document


def _inside(value: Any) -> Iterator[Any]:
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield inner
            yield from _inside(inner)


@given(TREES, st.sampled_from(_OTHER), st.sampled_from(_KEYS), st.integers(0, 9999))
@CLAIM
def test_another_value_anywhere_in_index_json_makes_no_other_image(
    tree: Leaf | Node, value: Any, key: str, which: int
) -> None:
    with made_of(tree) as made:
        index = made.folder / "index.json"
        index.write_text(json.dumps(spoiled(json.loads(index.read_bytes()), which, key, value)))
        image = loaded_or_refused(made)
        assert image is None or digests_of(image) == (list(made.manifests), list(made.blobs))


_OPENED: list[str] = []
_WATCHING: list[bool] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _WATCHING and event in ("open", "os.listdir", "os.scandir"):
        _OPENED.append(os.fspath(arguments[0]))


sys.addaudithook(_hear)


def load_watched(folder: Path) -> Image:
    """Reads a layout; fails where a file outside of it is opened or looked at."""
    stat = os.stat

    def heard(path: Any, *arguments: Any, **named: Any) -> os.stat_result:
        _OPENED.append(os.fspath(path))
        return stat(path, *arguments, **named)

    _OPENED.clear()
    try:
        with mock.patch("os.stat", heard):
            _WATCHING.append(True)
            return load_whole(folder)
    finally:
        _WATCHING.clear()
        assert _OPENED
        assert all(Path(os.path.normpath(path)).is_relative_to(folder) for path in _OPENED), _OPENED


@given(TREES, st.sampled_from(_OTHER), st.sampled_from(_KEYS), st.integers(0, 9999), st.booleans())
@CLAIM
def test_a_root_that_lies_under_its_right_digest_is_read_within_the_layout_or_refused(
    tree: Leaf | Node, value: Any, key: str, which: int, both: bool
) -> None:
    with made_of(tree) as made:
        document = spoiled(json.loads(made.manifests[made.root["digest"]]), which, key, value)
        if both:
            document = spoiled(document, which // 7, "size", value)
        content = json.dumps(document).encode()
        made.layout.finish(made.layout.blob(content, made.root["mediaType"]))
        image = loaded_or_refused(made, load_watched)
        if image:
            assert [hashlib.sha256(content).hexdigest()] == [image.root.digest.removeprefix("sha256:")]
            assert set(digests_of(image)[0][:-1]) <= set(made.manifests)
            assert set(digests_of(image)[1]) <= set(made.blobs)
