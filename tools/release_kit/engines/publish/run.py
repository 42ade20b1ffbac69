"""Publishes a release: everything is looked at, then what nobody sees is made; GitHub's page is seen last."""

from typing import NamedTuple

from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.parallel import Workers
from release_kit.engines.promotion.refusals import RefusedError
from release_kit.engines.promotion.setting import Setting
from release_kit.engines.publish import page, refusals, tags
from release_kit.engines.publish.page import Notes, Page
from release_kit.engines.publish.tags import Action, Artifact, TagMove
from release_kit.ports import Narrator, Registry, Releases


class Source(NamedTuple):
    """The repository that the release was made in."""

    name: str
    """Such as `acme/shop`."""
    releases: Releases
    notes: Notes


class Work(NamedTuple):
    """A release that somebody wants to publish."""

    record: ReleaseRecord
    published: Artifact
    """Its record, beside its images."""
    setting: Setting
    registry: Registry
    workers: Workers
    source: Source | None
    """None where nobody has declared it: then there are tags alone."""


class Plan(NamedTuple):
    """What there is, and what has to be done."""

    moves: tuple[TagMove, ...]
    page: Page | None

    @property
    def is_done(self) -> bool:
        """Whether everything is as it is to be."""
        written = [each for each in self.moves if each.action in (Action.CREATE, Action.MOVE)]
        return not written and (self.page is None or self.page.is_done)


def look(work: Work) -> Plan:
    """Looks at everything.

    Raises:
        RefusedError: something stands against it; tells all of it.
        ReleaseError: a server refuses to answer.
    """
    record, source = work.record, work.source
    found = [*refusals.of_release(record), *refusals.of_environment(record, work.setting)]
    found += refusals.of_registry(record, work.published, work.setting, work.registry)
    seen = page.look(record, source.name, source.releases, source.notes) if source else None
    found += refusals.of_page(record, seen) if seen else ()
    if found:
        things = "1 thing stands" if len(found) == 1 else f"{len(found)} things stand"
        raise RefusedError(f"{record.name} {record.version} is not published: {things} against it", tuple(found))
    return Plan(tags.look(record, work.published, work.registry, work.workers), seen)


def carry_out(work: Work, plan: Plan, narrator: Narrator) -> str:
    """Does what is to be done; run again it goes on where it stopped.

    Returns:
        The address of the page; empty where there is none.

    Raises:
        ReleaseError: a server refuses.
    """
    release = None
    if plan.page and work.source:
        narrator.step(f"draft: {plan.page.wanted.title} in {plan.page.repository}, with its record")
        release = page.prepare(plan.page, work.source.releases)
    count = sum(each.action in (Action.CREATE, Action.MOVE) for each in plan.moves)
    if count:
        narrator.step(f"moving tags: {count}")
        tags.move(plan.moves, work.published, work.registry, work.workers)
    if not (release and plan.page and work.source):
        return ""
    narrator.step(f"publish: {plan.page.wanted.tag}")
    return page.publish(plan.page, release, work.source.releases).url
