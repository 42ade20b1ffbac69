"""An image as it is pushed: manifests and blobs by digest (OCI image-spec, manifest.md and image-index.md)."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

INDEX_TYPES = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
MANIFEST_TYPES = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    }
)
FOREIGN_LAYER_MARKS = ("nondistributable", ".foreign.")


class Arrival(StrEnum):
    """How a blob came to be in a repository."""

    UPLOADED = "uploaded"
    MOUNTED = "mounted"
    PRESENT = "present"


class Descriptor(NamedTuple):
    """What a manifest says of a blob or of another manifest; size in bytes."""

    media_type: str
    digest: str
    size: int


class Manifest(NamedTuple):
    """A manifest or index with its exact bytes."""

    descriptor: Descriptor
    content: bytes


class Blob(NamedTuple):
    """A config or layer and the file that holds it."""

    digest: str
    size: int
    path: Path


class Image(NamedTuple):
    """One image or multi-platform index, complete."""

    manifests: tuple[Manifest, ...]
    """Each manifest once, what is pointed at before what points at it: the last one is the root."""
    blobs: tuple[Blob, ...]
    """Each config and layer once; layers that must not be distributed are left out."""

    @property
    def root(self) -> Descriptor:
        """The descriptor whose digest is the image's."""
        return self.manifests[-1].descriptor

    @property
    def size(self) -> int:
        """Bytes of all manifests and blobs."""
        return sum(manifest.descriptor.size for manifest in self.manifests) + sum(blob.size for blob in self.blobs)
