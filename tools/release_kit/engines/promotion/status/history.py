"""What became of an environment: the commits of its active branch, read as promotions and rollbacks."""

from enum import StrEnum
from typing import NamedTuple

from release_kit.documents import release_record
from release_kit.documents.environments import Environment
from release_kit.documents.fields import parse_document
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.promotion import messages
from release_kit.errors import InputError
from release_kit.ports import Repository
from release_kit.values.commit import Commit, branch_ref


class EventKind(StrEnum):
    """What a commit did to its environment."""

    PROMOTED = "promoted"
    """It brought another release."""
    ROLLED_BACK = "rolled back"
    """It brought an earlier release again."""
    CHANGED = "changed"
    """It brought other values, or another rendering, of the same release."""


class Event(NamedTuple):
    """One commit of an environment's active branch."""

    environment: str
    kind: EventKind
    commit: str
    version: str
    source: str
    """The commit that the release was built from; empty where its record names none."""
    record: str
    """The identity of the release."""
    since: int
    """When, in seconds since 1970."""
    author: str
    """The name, without its address: a page is for more eyes than a commit."""
    before: str = ""
    """The version that ran until then; for a rollback the one that it names; empty for the first release."""
    skip_staging: bool = False
    """Whether the release waits for no staging environment."""


def events(repository: Repository, environment: Environment, limit: int) -> tuple[Event, ...]:
    """Returns what happened last in an environment that has a branch, newest first, `limit` at most.

    Commits without a release record, such as the branch's first one, are passed over.
    """
    head = repository.ref(branch_ref(environment.branch))
    if not head:
        return ()
    commits = repository.history(head, limit + 1)
    records = repository.file_of_each([commit.sha for commit in commits], release_record.FILE_NAME)
    known = [(commit, record) for commit in commits if (record := _record(records.get(commit.sha)))]
    # What came before the last of them is known only where it is the first one of all.
    told = known[:-1] if commits[-1].parents else known
    before = [*(record for _, record in known[1:]), None]
    found = [_event(environment.name, *each, was) for each, was in zip(told, before, strict=False)]
    return tuple(found[:limit])


def _event(name: str, commit: Commit, record: ReleaseRecord, before: ReleaseRecord | None) -> Event:
    """Reads one commit; `before` is the record of the one before it."""
    identity = release_record.identity(record)
    was, kind = before.version if before else "", EventKind.PROMOTED
    if rolled_back := messages.trailers_of(commit.message).get(messages.ROLLED_BACK_FROM):
        was, kind = rolled_back, EventKind.ROLLED_BACK
    elif before and release_record.identity(before) == identity:
        kind = EventKind.CHANGED
    author = commit.author.rpartition(" <")[0] or commit.author
    return Event(
        environment=name,
        kind=kind,
        commit=commit.sha,
        version=record.version,
        source=record.commit,
        record=identity,
        since=commit.time,
        author=author,
        before=was,
        skip_staging=record.skip_staging,
    )


def _record(content: bytes | None) -> ReleaseRecord | None:
    """Reads the release of a commit; None where it has none, or one that can't be read."""
    try:
        return parse_document(content, "history", release_record.from_fields) if content is not None else None
    except InputError:
        return None
