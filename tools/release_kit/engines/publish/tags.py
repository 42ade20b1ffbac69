"""The moving tags of a release, in its images' repositories and in that of the release records.

They move to what the record says, and no layer travels. A tag that is with a newer release already stays there: the
record that is published under it tells which one that is.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.fetch import check, fetch_record
from release_kit.engines.parallel import Workers
from release_kit.engines.push.record import record_image
from release_kit.errors import InputError
from release_kit.ports import Registry
from release_kit.values import digest as digests
from release_kit.values import version as versions
from release_kit.values.image import Descriptor, Manifest
from release_kit.values.reference import Reference


class Action(StrEnum):
    """What happens to a tag."""

    CREATE = "create"
    MOVE = "move"
    SKIP = "skip"
    STAY = "stay"
    """It is with a newer release."""


class Target(NamedTuple):
    """A tag, and what it is to point at."""

    repository: str
    tag: str
    digest: str
    media_type: str


class TagMove(NamedTuple):
    """What happens to one tag."""

    target: Target
    found: str
    """The digest that it points at now; empty where it is free."""
    action: Action
    newer: str
    """The version of the newer release that has it; else empty."""


class Artifact(NamedTuple):
    """The record of a release as it is published beside the images."""

    repository: str
    """Empty: nowhere."""
    digest: str
    media_type: str
    names: tuple[str, ...]
    """Its tags that name the version; one of them is there."""


def artifact(record: ReleaseRecord, repository: str) -> Artifact:
    """Returns what a push has published of a record.

    Args:
        record: of the release.
        repository: of the release records; empty where they are not published.
    """
    root = record_image(record._replace(registry="")).root
    named = [tag for image in record.images for tag in image.immutable_tags if record.version in tag]
    names = tuple(dict.fromkeys(named)) or (f"v{record.version}", record.version)
    return Artifact(repository, root.digest, root.media_type, names)


def look(record: ReleaseRecord, published: Artifact, registry: Registry, workers: Workers) -> tuple[TagMove, ...]:
    """Compares where the moving tags are with where they are to be; those of the record come last, as in a push.

    Raises:
        RegistryError: the registry refuses.
    """
    targets = [*_targets(record, published)]
    registry.announce(target.repository for target in targets)
    newer = {tag: _newer(record, published, tag, registry) for tag in dict.fromkeys(each.tag for each in targets)}
    found = workers.each(lambda each: registry.manifest_digest(each.repository, each.tag), targets)
    return tuple(
        TagMove(target, digest or "", _action(target, digest, newer[target.tag], registry), newer[target.tag])
        for target, digest in zip(targets, found, strict=True)
    )


def move(moves: tuple[TagMove, ...], published: Artifact, registry: Registry, workers: Workers) -> None:
    """Moves the tags of all images, then those of the record.

    Raises:
        RegistryError: the registry refuses.
    """
    written = [each.target for each in moves if each.action in (Action.CREATE, Action.MOVE)]
    for is_last in (False, True):
        step = [each for each in written if (each.repository == published.repository) is is_last]
        workers.each(lambda each: registry.put_tags(each.repository, [each.tag], _manifest(each, registry)), step)


def _targets(record: ReleaseRecord, published: Artifact) -> Iterator[Target]:
    for image in record.images:
        for tag in image.moving_tags:
            yield Target(image.repository, tag, image.digest, image.media_type)
    if published.repository:
        for tag in dict.fromkeys(tag for image in record.images for tag in image.moving_tags):
            yield Target(published.repository, tag, published.digest, published.media_type)


def _newer(record: ReleaseRecord, published: Artifact, tag: str, registry: Registry) -> str:
    """Returns the version of the release that has a tag, if that is newer; what is no release is no newer one."""
    digest = registry.manifest_digest(published.repository, tag) if published.repository else None
    if digest is None or digest == published.digest:
        return ""
    try:
        other = fetch_record(registry, Reference(registry.host, published.repository, digest)).version
        own, theirs = (versions.parse(text, tag).rank() for text in (record.version, other))
    except InputError:
        return ""
    return other if theirs > own else ""


def _action(target: Target, found: str | None, newer: str, registry: Registry) -> Action:
    if newer:
        return Action.STAY
    if found is None:
        return Action.CREATE
    return Action.SKIP if is_same(target.repository, found, target.digest, registry) else Action.MOVE


def is_same(repository: str, found: str | None, digest: str, registry: Registry) -> bool:
    """Tells whether a digest is of the same content; a registry may know it by another algorithm."""
    if found is None or found == digest or found.partition(":")[0] == digest.partition(":")[0]:
        return found == digest
    return digests.matches(registry.manifest(repository, found), digest)


def _manifest(target: Target, registry: Registry) -> Manifest:
    place = f"{registry.host}/{target.repository}@{target.digest}"
    content = registry.manifest(target.repository, target.digest)
    check(content, target.digest, place)
    return Manifest(Descriptor(target.media_type, target.digest, len(content)), content)
