"""A registry in memory that implements the engine's port and records each call in order."""

import threading
from collections.abc import Callable, Iterable, Sequence

from release_kit.errors import RegistryError
from release_kit.values.image import Arrival, Blob, Manifest

WRITES = ("uploaded", "mounted", "manifest")


class RecordingRegistry:
    """Implements the port `Registry`; refuses manifests whose blobs it does not have, as real ones do."""

    host = "registry.example"

    def __init__(self, mounts: bool = True, lists: bool = True) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.blobs: dict[str, set[str]] = {}
        self.manifests: dict[tuple[str, str], str] = {}
        self.fail_on: tuple[str, str] | None = None
        self.lists = lists
        self._mounts = mounts
        self._lock = threading.Lock()

    def writes(self) -> list[tuple[str, str, str]]:
        """Returns the calls that changed something."""
        return [call for call in self.calls if call[0] in WRITES]

    def digests(self, repository: str) -> dict[str, str]:
        """Returns a repository's tags and their digests."""
        return {
            name: digest for (where, name), digest in self.manifests.items() if where == repository and ":" not in name
        }

    def tags(self, repository: str) -> frozenset[str] | None:
        """See the port."""
        self._record("list", repository, "")
        return frozenset(self.digests(repository)) if self.lists else None

    def announce(self, repositories: Iterable[str]) -> None:
        """See the port."""

    def manifest_digest(self, repository: str, name: str) -> str | None:
        """See the port."""
        self._record("look", repository, name)
        return self.manifests.get((repository, name))

    def manifest(self, repository: str, name: str) -> bytes:
        """See the port; this registry keeps no content."""
        raise NotImplementedError

    def blob(self, repository: str, digest: str) -> bytes:
        """See the port; this registry keeps no content."""
        raise NotImplementedError

    def blob_digest(self, repository: str, digest: str) -> str:
        """See the port; this registry keeps no content."""
        raise NotImplementedError

    def has_blob(self, repository: str, digest: str, size: int | None = None) -> bool:
        """See the port."""
        self._record("has", repository, digest)
        return digest in self.blobs.get(repository, set())

    def upload_blob(self, repository: str, blob: Blob, mount_from: str | None, sent: Callable[[int], None]) -> Arrival:
        """See the port."""
        arrival = self._arrival(repository, blob, mount_from)
        if arrival is Arrival.UPLOADED:
            sent(blob.size)
        self._record(str(arrival), repository, blob.digest)
        self.blobs.setdefault(repository, set()).add(blob.digest)
        return arrival

    def _arrival(self, repository: str, blob: Blob, mount_from: str | None) -> Arrival:
        if blob.digest in self.blobs.get(repository, set()):
            return Arrival.PRESENT
        mounted = self._mounts and mount_from is not None and blob.digest in self.blobs.get(mount_from, set())
        return Arrival.MOUNTED if mounted else Arrival.UPLOADED

    def put_manifest(self, repository: str, name: str, manifest: Manifest) -> None:
        """See the port."""
        self._record("manifest", repository, name)
        self.manifests[repository, name] = manifest.descriptor.digest
        self.manifests[repository, manifest.descriptor.digest] = manifest.descriptor.digest

    @property
    def tags_at_once(self) -> int:
        """See the port."""
        return 1

    def put_tags(self, repository: str, tags: Sequence[str], manifest: Manifest) -> None:
        """See the port."""
        for tag in tags:
            self.put_manifest(repository, tag, manifest)

    def _record(self, call: str, repository: str, name: str) -> None:
        with self._lock:
            self.calls.append((call, repository, name))
        if self.fail_on == (call, name):
            raise RegistryError(f"{self.host}: {call} {name} failed on purpose")
