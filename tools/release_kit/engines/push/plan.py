"""The plan: what a push would do, compared with the registry. Making one writes nothing."""

from concurrent.futures import Executor
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from release_kit.engines import parallel
from release_kit.engines.push.release import ImageRelease, Release
from release_kit.ports import Registry
from release_kit.values.image import Blob


class Action(StrEnum):
    """What happens to a tag or to a blob in one repository."""

    CREATE = "create"
    MOUNT = "mount"
    SKIP = "skip"
    MOVE = "move"
    CONFLICT = "conflict"


class TagPlan(NamedTuple):
    """What happens to one tag; `found` is the digest it points at now, None where the tag is free."""

    tag: str
    action: Action
    found: str | None
    moving: bool


class BlobPlan(NamedTuple):
    """What happens to one blob in one repository; `source` is the repository it is mounted from."""

    blob: Blob
    repository: str
    action: Action
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What happens to one image."""

    release: ImageRelease
    present: bool
    """Whether the repository has the manifest with all that it points at."""
    tags: tuple[TagPlan, ...]

    @property
    def digest(self) -> str:
        """The digest of the image's root."""
        return self.release.image.root.digest


@dataclass(frozen=True, slots=True)
class Plan:
    """What a push would do, for the whole set."""

    release: Release
    images: tuple[ImagePlan, ...]
    blobs: tuple[BlobPlan, ...]
    """Only those of images that are not present; first those that travel, then those that follow by a mount."""

    def tags(self, *actions: Action, moving: bool | None = None) -> list[tuple[ImagePlan, TagPlan]]:
        """Returns the tags with one of these actions; only moving or only immutable ones where asked."""
        return [
            (image, tag)
            for image in self.images
            for tag in image.tags
            if tag.action in actions and moving in (None, tag.moving)
        ]

    @property
    def upload_bytes(self) -> int:
        """Bytes of blobs that would travel."""
        return sum(item.blob.size for item in self.blobs if item.action is Action.CREATE)

    @property
    def is_empty(self) -> bool:
        """Whether everything is there already."""
        return all(image.present for image in self.images) and not self.tags(Action.CREATE, Action.MOVE)


def make_plan(release: Release, registry: Registry, pool: Executor) -> Plan:
    """Asks the registry about every tag, and about the blobs of images that it does not have."""
    questions = [(image, tag) for image in release.images for tag in (*image.immutable_tags, *image.moving_tags)]
    answers = parallel.each(
        pool, lambda question: registry.manifest_digest(question[0].repository, question[1]), questions
    )
    found = {(image.repository, tag): digest for (image, tag), digest in zip(questions, answers, strict=True)}
    present = parallel.each(pool, lambda image: _is_present(image, found, registry), release.images)
    images = tuple(
        ImagePlan(image, there, _tags(image, found)) for image, there in zip(release.images, present, strict=True)
    )
    return Plan(release, images, _blobs(images, registry, pool))


def _is_present(image: ImageRelease, found: dict[tuple[str, str], str | None], registry: Registry) -> bool:
    digest = image.image.root.digest
    tags = (*image.immutable_tags, *image.moving_tags)
    if any(found[image.repository, tag] == digest for tag in tags):
        return True
    return registry.manifest_digest(image.repository, digest) is not None


def _tags(image: ImageRelease, found: dict[tuple[str, str], str | None]) -> tuple[TagPlan, ...]:
    digest = image.image.root.digest
    return tuple(
        TagPlan(tag, _tag_action(found[image.repository, tag], digest, moving), found[image.repository, tag], moving)
        for tags, moving in ((image.immutable_tags, False), (image.moving_tags, True))
        for tag in tags
    )


def _tag_action(found: str | None, wanted: str, moving: bool) -> Action:
    if found is None:
        return Action.CREATE
    if found == wanted:
        return Action.SKIP
    return Action.MOVE if moving else Action.CONFLICT


def _blobs(images: tuple[ImagePlan, ...], registry: Registry, pool: Executor) -> tuple[BlobPlan, ...]:
    wanted = [
        (blob, image.release.repository) for image in images if not image.present for blob in image.release.image.blobs
    ]
    there = parallel.each(pool, lambda item: registry.has_blob(item[1], item[0].digest), wanted)
    homes = {
        blob.digest: image.release.repository for image in images if image.present for blob in image.release.image.blobs
    }
    homes |= {blob.digest: home for (blob, home), has in zip(wanted, there, strict=True) if has}
    first, later, skipped = [], [], []
    for (blob, repository), has in zip(wanted, there, strict=True):
        if has:
            skipped.append(BlobPlan(blob, repository, Action.SKIP))
        elif blob.digest in homes:
            later.append(BlobPlan(blob, repository, Action.MOUNT, homes[blob.digest]))
        else:
            homes[blob.digest] = repository
            first.append(BlobPlan(blob, repository, Action.CREATE))
    return (*first, *later, *skipped)
