"""Carries a plan out, step by step for the whole set; then makes the release record."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from release_kit.documents.release_record import ImageRecord, ReleaseRecord
from release_kit.engines import parallel
from release_kit.engines.push.plan import Action, BlobNeed, ImagePlan, Plan, TagPlan, make_plan
from release_kit.engines.push.release import Release
from release_kit.errors import ReleaseError
from release_kit.ports import Narrator, Registry
from release_kit.values.image import Blob

Verify = Callable[[Blob], None]
READERS = 4
"""How many blobs are read at once: reading is work, not waiting."""


class TakenError(ReleaseError):
    """Somebody else has written a tag that was free: the same push again would meet a conflict."""


class Written:
    """Counts what was written, for the message after a failure. Safe to use from several threads."""

    def __init__(self) -> None:
        """Nothing was written yet."""
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, what: str) -> None:
        """Counts one more of `what`."""
        with self._lock:
            self._counts[what] += 1

    def __str__(self) -> str:
        """Returns such as `blobs uploaded: 3, manifests: 1`, or `nothing`."""
        return ", ".join(f"{what}: {count}" for what, count in self._counts.items()) or "nothing"


class Push(NamedTuple):
    """What the steps of one push share."""

    plan: Plan
    registry: Registry
    jobs: int
    narrator: Narrator
    written: Written


def push_release(release: Release, registry: Registry, jobs: int, verify: Verify, narrator: Narrator) -> Plan:
    """Pushes a release: all steps but the record.

    Args:
        release: what to push.
        registry: where to push it.
        jobs: how many requests, or blobs to read, at once.
        verify: reads a blob to its end and raises InputError if its content has another digest.
        narrator: is told of each step.

    Returns:
        What was done, as it was planned.

    Raises:
        ReleaseError: the push was refused or failed; says what was written.
        InputError: a blob that would travel is not what its name says; nothing was written.
    """
    registry.open(image.repository for image in release.images)
    plan = make_plan(release, registry, jobs)
    check(plan, verify, jobs)
    execute(Push(plan, registry, jobs, narrator, Written()))
    return plan


def check(plan: Plan, verify: Verify, jobs: int) -> None:
    """Makes sure that nothing stands in the way; nothing is written.

    Args:
        plan: what is to be done.
        verify: reads a blob to its end and raises InputError if its content has another digest.
        jobs: how many blobs to read at once.

    Raises:
        ReleaseError: an immutable tag points at another digest.
        InputError: a blob that would travel is not what its name says.
    """
    conflicts = plan.tags(Action.CONFLICT)
    if conflicts:
        remedy = "an immutable tag never moves: release this content under a new version"
        raise ReleaseError(_conflict(conflicts), remedy)
    parallel.each(min(jobs, READERS), lambda need: verify(need.blob), plan.needs())


def execute(push: Push) -> None:
    """Writes what the plan says to the registry; each step is complete for the whole set before the next begins.

    Raises:
        ReleaseError: the registry refused or was lost; says what was written already and that a re-run is safe.
    """
    try:
        _blobs(push)
        _manifests(push)
        _tags(push, moving=False)
        _confirm(push)
        _tags(push, moving=True)
    except KeyboardInterrupt:
        push.narrator.note(f"written so far: {push.written}")
        raise
    except ReleaseError as error:
        remedy = error.remedy if isinstance(error, TakenError) else _rerun(error.remedy)
        raise ReleaseError(f"{error.message}; written so far: {push.written}", remedy) from error


def make_record(plan: Plan, host: str) -> ReleaseRecord:
    """Returns the record of a plan that was carried out on the registry `host`."""
    release = plan.release
    images = tuple(
        ImageRecord(
            name=item.name,
            repository=item.repository,
            digest=item.image.root.digest,
            media_type=item.image.root.media_type,
            size=item.image.size,
            immutable_tags=item.immutable_tags,
            moving_tags=item.moving_tags,
        )
        for item in release.images
    )
    stamp = release.stamp
    return ReleaseRecord(release.name, stamp.version_text, stamp.commit, stamp.dirty, host, images)


def _blobs(push: Push) -> None:
    needs = push.plan.needs()
    if not needs:
        return

    def put(need: BlobNeed) -> Iterable[BlobNeed]:
        """Brings a blob into the first repository, from which the others can mount it."""
        first, *others = need.repositories
        arrival = push.registry.upload_blob(first, need.blob, need.home)
        push.written.add(f"blobs {arrival}")
        return (BlobNeed(need.blob, (repository,), first) for repository in others)

    links = sum(len(need.repositories) for need in needs)
    size = sum(need.blob.size for need in needs) / 1e6
    push.narrator.step(f"blobs: {len(needs)} of {size:.1f} MB at most, for {links} places")
    parallel.drain(push.jobs, put, needs)


def _manifests(push: Push) -> None:
    """Stores the manifests of missing images, what an index points at before the index."""
    missing = push.plan.missing
    if not missing:
        return

    def put(image: ImagePlan) -> None:
        for manifest in image.release.image.manifests:
            push.registry.put_manifest(image.release.repository, manifest.descriptor.digest, manifest)
            push.written.add("manifests")

    push.narrator.step(f"manifests: {len(missing)} images by digest")
    parallel.each(push.jobs, put, missing)


def _tags(push: Push, moving: bool) -> None:
    tags = push.plan.tags(Action.CREATE, Action.MOVE, moving=moving)
    if not tags:
        return
    push.narrator.step(f"{'moving' if moving else 'immutable'} tags: {len(tags)}")
    witnessed = [] if moving else _witness(push)
    if witnessed:
        _claim(push)
    parallel.each(push.jobs, lambda item: _put_tag(push, *item), [item for item in tags if item not in witnessed])


def _put_tag(push: Push, image: ImagePlan, tag: TagPlan) -> None:
    push.registry.put_manifest(image.release.repository, tag.tag, image.release.image.manifests[-1])
    push.written.add("moving tags" if tag.moving else "immutable tags")


def _claim(push: Push) -> None:
    """Looks again at one tag that was free, and takes it first: a release of the same version may be under way.

    Raises:
        ReleaseError: somebody else has taken it since the check.
    """
    for image, tag in _witness(push):
        found = push.registry.manifest_digest(image.release.repository, tag.tag)
        if found not in (None, image.digest):
            raise _taken(image, tag, found)
        _put_tag(push, image, tag)


def _confirm(push: Push) -> None:
    """Looks at the first new tag once more, before anything moves.

    Raises:
        ReleaseError: somebody else has written it meanwhile.
    """
    for image, tag in _witness(push):
        found = push.registry.manifest_digest(image.release.repository, tag.tag)
        if found not in (None, image.digest):  # None: a registry that is slow to show what it has.
            raise _taken(image, tag, found)


def _witness(push: Push) -> list[tuple[ImagePlan, TagPlan]]:
    """Returns the first new tag that names the version, else the first new one."""
    created = push.plan.tags(Action.CREATE, moving=False)
    version = push.plan.release.stamp.version_text
    return [item for item in created if version in item[1].tag][:1] or created[:1]


def _taken(image: ImagePlan, tag: TagPlan, found: str | None) -> TakenError:
    place = f"{image.release.repository}:{tag.tag}"
    remedy = "another release of this version is under way: find out which one is meant, and release a new version"
    return TakenError(f"{place} was free, and somebody else has written it as {found} meanwhile", remedy)


def _conflict(conflicts: list[tuple[ImagePlan, TagPlan]]) -> str:
    lines = [
        f"\n  {image.release.repository}:{tag.tag} is {tag.found} in the registry, and would be {image.digest}"
        for image, tag in conflicts
    ]
    return "immutable tags are taken by another content, nothing was written:" + "".join(lines)


def _rerun(remedy: str) -> str:
    return f"{remedy + '; ' if remedy else ''}run the same push again: it is safe, and goes on where this one stopped"
