"""What a git work tree and its remote are seen to be."""

from collections.abc import Mapping
from typing import NamedTuple


class TreeState(NamedTuple):
    """A work tree."""

    head: str
    """The commit that is checked out; empty where there is none yet."""
    branch: str
    """The whole name of its branch; empty where HEAD is detached."""
    dirty: tuple[str, ...]
    """Files that differ from the commit, or that git does not know, by their paths from the top."""
    busy: str
    """What git has begun and not ended, such as `a merge`; empty: nothing."""
    shallow: bool
    """Whether a part of the history is not there."""


class Served(NamedTuple):
    """What a remote has."""

    branch: str
    """The commit of the one branch that was asked for; empty where there is none."""
    tags: Mapping[str, str]
    """The commit that each tag `v*` stands for, by the tag's name."""


class Tagged(NamedTuple):
    """A tag that is to be made."""

    name: str
    commit: str
    message: str
