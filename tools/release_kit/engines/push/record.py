"""The record of a release, and the artifact that it is in a registry (image-spec, "Guidelines for Artifact Usage")."""

import json

from release_kit.documents.release_record import FILE_NAME, MEDIA_TYPE, ChartRecord, ImageRecord, ReleaseRecord
from release_kit.engines.push.release import Item, Kind, Release, with_one_file_a_blob
from release_kit.values import digest as digests
from release_kit.values.image import EMPTY_TYPE, MANIFEST_TYPE, Blob, Descriptor, Image, Manifest
from release_kit.values.tags import TagPolicy, digest_tag, release_tags

_EMPTY = b"{}"


def make_record(release: Release, host: str) -> ReleaseRecord:
    """Returns the record of a release to the registry `host`."""
    stamp = release.stamp
    images = tuple(map(_image, release.images))
    charts = tuple(_chart(item, stamp.version_text) for item in release.charts)
    return ReleaseRecord(
        name=release.name,
        version=stamp.version_text,
        commit=stamp.commit,
        dirty=stamp.dirty,
        registry=host,
        images=images,
        charts=charts,
        skip_staging=stamp.skip_staging,
    )


def _image(item: Item) -> ImageRecord:
    return ImageRecord(
        name=item.name,
        repository=item.repository,
        digest=item.digest,
        media_type=item.image.root.media_type,
        size=item.image.size,
        immutable_tags=item.immutable_tags,
        moving_tags=item.moving_tags,
    )


def _chart(item: Item, version: str) -> ChartRecord:
    return ChartRecord(
        name=item.name,
        repository=item.repository,
        version=version,
        digest=item.digest,
        media_type=item.image.root.media_type,
        size=item.image.size,
        immutable_tags=item.immutable_tags,
    )


def with_record(release: Release, record: ReleaseRecord, repository: str, policy: TagPolicy) -> Release:
    """Returns a release that also publishes its record, under the tags that its images get.

    Tags that name the version are immutable. The others move: one commit may be built before and after its version tag,
    which are two records. The published record names no registry: it is that of the one it is in, by whatever name.

    Args:
        release: the set's images and charts.
        record: of that release; it becomes the only layer of an artifact, as its JSON text.
        repository: where to; a whole name, with the registry's prefix.
        policy: the set's.
    """
    image = record_image(record._replace(registry=""))
    tags = release_tags(policy, release.stamp)
    fixed = [tag for tag in tags.immutable if release.stamp.version and release.stamp.version_text in tag]
    others = [tag for tag in (*tags.immutable, *tags.moving) if tag not in fixed]
    immutable = tuple(dict.fromkeys((*fixed, *digest_tag(policy, image.root.digest))))
    item = Item(Kind.RECORD, "release record", repository, image, immutable, tuple(dict.fromkeys(others)))
    return release._replace(items=with_one_file_a_blob((*release.items, item)))


def record_image(record: ReleaseRecord) -> Image:
    """Returns the artifact that holds a record: the same bytes for the same record."""
    layer, config = _blob(record.to_json().encode()), _blob(_EMPTY)
    annotations = {"org.opencontainers.image.version": record.version}
    if record.commit:
        annotations["org.opencontainers.image.revision"] = record.commit
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "artifactType": MEDIA_TYPE,
        "config": {"mediaType": EMPTY_TYPE, "digest": config.digest, "size": config.size},
        "layers": [
            {
                "mediaType": MEDIA_TYPE,
                "digest": layer.digest,
                "size": layer.size,
                "annotations": {"org.opencontainers.image.title": FILE_NAME},
            }
        ],
        "annotations": annotations,
    }
    content = json.dumps(manifest, separators=(",", ":")).encode()
    root = Descriptor(MANIFEST_TYPE, digests.of_bytes(content), len(content))
    return Image((Manifest(root, content),), (config, layer))


def _blob(content: bytes) -> Blob:
    return Blob(digests.of_bytes(content), len(content), None, content)
