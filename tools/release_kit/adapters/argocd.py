"""Argo CD's API (server/application/application.proto, v3.5.1: ApplicationService.Get), by urllib3.

The token goes to that server in the Authorization header (docs/developer-guide/api-docs.md), and nowhere else:
redirects are not followed.
"""

import json
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import urllib3

import release_kit
from release_kit.adapters.registry.patience import PASSING
from release_kit.adapters.web import Pool
from release_kit.documents.places import ArgoCD
from release_kit.errors import InputError, ReleaseError
from release_kit.values.application import ApplicationState, Operation, UnavailableError
from release_kit.values.reference import is_loopback
from release_kit.values.web_address import is_web_address

TOKEN = "ARGOCD_AUTH_TOKEN"
"""The environment variable that has the token; the program argocd reads the same."""
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
"""A refresh is answered when it is over."""
MAX_BYTES = 8 * 1024 * 1024
_MAX_TEXT = 300
_MAX_TEXTS = 20


class HttpApplications:
    """Implements the port Applications."""

    def __init__(self, server: str, place: ArgoCD, token: str, read_seconds: float = READ_SECONDS) -> None:
        """Asks nothing yet.

        Args:
            server: as `address` returns it.
            place: the Applications' namespace and project.
            token: as `checked_token` returns it.
            read_seconds: how long an answer may keep silent.
        """
        self._server, self._place, self._token = server, place, token
        self._pool = Pool(CONNECT_SECONDS, read_seconds, MAX_BYTES)

    def close(self) -> None:
        """Closes idle connections."""
        self._pool.close()

    def page(self, name: str) -> str:
        """Returns the address of an Application's page, for people."""
        return f"{self._server}/applications/{quote(self._place.namespace, safe='')}/{quote(name, safe='')}"

    def look(self, name: str, refresh: bool) -> ApplicationState:
        """See the port.

        The project is named: without it, Argo CD answers 403 to who asks for an Application that is not there
        (server/application/application.go, v3.5.1: getAppEnforceRBAC).
        """
        query = {"appNamespace": self._place.namespace, "project": self._place.project}
        query |= {"refresh": "normal"} if refresh else {}
        url = f"{self._server}/api/v1/applications/{quote(name, safe='')}?{urlencode(query)}"
        status, body = self._answer(url)
        if status == 200:
            return self._state(body, name)
        message = f"{self._server}: Application {name}: {status} {self._said(body)}".rstrip()
        if status in PASSING:
            raise UnavailableError(message, "look whether Argo CD's server is well")
        raise ReleaseError(message, self._remedy(status))

    def _answer(self, url: str) -> tuple[int, bytes]:
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {self._token}",
            "User-Agent": f"release-kit/{release_kit.version()}",
        }
        try:
            status, _, body = self._pool.send("GET", url, headers)
        except (urllib3.exceptions.SSLError, urllib3.exceptions.LocationValueError) as error:
            remedy = "name the server as its certificate does; a certificate of one's own is named by SSL_CERT_FILE"
            raise ReleaseError(f"{self._server}: {self._printable(str(error))}", remedy) from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            said = self._printable(f"{type(error).__name__}: {error}")
            raise UnavailableError(f"{self._server}: {said}", "check that Argo CD can be reached from here") from None
        return status, body

    def _state(self, body: bytes, name: str) -> ApplicationState:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if _field(found, "metadata", "name") != name:
            remedy = "name Argo CD's own server, not a page before it where people log in"
            raise ReleaseError(f"{self._server}: answered with what is not the Application {name}", remedy)
        status = _field(found, "status")
        return ApplicationState(
            sync=self._text(status, "sync", "status"),
            revisions=self._revisions(_field(status, "sync")),
            health=self._text(status, "health", "status"),
            message=self._text(status, "health", "message"),
            operation=self._operation(_field(status, "operationState"), bool(_field(found, "operation"))),
            conditions=tuple(
                f"{self._text(each, 'type')}: {self._text(each, 'message')}"
                for each in _items(status, "conditions")[:_MAX_TEXTS]
            ),
            unjudged=tuple(
                self._text(each, "name")
                for each in _items(status, "resources")
                if (_field(each, "group"), _field(each, "kind")) == ("argoproj.io", "Application")
                and not self._text(each, "health", "status")
            ),
        )

    def _operation(self, state: object, is_asked_for: bool) -> Operation:
        """Reads the newest sync; one that failed early has no result, and names only what it was to apply."""
        phase = self._text(state, "phase")
        tried = self._revisions(_field(state, "syncResult")) + self._revisions(_field(state, "operation", "sync"))
        return Operation("Running" if is_asked_for else phase, self._text(state, "message"), tried)

    def _revisions(self, holder: object) -> tuple[str, ...]:
        """Returns `revision`, and `revisions` where an Application has several sources."""
        texts = [_field(holder, "revision"), *_items(holder, "revisions")[:_MAX_TEXTS]]
        return tuple(self._printable(text) for text in texts if isinstance(text, str) and text)

    def _said(self, body: bytes) -> str:
        try:
            return self._text(json.loads(body), "message")
        except (ValueError, RecursionError):
            return ""

    def _text(self, holder: object, *path: str) -> str:
        found = _field(holder, *path)
        return self._printable(found) if isinstance(found, str) else ""

    def _printable(self, text: str) -> str:
        told = text[: 100 * _MAX_TEXT].replace(self._token, "***")
        return " ".join("".join(letter if letter.isprintable() else " " for letter in told).split())[:_MAX_TEXT]

    def _remedy(self, status: int) -> str:
        project, namespace = self._place.project, self._place.namespace
        if status == 401:
            return f"Argo CD does not know the token in {TOKEN}, or it has expired: make a new one"
        if status == 403:
            return f"let the token's account do this: p, ACCOUNT, applications, get, {project}/*, allow"
        if status == 404:
            return f"apply what is generated; it has to be in the project {project} and the namespace {namespace}"
        if 300 <= status < 400:
            return "it sends elsewhere, where the token must not go: name the server itself, with https:// or http://"
        return "check that this is Argo CD's own server"


def address(text: str, place: str, insecure: bool) -> str:
    """Returns the address of a server, without a slash at its end.

    Args:
        text: HOST[:PORT], as the program argocd takes it, or an address of http or https; it may have a path.
        place: what errors call it.
        insecure: plain HTTP may be spoken to others than loopback, and is where no scheme is named.

    Raises:
        InputError: it is none, or names plain HTTP that is not allowed.
    """
    scheme, has_scheme, rest = text.partition("://")
    if not has_scheme:
        rest = text
        scheme = "http" if insecure or is_loopback(text.partition("/")[0]) else "https"
    url = f"{scheme}://{rest}".rstrip("/")
    if not is_web_address(url) or any(letter in url for letter in "?#\\"):
        shown = "an address with a user or password" if "@" in text else repr(text[:100])
        raise InputError(f"{place}: expected HOST[:PORT] or https://HOST[:PORT][/PATH], found {shown}")
    if scheme == "http" and not (insecure or is_loopback(urlsplit(url).netloc)):
        raise InputError(
            f"{place}: {url} would get the token in plain HTTP", "name it with https://, or add --insecure"
        )
    return url


def checked_token(token: str) -> str:
    """Returns a token that could be one.

    Raises:
        InputError: there is none, or none that could be one.
    """
    if token and token.isascii() and token.isprintable() and " " not in token:
        return token
    found = "what is there is none" if token else "it is empty or not set"
    remedy = "let it be a token of an account that may get the Application: argocd account generate-token"
    raise InputError(f"Argo CD needs a token in {TOKEN}; {found}", remedy)


def _field(found: Any, *path: str) -> object:
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _items(holder: object, key: str) -> list[object]:
    found = _field(holder, key)
    return found if isinstance(found, list) else []
