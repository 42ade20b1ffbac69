"""Ports: what the engines need of the outside. Adapters implement them, tests record them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from release_kit.values.commit import Change, Commit, NewCommit
from release_kit.values.image import Arrival, Blob, Manifest

if TYPE_CHECKING:
    from release_kit.values.application import ApplicationState
    from release_kit.values.commit_status import CommitStatus
    from release_kit.values.github_environment import Call, Hosted, Reviewer
    from release_kit.values.github_release import Asset, HostedRelease, NewAsset, WantedRelease
    from release_kit.values.helm_call import HelmCall, Outcome
    from release_kit.values.pull_request import Draft, PullRequest
    from release_kit.values.scenario_run import Answer, Run


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

    def has_blob(self, repository: str, digest: str, size: int | None = None) -> bool:
        """Tells whether the repository has the blob; raises RegistryError where it has it with another size."""

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


class RemoteCache(Protocol):
    """The remote cache of the build, which has the layers that are not here. Safe to use from several threads.

    Every method raises ReleaseError when the cache refuses, can't be reached, or gives what it was not asked for.
    """

    @property
    def place(self) -> str:
        """Where it is, for messages; no secret is in it."""

    def has(self, blob: Blob) -> bool:
        """Tells whether the cache has a blob."""

    def make_room(self, size: int) -> None:
        """Makes sure that so many bytes can be kept here."""

    def fetch(self, blob: Blob) -> Blob | None:
        """Brings a blob here, once, and returns it with its file, of its size and digest to the last byte.

        None where the cache does not have it.
        """


class Transfers(Protocol):
    """Is told how far the blobs of the images have travelled, in bytes. Safe to use from several threads."""

    def sent(self, name: str, size: int) -> None:
        """Says that bytes more of an image have travelled; a negative number: they have to travel again."""

    def spared(self, name: str, size: int) -> None:
        """Says that bytes of an image need not travel: the registry has them."""


class Signer(Protocol):
    """Signs what is in a registry. One call after another."""

    @property
    def name(self) -> str:
        """What it is called, for messages."""

    def sign(self, reference: str, statement: str) -> None:
        """Signs HOST/REPOSITORY@DIGEST, or finds that signed; the statement says what it is a part of.

        Raises ReleaseError where it is not signed.
        """


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


class PullRequests(Protocol):
    """The pull requests of one repository."""

    def propose(self, draft: "Draft") -> "PullRequest":
        """Opens a pull request, or lets the one that is open for these branches say what the draft says.

        Raises ReleaseError where the host refuses or can't be reached.
        """


class Applications(Protocol):
    """The Applications of one Argo CD."""

    def look(self, name: str, refresh: bool) -> "ApplicationState":
        """Returns what Argo CD knows of an Application.

        Args:
            name: the Application's.
            refresh: let Argo CD look at its repository and its objects first.

        Raises:
            UnavailableError: Argo CD can't answer now.
            ReleaseError: it refuses.
        """


class CommitStatuses(Protocol):
    """The commit statuses of one repository.

    Every method raises ReleaseError where the host refuses, can't be reached or makes no sense.
    """

    def of(self, sha: str, context: str) -> "Iterator[CommitStatus]":
        """Yields the statuses that a commit has of one name, newest first."""

    def set(self, sha: str, status: "CommitStatus") -> "CommitStatus":
        """Sets a status; returns it as the host has it now."""


class EnvironmentHost(Protocol):
    """The environments of one repository at GitHub. Every method raises ReleaseError where it refuses."""

    def found(self, names: "Collection[str]") -> "Mapping[str, Hosted]":
        """Returns all environments by their names, which are in small letters; those of `names` with all they have."""

    def reviewer(self, named: str) -> "Reviewer":
        """Looks up who is meant by `team/SLUG` or `user/LOGIN`."""

    def carry_out(self, call: "Call") -> None:
        """Makes a call; one that was made before, its answer lost, is no failure."""

    def put_secret(self, environment: str, name: str, value: str) -> None:
        """Sets a secret of an environment; nobody but GitHub can read what is sent."""


class Releases(Protocol):
    """The releases of one repository at GitHub. Every method raises ReleaseError where it refuses."""

    def commit_of(self, tag: str) -> str:
        """Returns the commit that a tag points at; empty where there is no such tag."""

    def find(self, tag: str) -> "Sequence[HostedRelease]":
        """Returns the releases of a tag, drafts too; the published one first."""

    def latest(self) -> str:
        """Returns the tag of what is shown as the latest release; empty where there is none."""

    def draft(self, wanted: "WantedRelease") -> "HostedRelease":
        """Makes a draft, which nobody sees who may not write."""

    def attach(self, release: "HostedRelease", asset: "NewAsset") -> "Asset":
        """Adds a file."""

    def detach(self, asset: "Asset") -> None:
        """Removes a file; it is no failure if it is gone."""

    def publish(self, release: "HostedRelease", wanted: "WantedRelease") -> "HostedRelease":
        """Lets everybody see a draft, with what is wanted of it."""

    def discard(self, release: "HostedRelease") -> None:
        """Removes a draft; it is no failure if it is gone."""


class Repository(Protocol):
    """A git repository on a server, by way of a copy of those branches and notes that it was made for.

    Whatever is read is as of the last `fetch`; nothing that is made here is seen by anyone before `push`.
    Every method raises GitError when git fails or the server refuses.
    """

    @property
    def url(self) -> str:
        """The server's address."""

    def fetch(self) -> None:
        """Brings the copy in step with the server."""

    def ref(self, name: str) -> str:
        """Returns the commit that a ref such as `refs/heads/main` points at; empty where the server has none."""

    def commit(self, sha: str) -> Commit:
        """Returns one commit."""

    def history(self, sha: str, limit: int) -> "Sequence[Commit]":
        """Returns a commit and its first parents, newest first, `limit` at most."""

    def files(self, sha: str, under: str = "") -> Mapping[str, bytes]:
        """Returns all files of a commit, or of a folder in it, by their paths."""

    def file(self, sha: str, path: str) -> bytes | None:
        """Returns one file of a commit; None where it has none of that path."""

    def file_of_each(self, shas: Sequence[str], path: str) -> Mapping[str, bytes]:
        """Returns one file of several commits, by their shas; those that have none of that path are left out."""

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Tells whether a commit is the other one, or in its history."""

    def merge_base(self, one: str, other: str) -> str:
        """Returns the newest commit in the history of both; empty where they have none in common."""

    def has_same_content(self, one: str, other: str) -> bool:
        """Tells whether two commits have the same content: files, and whatever else is in them."""

    def make_commit(self, files: Mapping[str, bytes], parents: Sequence[str], message: str) -> str:
        """Makes a commit that has these files and no others; returns its sha."""

    def add_files(self, files: Mapping[str, bytes], parent: str, message: str) -> str:
        """Makes a commit that has these files besides those of its parent (empty: there is none); returns its sha."""

    def copy_commit(self, content: str, parents: Sequence[str], message: str) -> str:
        """Makes a commit that has exactly the content of another one; returns its sha."""

    def note(self, ref: str, sha: str) -> bytes | None:
        """Returns the note on a commit; None where it has none."""

    def make_notes(self, ref: str, notes: Mapping[str, bytes]) -> str:
        """Makes the commit of `ref` that has these notes on these commits and all others that it had; its sha."""

    def diff(self, old: str, new: str) -> str:
        """Returns the changes of files from one commit to another, as a patch; `old` empty: from nothing."""

    def push(self, changes: "Sequence[Change]") -> bool:
        """Moves all refs, or none.

        Returns:
            False if one of them is not where it has to be: somebody else was faster; `fetch` and look again.
        """


class CommitWriter(Protocol):
    """A git repository of its own, written in one go; every method raises GitError when git fails."""

    def blob(self, content: bytes) -> int:
        """Keeps the content of a file; returns what commits know it by."""

    def commit(self, new: NewCommit) -> str:
        """Makes a commit on a branch; returns its sha."""

    def branch(self, ref: str, sha: str) -> None:
        """Lets a branch begin at a commit."""

    def note(self, sha: str, content: bytes, time: int) -> None:
        """Adds a hydrator's note to a commit, or puts it in the place of its older one."""


class Deployment(Protocol):
    """What is deployed, at one address."""

    def ask(self, path: str, seconds: float) -> "Answer":
        """Asks for the JSON at a path, on a connection of its own; waits for it as long as `seconds` at most."""


class Scenarios(Protocol):
    """The scenarios of one suite."""

    def run(self, file: str, seconds: float) -> "Run":
        """Runs the scenarios of one file in a process of its own, which is killed after so many seconds."""
