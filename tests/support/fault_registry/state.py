"""What a registry holds, as tests look at it and prepare it."""

import json
from collections.abc import Iterable

from tests.support.fault_registry.content import Blob, digest_of
from tests.support.fault_registry.manifest import OCI_MANIFEST, parse
from tests.support.fault_registry.store import Expectation, Session, Store, TagChange


class State:
    """A view of the store: every answer is a copy of this moment."""

    def __init__(self, store: Store) -> None:
        """Looks at `store`."""
        self._store = store

    @property
    def repositories(self) -> list[str]:
        """Returns the names of all repositories that hold something."""
        with self._store.lock:
            return sorted(self._store.repositories)

    def blobs(self, repository: str) -> dict[str, int]:
        """Returns a repository's blobs and their sizes."""
        with self._store.lock:
            return {digest: blob.size for digest, blob in self._store.at(repository).blobs.items()}

    def manifests(self, repository: str) -> dict[str, bytes]:
        """Returns a repository's manifests."""
        with self._store.lock:
            return {digest: manifest.content for digest, manifest in self._store.at(repository).manifests.items()}

    def tags(self, repository: str) -> dict[str, str]:
        """Returns a repository's tags and the digests that they point at."""
        with self._store.lock:
            return dict(self._store.at(repository).tags)

    def content(self, repository: str, digest: str) -> bytes | None:
        """Returns the content of a blob, None where it is absent or not kept."""
        blob = self._store.blob(repository, digest)
        return blob.content if blob else None

    @property
    def sessions(self) -> list[Session]:
        """Returns the uploads that were begun and neither finished nor cancelled."""
        with self._store.lock:
            return list(self._store.sessions.values())

    @property
    def history(self) -> list[TagChange]:
        """Returns every write of a tag in order."""
        with self._store.lock:
            return list(self._store.history)

    def changes(self, tag: str, repository: str | None = None) -> list[TagChange]:
        """Returns the writes of one tag, in all repositories or in one."""
        return [each for each in self.history if each.tag == tag and repository in (None, each.repository)]

    def incomplete(self) -> list[TagChange]:
        """Returns the writes of tags at whose moment something was missing."""
        return [each for each in self.history if not each.complete]

    def missing(self, repository: str, digest: str) -> list[str]:
        """Returns what a manifest lacks: itself, blobs, children."""
        with self._store.lock:
            return list(self._store.missing(repository, digest))

    def expect(self, images: Iterable[tuple[str, str]] = (), tags: Iterable[tuple[str, str, str]] = ()) -> None:
        """Names a release: each later tag change records what of it was missing.

        Args:
            images: (repository, digest).
            tags: (repository, tag, digest).
        """
        with self._store.lock:
            self._store.expectation = Expectation(frozenset(images), frozenset(tags))

    def put_blob(self, repository: str, content: bytes) -> str:
        """Stores a blob as somebody else would, and returns its digest."""
        digest = digest_of(content)
        self._store.put_blob(repository, digest, Blob(len(content), content))
        return digest

    def put_image(self, repository: str, *tags: str, content: bytes = b"somebody else's") -> str:
        """Stores an image of one layer as somebody else would, tags it, and returns its digest."""
        config, layer = b"{}", content
        blobs = [(self.put_blob(repository, each), len(each)) for each in (config, layer)]
        types = ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar")
        described = [
            {"mediaType": kind, "digest": digest, "size": size}
            for kind, (digest, size) in zip(types, blobs, strict=True)
        ]
        document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described[0], "layers": described[1:]}
        manifest = json.dumps(document).encode()
        self._store.put_manifest(repository, digest_of(manifest), parse(manifest, OCI_MANIFEST))
        for tag in tags:
            self._store.put_tag(repository, tag, digest_of(manifest), by_client=False)
        return digest_of(manifest)
