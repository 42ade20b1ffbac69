"""A packed chart as an OCI artifact, as `helm push` makes it."""

import json
from collections.abc import Mapping
from typing import Any

from release_kit.engines.chart.package import Package
from release_kit.errors import InputError
from release_kit.values import digest as digests
from release_kit.values.image import MANIFEST_TYPE, Blob, Descriptor, Image, Manifest

CONFIG_TYPE = "application/vnd.cncf.helm.config.v1+json"
CONTENT_TYPE = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
MAX_TAG_LENGTH = 128
_PREFIX = "org.opencontainers.image."
_FIXED = (f"{_PREFIX}title", f"{_PREFIX}version")
_ESCAPED = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def artifact(package: Package, created: str) -> Image:
    """Makes manifest, config and content layer of a packed chart.

    Args:
        package: from `pack` or `packed`.
        created: the time of the release (RFC 3339, UTC); Helm takes the file's, so its digests differ each time.
    """
    config = _json(package.metadata)
    blobs = [Blob(digests.of_bytes(content), len(content), None, content) for content in (config, package.archive)]
    described = [
        {"mediaType": media_type, "digest": blob.digest, "size": blob.size}
        for media_type, blob in zip((CONFIG_TYPE, CONTENT_TYPE), blobs, strict=True)
    ]
    manifest = {"schemaVersion": 2, "config": described[0], "layers": described[1:]}
    manifest["annotations"] = dict(sorted(annotations(package.metadata, created).items()))
    content = _json(manifest)
    descriptor = Descriptor(MANIFEST_TYPE, digests.of_bytes(content), len(content))
    return Image((Manifest(descriptor, content),), tuple(blobs))


def annotations(metadata: Mapping[str, Any], created: str) -> dict[str, str]:
    """Returns the manifest's annotations: those of Chart.yaml may replace all of ours but title and version."""
    own = {
        "description": metadata.get("description", ""),
        "title": metadata["name"],
        "version": metadata["version"],
        "url": metadata.get("home", ""),
        "created": created,
        "source": next(iter(metadata.get("sources", ())), ""),
        "authors": ", ".join(map(_author, metadata.get("maintainers", ()))),
    }
    found = {f"{_PREFIX}{key}": value for key, value in own.items() if value.strip()}
    added = metadata.get("annotations", {})
    return found | {key: value for key, value in added.items() if key not in _FIXED}


def tag_of(version: str) -> str:
    """Returns the tag of a chart version: `+` becomes `_`, which tags may have.

    Raises:
        InputError: it is too long for a tag.
    """
    if len(version) > MAX_TAG_LENGTH:
        raise InputError(f"chart version {version!r:.200}: expected at most {MAX_TAG_LENGTH} characters in a tag")
    return version.replace("+", "_")


def _author(maintainer: Mapping[str, str]) -> str:
    email = maintainer.get("email", "")
    return maintainer.get("name", "") + (f" ({email})" if email else "")


def _json(value: Mapping[str, Any]) -> bytes:
    """Returns JSON as Go writes it: no spaces, HTML's characters escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "".join(_ESCAPED.get(character, character) for character in text).encode()
