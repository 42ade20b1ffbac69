"""Reads manifests and indexes, and says what they reference."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.fault_registry.content import is_digest
from tests.support.fault_registry.messages import refuse

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEXES = frozenset({OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"})
IMAGES = frozenset({OCI_MANIFEST, "application/vnd.docker.distribution.manifest.v2+json"})
_NOT_DISTRIBUTED = ("application/vnd.oci.image.layer.nondistributable.", "application/vnd.docker.image.rootfs.foreign.")


@dataclass(frozen=True, slots=True)
class Reference:
    """What a manifest says of one blob or child manifest that must be there."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest or an index."""

    media_type: str
    content: bytes
    blobs: tuple[Reference, ...]
    children: tuple[Reference, ...]
    subject: str | None
    artifact_type: str
    annotations: Mapping[str, str]


def parse(content: bytes, content_type: str) -> Manifest:
    """Reads a manifest.

    Raises:
        Refused: it isn't one (MANIFEST_INVALID).
    """
    media_type = content_type.partition(";")[0].strip()
    if media_type not in INDEXES | IMAGES:
        raise refuse(400, "MANIFEST_INVALID", f"unsupported Content-Type {media_type!r}")
    try:
        document = json.loads(content)
        return _manifest(document, media_type, content)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise refuse(400, "MANIFEST_INVALID", f"not a manifest: {error!r}") from None


def _manifest(document: Any, media_type: str, content: bytes) -> Manifest:
    if document["schemaVersion"] != 2:
        raise ValueError("schemaVersion is not 2")
    if document.get("mediaType", media_type) != media_type:
        raise ValueError(f"mediaType {document['mediaType']} was sent as {media_type}")
    index = media_type in INDEXES
    config = document.get("config") or {}
    blobs = () if index else tuple(map(_reference, filter(_is_distributed, [document["config"], *document["layers"]])))
    children = tuple(map(_reference, document["manifests"])) if index else ()
    subject = _reference(document["subject"]).digest if document.get("subject") else None
    artifact_type = document.get("artifactType") or config.get("mediaType", "")
    return Manifest(media_type, content, blobs, children, subject, artifact_type, document.get("annotations") or {})


def _reference(descriptor: Any) -> Reference:
    digest, size = descriptor["digest"], descriptor["size"]
    if not is_digest(digest) or type(size) is not int or size < 0 or not descriptor["mediaType"]:
        raise ValueError(f"not a descriptor: {descriptor!r}")
    return Reference(digest, size)


def _is_distributed(descriptor: Any) -> bool:
    return not descriptor["mediaType"].startswith(_NOT_DISTRIBUTED)
