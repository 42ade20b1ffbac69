"""Who may do what: Basic, and bearer tokens in the dialects that registries speak."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.messages import Answer, error
from tests.support.fault_registry.routes import Endpoint

Access = frozenset[tuple[str, str]]
"""Pairs (repository, action); actions are pull and push."""


class Guard(Protocol):
    """Lets requests in, or says how to come in."""

    def admit(self, exchange: Exchange) -> Answer | None:
        """Returns None for a request that may go on, else its answer."""

    def token(self, exchange: Exchange) -> Answer:
        """Answers a request to the token service."""

    def secrets(self) -> frozenset[str]:
        """Returns every password and token so far: none of them may turn up in any output."""


@dataclass(slots=True)
class NoAuth:
    """Everybody may do everything."""

    def admit(self, exchange: Exchange) -> Answer | None:
        """See Guard."""
        return None

    def token(self, exchange: Exchange) -> Answer:
        """See Guard."""
        return error(404, "UNSUPPORTED", "there is no token service")

    def secrets(self) -> frozenset[str]:
        """See Guard."""
        return frozenset()


@dataclass(slots=True)
class BasicAuth:
    """A user and a password with each request."""

    users: Mapping[str, str]
    realm: str = "registry"

    def admit(self, exchange: Exchange) -> Answer | None:
        """See Guard."""
        if basic_user(exchange.request.header("Authorization"), self.users):
            return None
        return error(
            401, "UNAUTHORIZED", "authentication required", [("WWW-Authenticate", f'Basic realm="{self.realm}"')]
        )

    def token(self, exchange: Exchange) -> Answer:
        """See Guard."""
        return error(404, "UNSUPPORTED", "there is no token service")

    def secrets(self) -> frozenset[str]:
        """See Guard."""
        return frozenset(self.users.values())


class ManualClock:
    """A clock that only a test moves."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        """Stands still at `now` seconds."""
        self.now = now

    def __call__(self) -> float:
        """Returns seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Moves on."""
        self.now += seconds


def anybody(user: str, repository: str, action: str) -> bool:
    """Permits everything to everybody."""
    return True


@dataclass(slots=True)
class Dialect:
    """How a token service and its challenges differ from others."""

    realm: Literal["registry", "token", "other"] = "registry"
    """The listener that serves the tokens: `token` and `other` are other ports."""
    fields: tuple[str, ...] = ("token",)
    """In which fields the token is answered: token, access_token, or both."""
    expires_in: int | None = 300
    """What an answer says; None leaves it out (60 seconds then, by the token specification)."""
    quote: Literal['"', "'", ""] = '"'
    challenges: tuple[Literal["bearer", "basic", "negotiate"], ...] = ("bearer",)
    """In this order; where Basic is among them, the registry takes it too."""
    one_header: bool = True
    """Whether several challenges share one WWW-Authenticate header."""
    several_scopes: bool = True
    """Whether a token can have several scopes; else only the first one of a question is granted."""
    get: bool = True
    post: bool = True
    """Whether the service answers GET, and POST (OAuth2)."""
    mount_unseen: Literal["challenge", "session"] = "challenge"
    """What a mount is answered whose token can't pull from the source: 401 with both scopes (distribution), or 202."""
    name_scope: bool = True
    """Whether challenges name the scope."""


@dataclass(slots=True)
class BearerAuth:
    """Bearer tokens (distribution's token specification); `tokens.py` serves them."""

    users: Mapping[str, str] = field(default_factory=dict)
    identity_tokens: Mapping[str, str] = field(default_factory=dict)
    """Refresh tokens and whose they are."""
    anonymous: frozenset[str] = frozenset()
    """Actions that a token for nobody grants."""
    uses: int | None = None
    """How many requests a token is good for; None is without limit."""
    lifetime: float = 300.0
    """Seconds of `clock` that a token lives."""
    clock: Callable[[], float] = field(default_factory=ManualClock)
    may: Callable[[str, str, str], bool] = anybody
    """Tells whether (user, repository, action) is permitted; the user is empty for nobody."""
    dialect: Dialect = field(default_factory=Dialect)


def needed(exchange: Exchange) -> Access:
    """Returns what access a request takes."""
    request, repository = exchange.request, exchange.repository
    if not repository:
        return frozenset()
    if request.method in ("GET", "HEAD") and request.route.endpoint is not Endpoint.SESSION:
        return frozenset({(repository, "pull")})
    source = request.parameter("from") if request.route.endpoint is Endpoint.UPLOADS else None
    mounted = {(source, "pull")} if source else set()
    return frozenset({(repository, "pull"), (repository, "push"), *mounted})


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Returns user and password of an Authorization header, None where it isn't Basic."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def basic_user(header: str, users: Mapping[str, str]) -> str | None:
    """Returns the user that an Authorization header proves, None where it proves none."""
    found = basic_credentials(header)
    return found[0] if found and users.get(found[0]) == found[1] else None
