"""An image as it is pushed: manifests and blobs by digest (OCI image-spec, manifest.md and image-index.md)."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from release_kit.values import digest as digests

INDEX_TYPES = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
MANIFEST_TYPES = frozenset(
    {
        MANIFEST_TYPE,
        "application/vnd.docker.distribution.manifest.v2+json",
    }
)
EMPTY_TYPE = "application/vnd.oci.empty.v1+json"
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


class Referrer(NamedTuple):
    """What the list of a subject's referrers says of a manifest that names this subject, next to its descriptor."""

    subject: str
    """The subject's digest."""
    artifact_type: str
    """Empty for an index that has none."""
    annotations: dict[str, str]


class Manifest(NamedTuple):
    """A manifest or index with its exact bytes."""

    descriptor: Descriptor
    content: bytes
    referrer: Referrer | None = None
    """None for a manifest that has no subject."""


class Blob(NamedTuple):
    """A config or layer, and the file that holds it or else its content."""

    digest: str
    size: int
    path: Path | None
    content: bytes = b""
    remote: bool = False
    """Whether it is in the build's remote cache only: neither a file nor its content is here."""


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

    def is_at(self, digest: str | None) -> bool:
        """Tells whether a digest is the image's; a registry may know it by another algorithm than its layout does."""
        return digest is not None and digests.matches(self.manifests[-1].content, digest)

    @property
    def size(self) -> int:
        """Bytes of all manifests and blobs."""
        return sum(manifest.descriptor.size for manifest in self.manifests) + sum(blob.size for blob in self.blobs)
