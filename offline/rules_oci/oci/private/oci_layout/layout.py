"""An OCI image layout directory (image-spec: image-layout.md), to read and to write."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
EPOCH = "1970-01-01T00:00:00Z"

_DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"

Document = dict[str, Any]


class LayoutError(Exception):
    """An input is not what the rule needs; the text names it and what was found."""


@dataclass(frozen=True)
class Layout:
    """A layout directory that exists.

    Attributes:
        path: the directory with `index.json` and `blobs/`.
    """

    path: Path

    def blob(self, digest: str) -> Path:
        """Returns the path of a blob, whether or not it exists."""
        algorithm, _, hexadecimal = digest.partition(":")
        return self.path / "blobs" / algorithm / hexadecimal

    def descriptor(self) -> Document:
        """Returns the only descriptor in `index.json`."""
        manifests = _read(self.path / "index.json").get("manifests", [])
        if len(manifests) != 1:
            raise LayoutError(f"{self.path}/index.json: expected exactly one manifest, found {len(manifests)}")
        return manifests[0]

    def manifest(self) -> Document:
        """Returns the image manifest; an index is an error."""
        descriptor = self.descriptor()
        if descriptor["mediaType"] not in (MANIFEST, _DOCKER_MANIFEST):
            raise LayoutError(f"{self.path}: expected a single-platform image, found {descriptor['mediaType']}")
        return self.document(descriptor["digest"])

    def document(self, digest: str) -> Document:
        """Returns a JSON blob."""
        return _read(self.blob(digest))


class Writer:
    """Writes a layout directory.

    Args:
        path: the directory, which may exist.
    """

    def __init__(self, path: Path) -> None:
        self.layout = Layout(path)
        self._blobs = path / "blobs" / "sha256"
        self._blobs.mkdir(parents=True, exist_ok=True)
        (path / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}\n')

    def write_document(self, document: Document, media_type: str) -> Document:
        """Writes a JSON blob and returns its descriptor."""
        content = json.dumps(document, indent=2).encode() + b"\n"
        digest = "sha256:" + hashlib.sha256(content).hexdigest()
        self.layout.blob(digest).write_bytes(content)
        return {"mediaType": media_type, "size": len(content), "digest": digest}

    def link(self, digest: str, source: Path) -> None:
        """Makes a blob a relative link to a file outside, as the real rules do to keep layers out of outputs."""
        _require(source)
        target = self.layout.blob(digest)
        target.unlink(missing_ok=True)
        target.symlink_to(os.path.relpath(source, self._blobs))

    def copy(self, digest: str, source: Path) -> None:
        """Copies a blob unless it is there."""
        _require(source)
        target = self.layout.blob(digest)
        if not target.exists():
            shutil.copyfile(source, target)

    def write_index(self, index: Document) -> None:
        """Writes `index.json`."""
        (self.layout.path / "index.json").write_text(json.dumps(index, indent=2) + "\n")


def _require(path: Path) -> None:
    if not path.is_file():
        raise LayoutError(f"{path}: expected a blob, found no file")


def _read(path: Path) -> Document:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise LayoutError(f"{path}: expected a JSON document: {error}") from error
