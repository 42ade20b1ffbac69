"""Commits, and what is asked of the branches of a repository."""

from typing import NamedTuple

NOTES = "refs/notes/hydrator.metadata"
"""Where the notes of hydrators are (GitOps Promoter, "Custom hydrators"; Argo CD's hydrator)."""


class Commit(NamedTuple):
    """One commit."""

    sha: str
    parents: tuple[str, ...]
    time: int
    """When it was committed, in seconds since 1970."""
    message: str
    author: str = ""
    """Whose work it is: a name, as the author has written it."""


class NewCommit(NamedTuple):
    """A commit that is to be made at the head of a branch."""

    ref: str
    """The whole name of the branch."""
    parents: tuple[str, ...]
    files: tuple[tuple[str, int], ...]
    """Paths, each with what its content is known by; the commit has no other files."""
    message: str
    time: int
    """In seconds since 1970."""


class Change(NamedTuple):
    """One ref that is to move."""

    ref: str
    """The whole name, such as `refs/heads/environment/demo`."""
    old: str
    """Where it has to be before; empty: it must not exist."""
    new: str


def branch_ref(branch: str) -> str:
    """Returns the whole name of a branch."""
    return f"refs/heads/{branch}"
