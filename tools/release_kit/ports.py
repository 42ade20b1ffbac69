"""Ports: what the engines need of the outside. Adapters implement them, tests record them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from release_kit.values.image import Arrival, Blob, Manifest

if TYPE_CHECKING:
    from release_kit.values.helm_call import HelmCall, Outcome


class Registry(Protocol):
    """One registry; repositories are whole names, with the registry's prefix. Safe to use from several threads.

    Every method raises RegistryError when the registry refuses or can't be reached.
    """

    @property
    def host(self) -> str:
        """HOST[:PORT], for messages and records."""

    def announce(self, repositories: Iterable[str]) -> None:
        """Tells which repositories will be asked about and written to, so that one token may do for all."""

    def tags(self, repository: str) -> frozenset[str] | None:
        """Returns a repository's tags, none for one that does not exist; None where the registry does not tell all."""

    def manifest_digest(self, repository: str, name: str) -> str | None:
        """Returns the digest that a tag points at (or the digest itself), None where there is none."""

    def manifest(self, repository: str, name: str) -> bytes:
        """Returns the content of a manifest, by its digest or a tag."""

    def blob(self, repository: str, digest: str) -> bytes:
        """Returns the content of a small blob."""

    def blob_digest(self, repository: str, digest: str) -> str:
        """Reads a blob from end to end and returns the digest of what came."""

    def has_blob(self, repository: str, digest: str) -> bool:
        """Tells whether the repository has the blob."""

    def upload_blob(self, repository: str, blob: Blob, mount_from: str | None, sent: Callable[[int], None]) -> Arrival:
        """Puts a blob into the repository; no byte travels if it is there, or can be mounted from `mount_from`.

        `sent` is told how many bytes more have travelled; a negative number where they have to travel again.
        """

    def put_manifest(self, repository: str, name: str, manifest: Manifest) -> None:
        """Stores a manifest under a tag or under its digest."""

    @property
    def tags_at_once(self) -> int:
        """How many tags of one manifest the registry takes in one request, as far as is known."""

    def put_tags(self, repository: str, tags: Sequence[str], manifest: Manifest) -> None:
        """Lets tags point at a manifest that the repository has."""


class Transfers(Protocol):
    """Is told how far the blobs of the images have travelled, in bytes. Safe to use from several threads."""

    def sent(self, name: str, size: int) -> None:
        """Says that bytes more of an image have travelled; a negative number: they have to travel again."""

    def spared(self, name: str, size: int) -> None:
        """Says that bytes of an image need not travel: the registry has them."""


class Narrator(Protocol):
    """Tells a person what happens; the result itself goes elsewhere."""

    def step(self, title: str) -> None:
        """Says that a step of the release begins."""

    def note(self, text: str) -> None:
        """Says something worth knowing, in one line."""

    def transfers(self, expected: Mapping[str, int]) -> AbstractContextManager[Transfers]:
        """Shows transfers as long as the context lasts; `expected` says how many bytes of each image may travel."""


class Helm(Protocol):
    """The program helm. Safe to use from several threads."""

    @property
    def version(self) -> str:
        """Such as `v4.3.1`."""

    def lint(self, call: "HelmCall") -> "Outcome":
        """Runs `helm lint --strict`."""

    def template(self, call: "HelmCall") -> "Outcome":
        """Runs `helm template`."""


class Schemas(Protocol):
    """The JSON schemas of one release of Kubernetes."""

    @property
    def version(self) -> str:
        """Such as `1.31`."""

    def definitions(self) -> dict[str, Any]:
        """Returns the document that the schemas point into; its definitions are in `$defs`."""

    def of(self, api_version: str, kind: str) -> dict[str, Any] | None:
        """Returns the schema of a kind of object; None for one that this release does not have."""

    def kinds(self) -> Mapping[str, frozenset[str]]:
        """Returns the kinds of each API version that this release has."""
