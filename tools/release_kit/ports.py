"""Ports: what the engines need of the outside. Adapters implement them, tests record them."""

from collections.abc import Iterable
from typing import Protocol

from release_kit.values.image import Arrival, Blob, Manifest


class Registry(Protocol):
    """One registry; repositories are whole names, with the registry's prefix. Safe to use from several threads.

    Every method raises RegistryError when the registry refuses or can't be reached.
    """

    @property
    def host(self) -> str:
        """HOST[:PORT], for messages and records."""

    def open(self, repositories: Iterable[str]) -> None:
        """Makes sure that a registry answers, before anything is asked of these repositories."""

    def tags(self, repository: str) -> frozenset[str] | None:
        """Returns a repository's tags, none for one that does not exist; None where the registry does not tell all."""

    def manifest_digest(self, repository: str, name: str) -> str | None:
        """Returns the digest that a tag points at (or the digest itself), None where there is none."""

    def manifest(self, repository: str, digest: str) -> bytes:
        """Returns the content of a manifest."""

    def blob_digest(self, repository: str, digest: str) -> str:
        """Reads a blob from end to end and returns the digest of what came."""

    def has_blob(self, repository: str, digest: str) -> bool:
        """Tells whether the repository has the blob."""

    def upload_blob(self, repository: str, blob: Blob, mount_from: str | None) -> Arrival:
        """Puts a blob into the repository; no byte travels if it is there, or can be mounted from `mount_from`."""

    def put_manifest(self, repository: str, name: str, manifest: Manifest) -> None:
        """Stores a manifest under a tag or under its digest."""


class Narrator(Protocol):
    """Tells a person what happens; the result itself goes elsewhere."""

    def step(self, title: str) -> None:
        """Says that a step of the release begins."""

    def note(self, text: str) -> None:
        """Says something worth knowing, in one line."""
