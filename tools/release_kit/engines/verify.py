"""Verifies a release: is everything that its record names in the registry, and where it was?"""

from typing import NamedTuple

from release_kit.documents.fields import Fields, parse_document
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.parallel import Workers
from release_kit.errors import InputError, RegistryError
from release_kit.ports import Registry
from release_kit.values import digest as digests
from release_kit.values.image import FOREIGN_LAYER_MARKS


class _Thing(NamedTuple):
    """An image or a chart, and the names that it has: its digest and tags."""

    repository: str
    digest: str
    names: tuple[str, ...]
    moving: tuple[str, ...] = ()
    """Tags among them that newer releases take."""


class Drift(NamedTuple):
    """Something that is not as it was recorded."""

    place: str
    """Such as `shop/core:v1.2.3` or `shop/core@sha256:...`."""
    expected: str
    found: str
    """What is there now; `nothing` if there is nothing."""
    moving: bool = False
    """Whether it is a tag that moves: `publish` has yet to move it, or a newer release has it, or somebody moved it."""


def verify(record: ReleaseRecord, registry: Registry, workers: Workers, deep: bool = False) -> list[Drift]:
    """Compares a release with its record.

    Args:
        record: what was released.
        registry: where it was released to.
        workers: ask at the same time.
        deep: read every manifest and blob from end to end and compare its content, too.

    Returns:
        What has drifted, in the record's order; nothing if all is as it was.
    """
    things = _things(record)
    registry.announce(thing.repository for thing in things)
    names = [(thing, name) for thing in things for name in thing.names]
    found = workers.each(lambda pair: _digest(*pair, registry), names)
    drifts = [
        Drift(_place(thing, name), thing.digest, digest or "nothing", name in thing.moving)
        for (thing, name), digest in zip(names, found, strict=True)
        if digest != thing.digest
    ]
    if deep:
        whole = [thing for (thing, name), digest in zip(names, found, strict=True) if name == thing.digest == digest]
        for contents in workers.each(lambda thing: _content(thing, registry), whole):
            drifts += contents
    return drifts


def _things(record: ReleaseRecord) -> list[_Thing]:
    images = [
        _Thing(each.repository, each.digest, (each.digest, *each.immutable_tags, *each.moving_tags), each.moving_tags)
        for each in record.images
    ]
    charts = [_Thing(each.repository, each.digest, (each.digest, *each.immutable_tags)) for each in record.charts]
    return images + charts


def _digest(thing: _Thing, name: str, registry: Registry) -> str | None:
    """Returns a manifest's digest; the recorded one if the registry knows this content by another algorithm's."""
    found = registry.manifest_digest(thing.repository, name)
    if found is None or found.partition(":")[0] == thing.digest.partition(":")[0]:
        return found
    return thing.digest if digests.matches(registry.manifest(thing.repository, name), thing.digest) else found


def _place(thing: _Thing, name: str) -> str:
    return f"{thing.repository}{'@' if ':' in name else ':'}{name}"


class _Contents(NamedTuple):
    """What a manifest points at."""

    manifests: tuple[str, ...]
    blobs: tuple[str, ...]


def _content(thing: _Thing, registry: Registry) -> list[Drift]:
    """Reads all that something consists of, each thing once."""
    drifts: list[Drift] = []
    waiting, seen = [thing.digest], {thing.digest}
    while waiting:
        digest = waiting.pop()
        place = f"{thing.repository}@{digest}"
        content = registry.manifest(thing.repository, digest)
        if not digests.matches(content, digest):
            drifts.append(Drift(place, digest, digests.of_bytes(content)))
            continue
        try:
            contents = parse_document(content, place, _contents)
        except InputError as error:
            drifts.append(Drift(place, digest, f"unreadable: {error.message}"))
            continue
        new = [child for child in dict.fromkeys(contents.manifests) if child not in seen]
        blobs = [blob for blob in dict.fromkeys(contents.blobs) if blob not in seen]
        waiting += new
        seen.update(new, blobs)
        found = [(blob, _blob(thing, blob, registry)) for blob in blobs]
        drifts += [Drift(f"{thing.repository}@{blob}", blob, what) for blob, what in found if what != blob]
    return drifts


def _contents(manifest: Fields) -> _Contents:
    """Reads what a manifest or index points at; layers that must not be distributed are left out."""
    children = manifest.objects("manifests", _descriptor)
    layers = manifest.objects("layers", _descriptor)
    config = (manifest.nested("config", _descriptor),) if manifest.has("config") else ()
    manifest.ignore_rest()
    blobs = [digest for digest, kind in (*config, *layers) if not any(mark in kind for mark in FOREIGN_LAYER_MARKS)]
    return _Contents(tuple(digest for digest, _ in children), tuple(blobs))


def _descriptor(fields: Fields) -> tuple[str, str]:
    digest = digests.parse(fields.string("digest"), fields.path("digest"))
    kind = fields.string("mediaType", "")
    fields.ignore_rest()
    return digest, kind


def _blob(thing: _Thing, digest: str, registry: Registry) -> str:
    if not registry.has_blob(thing.repository, digest):
        return "nothing"
    try:
        return registry.blob_digest(thing.repository, digest)
    except RegistryError as error:
        return f"unreadable: {error.message}"
