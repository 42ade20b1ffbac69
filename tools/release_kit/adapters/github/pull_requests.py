"""Pull requests on GitHub (docs.github.com/rest/pulls/pulls)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from release_kit.adapters.github.api import GitHubApi, field, repository_path
from release_kit.documents.scm import ScmRepository
from release_kit.errors import ReleaseError
from release_kit.values.pull_request import Draft, PullRequest


class GitHubPullRequests:
    """Implements the port PullRequests."""

    def __init__(self, repository: ScmRepository, api: GitHubApi) -> None:
        """Asks nothing yet.

        Args:
            repository: where the branches are; on GitHub.
            api: of its server.
        """
        self._owner = repository.owner
        self._pulls = repository_path(repository.owner, repository.name, "pulls")
        self._api = api

    def propose(self, draft: Draft) -> PullRequest:
        """Opens a pull request, or lets the one that is open for these branches say what the draft says.

        Raises:
            ReleaseError: GitHub refuses or can't be reached.
        """
        for _ in range(2):
            if found := self._find(draft):
                return self._renewed(found, draft)
            if opened := self._open(draft):
                return _pull_request(opened, opened=True)
        raise ReleaseError(f"{self._api.host}: says that the pull request is there, and does not show it")

    def _find(self, draft: Draft) -> Mapping[str, Any] | None:
        head, base = quote(f"{self._owner}:{draft.head}", safe=""), quote(draft.base, safe="")
        for each in self._api.pages(f"{self._pulls}?state=open&head={head}&base={base}"):
            if field(each, "head", "ref") == draft.head and field(each, "base", "ref") == draft.base:
                return dict(each)
        return None

    def _open(self, draft: Draft) -> Mapping[str, Any] | None:
        """Opens one; None if somebody else has, or this very request has before its answer got lost."""
        request = {"title": draft.title, "head": draft.head, "base": draft.base, "body": draft.body}
        answer = self._api.call("POST", self._pulls, 201, request, unless=(422, "already exists"))
        return answer if isinstance(answer, dict) else None

    def _renewed(self, found: Mapping[str, Any], draft: Draft) -> PullRequest:
        known = _pull_request(found)
        if found.get("title") == draft.title and (found.get("body") or "") == draft.body:
            return known
        request = {"title": draft.title, "body": draft.body}
        return _pull_request(self._api.call("PATCH", f"{self._pulls}/{known.number}", 200, request))


def _pull_request(answer: Any, opened: bool = False) -> PullRequest:
    number, url = field(answer, "number"), field(answer, "html_url")
    legal = isinstance(url, str) and url.isprintable() and url.startswith(("https://", "http://"))
    if not isinstance(number, int) or isinstance(number, bool) or not legal:
        raise ReleaseError("GitHub answered with what is no pull request: it has no number or no address")
    return PullRequest(number, str(url), opened)
