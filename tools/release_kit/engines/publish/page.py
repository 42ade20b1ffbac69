"""A release's page at GitHub: a draft at first, which gets the record, and is published last.

So nobody ever sees it without its record. Whatever is there of it is taken: a run that stopped is gone on with.
"""

from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents.release_record import FILE_NAME, ReleaseRecord, identity
from release_kit.errors import InputError, ReleaseError
from release_kit.ports import Releases
from release_kit.values import version as versions
from release_kit.values.github_release import Asset, HostedRelease, NewAsset, WantedRelease
from release_kit.values.version import Version

_MEDIA_TYPE = "application/json"


class Notes(NamedTuple):
    """What is to be read on the page."""

    text: str
    are_named: bool
    """Whether somebody named them: then they take the place of those that a draft has."""


class Page(NamedTuple):
    """What GitHub has of a release, and what it is to have."""

    repository: str
    """Such as `acme/shop`."""
    commit: str
    """What the tag points at; empty where there is none."""
    found: tuple[HostedRelease, ...]
    """The published one first, then drafts."""
    wanted: WantedRelease
    record: NewAsset
    digest: str
    """Of the record: its identity."""

    @property
    def published(self) -> HostedRelease | None:
        """What everybody sees."""
        return next((each for each in self.found if not each.is_draft), None)

    @property
    def is_done(self) -> bool:
        """Whether everybody sees it with its record."""
        return self.published is not None and self.has_record(self.published)

    def has_record(self, release: HostedRelease) -> bool:
        """Tells whether a release has this record, all of it."""
        return _is(release.asset(FILE_NAME), self.digest)


def look(record: ReleaseRecord, repository: str, releases: Releases, notes: Notes) -> Page:
    """Looks at what there is.

    Raises:
        ReleaseError: GitHub refuses.
    """
    version = _version(record.version)
    tag = f"v{record.version}"
    is_prerelease = bool(version and version.prerelease)
    wanted = WantedRelease(
        tag=tag,
        title=f"{record.name} {record.version}",
        notes=notes.text,
        replaces_notes=notes.are_named,
        is_prerelease=is_prerelease,
        is_latest=not is_prerelease and _is_newest(version, releases.latest()),
    )
    content = record._replace(registry="").to_json().encode()
    asset = NewAsset(FILE_NAME, content, _MEDIA_TYPE)
    return Page(repository, releases.commit_of(tag), tuple(releases.find(tag)), wanted, asset, identity(record))


def prepare(page: Page, releases: Releases) -> HostedRelease:
    """Makes sure that there is a release with the record; what everybody sees is changed by nothing but the record.

    Raises:
        ReleaseError: GitHub refuses.
    """
    release = page.published or next(iter(_drafts(page)), None) or releases.draft(page.wanted)
    if page.has_record(release):
        return release
    there = release.asset(FILE_NAME)
    if there:
        releases.detach(there)
    asset = releases.attach(release, page.record)
    if not asset.is_whole or asset.digest not in ("", page.digest):
        found = asset.digest or "a part of it"
        raise ReleaseError(f"{release.url}: {FILE_NAME} arrived as {found}, expected {page.digest}")
    return release


def publish(page: Page, release: HostedRelease, releases: Releases) -> HostedRelease:
    """Lets everybody see a release that has its record; drafts that a lost answer left behind are removed.

    Raises:
        ReleaseError: GitHub refuses.
    """
    if not release.is_draft:
        return release
    done = _published(page, release, releases)
    for each in releases.find(page.wanted.tag):
        if each.is_draft and _is_of_a_run(each, page):
            releases.discard(each)
    return done


def _drafts(page: Page) -> Sequence[HostedRelease]:
    """Returns the drafts, that which has the record first."""
    return sorted((each for each in page.found if each.is_draft), key=lambda each: not page.has_record(each))


def _published(page: Page, release: HostedRelease, releases: Releases) -> HostedRelease:
    """Publishes a draft; if somebody else has published the same release meanwhile, that is it.

    The tag is looked at again: GitHub would make a missing one, wherever the default branch is.
    """
    tag, now = page.wanted.tag, releases.commit_of(page.wanted.tag)
    if now != page.commit:
        remedy = "find out who has moved it; the draft stays, and nobody sees it"
        raise ReleaseError(
            f"{page.repository}: the tag {tag} was at {page.commit}, and is at {now or 'nothing'} now", remedy
        )
    try:
        return releases.publish(release, page.wanted)
    except ReleaseError:
        for each in releases.find(page.wanted.tag):
            if not each.is_draft and page.has_record(each):
                return each
        raise


def _is_of_a_run(draft: HostedRelease, page: Page) -> bool:
    """Tells whether a draft has nothing but what a run of this release puts there."""
    is_same = (draft.title, draft.notes) == (page.wanted.title, page.wanted.notes)
    return is_same and all(each.name == FILE_NAME for each in draft.assets)


def _is(asset: Asset | None, digest: str) -> bool:
    return asset is not None and asset.is_whole and asset.digest == digest


def _is_newest(version: Version | None, latest: str) -> bool:
    """Tells whether a version is not older than the latest release; a tag that names no version has no say."""
    other = _version(latest.removeprefix("v"))
    return version is not None and (other is None or version.rank() >= other.rank())


def _version(text: str) -> Version | None:
    try:
        return versions.parse(text, "version")
    except InputError:
        return None
