"""Pull requests on GitHub, by its REST API (docs.github.com/rest/pulls/pulls, version 2022-11-28)."""

import json
from collections.abc import Mapping
from typing import Any

from release_kit.adapters.registry.messages import Response
from release_kit.adapters.registry.patience import PASSING, Patience
from release_kit.adapters.registry.transport import ConnectionFailedError, Request, Transport
from release_kit.adapters.registry.urls import Url, quote
from release_kit.documents.scm import ScmRepository
from release_kit.errors import InputError, RegistryError, ReleaseError
from release_kit.values.pull_request import Draft, PullRequest
from release_kit.values.reference import is_loopback

_VERSION = "2022-11-28"
_MAX_SAID = 300


class GitHub:
    """Implements the port PullRequests."""

    def __init__(self, repository: ScmRepository, token: str, patience: Patience | None = None) -> None:
        """Asks nothing yet.

        Args:
            repository: where the branches are.
            token: may read and write pull requests there.
            patience: how often to try; None for as often as elsewhere.

        Raises:
            InputError: the repository is not on GitHub, or there is no token, or none that could be one.
        """
        if repository.provider != "github":
            remedy = "promote without --pull-request: that works on any git server"
            raise InputError(
                f"--pull-request: works on GitHub only, the repository is at {repository.provider}", remedy
            )
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            found = "what is there is none" if token else "it is empty or not set"
            remedy = "let it be a token that may write pull requests of the repository"
            raise InputError(f"--pull-request: needs a token in GITHUB_TOKEN; {found}", remedy)
        self._owner, self._name = repository.owner, repository.name
        self._root = _root(repository.domain)
        self._token = token
        self._patience = patience or Patience()
        self._transport = Transport(self._patience.times)

    def close(self) -> None:
        """Closes idle connections."""
        self._transport.close()

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
        raise ReleaseError(f"{self._root.host}: says that the pull request is there, and does not show it")

    def _find(self, draft: Draft) -> Mapping[str, Any] | None:
        head = quote(f"{self._owner}:{draft.head}")
        query = f"?state=open&head={head}&base={quote(draft.base)}&per_page=100"
        found = self._call("GET", f"{self._pulls}{query}", 200)
        if not isinstance(found, list):
            raise ReleaseError(f"{self._root.host}: expected a list of pull requests, found something else")
        for each in found:
            if _field(each, "head", "ref") == draft.head and _field(each, "base", "ref") == draft.base:
                return dict(each)
        return None

    def _open(self, draft: Draft) -> Mapping[str, Any] | None:
        """Opens one; None if somebody else has, or this very request has before its answer got lost."""
        request = {"title": draft.title, "head": draft.head, "base": draft.base, "body": draft.body}
        answer = self._call("POST", self._pulls, 201, request, unless="already exists")
        return answer if isinstance(answer, dict) else None

    def _renewed(self, found: Mapping[str, Any], draft: Draft) -> PullRequest:
        known = _pull_request(found)
        if found.get("title") == draft.title and (found.get("body") or "") == draft.body:
            return known
        request = {"title": draft.title, "body": draft.body}
        return _pull_request(self._call("PATCH", f"{self._pulls}/{known.number}", 200, request))

    @property
    def _pulls(self) -> str:
        return f"/repos/{quote(self._owner)}/{quote(self._name)}/pulls"

    def _call(self, method: str, path: str, expected: int, body: object = None, unless: str = "") -> Any:
        """Makes one call, again after a passing failure; None where it fails for the reason `unless`."""
        url = self._root._replace(target=self._root.target + path)
        headers = [
            ("Accept", "application/vnd.github+json"),
            ("X-GitHub-Api-Version", _VERSION),
            ("Authorization", f"Bearer {self._token}"),
        ]
        content = None if body is None else json.dumps(body).encode()
        if content is not None:
            headers.append(("Content-Type", "application/json"))
        response = self._answer(Request(method, url, tuple(headers), content))
        if response.status == expected:
            return _json(response, self._root.host)
        said = self._said(response)
        if unless and response.status == 422 and unless in said:
            return None
        raise ReleaseError(
            f"{self._root.host}: {method} {path.partition('?')[0]}: {response.status} {said}", _remedy(response)
        )

    def _answer(self, request: Request) -> Response:
        patience, host = self._patience, self._root.host
        for attempt in range(1, patience.attempts + 1):
            asked = 0.0
            try:
                response = self._transport.send(request)
                if not _is_passing(response) or attempt == patience.attempts:
                    return response
                asked = patience.asked(response.header("retry-after"), host)
            except ConnectionFailedError as error:
                if attempt == patience.attempts:
                    raise ReleaseError(error.message, "check that GitHub's API can be reached from here") from error
            except RegistryError as error:
                raise ReleaseError(error.message, "check that GitHub's API can be reached from here") from error
            patience.sleep(max(asked, patience.wait(attempt)))
        raise AssertionError("the last attempt returns or raises")

    def _said(self, response: Response) -> str:
        """Returns what GitHub said against a request, so that it can be printed."""
        try:
            answer = json.loads(response.body)
            parts = [answer.get("message"), *(each.get("message") for each in answer.get("errors", []))]
        except (ValueError, AttributeError, TypeError, RecursionError):
            parts = []
        text = ": ".join(part for part in parts if isinstance(part, str)).replace(self._token, "***")
        return "".join(letter if letter.isprintable() else " " for letter in text)[:_MAX_SAID]


def _root(domain: str) -> Url:
    if not domain:
        return Url("https", "api.github.com", "")
    return Url("http" if is_loopback(domain) else "https", domain, "/api/v3")


def _is_passing(response: Response) -> bool:
    """Tells whether to try again; GitHub says 403 where it limits, too."""
    limited = response.header("retry-after") or response.header("x-ratelimit-remaining") == "0"
    return response.status in PASSING or bool(response.status == 403 and limited)


def _json(response: Response, host: str) -> Any:
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError) as error:
        raise ReleaseError(f"{host}: answered with what is no JSON") from error


def _pull_request(answer: Any, opened: bool = False) -> PullRequest:
    number, url = _field(answer, "number"), _field(answer, "html_url")
    legal = isinstance(url, str) and url.isprintable() and url.startswith(("https://", "http://"))
    if not isinstance(number, int) or isinstance(number, bool) or not legal:
        raise ReleaseError("GitHub answered with what is no pull request: it has no number or no address")
    return PullRequest(number, str(url), opened)


def _field(answer: Any, *path: str) -> object:
    for key in path:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer


def _remedy(response: Response) -> str:
    if response.status == 401:
        return "GitHub does not know the token in GITHUB_TOKEN: let it be a valid one"
    if response.status in (403, 404):
        return "let the token in GITHUB_TOKEN read and write pull requests of this repository, and check its name"
    if response.status in (301, 307, 308):
        return "the repository has moved: give the declaration its new name"
    return ""
