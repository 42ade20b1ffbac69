"""Releases of a repository at GitHub: a page of a tag, with files."""

from typing import NamedTuple


class Asset(NamedTuple):
    """A file of a release."""

    id: int
    name: str
    digest: str
    """Of its content; empty where the server does not tell."""
    is_whole: bool
    """Whether all of it has arrived."""


class NewAsset(NamedTuple):
    """A file that is to be added."""

    name: str
    content: bytes
    media_type: str


class HostedRelease(NamedTuple):
    """A release as it is."""

    id: int
    url: str
    """Its page."""
    upload_url: str
    """Where files are sent to."""
    is_draft: bool
    """Whether nobody sees it but who may write."""
    is_immutable: bool
    """Whether GitHub lets nobody change its files."""
    title: str
    notes: str
    assets: tuple[Asset, ...]

    def asset(self, name: str) -> Asset | None:
        """Returns a file by its name."""
        return next((each for each in self.assets if each.name == name), None)


class WantedRelease(NamedTuple):
    """A release as it is to be."""

    tag: str
    title: str
    notes: str
    replaces_notes: bool
    """Whether these notes take the place of those that a draft has."""
    is_prerelease: bool
    is_latest: bool
    """Whether it is shown as the latest release."""
