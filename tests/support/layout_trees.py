"""OCI image layouts of any shape: trees of images and indexes, and what reading them must find."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from tests.support.layouts import CONFIG, INDEX, LAYER, MANIFEST, Layout

FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"


class Leaf(NamedTuple):
    """An image for one platform."""

    layers: list[tuple[bytes, str]]
    """Contents, and the algorithms of their digests."""
    foreign: int
    """How many more layers it has that must not be distributed."""
    algorithm: str
    names_type: bool
    """Whether its content says what it is, as its descriptor does."""


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


@contextmanager
def made_of(tree: Leaf | Node) -> Iterator[Made]:
    with TemporaryDirectory() as folder:
        yield Made(Path(folder) / "image", tree)
