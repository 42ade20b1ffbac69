"""The token service of BearerAuth, and the check of the tokens it gave out."""

import itertools
import json
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tests.support.fault_registry.auth import Access, BearerAuth, basic_user, needed
from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.messages import Answer, error
from tests.support.secret_search import secret

MAX_FORM_BYTES = 64 * 1024


@dataclass(slots=True)
class _Token:
    user: str
    access: Access
    expires: float
    uses: int | None


class TokenGuard:
    """Implements Guard with bearer tokens."""

    def __init__(self, auth: BearerAuth) -> None:
        """Has given out no token yet."""
        self._auth = auth
        self._tokens: dict[str, _Token] = {}
        self._refresh = dict(auth.identity_tokens)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def secrets(self) -> frozenset[str]:
        """See Guard."""
        with self._lock:
            return frozenset((*self._auth.users.values(), *self._tokens, *self._refresh))

    def revoke(self) -> None:
        """Makes every token invalid that was given out so far."""
        with self._lock:
            for token in self._tokens.values():
                token.expires = float("-inf")

    def admit(self, exchange: Exchange) -> Answer | None:
        """See Guard."""
        header = exchange.request.header("Authorization")
        if "basic" in self._auth.dialect.challenges and basic_user(header, self._auth.users):
            return None
        access = needed(exchange)
        problem = self._problem(header, access)
        if problem == "insufficient_scope" and self._auth.dialect.mount_unseen == "session":
            exchange.may_mount = False
            access = frozenset(pair for pair in access if pair[0] == exchange.repository)
            problem = self._problem(header, access)
        if problem is None:
            return None
        challenges = self._challenges(exchange, access, problem)
        return error(401, "UNAUTHORIZED", "authentication required", challenges)

    def token(self, exchange: Exchange) -> Answer:
        """See Guard."""
        method, dialect = exchange.request.method, self._auth.dialect
        if method == "GET" and dialect.get:
            return self._by_get(exchange)
        if method == "POST" and dialect.post:
            return self._by_post(exchange)
        return error(405, "UNSUPPORTED", f"the token service has no {method}")

    def _problem(self, header: str, access: Access) -> str | None:
        """Returns why a token doesn't do, None if it does; counts one use of it."""
        scheme, _, text = header.partition(" ")
        with self._lock:
            token = self._tokens.get(text) if scheme.lower() == "bearer" else None
            if token is None:
                return "invalid_token" if header else ""
            if token.expires <= self._auth.clock() or token.uses == 0:
                return "invalid_token"
            if not access <= token.access:
                return "insufficient_scope"
            token.uses = None if token.uses is None else token.uses - 1
            return None

    def _challenges(self, exchange: Exchange, access: Access, problem: str) -> list[tuple[str, str]]:
        dialect = self._auth.dialect
        parameters = {"realm": exchange.world.url(dialect.realm, "/token"), "service": "fault-registry"}
        if access and dialect.name_scope:
            parameters["scope"] = scope_text(access, exchange.repository)
        if problem:
            parameters["error"] = problem
        quote = dialect.quote
        bearer = "Bearer " + ",".join(f"{name}={quote}{value}{quote}" for name, value in parameters.items())
        texts = {"bearer": bearer, "basic": 'Basic realm="registry"', "negotiate": "Negotiate"}
        chosen = [texts[name] for name in dialect.challenges]
        return [("WWW-Authenticate", text) for text in ([", ".join(chosen)] if dialect.one_header else chosen)]

    def _by_get(self, exchange: Exchange) -> Answer:
        header = exchange.request.header("Authorization")
        user = basic_user(header, self._auth.users)
        if user is None and (header or not self._auth.anonymous):
            return _denied()
        offline = exchange.request.parameter("offline_token") == "true"
        return self._grant(user or "", exchange.request.parameters("scope"), offline)

    def _by_post(self, exchange: Exchange) -> Answer:
        form = dict(parse_qsl((exchange.request.body.read(MAX_FORM_BYTES) or b"").decode("ascii", "replace")))
        user = self._user(form)
        if user is None:
            return _denied()
        return self._grant(user, [form.get("scope", "")], form.get("access_type") == "offline", oauth=True)

    def _user(self, form: dict[str, str]) -> str | None:
        if not form.get("service") or not form.get("client_id"):
            return None  # Both are required (token specification, "OAuth2").
        if form.get("grant_type") == "refresh_token":
            with self._lock:
                return self._refresh.get(form.get("refresh_token", ""))
        name = form.get("username", "")
        known = form.get("grant_type") == "password" and name in self._auth.users
        return name if known and self._auth.users[name] == form.get("password") else None

    def _grant(self, user: str, scopes: list[str], offline: bool, oauth: bool = False) -> Answer:
        dialect = self._auth.dialect
        wanted = [scope for text in scopes for scope in text.split()]
        access = self._permitted(user, wanted if dialect.several_scopes else wanted[:1])
        with self._lock:
            text = secret(f"token-{next(self._numbers)}-{secrets.token_hex(16)}")
            self._tokens[text] = _Token(user, access, self._auth.clock() + self._auth.lifetime, self._auth.uses)
        document: dict[str, object] = dict.fromkeys(("access_token",) if oauth else dialect.fields, text)
        if dialect.expires_in is not None:
            document["expires_in"] = dialect.expires_in
        if offline and user:
            document["refresh_token"] = self._lasting(user)
        return Answer(200, [("Content-Type", "application/json")], json.dumps(document).encode())

    def _permitted(self, user: str, scopes: Iterable[str]) -> Access:
        pairs = {pair for scope in scopes for pair in _pairs(scope)}
        allowed = {pair for pair in pairs if self._auth.may(user, *pair)}
        return frozenset(pair for pair in allowed if user or pair[1] in self._auth.anonymous)

    def _lasting(self, user: str) -> str:
        with self._lock:
            text = secret(f"refresh-{next(self._numbers)}-{secrets.token_hex(16)}")
            self._refresh[text] = user
            return text


def scope_text(access: Access, first: str) -> str:
    """Returns access as scopes, such as `repository:a:pull,push repository:b:pull`, that of `first` in front."""
    repositories = sorted({repository for repository, _ in access}, key=lambda name: (name != first, name))
    actions = {name: ",".join(sorted(act for where, act in access if where == name)) for name in repositories}
    return " ".join(f"repository:{name}:{actions[name]}" for name in repositories)


def _pairs(scope: str) -> list[tuple[str, str]]:
    kind, _, rest = scope.partition(":")
    repository, _, actions = rest.rpartition(":")
    return [(repository, action) for action in actions.split(",")] if kind == "repository" else []


def _denied() -> Answer:
    return error(401, "UNAUTHORIZED", "incorrect username or password", [("WWW-Authenticate", 'Basic realm="token"')])
