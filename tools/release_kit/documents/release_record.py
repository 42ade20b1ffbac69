"""The release record: what a push released. Verify, promote and roll back read it."""

import json
from typing import NamedTuple

from release_kit.documents.fields import Fields
from release_kit.errors import InputError
from release_kit.values import digest as digests
from release_kit.values import reference

SCHEMA = "rules_release/release-record/v1"
MEDIA_TYPE = "application/vnd.rules-release.release-record.v1+json"
"""What a record is called in a registry: the type of the artifact and of its only layer."""
FILE_NAME = "release-record.json"
"""That layer's title: the file which `oras pull` writes."""


class ImageRecord(NamedTuple):
    """One released image."""

    name: str
    repository: str
    """The repository with the registry's prefix, without its host."""
    digest: str
    media_type: str
    size: int
    """Bytes of the manifests and unique blobs below the digest, as they are stored in the registry."""
    immutable_tags: tuple[str, ...]
    moving_tags: tuple[str, ...]


class ChartRecord(NamedTuple):
    """One released Helm chart."""

    name: str
    repository: str
    """The repository with the registry's prefix and the chart's own name, without the registry's host."""
    version: str
    """The chart's; its tag has `_` where this has `+`."""
    digest: str
    media_type: str
    size: int
    """Bytes of the manifest, the config and the package."""
    immutable_tags: tuple[str, ...]


class ReleaseRecord(NamedTuple):
    """A whole release; the same release of the same set is the same document, byte for byte."""

    name: str
    version: str
    commit: str
    """The full commit; empty where the stamp has none."""
    dirty: bool
    registry: str
    """HOST[:PORT]; empty in a published record, whose registry is the one that it is in."""
    images: tuple[ImageRecord, ...]
    charts: tuple[ChartRecord, ...] = ()
    skip_staging: bool = False
    """Whether it is a hotfix, which later environments take without waiting for staging."""

    @property
    def contents(self) -> str:
        """Such as `2 images and 1 chart`, or `nothing`."""
        counts = {"image": len(self.images), "chart": len(self.charts)}
        return " and ".join(f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n) or "nothing"

    def without_moving_tags(self) -> "ReleaseRecord":
        """Returns the part that stays true when newer releases come."""
        return self._replace(images=tuple(image._replace(moving_tags=()) for image in self.images))

    def to_json(self) -> str:
        """Returns the document's text; it speaks of charts and of staging only where there is something to say."""
        parts = {key: [part._asdict() for part in getattr(self, key)] for key in ("images", "charts")}
        document = {"schema": SCHEMA, **self._asdict(), **parts}
        for key in ("charts", "skip_staging"):
            if not document[key]:
                del document[key]
        return json.dumps(document, indent=2) + "\n"


def identity(record: ReleaseRecord) -> str:
    """Returns the digest of the published record: what tells one release from all others, in any registry."""
    return digests.of_bytes(record._replace(registry="").to_json().encode())


def from_fields(fields: Fields) -> ReleaseRecord:
    """Reads a release record; to be used with `read_document`.

    Raises:
        InputError: a field is missing, mistyped or unknown.
    """
    fields.schema(SCHEMA)
    registry = fields.string("registry", "")
    if registry:
        reference.parse_registry(registry, "registry")
    return ReleaseRecord(
        name=_printable(fields, "name"),
        version=_printable(fields, "version"),
        commit=_printable(fields, "commit", ""),
        dirty=fields.boolean("dirty", False),
        registry=registry,
        images=fields.objects("images", _image),
        charts=fields.objects("charts", _chart),
        skip_staging=fields.boolean("skip_staging", False),
    )


def _image(fields: Fields) -> ImageRecord:
    return ImageRecord(
        name=_printable(fields, "name"),
        repository=_repository(fields),
        digest=digests.parse(fields.string("digest"), fields.path("digest")),
        media_type=_printable(fields, "media_type"),
        size=_size(fields),
        immutable_tags=_tags(fields, "immutable_tags"),
        moving_tags=_tags(fields, "moving_tags"),
    )


def _chart(fields: Fields) -> ChartRecord:
    return ChartRecord(
        name=_printable(fields, "name"),
        repository=_repository(fields),
        version=_printable(fields, "version"),
        digest=digests.parse(fields.string("digest"), fields.path("digest")),
        media_type=_printable(fields, "media_type"),
        size=_size(fields),
        immutable_tags=_tags(fields, "immutable_tags"),
    )


def _repository(fields: Fields) -> str:
    return reference.parse_repository(fields.string("repository"), fields.path("repository"))


def _size(fields: Fields) -> int:
    size = fields.integer("size")
    if size < 0:
        raise InputError(f"{fields.path('size')}: expected bytes, found {size}")
    return size


def _printable(fields: Fields, key: str, default: str | None = None) -> str:
    """Takes a text that is shown to users: a record may come from anywhere."""
    text = fields.string(key, default)
    if not text.isprintable():
        raise InputError(f"{fields.path(key)}: expected printable text, found {text!r:.200}")
    return text


def _tags(fields: Fields, key: str) -> tuple[str, ...]:
    tags = fields.strings(key)
    for position, tag in enumerate(tags):
        if fault := reference.tag_fault(tag):
            raise InputError(f"{fields.path(key)}[{position}]: the tag {tag!r:.200} {fault}")
    return tags
