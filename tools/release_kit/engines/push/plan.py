"""The plan: what a push would do, compared with the registry. Making one writes nothing."""

from enum import StrEnum
from typing import NamedTuple

from release_kit.engines.parallel import Workers
from release_kit.engines.push.release import Item, Kind, Release
from release_kit.ports import Registry
from release_kit.values.image import Blob


class Action(StrEnum):
    """What happens to a tag or to a blob in one repository."""

    CREATE = "create"
    MOUNT = "mount"
    SKIP = "skip"
    MOVE = "move"
    HOLD = "hold"
    CONFLICT = "conflict"


class TagPlan(NamedTuple):
    """What happens to one tag; `found` is the digest it points at now, None where the tag is free."""

    tag: str
    action: Action
    found: str | None
    moving: bool


class BlobNeed(NamedTuple):
    """A blob and the items that need it; `home` is another repository that has it, None where none is known."""

    blob: Blob
    items: tuple[Item, ...]
    home: str | None


class ItemPlan(NamedTuple):
    """What happens to one item of the release."""

    item: Item
    present: bool
    """Whether the repository has the manifest with all that it points at."""
    tags: tuple[TagPlan, ...]
    new: bool = False
    """Whether nothing is in its repository, as far as is known."""


class Plan(NamedTuple):
    """What a push would do, for the whole set."""

    release: Release
    items: tuple[ItemPlan, ...]
    lacking: tuple[Item, ...] = ()
    """Images that the release relies on and that are not there."""

    @property
    def images(self) -> list[ItemPlan]:
        """The plans of the images."""
        return self.of(Kind.IMAGE)

    def of(self, kind: Kind) -> list[ItemPlan]:
        """Returns the plans of one kind of items."""
        return [plan for plan in self.items if plan.item.kind is kind]

    def tags(self, *actions: Action) -> list[tuple[Item, TagPlan]]:
        """Returns the tags with one of these actions."""
        return [(plan.item, tag) for plan in self.items for tag in plan.tags if tag.action in actions]

    @property
    def missing(self) -> list[Item]:
        """What its repository does not have."""
        return [plan.item for plan in self.items if not plan.present]

    @property
    def held(self) -> tuple[str, ...]:
        """The names of the tags that are held back, each once."""
        return tuple(dict.fromkeys(tag.tag for _, tag in self.tags(Action.HOLD)))

    @property
    def is_empty(self) -> bool:
        """Whether everything is there already."""
        return not self.missing and not self.tags(Action.CREATE, Action.MOVE)

    def needs(self) -> list[BlobNeed]:
        """Returns each blob of what is missing once: the smallest, from which much can be learnt, then the largest."""
        homes = {blob.digest: p.item.repository for p in self.items if p.present for blob in p.item.image.blobs}
        blobs: dict[str, Blob] = {}
        items: dict[str, list[Item]] = {}
        for item in self.missing:
            for blob in item.image.blobs:
                blobs.setdefault(blob.digest, blob)
                items.setdefault(blob.digest, []).append(item)
        needs = (BlobNeed(blob, tuple(items[digest]), homes.get(digest)) for digest, blob in blobs.items())
        ordered = sorted(needs, key=lambda need: -need.blob.size)
        return [*ordered[-1:], *ordered[:-1]]


class BlobPlan(NamedTuple):
    """What would happen to one blob in one repository; `source` is the repository it would be mounted from."""

    blob: Blob
    repository: str
    action: Action
    source: str | None = None


def look_at_blobs(plan: Plan, registry: Registry, workers: Workers) -> list[BlobPlan]:
    """Asks the registry about each blob in each repository that needs it, for a plan that is shown."""

    def is_there(link: tuple[BlobNeed, str]) -> bool:
        blob, repository = link[0].blob, link[1]
        return registry.has_blob(repository, blob.digest, blob.size if blob.remote else None)

    links = [(need, item.repository) for need in plan.needs() for item in need.items]
    there = workers.each(is_there, links)
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
