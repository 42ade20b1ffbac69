"""Commit statuses on GitHub (docs.github.com/rest/commits/statuses)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from release_kit.adapters.github.api import GitHubApi, field, printable, repository_path
from release_kit.documents.scm import ScmRepository
from release_kit.errors import ReleaseError
from release_kit.values.commit_status import CommitStatus

_FULL = "maximum number of statuses"
"""What GitHub says where a commit has 1000 statuses of one name."""


class GitHubStatuses:
    """Implements the port CommitStatuses."""

    def __init__(self, repository: ScmRepository, api: GitHubApi) -> None:
        """Asks nothing yet.

        Args:
            repository: where the commits are; on GitHub.
            api: of its server.
        """
        self._place = repository.owner, repository.name
        self._api = api

    def of(self, sha: str, context: str) -> Iterator[CommitStatus]:
        """Yields the statuses that a commit has of one name, newest first; asks for no more than is looked at.

        Raises:
            ReleaseError: GitHub refuses, can't be reached or makes no sense.
        """
        for each in self._api.pages(repository_path(*self._place, "commits", sha, "statuses")):
            # GitHub takes names in letters of any size for the same.
            if str(field(each, "context")).casefold() == context.casefold():
                yield _status(each)

    def set(self, sha: str, status: CommitStatus) -> CommitStatus:
        """Sets a status; returns it as GitHub has it now. Else as `of`."""
        request = {"state": status.state, "context": status.context, "description": status.description}
        request |= {"target_url": status.url} if status.url else {}
        path = repository_path(*self._place, "statuses", sha)
        answer = self._api.call("POST", path, 201, request, unless=(422, _FULL))
        if answer is None:
            message = f"{self._api.host}: {sha} has as many statuses {status.context} as GitHub takes (1000)"
            raise ReleaseError(message, "hydrate the release anew: that is another commit")
        return _status(answer)


def _status(answer: Any) -> CommitStatus:
    number, state, created = field(answer, "id"), field(answer, "state"), field(answer, "created_at")
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(state, str):
        raise ReleaseError("GitHub answered with what is no commit status: it has no number or no state")
    return CommitStatus(
        _text(answer, "context"),
        printable(state),
        _text(answer, "description"),
        _text(answer, "target_url"),
        number,
        _text(answer, "creator", "login"),
        _seconds(created),
    )


def _text(answer: Any, *path: str) -> str:
    found = field(answer, *path)
    return "".join(letter if letter.isprintable() else " " for letter in found) if isinstance(found, str) else ""


def _seconds(text: object) -> int:
    """Reads a time such as `2026-01-05T08:00:00Z`; 0 where it is none."""
    try:
        return int(datetime.fromisoformat(str(text)).timestamp())
    except (ValueError, OverflowError, OSError):
        return 0
