"""Looks at what the registry has of a release, with as few questions as its state allows; writes nothing.

While answers are waited for, the blobs that would travel are read and compared with their digests.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from threading import Lock

from release_kit.engines.parallel import Task, Workers, do
from release_kit.engines.push.plan import Action, ItemPlan, Plan, TagPlan
from release_kit.engines.push.release import Item, Release
from release_kit.ports import Registry
from release_kit.values.image import Blob

Verify = Callable[[Blob], None]


def make_plan(release: Release, registry: Registry, workers: Workers, verify: Verify) -> Plan:
    """Compares a release with the registry.

    One tag of the first item tells which way to ask. If it is there, the release probably is: every tag is looked at.
    If not, one list of tags per item says which of them need a look; in a new repository none does.

    Args:
        release: what is to be released.
        registry: where.
        workers: ask and read at the same time.
        verify: reads a blob to its end and raises InputError if its content has another digest.

    Raises:
        InputError: a blob that would travel is not what its name says.
    """
    look = _Look(registry, verify)
    if release.items and release.items[0].immutable_tags[:1]:
        look.tag(release.items[0], release.items[0].immutable_tags[0])
    workers.drain(do, look.tasks(release))
    lacking = _lacking(release, registry, workers)
    return Plan(release, tuple(_held(look.plan(item), release.held_tags) for item in release.items), lacking)


def _held(plan: ItemPlan, names: frozenset[str]) -> ItemPlan:
    """Lets tags be where they are."""
    held = [tag.moving and tag.tag in names and tag.action is not Action.SKIP for tag in plan.tags]
    tags = [tag._replace(action=Action.HOLD) if hold else tag for tag, hold in zip(plan.tags, held, strict=True)]
    return plan._replace(tags=tuple(tags))


def _lacking(release: Release, registry: Registry, workers: Workers) -> tuple[Item, ...]:
    """Returns the images that the release relies on and that are not there under the name that others know."""
    names = [(item, release.name_of(item)) for item in release.relied_on]
    found = workers.each(lambda name: registry.manifest_digest(name[0].repository, name[1]), names)
    return tuple(item for (item, _), digest in zip(names, found, strict=True) if not item.image.is_at(digest))


class _Look:
    """What is known of the registry so far; safe to use from several threads."""

    def __init__(self, registry: Registry, verify: Verify) -> None:
        self._registry = registry
        self._verify = verify
        self._tags: dict[tuple[str, str], str | None] = {}
        self._present: set[str] = set()
        self._new: set[str] = set()
        self._unread: set[str] = set()
        self._lock = Lock()

    def tasks(self, release: Release) -> Iterator[Task]:
        """Yields the first questions."""
        everything = any(self._tags.values())
        for item in release.items:
            unknown = self._unknown(item)
            if everything and unknown:
                waiting = set(unknown)
                yield from (self._one_of(item, tag, waiting) for tag in unknown)
            elif everything:
                yield partial(self._manifest, item)
            else:
                yield partial(self._listed, item)

    def _one_of(self, item: Item, tag: str, waiting: set[str]) -> Task:
        """Returns the question about one tag of an item; the last answer leads to the question after the manifest."""

        def task() -> Iterable[Task]:
            self.tag(item, tag)
            with self._lock:
                waiting.discard(tag)
                last = not waiting
            return self._manifest(item) if last else ()

        return task

    def tag(self, item: Item, tag: str) -> None:
        """Asks what a tag points at."""
        self._tags[item.repository, tag] = self._registry.manifest_digest(item.repository, tag)

    def _listed(self, item: Item) -> Iterable[Task]:
        """Asks which tags there are, and what those of the item point at."""
        unknown = self._unknown(item)
        listed = self._registry.tags(item.repository) if len(unknown) > 1 else None
        for tag in unknown:
            if listed is None or tag in listed:
                self.tag(item, tag)
        return self._manifest(item, new=listed is not None and not listed)

    def _manifest(self, item: Item, new: bool = False) -> Iterable[Task]:
        """Asks for the manifest unless the answer is known; returns the reading of blobs that would travel."""
        if new:
            self._new.add(item.repository)
        known = not new and any(map(item.image.is_at, self._found(item).values()))
        if known or (not new and self._registry.manifest_digest(item.repository, item.digest)):
            self._present.add(item.repository)
            return ()
        return [partial(self._read, blob) for blob in item.image.blobs if self._is_new(blob)]

    def _read(self, blob: Blob) -> Iterable[Task]:
        self._verify(blob)
        return ()

    def _is_new(self, blob: Blob) -> bool:
        with self._lock:
            new = blob.digest not in self._unread
            self._unread.add(blob.digest)
        return new

    def _found(self, item: Item) -> dict[str, str | None]:
        return {tag: self._tags.get((item.repository, tag)) for tag in (*item.immutable_tags, *item.moving_tags)}

    def _unknown(self, item: Item) -> list[str]:
        return [tag for tag in (*item.immutable_tags, *item.moving_tags) if (item.repository, tag) not in self._tags]

    def plan(self, item: Item) -> ItemPlan:
        """Returns what is to happen to an item, once all questions are answered."""
        tags = tuple(
            TagPlan(tag, _tag_action(found, item, tag in item.moving_tags), found, tag in item.moving_tags)
            for tag, found in self._found(item).items()
        )
        return ItemPlan(item, item.repository in self._present, tags, item.repository in self._new)


def _tag_action(found: str | None, item: Item, moving: bool) -> Action:
    if found is None:
        return Action.CREATE
    if item.image.is_at(found):
        return Action.SKIP
    return Action.MOVE if moving else Action.CONFLICT
