"""Carries a plan out, step by step for the whole set."""

import threading
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from release_kit.engines.parallel import Task, Workers, do
from release_kit.engines.push.check import check
from release_kit.engines.push.look import Verify, make_plan
from release_kit.engines.push.plan import Action, BlobNeed, Plan, TagPlan
from release_kit.engines.push.release import Item, Kind, Release
from release_kit.errors import ContentNeededError, ReleaseError
from release_kit.ports import Narrator, Registry, Transfers
from release_kit.values.image import Arrival, Blob


class TakenError(ReleaseError):
    """Somebody else has written a tag that was free: the same push again would meet a conflict."""


class Written:
    """Counts what was written, for the message after a failure. Safe to use from several threads."""

    def __init__(self) -> None:
        """Nothing was written yet."""
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, what: str, count: int = 1) -> None:
        """Counts more of `what`."""
        with self._lock:
            self._counts[what] += count

    def __str__(self) -> str:
        """Returns such as `blobs uploaded: 3, manifests: 1`, or `nothing`."""
        return ", ".join(f"{what}: {count}" for what, count in self._counts.items()) or "nothing"


class Push(NamedTuple):
    """What the steps of one push share."""

    plan: Plan
    registry: Registry
    workers: Workers
    narrator: Narrator
    written: Written
    needs: Sequence[BlobNeed]


Tags = list[tuple[Item, TagPlan]]


def push_release(release: Release, registry: Registry, workers: Workers, verify: Verify, narrator: Narrator) -> Plan:
    """Pushes a release.

    Args:
        release: what to push.
        registry: where to push it.
        workers: work on requests, and read blobs.
        verify: reads a blob to its end and raises InputError if its content has another digest.
        narrator: is told of each step.

    Returns:
        What was done, as it was planned.

    Raises:
        ReleaseError: the push was refused or failed; says what was written.
        InputError: a blob that would travel is not what its name says; nothing was written.
    """
    registry.announce(release.repositories)
    plan = make_plan(release, registry, workers, verify)
    check(plan, registry)
    execute(Push(plan, registry, workers, narrator, Written(), _needs(plan, registry, workers, narrator)))
    return plan


def _needs(plan: Plan, registry: Registry, workers: Workers, narrator: Narrator) -> list[BlobNeed]:
    """Returns the blobs that are needed; those that are not here and would travel are brought here."""
    needs = plan.needs()
    if not any(need.blob.remote for need in needs):
        return needs
    from release_kit.engines.push.layers import brought

    return brought(plan, registry, workers, narrator)


def execute(push: Push) -> None:
    """Writes what the plan says to the registry; each step is complete for the whole set before the next begins.

    Raises:
        ReleaseError: the registry refused or was lost; says what was written already and that a re-run is safe.
    """
    try:
        _blobs(push)
        _manifests(push)
        tags = push.plan.tags(Action.CREATE, Action.MOVE)
        _immutable_tags(push, [pair for pair in tags if pair[0].kind is Kind.IMAGE and not pair[1].moving])
        _charts(push, [pair for pair in tags if pair[0].kind is Kind.CHART])
        _signatures(push)
        _tags(push, "moving tags", [pair for pair in tags if pair[0].kind is Kind.IMAGE and pair[1].moving])
        _tags(push, "tags of the release record", [pair for pair in tags if pair[0].kind is Kind.RECORD])
    except KeyboardInterrupt:
        push.narrator.note(f"written so far: {push.written}")
        raise
    except ReleaseError as error:
        remedy = error.remedy if isinstance(error, TakenError) else _rerun(error.remedy)
        raise ReleaseError(f"{error.message}; written so far: {push.written}", remedy) from error


def _blobs(push: Push) -> None:
    needs = push.needs
    if not needs:
        return
    links = sum(len(need.items) for need in needs)
    size = sum(need.blob.size for need in needs)
    push.narrator.step(f"blobs: {len(needs)} of {size / 1e6:.1f} MB at most, for {links} places")
    expected: Counter[str] = Counter()
    for need in needs:
        expected[need.items[0].name] += need.blob.size
    with push.narrator.transfers(expected) as transfers:
        tasks: list[Task] = [partial(_bring, push, need, transfers) for need in needs]
        push.workers.drain(do, tasks)


def _bring(push: Push, need: BlobNeed, transfers: Transfers) -> list[Task]:
    """Brings a blob into the first repository; returns how the others get it, by a mount from there."""
    first, *others = need.items
    if _upload(push, need, first, transfers) is not Arrival.UPLOADED:
        transfers.spared(first.name, need.blob.size)
    mounted = need._replace(home=first.repository)
    return [partial(_mount, push, mounted, item, transfers) for item in others]


def _mount(push: Push, need: BlobNeed, item: Item, transfers: Transfers) -> list[Task]:
    _upload(push, need, item, transfers)
    return []


def _upload(push: Push, need: BlobNeed, item: Item, transfers: Transfers) -> Arrival:
    """Puts a blob into an item's repository; its bytes are fetched where they are needed after all."""

    def put(blob: Blob) -> Arrival:
        return push.registry.upload_blob(item.repository, blob, need.home, lambda size: transfers.sent(item.name, size))

    try:
        arrival = put(need.blob)
    except ContentNeededError:
        from release_kit.engines.push.layers import fetched

        if push.registry.has_blob(item.repository, need.blob.digest, need.blob.size):
            return Arrival.PRESENT
        arrival = put(fetched(push.plan, need))
    if arrival is not Arrival.PRESENT:
        push.written.add(f"blobs {arrival}")
    return arrival


def _manifests(push: Push) -> None:
    """Stores the manifests of missing items, what an index points at before the index."""
    missing = push.plan.missing
    if not missing:
        return

    def put(item: Item) -> None:
        for manifest in item.image.manifests:
            push.registry.put_manifest(item.repository, manifest.descriptor.digest, manifest)
            push.written.add("manifests")

    push.narrator.step(f"manifests: {len(missing)} by digest")
    push.workers.each(put, missing)


def _immutable_tags(push: Push, tags: Tags) -> None:
    """Writes the immutable tags of the images, one that names the version first; afterwards looks whether it stayed.

    Another release of the same version may be under way. A registry has no way to write a tag only if it is free, so
    one new tag is the witness: looked at again before it is written where that is long after the check, and afterwards.

    Raises:
        TakenError: somebody else has written the witness since the check.
    """
    created = [pair for pair in tags if pair[1].action is Action.CREATE]
    version = push.plan.release.stamp.version_text
    witness = [pair for pair in created if version in pair[1].tag][:1] or created[:1]
    first_alone = witness and push.plan.missing  # Much was written since the check.
    if tags:
        push.narrator.step(f"immutable tags: {len(tags)}")
    if first_alone:
        _look_again(push, *witness[0])
        _write(push, "immutable tags", witness)
    others = [pair for pair in tags if pair not in witness]
    _write(push, "immutable tags", others if first_alone else [*witness, *others])
    for pair in witness:
        _look_again(push, *pair)


def _charts(push: Push, tags: Tags) -> None:
    """Writes the versions of the charts, now that all images are there; each is a witness of its own.

    Raises:
        TakenError: somebody else has written one since the check.
    """
    if push.plan.missing:
        push.workers.each(lambda pair: _look_again(push, *pair), tags)
    _tags(push, "charts", tags)
    push.workers.each(lambda pair: _look_again(push, *pair), tags)


def _signatures(push: Push) -> None:
    """Has everything signed, now that it is there under its version and nothing has moved."""
    release = push.plan.release
    if release.signer is None or not (release.images or release.charts):
        return
    from release_kit.engines.push.signing import signed

    push.narrator.step(f"signatures: {len(release.items)}, by {release.signer.name}")
    for reference in signed(release, push.registry.host, release.signer):
        push.narrator.note(f"signed: {reference}")
        push.written.add("signatures")


def _look_again(push: Push, item: Item, tag: TagPlan) -> None:
    found = push.registry.manifest_digest(item.repository, tag.tag)
    # None: still free, or a registry that is slow to show what it has.
    if found is not None and not item.image.is_at(found):
        remedy = "another release of this version is under way: find out which one is meant, and release a new version"
        place = f"{item.repository}:{tag.tag}"
        raise TakenError(f"{place} was free, and somebody else has written it as {found} meanwhile", remedy)


def _tags(push: Push, what: str, tags: Tags) -> None:
    if tags:
        push.narrator.step(f"{what}: {len(tags)}")
        _write(push, what, tags)


def _write(push: Push, what: str, tags: Tags) -> None:
    """Writes tags; several of an item with one request where the registry takes that."""
    items = {item.repository: item for item, _ in tags}
    names_of: dict[str, list[str]] = {}
    for item, tag in tags:
        names_of.setdefault(item.repository, []).append(tag.tag)
    size = push.registry.tags_at_once
    groups = [(at, names[i : i + size]) for at, names in names_of.items() for i in range(0, len(names), size)]

    def put(group: tuple[str, Sequence[str]]) -> None:
        item, names = items[group[0]], group[1]
        push.registry.put_tags(item.repository, names, item.image.manifests[-1])
        push.written.add(what, len(names))

    push.workers.each(put, groups)


def _rerun(remedy: str) -> str:
    return f"{remedy + '; ' if remedy else ''}run the same push again: it is safe, and goes on where this one stopped"
