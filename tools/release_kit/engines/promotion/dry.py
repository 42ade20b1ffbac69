"""Dry commits: each holds one release with the declaration and all environments' values, which is what is hydrated."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from release_kit.documents import release_record
from release_kit.documents.environments import Environments
from release_kit.documents.release_record import ReleaseRecord
from release_kit.engines.promotion.branches import record_at
from release_kit.errors import InputError
from release_kit.ports import Repository
from release_kit.values import version as versions
from release_kit.values.commit import branch_ref

DECLARATION = "environments.json"
_MAX_NAME = 100
"""Characters of a values file's name that are kept, its ending among them; its position tells it from others."""
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


class DryCommit(NamedTuple):
    """One release, as it is on the dry branch."""

    commit: str
    record: ReleaseRecord
    identity: str
    """The record's."""
    time: int
    """When it was committed, in seconds since 1970."""


class ValuesFile(NamedTuple):
    """A values file of an environment."""

    name: str
    """Its file name."""
    content: bytes


def contents(record: ReleaseRecord, declaration: bytes, values: Mapping[str, Sequence[ValuesFile]]) -> dict[str, bytes]:
    """Returns the files of a dry commit, by their paths: a declaration that can be loaded, and all that it names.

    Args:
        record: of the release; it is written as it is published.
        declaration: a document that was read without an error.
        values: the values files of each environment that has some, by its name, in the order of the declaration.
    """
    document = json.loads(declaration)
    files = {}
    for environment in document["environments"]:
        paths = []
        for position, file in enumerate(values.get(environment["name"], ())):
            paths.append(f"values/{environment['name']}/{position:02}-{_ODD.sub('-', file.name)[-_MAX_NAME:]}")
            files[paths[-1]] = file.content
        if paths:
            environment["values"] = paths
    files[DECLARATION] = (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode(errors="replace")
    files[release_record.FILE_NAME] = record._replace(registry="").to_json().encode()
    return files


def message(record: ReleaseRecord) -> str:
    """Returns the message of a release's dry commit."""
    origin = f", built from the commit {record.commit}" if record.commit else ""
    skipping = " It skips staging." if record.skip_staging else ""
    about = f"{record.contents[0].upper()}{record.contents[1:]}{origin}.{skipping}"
    return f"Release {record.name} {record.version}\n\n{about}\n\nRelease-Record: {release_record.identity(record)}\n"


def read(repository: Repository, commit: str) -> DryCommit:
    """Reads one dry commit.

    Raises:
        InputError: it has no release record, or one that is none.
    """
    record = record_at(repository, commit, "the dry branch")
    if record is None:
        raise InputError(
            f"the dry branch: {commit:.12}: expected a {release_record.FILE_NAME}, found none",
            "the branch belongs to `release-kit hydrate`: take out what others have committed to it",
        )
    return DryCommit(commit, record, release_record.identity(record), repository.commit(commit).time)


def newest(repository: Repository, declared: Environments) -> DryCommit | None:
    """Reads the release that was hydrated last; None before the first one; else as `read`."""
    head = repository.ref(branch_ref(declared.dry_branch))
    return read(repository, head) if head and repository.files(head) else None


def refuse_older(record: ReleaseRecord, found: DryCommit) -> None:
    """Refuses a release that does not come after the one that was hydrated last.

    One that skips staging may be older: what was hydrated last may be no further than staging, and no promotion lets
    an environment go back.

    Raises:
        InputError: it is older, or has the same version and another record.
    """
    remedy = "hydrate a newer release, or say --again if this one is meant to come after that one"
    if release_record.identity(record) == found.identity:
        return
    if record.version == found.record.version:
        raise InputError(
            f"the version {record.version} has been hydrated already, with another release record: {found.identity}",
            remedy,
        )
    if record.skip_staging:
        return
    was = versions.parse(found.record.version, f"the dry branch: {found.commit:.12}: version")
    if versions.parse(record.version, "the release's version").rank() < was.rank():
        raise InputError(f"{record.version} is older than {found.record.version}, which was hydrated last", remedy)
