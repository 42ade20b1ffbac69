"""Carries a plan out, step by step for the whole set; then makes the release record."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor

from release_kit.documents.release_record import ImageRecord, ReleaseRecord
from release_kit.engines import parallel
from release_kit.engines.push.plan import Action, BlobPlan, ImagePlan, Plan, TagPlan
from release_kit.errors import ReleaseError
from release_kit.ports import Narrator, Registry
from release_kit.values.image import Blob


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
        """Returns such as `blobs: 3, manifests: 1`, or `nothing`."""
        return ", ".join(f"{what}: {count}" for what, count in self._counts.items()) or "nothing"


def check(plan: Plan, verify: Callable[[Blob], None], pool: Executor) -> None:
    """Makes sure that nothing stands in the way; nothing is written.

    Args:
        plan: what is to be done.
        verify: reads a blob to its end and raises InputError if its content has another digest.
        pool: where to run.

    Raises:
        ReleaseError: an immutable tag points at another digest.
        InputError: a blob that would travel is not what its name says.
    """
    conflicts = plan.tags(Action.CONFLICT)
    if conflicts:
        raise ReleaseError(
            _conflict(conflicts), "an immutable tag never moves: release this content under a new version"
        )
    parallel.each(pool, lambda item: verify(item.blob), [item for item in plan.blobs if item.action is Action.CREATE])


def execute(plan: Plan, registry: Registry, pool: Executor, narrator: Narrator) -> None:
    """Writes what the plan says to the registry; each step is complete for the whole set before the next begins.

    Raises:
        ReleaseError: the registry refused or was lost; says what was written already and that a re-run is safe.
    """
    written = Written()
    try:
        _blobs(plan, registry, pool, narrator, written)
        missing = [image for image in plan.images if not image.present]
        if missing:
            narrator.step(f"manifests: {len(missing)} images by digest")
            parallel.each(pool, lambda image: _manifests(image, registry, written), missing)
        for moving, title in ((False, "immutable tags"), (True, "moving tags")):
            tags = plan.tags(Action.CREATE, Action.MOVE, moving=moving)
            if tags:
                narrator.step(f"{title}: {len(tags)}")
                parallel.each(pool, lambda item: _tag(item, registry, written), tags)
    except ReleaseError as error:
        raise ReleaseError(f"{error.message}; written so far: {written}", _rerun(error.remedy)) from error


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


def _blobs(plan: Plan, registry: Registry, pool: Executor, narrator: Narrator, written: Written) -> None:
    def put(item: BlobPlan) -> None:
        mounted = registry.upload_blob(item.repository, item.blob, item.source)
        written.add("blobs mounted" if mounted else "blobs uploaded")

    uploads = [item for item in plan.blobs if item.action is Action.CREATE]
    mounts = [item for item in plan.blobs if item.action is Action.MOUNT]
    if uploads or mounts:
        size = plan.upload_bytes / 1e6
        narrator.step(f"blobs: {len(uploads)} to upload ({size:.1f} MB), {len(mounts)} to mount")
    parallel.each(pool, put, sorted(uploads, key=lambda item: -item.blob.size))
    parallel.each(pool, put, mounts)


def _manifests(image: ImagePlan, registry: Registry, written: Written) -> None:
    for manifest in image.release.image.manifests:
        registry.put_manifest(image.release.repository, manifest.descriptor.digest, manifest)
        written.add("manifests")


def _tag(item: tuple[ImagePlan, TagPlan], registry: Registry, written: Written) -> None:
    image, tag = item
    registry.put_manifest(image.release.repository, tag.tag, image.release.image.manifests[-1])
    written.add("moving tags" if tag.moving else "immutable tags")


def _conflict(conflicts: list[tuple[ImagePlan, TagPlan]]) -> str:
    lines = [
        f"\n  {image.release.repository}:{tag.tag} is {tag.found} in the registry, and would be {image.digest}"
        for image, tag in conflicts
    ]
    return "immutable tags are taken by another content, nothing was written:" + "".join(lines)


def _rerun(remedy: str) -> str:
    return f"{remedy + '; ' if remedy else ''}run the same push again: it is safe, and goes on where this one stopped"
