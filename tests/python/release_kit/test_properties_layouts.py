"""OCI layouts, sound ones of any shape and ones spoiled anywhere: what is read is what was made, or it is refused."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_kit.adapters import layout
from release_kit.errors import InputError
from release_kit.values.image import Image
from tests.support.layout_trees import FOREIGN, Leaf, Made, Node, made_of
from tests.support.layouts import INDEX, LAYER, MANIFEST

CLAIM = settings(max_examples=25, deadline=None, derandomize=True, database=None)
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"

_ALGORITHMS = st.sampled_from(["sha256", "sha256", "sha512"])
# Few contents, so that images share them.
_LAYERS = st.lists(st.tuples(st.sampled_from([b"", b"one", b"two", b"\0" * 99]), _ALGORITHMS), max_size=3)
LEAVES = st.builds(Leaf, _LAYERS, st.integers(0, 1), _ALGORITHMS, st.booleans())


def _indexes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Node]:
    return st.builds(Node, st.lists(inner, max_size=3), _ALGORITHMS, st.booleans())


_FLAT = _indexes(LEAVES)
TREES: st.SearchStrategy[Leaf | Node] = LEAVES | _FLAT | _indexes(LEAVES | _FLAT)


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


@given(TREES)
@CLAIM
def test_what_was_made_is_read_each_thing_once_and_what_is_pointed_at_first(tree: Leaf | Node) -> None:
    with made_of(tree) as made:
        image = load_watched(made.folder)
        # Looked at by two, and then opened once.
        assert all(_OPENED.count(str(made.layout.path(digest))) == 3 for digest in made.manifests)
        assert {item.descriptor.digest: item.content for item in image.manifests} == made.manifests
        assert list(made.manifests) == [item.descriptor.digest for item in image.manifests]
        assert [item.descriptor.size for item in image.manifests] == [len(item.content) for item in image.manifests]
        assert {blob.digest: blob.size for blob in image.blobs} == made.blobs
        assert [blob.path for blob in image.blobs] == [made.layout.path(blob.digest) for blob in image.blobs]
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
            (made.folder / "index.json").write_bytes(made.layout.path(root["digest"]).read_bytes())
            made.layout.path(root["digest"]).unlink()
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


SPOILS: dict[str, Callable[[bytes, int], bytes]] = {
    "one bit": lambda content, at: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :],
    "one byte less": lambda content, at: content[:at] + content[at + 1 :],
    "one byte more": lambda content, at: content[:at] + b"0" + content[at:],
    "cut off": lambda content, at: content[:at],
    "no UTF-8": lambda content, at: content[:at] + b"\xff" + content[at:],
    "another version": lambda content, _: content.replace(b": 2", b": 3", 1).replace(b"1.0.0", b"1.0.1"),
}


@given(TREES, st.integers(0, 9999))
@CLAIM
def test_other_bytes_in_a_manifest_or_blob_are_always_found(tree: Leaf | Node, where: int) -> None:
    with made_of(tree) as made:
        for path in (made.layout.path(digest) for digest in (*made.manifests, *made.blobs)):
            content = path.read_bytes()
            for spoil in SPOILS.values():
                other = spoil(content, where % len(content)) if content else b"0"
                path.write_bytes(other)
                assert other == content or loaded_or_refused(made) is None
            path.write_bytes(content)


@given(TREES, st.integers(0, 9999))
@CLAIM
def test_other_bytes_in_oci_layout_or_index_json_make_no_other_image(tree: Leaf | Node, where: int) -> None:
    with made_of(tree) as made:
        for path in (made.folder / "oci-layout", made.folder / "index.json"):
            content = path.read_bytes()
            for spoil in SPOILS.values():
                path.write_bytes(spoil(content, where % len(content)))
                image = loaded_or_refused(made)
                assert image is None or digests_of(image) == (list(made.manifests), list(made.blobs))
            path.write_bytes(content)


@given(LEAVES, st.sampled_from(["1.0.0", "", "1.0", "1.0.1", "1.0.0 ", "\uff11.0.0"]), st.integers(0, 3))
@CLAIM
def test_a_layout_is_of_the_known_version_and_has_one_root(leaf: Leaf, version: str, roots: int) -> None:
    with made_of(leaf) as made:
        made.layout.finish(*[made.root] * roots)
        (made.folder / "oci-layout").write_text(json.dumps({"imageLayoutVersion": version}))
        assert (loaded_or_refused(made) is not None) == (version == "1.0.0" and roots == 1)


@given(TREES)
@CLAIM
def test_a_root_of_another_kind_than_its_descriptor_says_is_refused(tree: Leaf | Node) -> None:
    family = (INDEX, DOCKER_INDEX) if isinstance(tree, Node) else (MANIFEST, DOCKER_MANIFEST)
    with made_of(tree) as made:
        for media_type in (INDEX, DOCKER_INDEX, MANIFEST, DOCKER_MANIFEST, LAYER, ""):
            made.layout.finish(made.root | {"mediaType": media_type})
            fits = media_type == made.root["mediaType"] or (media_type in family and not tree.names_type)
            assert (loaded_or_refused(made) is not None) == fits


_OTHER: list[Any] = [
    *(None, True, 0, -1, 1.5, 2**70, 10**4000, "", "\x1b[2J\n" * 400, "\ud800", [], [None], {}, {"\x1b\n": 1}),
    *("sha256:" + "0" * 64, "sha512:" + "0" * 128, "sha256:../../../../etc/passwd", "sha256:/etc/passwd", "../a:b"),
    *(INDEX, MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST, LAYER, FOREIGN, "2.0.0"),
]
_KEYS = (
    "mediaType",
    "digest",
    "size",
    "manifests",
    "layers",
    "config",
    "annotations",
    "subject",
    "artifactType",
    "\x1b[2J",
)


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


@given(TREES, st.integers(0, 9999))
@CLAIM
def test_another_value_anywhere_in_index_json_makes_no_other_image(tree: Leaf | Node, which: int) -> None:
    with made_of(tree) as made:
        index = made.folder / "index.json"
        sound = index.read_bytes()
        for value, key in product(_OTHER[which % 3 :: 3], _KEYS[which % 2 :: 2]):
            index.write_text(json.dumps(spoiled(json.loads(sound), which, key, value)))
            image = loaded_or_refused(made)
            assert image is None or digests_of(image) == (list(made.manifests), list(made.blobs))


@given(TREES, st.integers(0, 9999))
@CLAIM
def test_a_root_that_lies_under_its_right_digest_is_read_within_the_layout_or_refused(
    tree: Leaf | Node, which: int
) -> None:
    with made_of(tree) as made:
        for value, key in product(_OTHER[which % 7 :: 7], _KEYS[which % 2 :: 2]):
            document = spoiled(json.loads(made.manifests[made.root["digest"]]), which, key, value)
            root = made.layout.blob(json.dumps(document).encode(), made.root["mediaType"])
            made.layout.finish(root)
            image = loaded_or_refused(made, load_watched)
            if image:
                manifests, blobs = digests_of(image)
                assert manifests[-1] == root["digest"]
                assert set(manifests[:-1]) <= set(made.manifests)
                assert set(blobs) <= set(made.blobs)


@given(TREES, st.sampled_from(["sha256:../../../../../etc/passwd", "sha256:/etc/passwd", "../..:etc", ":", "sha256:."]))
@CLAIM
def test_no_digest_leads_out_of_the_layout(tree: Leaf | Node, digest: str) -> None:
    with made_of(tree) as made:
        document = json.loads(made.manifests[made.root["digest"]])
        for descriptor in [owner for owner in _inside(document) if "digest" in owner]:
            good, descriptor["digest"] = descriptor["digest"], digest
            made.layout.finish(made.layout.blob(json.dumps(document).encode(), made.root["mediaType"]))
            assert loaded_or_refused(made, load_watched) is None
            descriptor["digest"] = good
        made.layout.finish(made.root | {"digest": digest})
        assert loaded_or_refused(made, load_watched) is None
