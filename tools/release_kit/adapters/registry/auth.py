"""Authorization: answers a registry's challenges with Basic or bearer tokens (distribution's token specification)."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from release_kit.adapters.registry import urls
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.messages import Response
from release_kit.adapters.registry.transport import Request
from release_kit.errors import RegistryError

DEFAULT_LIFETIME = 60.0
MAX_LIFETIME = 86_400.0
EARLY = 0.9
MAX_WIDE_SCOPE = 6000
READ, WRITE = "pull", "pull,push"
_WORD = r"""([A-Za-z][\w-]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s,"']+)))?"""


class Scope(NamedTuple):
    """What a request needs: to push to a repository, and to read another one that a blob is mounted from."""

    repository: str
    source: str = ""

    def texts(self, actions: str = WRITE) -> list[str]:
        """Returns the scopes as tokens name them."""
        texts = [f"repository:{self.repository}:{actions}"] if self.repository else []
        return [*texts, f"repository:{self.source}:pull"] if self.source not in ("", self.repository) else texts


class Token(NamedTuple):
    """A header and the moment from which it should be renewed."""

    header: str
    renew_at: float


class AccessDeniedError(RegistryError):
    """The registry or its token service lets us not in."""


class Authorizer:
    """Keeps one registry's tokens, shared by all threads.

    One token does for all repositories if the registry gives such a one, else there is one for each scope.
    """

    def __init__(
        self,
        host: str,
        credentials: Credentials,
        ask: Callable[[Request], Response],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Asks nobody for anything yet; `ask` sends a request to the token service."""
        self._host = host
        self._credentials = credentials
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._basic = ""
        self._challenge: dict[str, str] = {}
        self._repositories: tuple[str, ...] = ()
        self._wide: Token | None = None
        self._narrow: dict[Scope, Token] = {}
        self.actions = WRITE
        """What tokens are to allow in the repositories that are named."""
        self.secrets: set[str] = set(credentials.secrets())

    def announce(self, repositories: Iterable[str]) -> None:
        """Tells which repositories will be asked about, so that one token may do for all."""
        self._repositories = tuple(repositories)

    def header(self, scope: Scope) -> str:
        """Returns the Authorization header for a scope, renewed if it is about to expire; empty if none is known."""
        token = self._narrow.get(scope) or self._wide
        if token is None or self._clock() < token.renew_at:
            return token.header if token else self._basic
        with self._lock:
            return self._renew(scope, token.header)

    def answer(self, response: Response, scope: Scope, refused: str, shared: bool = True) -> str:
        """Returns a new header in answer to a 401.

        Args:
            response: the answer with `WWW-Authenticate`.
            scope: what the request needs.
            refused: the header that was refused; if another thread has replaced it meanwhile, that one is returned.
            shared: whether another request's token will do; tokens may be good for few requests.

        Raises:
            AccessDeniedError: there is no way in; says who was tried.
        """
        with self._lock:
            known = self._narrow.get(scope) or self._wide
            if shared and known and known.header != refused:
                return known.header
            challenges = parse_challenges(response.header("www-authenticate"))
            if "realm" in challenges.get("bearer", {}):
                self._challenge = challenges["bearer"]
                return self._renew(scope, refused)
            if "basic" in challenges and self._credentials.password and not refused:
                self._basic = self._credentials.basic()
                return self._basic
            raise self.denied()

    def denied(self) -> "AccessDeniedError":
        """Returns the error of a refusal."""
        who = f"the user {self._credentials.username}" if self._credentials.username else "nobody in particular"
        remedy = f"log in with `docker login {self._host}`, or name another configuration with DOCKER_CONFIG"
        return AccessDeniedError(f"{self._host}: access denied for {who}", remedy)

    def _renew(self, scope: Scope, refused: str) -> str:
        """Gets the widest token that has not been refused for this scope."""
        wide = [text for repository in self._repositories for text in Scope(repository).texts(self.actions)]
        if scope not in self._narrow and refused in ("", self._expired_wide()) and len(" ".join(wide)) < MAX_WIDE_SCOPE:
            token = self._token(wide or scope.texts(self.actions))
            if token:
                self._wide = token
                return token.header
        token = self._token(scope.texts(self.actions))
        if token is None:
            raise self.denied()
        self._narrow[scope] = token
        return token.header

    def _expired_wide(self) -> str:
        """Returns the wide header if it is old enough to have expired: then a refusal does not speak against it."""
        return self._wide.header if self._wide and self._clock() >= self._wide.renew_at else ""

    def _token(self, scopes: list[str]) -> Token | None:
        asked = self._clock()
        response = self._ask(self._token_request(scopes))
        if response.status in (404, 405) and self._credentials.password:
            response = self._ask(self._grant_request(scopes))
        try:
            answer = json.loads(response.body) if response.status == 200 else {}
            text = answer.get("token") or answer.get("access_token")
            lifetime = _lifetime(answer.get("expires_in"))
        except (ValueError, AttributeError, RecursionError):
            return None
        if not isinstance(text, str) or not text.isascii() or not text.isprintable() or " " in text:
            return None
        self.secrets.add(text)
        return Token(f"Bearer {text}", asked + lifetime * EARLY)

    def _token_request(self, scopes: list[str]) -> Request:
        """Returns the request of distribution's token specification; an identity token takes the OAuth 2.0 one."""
        if self._credentials.identity_token:
            return self._grant_request(scopes)
        parameters = [*self._service(), *(("scope", scope) for scope in scopes)]
        request = Request("GET", self._realm().with_query(urls.query(parameters)))
        return (
            request.with_header("Authorization", self._credentials.basic()) if self._credentials.password else request
        )

    def _grant_request(self, scopes: list[str]) -> Request:
        """Returns the request of distribution's OAuth 2.0 specification."""
        known = self._credentials
        if known.identity_token:
            grant = [("grant_type", "refresh_token"), ("refresh_token", known.identity_token)]
        else:
            grant = [("grant_type", "password"), ("username", known.username), ("password", known.password)]
        form = [*grant, *self._service(), ("scope", " ".join(scopes)), ("client_id", "release-kit")]
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        return Request("POST", self._realm(), (kind,), urls.query(form).encode())

    def _service(self) -> list[tuple[str, str]]:
        return [("service", self._challenge["service"])] if "service" in self._challenge else []

    def _realm(self) -> urls.Url:
        realm = urls.parse(self._challenge["realm"])
        if realm is None:
            raise RegistryError(f"{self._host}: its challenge names a realm that is no URL")
        return realm


def _lifetime(told: object) -> float:
    """Returns the seconds that a token is good for; what a token service says of it may be anything."""
    try:
        seconds = float(told) if isinstance(told, int | float | str) else DEFAULT_LIFETIME
    except (ValueError, OverflowError):
        return DEFAULT_LIFETIME
    return min(seconds, MAX_LIFETIME) if seconds > 0 else DEFAULT_LIFETIME


def parse_challenges(header: str) -> dict[str, dict[str, str]]:
    """Reads a WWW-Authenticate header, or several joined with commas (RFC 9110, section 11.6.1).

    Returns:
        Scheme in lower case to its parameters; values in double, single or no quotes.
    """
    challenges: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for match in re.finditer(_WORD, header):
        name, double, single, bare = match.groups()
        value = next((value for value in (double, single, bare) if value is not None), None)
        if value is None:
            current = challenges.setdefault(name.lower(), {})
        else:
            current[name.lower()] = re.sub(r"\\(.)", r"\1", value)
    return challenges
