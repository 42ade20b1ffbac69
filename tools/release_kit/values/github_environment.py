"""Environments of a repository at GitHub, and the calls of its REST API that change them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple


class Call(NamedTuple):
    """One call that writes."""

    method: str
    path: str
    """Below the API's root."""
    body: Mapping[str, Any] | None
    expected: int
    """The status that means success."""
    done: int
    """The status that says that it is so already; 0 where none does."""


class Reviewer(NamedTuple):
    """Somebody who may agree to a job of an environment."""

    kind: str
    """`User` or `Team`."""
    id: int
    name: str
    """Such as `team/on-call`."""


class Allowed(StrEnum):
    """The jobs of which branches and tags may use an environment."""

    ALL = "all"
    PROTECTED = "protected branches"
    CHOSEN = "those that follow"


class RefRule(NamedTuple):
    """A pattern of branches or tags whose jobs may use an environment."""

    kind: str
    """`branch` or `tag`."""
    pattern: str
    id: int = 0
    """GitHub's; 0 where it has none yet."""


class Hosted(NamedTuple):
    """What an environment has at GitHub; nobody can read what its secrets are."""

    reviewers: tuple[Reviewer, ...] = ()
    prevent_self_review: bool = False
    wait_minutes: int = 0
    allowed: Allowed = Allowed.ALL
    rules: tuple[RefRule, ...] = ()
    variables: Mapping[str, str] = {}
    secrets: frozenset[str] = frozenset()
