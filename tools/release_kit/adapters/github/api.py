"""Calls of GitHub's REST API (docs.github.com/rest, version 2022-11-28), by urllib3.

Failures that pass are tried again: lost connections, 5xx, and limits of the rate
(docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api), which GitHub tells by 403 or 429 with
`retry-after`, with `x-ratelimit-remaining: 0` and the time at which it ends, or in words alone: that means a minute.
"""

import json
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import urllib3

import release_kit
from release_kit.adapters.registry.patience import PASSING, Patience
from release_kit.adapters.web import Pool, TooLargeError
from release_kit.errors import InputError, RegistryError, ReleaseError
from release_kit.values.reference import is_loopback

VERSION = "2022-11-28"
PUBLIC = "https://api.github.com"
UPLOADS = "https://uploads.github.com"
"""Where github.com takes what releases have; a server of one's own takes it at `https://HOST/api/uploads`, and one at
GHE.com at `https://uploads.HOST`: that is what their `upload_url` begins with."""
MAX_PAGES = 20
PER_PAGE = 100
_MAX_SAID = 300
_SECONDARY = b"secondary rate limit"
_SECONDARY_WAIT = "60"
"""Seconds."""
# What is so at the next attempt, too: a wrong certificate or address, and too large an answer.
_LASTING = (urllib3.exceptions.SSLError, urllib3.exceptions.LocationValueError, TooLargeError)


class Content(NamedTuple):
    """A body that is no JSON."""

    data: bytes
    media_type: str


class Answered(NamedTuple):
    """An answer."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes


class GitHubApi:
    """The API of one server, as one token may use it; safe to use from several threads."""

    def __init__(self, domain: str, token: str, patience: Patience | None = None) -> None:
        """Asks nothing yet.

        Args:
            domain: HOST[:PORT] of a server of one's own; empty for github.com.
            token: as `checked_token` returns it.
            patience: how often to try; None for as often as elsewhere.
        """
        self.root = f"{'http' if is_loopback(domain) else 'https'}://{domain}/api/v3" if domain else PUBLIC
        self.host = urlsplit(self.root).netloc
        own = (f"{self.root.removesuffix('/v3')}/uploads", f"https://uploads.{domain}")
        self._uploads = own if domain else (UPLOADS,)
        self._token = token
        self._patience = patience or Patience()
        self._pool = Pool(self._patience.times.connect, self._patience.times.idle)

    def close(self) -> None:
        """Closes idle connections."""
        self._pool.close()

    def call(
        self, method: str, path: str, expected: int, body: object = None, unless: tuple[int, str] | None = None
    ) -> Any:
        """Makes one call.

        Args:
            method: of HTTP.
            path: below the API's root, with its query; or an address that the API gave for an upload.
            expected: the status that means success.
            body: what is sent as JSON, or Content; None for nothing.
            unless: a status, and a part of what is said with it, that are no failure.

        Returns:
            What the answer says in JSON; None where it says nothing, or what `unless` names.

        Raises:
            ReleaseError: GitHub refuses, can't be reached, or answers with what is no JSON.
        """
        answered = self._answer(method, self._address(path), body)
        if answered.status == expected:
            return self._json(answered) if answered.body.strip() else None
        said = self._said(answered)
        if unless and answered.status == unless[0] and unless[1] in said:
            return None
        where = path.partition("?")[0]
        raise ReleaseError(f"{self.host}: {method} {where}: {answered.status} {said}".rstrip(), _remedy(answered))

    def find(self, path: str) -> Any:
        """Gets what may not be there; None where it is not. Else as `call`."""
        return self.call("GET", path, 200, unless=(404, ""))

    def pages(self, path: str, key: str = "", size: int = PER_PAGE) -> Iterator[Any]:
        """Gets a list that comes in pages, item by item.

        Args:
            path: below the API's root; it may have a query.
            key: where an answer has the list; empty: it is the list.
            size: how many items a page has; a few lists have fewer than PER_PAGE at most.

        Raises:
            ReleaseError: as `call`; and where the list is longer than MAX_PAGES pages, or is none.
        """
        joint = "&" if "?" in path else "?"
        for page in range(1, MAX_PAGES + 1):
            found = self.call("GET", f"{path}{joint}per_page={size}&page={page}", 200)
            items = found.get(key) if key and isinstance(found, dict) else found
            if not isinstance(items, list):
                raise ReleaseError(f"{self.host}: GET {path}: expected a list, found something else")
            yield from items
            if len(items) < size:
                return
        raise ReleaseError(f"{self.host}: GET {path}: more than {MAX_PAGES * size} items, which is not bearable")

    def _address(self, path: str) -> str:
        """Returns where a path is; the token goes to the API and to where it takes uploads, and nowhere else."""
        if path.startswith("/"):
            return self.root + path
        for known in (self.root, *self._uploads):
            if path.startswith(f"{known}/"):
                return path
        raise ReleaseError(f"{self.host}: names an address that is not its own: {printable(path)}")

    def _answer(self, method: str, url: str, body: object) -> Answered:
        patience = self._patience
        for attempt in range(1, patience.attempts + 1):
            last = attempt == patience.attempts
            asked = 0.0
            try:
                answered = Answered(*self._pool.send(method, url, self._headers(body), _encoded(body)))
                if last or not _is_passing(answered):
                    return answered
                asked = self._asked(answered)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                if last or not _may_pass(error):
                    raise ReleaseError(f"{self.host}: {_reason(error)}", "check that GitHub can be reached") from None
            patience.sleep(max(asked, patience.wait(attempt)))
        raise AssertionError("the last attempt returns or raises")

    def _headers(self, body: object) -> dict[str, str]:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
            "Authorization": f"Bearer {self._token}",
            "User-Agent": f"release-kit/{release_kit.version()}",
        }
        if body is not None:
            headers["Content-Type"] = body.media_type if isinstance(body, Content) else "application/json"
        return headers

    def _asked(self, answered: Answered) -> float:
        """Returns how many seconds GitHub asks to wait; an error where that is longer than bearable."""
        text = answered.headers.get("retry-after", "")
        if not text and answered.headers.get("x-ratelimit-remaining") == "0":
            reset = answered.headers.get("x-ratelimit-reset", "")
            text = str(max(0, int(reset) - int(time.time()))) if reset.isdecimal() and len(reset) < 12 else ""
        elif not text and _SECONDARY in answered.body:
            text = _SECONDARY_WAIT
        try:
            return self._patience.asked(text, self.host)
        except RegistryError as error:
            remedy = "wait that long and run the same command again: it is safe"
            raise ReleaseError(f"{error.message}: the rate of this token's requests is limited", remedy) from None

    def _said(self, answered: Answered) -> str:
        """Returns what GitHub said against a request, so that it can be printed."""
        try:
            answer = json.loads(answered.body)
            errors = answer.get("errors") or []
            parts = [
                answer.get("message"),
                *(each if isinstance(each, str) else field(each, "message") for each in errors),
            ]
        except (ValueError, AttributeError, TypeError, RecursionError):
            parts = []
        return printable(": ".join(part for part in parts if isinstance(part, str)).replace(self._token, "***"))

    def _json(self, answered: Answered) -> Any:
        try:
            return json.loads(answered.body)
        except (ValueError, RecursionError) as error:
            raise ReleaseError(f"{self.host}: answered with what is no JSON") from error


def repository_path(owner: str, name: str, *more: str) -> str:
    """Returns the path of what a repository has, each part quoted."""
    return "/".join(["/repos", *(quote(part, safe="") for part in (owner, name, *more))])


def checked_token(token: str, purpose: str, needs: str, variable: str = "GITHUB_TOKEN") -> str:
    """Returns a token that could be one.

    Args:
        token: as the variable has it.
        purpose: what needs it, such as `--pull-request`.
        needs: what it has to be allowed to do, such as `write pull requests of the repository`.
        variable: its name.

    Raises:
        InputError: there is none, or none that could be one.
    """
    if token and token.isascii() and token.isprintable() and " " not in token:
        return token
    found = "what is there is none" if token else "it is empty or not set"
    raise InputError(f"{purpose}: needs a token in {variable}; {found}", f"let it be a token that may {needs}")


def field(answer: Any, *path: str) -> object:
    """Returns what an answer has at a path of keys; None where it has nothing there."""
    for key in path:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer


def _encoded(body: object) -> bytes | None:
    if body is None or isinstance(body, Content):
        return body.data if body else None
    return json.dumps(body).encode()


def _is_passing(answered: Answered) -> bool:
    """Tells whether to try again; GitHub says 403 where it limits, too."""
    limited = answered.headers.get("retry-after") or answered.headers.get("x-ratelimit-remaining") == "0"
    limited = limited or _SECONDARY in answered.body
    return answered.status in PASSING or bool(answered.status == 403 and limited)


def _may_pass(error: Exception) -> bool:
    """Tells whether another attempt may do better."""
    return not isinstance(error, _LASTING)


def _reason(error: Exception) -> str:
    return printable(str(getattr(error, "reason", "") or error) or type(error).__name__)


def printable(text: str) -> str:
    """Returns what may be shown of a text that came from outside."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_MAX_SAID]


def _remedy(answered: Answered) -> str:
    if answered.status == 401:
        return "GitHub does not know the token in GITHUB_TOKEN: let it be a valid one"
    if answered.status in (403, 404):
        return "let the token in GITHUB_TOKEN do this in the repository, and check the repository's name"
    if answered.status in (301, 302, 307, 308):
        return "the repository has moved: give the declaration its new name"
    return ""
