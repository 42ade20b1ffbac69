"""The plan: what a push would do, compared with the registry. Making one writes nothing."""

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


class BlobNeed(NamedTuple):
    """A blob and the repositories that need it; `home` is another repository that has it, None where none is known."""

    blob: Blob
    repositories: tuple[str, ...]
    home: str | None


class ImagePlan(NamedTuple):
    """What happens to one image."""

    release: ImageRelease
    present: bool
    """Whether the repository has the manifest with all that it points at."""
    tags: tuple[TagPlan, ...]

    @property
    def digest(self) -> str:
        """The digest of the image's root."""
        return self.release.image.root.digest


class Plan(NamedTuple):
    """What a push would do, for the whole set."""

    release: Release
    images: tuple[ImagePlan, ...]

    def tags(self, *actions: Action, moving: bool | None = None) -> list[tuple[ImagePlan, TagPlan]]:
        """Returns the tags with one of these actions; only moving or only immutable ones where asked."""
        return [
            (image, tag)
            for image in self.images
            for tag in image.tags
            if tag.action in actions and moving in (None, tag.moving)
        ]

    @property
    def missing(self) -> list[ImagePlan]:
        """The images that their repositories do not have."""
        return [image for image in self.images if not image.present]

    @property
    def is_empty(self) -> bool:
        """Whether everything is there already."""
        return not self.missing and not self.tags(Action.CREATE, Action.MOVE)

    def needs(self) -> list[BlobNeed]:
        """Returns each blob of the missing images once, the largest first."""
        homes = {b.digest: i.release.repository for i in self.images if i.present for b in i.release.image.blobs}
        blobs: dict[str, Blob] = {}
        repositories: dict[str, list[str]] = {}
        for image in self.missing:
            for blob in image.release.image.blobs:
                blobs.setdefault(blob.digest, blob)
                repositories.setdefault(blob.digest, []).append(image.release.repository)
        needs = (BlobNeed(blob, tuple(repositories[digest]), homes.get(digest)) for digest, blob in blobs.items())
        return sorted(needs, key=lambda need: -need.blob.size)


Found = dict[str, str | None]


def make_plan(release: Release, registry: Registry, jobs: int) -> Plan:
    """Asks the registry about the release, with as few questions as its state allows.

    One tag of the first image tells which way to ask. If it is there, the release probably is: every tag is looked at.
    If not, one list of tags per image says which of them need a look; in a new repository none does.
    """
    if not release.images:
        return Plan(release, ())
    first = release.images[0]
    probe = first.immutable_tags[:1]
    known = {tag: registry.manifest_digest(first.repository, tag) for tag in probe}
    if any(known.values()):
        found = _look_at_all(release, registry, jobs, known)
    else:
        found = parallel.each(jobs, lambda image: _look_at_listed(image, registry), release.images)
    pairs = zip(release.images, found, strict=True)
    return Plan(release, tuple(parallel.each(jobs, lambda pair: _plan_image(*pair, registry), pairs)))


def _look_at_all(release: Release, registry: Registry, jobs: int, known: Found) -> list[Found | None]:
    first = release.images[0]
    questions = [
        (image, tag)
        for image in release.images
        for tag in (*image.immutable_tags, *image.moving_tags)
        if image is not first or tag not in known
    ]
    answers = parallel.each(jobs, lambda asked: registry.manifest_digest(asked[0].repository, asked[1]), questions)
    found: dict[str, Found] = {image.repository: {} for image in release.images}
    found[first.repository] |= known
    for (image, tag), digest in zip(questions, answers, strict=True):
        found[image.repository][tag] = digest
    return [found[image.repository] for image in release.images]


def _look_at_listed(image: ImageRelease, registry: Registry) -> Found | None:
    """Returns the digests of the image's tags; None if its repository has no tag at all."""
    tags = (*image.immutable_tags, *image.moving_tags)
    listed = registry.tags(image.repository) if tags else frozenset(tags)
    if tags and listed is not None and not listed:
        return None
    return {
        tag: registry.manifest_digest(image.repository, tag) if listed is None or tag in listed else None
        for tag in tags
    }


def _plan_image(image: ImageRelease, found: Found | None, registry: Registry) -> ImagePlan:
    digest = image.image.root.digest
    present = found is not None and digest in found.values()
    if found is not None and not present:
        present = registry.manifest_digest(image.repository, digest) is not None
    tags = tuple(
        TagPlan(tag, _tag_action((found or {}).get(tag), digest, moving), (found or {}).get(tag), moving)
        for names, moving in ((image.immutable_tags, False), (image.moving_tags, True))
        for tag in names
    )
    return ImagePlan(image, present, tags)


def _tag_action(found: str | None, wanted: str, moving: bool) -> Action:
    if found is None:
        return Action.CREATE
    if found == wanted:
        return Action.SKIP
    return Action.MOVE if moving else Action.CONFLICT


class BlobPlan(NamedTuple):
    """What would happen to one blob in one repository; `source` is the repository it would be mounted from."""

    blob: Blob
    repository: str
    action: Action
    source: str | None = None


def look_at_blobs(plan: Plan, registry: Registry, jobs: int) -> list[BlobPlan]:
    """Asks the registry about each blob in each repository that needs it, for a plan that is shown."""
    links = [(need, repository) for need in plan.needs() for repository in need.repositories]
    there = parallel.each(jobs, lambda link: registry.has_blob(link[1], link[0].blob.digest), links)
    homes = {need.blob.digest: need.home for need in plan.needs() if need.home}
    homes |= {need.blob.digest: repository for (need, repository), has in zip(links, there, strict=True) if has}
    blobs = []
    for (need, repository), has in zip(links, there, strict=True):
        home = homes.setdefault(need.blob.digest, repository)
        if has:
            blobs.append(BlobPlan(need.blob, repository, Action.SKIP))
        elif home != repository:
            blobs.append(BlobPlan(need.blob, repository, Action.MOUNT, home))
        else:
            blobs.append(BlobPlan(need.blob, repository, Action.CREATE))
    return blobs
