"""Answers a registry's challenge with Basic or with a bearer token (distribution's token specification)."""

import json
import re
import threading
from urllib.parse import urlencode, urlsplit

from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.transport import Request, Response, Transport
from release_kit.errors import RegistryError

_PARAMETER = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"|(\w+)=([^",\s]+)')


class Authorizer:
    """Keeps one registry's tokens, one for each scope, shared by all threads."""

    def __init__(self, host: str, credentials: Credentials, transport: Transport) -> None:
        """Asks nobody for anything yet."""
        self._host = host
        self._credentials = credentials
        self._transport = transport
        self._headers: dict[str, str] = {}
        self._lock = threading.Lock()

    def header(self, scope: str) -> str:
        """Returns the Authorization header for a scope; empty where none is known to be needed."""
        return self._headers.get(scope) or self._headers.get("", "")

    def answer(self, challenge: Response, scope: str, refused: str) -> str:
        """Returns a new header in answer to a 401.

        Args:
            challenge: the answer with `WWW-Authenticate`.
            scope: such as `repository:shop/core:pull,push`.
            refused: the header that was refused; if another thread has replaced it meanwhile, that one is returned.

        Raises:
            RegistryError: there is no way in; says which credentials were tried.
        """
        with self._lock:
            known = self.header(scope)
            if known and known != refused:
                return known
            scheme, parameters = _parse(challenge.header("WWW-Authenticate"))
            if scheme == "basic" and self._credentials.password and not refused:
                self._headers[""] = self._credentials.basic()
            elif scheme == "bearer" and "realm" in parameters:
                self._headers[scope] = "Bearer " + self._token(parameters, scope)
            else:
                raise self._denied()
            return self.header(scope)

    def _token(self, parameters: dict[str, str], scope: str) -> str:
        response = self._transport.send(self._token_request(parameters, scope))
        try:
            answer = json.loads(response.body) if response.status == 200 else {}
            token = answer.get("token") or answer.get("access_token")
        except (ValueError, AttributeError):
            token = None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise self._denied()
        return token

    def _token_request(self, parameters: dict[str, str], scope: str) -> Request:
        realm, service = parameters["realm"], parameters.get("service", "")
        if urlsplit(realm).scheme not in ("http", "https"):
            raise RegistryError(f"{self._host}: its challenge names a realm that is no URL: {realm!r:.200}")
        if self._credentials.identity_token:
            form = {"grant_type": "refresh_token", "service": service, "scope": scope, "client_id": "release-kit"}
            body = urlencode(form | {"refresh_token": self._credentials.identity_token}).encode()
            return Request("POST", realm, {"Content-Type": "application/x-www-form-urlencoded"}, body)
        query = urlencode({"service": service, "scope": scope})
        headers = {"Authorization": self._credentials.basic()} if self._credentials.password else {}
        return Request("GET", f"{realm}{'&' if '?' in realm else '?'}{query}", headers)

    def _denied(self) -> RegistryError:
        who = f"the user {self._credentials.username}" if self._credentials.username else "nobody in particular"
        remedy = f"log in with `docker login {self._host}`, or name another configuration with DOCKER_CONFIG"
        return RegistryError(f"{self._host}: access denied for {who}", remedy)


def _parse(challenge: str) -> tuple[str, dict[str, str]]:
    scheme, _, rest = challenge.strip().partition(" ")
    parameters = {}
    for quoted, value, bare, plain in _PARAMETER.findall(rest):
        parameters[(quoted or bare).lower()] = re.sub(r"\\(.)", r"\1", value) if quoted else plain
    return scheme.lower(), parameters
