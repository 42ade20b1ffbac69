"""What a registry holds: blobs, manifests and tags for each repository, and the history of all tags."""

import itertools
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.support.fault_registry.content import Blob, Content
from tests.support.fault_registry.manifest import Manifest
from tests.support.fault_registry.options import Options


@dataclass(frozen=True, slots=True)
class Expectation:
    """A release that a test waits for; a tag change records what of it was missing at that moment."""

    images: frozenset[tuple[str, str]] = frozenset()
    """(repository, digest): each must be there with all that it references."""
    tags: frozenset[tuple[str, str, str]] = frozenset()
    """(repository, tag, digest): each must point there."""


@dataclass(frozen=True, slots=True)
class TagChange:
    """One write of a tag, in the order of the journal."""

    order: int
    repository: str
    tag: str
    before: str | None
    after: str
    missing: tuple[str, ...]
    """What was not there at that moment of the tagged image and of the expected release."""
    by_client: bool = True

    @property
    def complete(self) -> bool:
        """Returns whether all images and blobs were there when the tag was written."""
        return not self.missing


@dataclass(slots=True)
class Session:
    """An upload under way."""

    identifier: str
    repository: str
    content: Content
    generation: int = 0
    mount: str = ""
    """The digest whose mount was answered with this session."""
    short: bool = False
    """Whether a chunk shorter than the minimum has come: it must have been the last one."""


@dataclass(slots=True)
class Repository:
    """One repository: blobs and manifests by digest, tags by name."""

    blobs: dict[str, Blob] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


class Store:
    """The registry's memory. Safe to use from several threads: take `lock` around what belongs together."""

    def __init__(self, options: Options, tick: Callable[[], int]) -> None:
        """Holds nothing yet; `tick` gives places in the journal's order."""
        self.lock = threading.RLock()
        self.history: list[TagChange] = []
        self.sessions: dict[str, Session] = {}
        self.expectation = Expectation()
        self.repositories: dict[str, Repository] = defaultdict(Repository)
        self._options = options
        self._tick = tick
        self._numbers = itertools.count(1)
        self._lags: dict[tuple[str, str], tuple[int, str | None]] = {}

    def at(self, repository: str) -> Repository:
        """Returns a repository to look at; an empty one where there is none."""
        return self.repositories.get(repository) or Repository()

    def blob(self, repository: str, digest: str) -> Blob | None:
        """Returns a blob as the repository sees it."""
        with self.lock:
            if self._options.shared_blobs:
                return self.anywhere(digest)
            return self.at(repository).blobs.get(digest)

    def anywhere(self, digest: str) -> Blob | None:
        """Returns a blob of any repository."""
        with self.lock:
            return next((r.blobs[digest] for r in self.repositories.values() if digest in r.blobs), None)

    def put_blob(self, repository: str, digest: str, blob: Blob) -> None:
        """Stores a blob."""
        with self.lock:
            self._delay(repository, digest, self._options.lag.blobs, digest not in self.at(repository).blobs)
            self.repositories[repository].blobs[digest] = blob

    def manifest(self, repository: str, digest: str) -> Manifest | None:
        """Returns a manifest by its digest."""
        with self.lock:
            return self.at(repository).manifests.get(digest)

    def put_manifest(self, repository: str, digest: str, manifest: Manifest) -> None:
        """Stores a manifest."""
        with self.lock:
            self._delay(repository, digest, self._options.lag.manifests, digest not in self.at(repository).manifests)
            self.repositories[repository].manifests[digest] = manifest

    def tag(self, repository: str, tag: str) -> str | None:
        """Returns the digest that a tag points at."""
        with self.lock:
            return self.at(repository).tags.get(tag)

    def put_tag(self, repository: str, tag: str, digest: str, by_client: bool = True) -> None:
        """Points a tag at a manifest and records what was missing then."""
        with self.lock:
            before = self.tag(repository, tag)
            self._delay(repository, tag, self._options.lag.tags, before != digest, before)
            self.repositories[repository].tags[tag] = digest
            missing = tuple(dict.fromkeys((*self.missing(repository, digest), *self._unmet())))
            self.history.append(TagChange(self._tick(), repository, tag, before, digest, missing, by_client))

    def missing(self, repository: str, digest: str) -> Iterator[str]:
        """Yields what a manifest lacks, itself, blobs and children, such as `shop/core@sha256:...`."""
        manifest = self.manifest(repository, digest)
        if manifest is None:
            yield f"{repository}@{digest}"
            return
        yield from (f"{repository}@{blob.digest}" for blob in manifest.blobs if not self.blob(repository, blob.digest))
        for child in manifest.children:
            if not self.blob(repository, child.digest):
                yield from self.missing(repository, child.digest)

    def size(self, repository: str, digest: str) -> int | None:
        """Returns the size of a manifest or a blob, None where the repository holds neither."""
        with self.lock:
            manifest, blob = self.manifest(repository, digest), self.blob(repository, digest)
            return len(manifest.content) if manifest else blob.size if blob else None

    def lagging(self, repository: str, name: str) -> tuple[bool, str | None]:
        """Counts one read of something; returns whether it is not seen yet, and what is seen in its place."""
        with self.lock:
            left, former = self._lags.pop((repository, name), (0, None))
            if left > 1:
                self._lags[repository, name] = (left - 1, former)
            return left > 0, former

    def open_session(self, repository: str, mount: str = "") -> Session:
        """Opens an upload."""
        with self.lock:
            session = Session(
                f"session-{next(self._numbers)}", repository, Content(self._options.keep_content), mount=mount
            )
            self.sessions[session.identifier] = session
            return session

    def _delay(self, repository: str, name: str, reads: int, changed: bool, former: str | None = None) -> None:
        if reads and changed:
            self._lags[repository, name] = (reads, former)

    def _unmet(self) -> Iterator[str]:
        for repository, digest in sorted(self.expectation.images):
            yield from self.missing(repository, digest)
        for repository, tag, digest in sorted(self.expectation.tags):
            if self.tag(repository, tag) != digest:
                yield f"{repository}:{tag}"
