"""One registry's requests: authorized, redirected, throttled and tried again, whatever operation they belong to."""

import json
import time
from collections.abc import Callable, Iterable

from release_kit.adapters.registry import urls
from release_kit.adapters.registry.auth import READ, Authorizer, Scope
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.messages import Response
from release_kit.adapters.registry.patience import PASSING, Patience, Throttle
from release_kit.adapters.registry.transport import ConnectionFailedError, Request, Transport
from release_kit.adapters.registry.urls import Url
from release_kit.errors import RegistryError

MAX_REDIRECTS = 5
MAX_CHALLENGES = 3
TOKEN_ATTEMPTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Session:
    """Sends requests to one registry; safe to use from several threads."""

    def __init__(self, base: Url, credentials: Credentials, patience: Patience, concurrency: int) -> None:
        """Connects to nothing yet; `base` is the URL of the registry's root."""
        self.base = base
        self.patience = patience
        self._transport = Transport(patience.times)
        self._authorizer = Authorizer(base.host, credentials, self._ask_token)
        self._throttle = Throttle(concurrency)
        self.tell: Callable[[str], None] | None = None

    def close(self) -> None:
        """Closes all idle connections."""
        self._transport.close()

    def announce(self, repositories: Iterable[str]) -> None:
        """Tells which repositories will be asked about."""
        self._authorizer.announce(repositories)

    def only_reads(self) -> None:
        """Lets tokens allow no more than to read."""
        self._authorizer.actions = READ

    def request(self, method: str, path: str, *headers: tuple[str, str], body: bytes | None = None) -> Request:
        """Returns a request to a path of the registry."""
        return Request(method, self.base._replace(target=path), headers, body)

    def call(self, request: Request, scope: Scope, attempts: int = 0) -> Response:
        """Sends a request, again after a passing failure.

        Args:
            request: what to send; its body must bear being sent again.
            scope: what a token must allow.
            attempts: how often to try; as often as patience allows where it is 0.

        Returns:
            The answer, also if it says no.

        Raises:
            RegistryError: the registry can't be reached, denies access, or asks for more patience than there is.
        """
        attempts = attempts or self.patience.attempts
        begun = time.monotonic()
        for attempt in range(1, attempts):
            try:
                response = self.once(request, scope)
                if response.status not in PASSING:
                    return response
                asked = self.patience.asked(response.header("retry-after"), self.base.host)
                if time.monotonic() - begun + asked > self.patience.total:
                    return response
            except ConnectionFailedError:
                asked = 0.0
                if time.monotonic() - begun > self.patience.total:
                    raise
            self.patience.sleep(max(asked, self.patience.wait(attempt)))
        return self.once(request, scope)

    def once(self, request: Request, scope: Scope) -> Response:
        """Sends a request a single time, but for the answers to a challenge and to redirects."""
        begun = time.monotonic()
        answer = "no answer"
        try:
            with self._throttle:
                response = self._followed(request, scope)
            self._throttle.answered(response.status)
            answer = str(response.status)
        finally:
            if self.tell:
                path = request.url.target.partition("?")[0]
                self.tell(f"{request.method} {path}: {answer} after {(time.monotonic() - begun) * 1000:.0f} ms")
        return response

    def locate(self, request: Request, response: Response) -> Url | None:
        """Returns what an answer's Location means; plain HTTP on our own host is taken as our own scheme."""
        url = urls.resolve(request.url, response.header("location"))
        return url._replace(scheme=self.base.scheme) if url and url.host == self.base.host else url

    def fail(self, request: Request, response: Response) -> RegistryError:
        """Returns the error of an answer that was not expected; a secret that it repeats is not shown."""
        path = request.url.target.partition("?")[0]
        denied = response.status in (401, 403)
        remedy = f"check that this user may push there; `docker login {self.base.host}` logs in anew" if denied else ""
        if response.status == 400 and "sha512:" in request.url.target:
            remedy = "not every registry takes digests of sha512: let the build name this content by sha256"
        said = self.redact(reason(response))
        return RegistryError(
            f"{self.base.host}: {request.method} {path} was answered {response.status}{said and f' ({said})'}", remedy
        )

    def redact(self, text: str) -> str:
        """Returns a text of the registry's so that it can be printed: no secrets, no control characters, not long."""
        for secret in sorted(self._authorizer.secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return "".join(character if character.isprintable() else " " for character in text)[:300]

    def _followed(self, request: Request, scope: Scope) -> Response:
        for _ in range(MAX_REDIRECTS):
            response = self._authorized(request, scope)
            if response.status not in _REDIRECTS or not response.header("location"):
                return response
            url = self.locate(request, response)
            if url is None:
                raise RegistryError(f"{self.base.host}: redirects to what is no http or https URL")
            request = request._replace(url=url)
        raise RegistryError(f"{self.base.host}: redirects more than {MAX_REDIRECTS} times")

    def _authorized(self, request: Request, scope: Scope) -> Response:
        if (request.url.scheme, request.url.host) != (self.base.scheme, self.base.host):
            return self._transport.send(request)  # Another host, such as an upload's store, gets no credentials.
        header = self._authorizer.header(scope)
        response = self._transport.send(_with(request, header))
        for attempt in range(MAX_CHALLENGES):
            if response.status != 401:
                break
            header = self._authorizer.answer(response, scope, header, shared=attempt < MAX_CHALLENGES - 1)
            response = self._transport.send(_with(request, header))
        return response

    def _ask_token(self, request: Request) -> Response:
        """Sends a request to a token service, again after a passing failure."""
        for attempt in range(1, self.patience.attempts):
            try:
                response = self._transport.send(request)
                if response.status not in PASSING:
                    return response
            except ConnectionFailedError:
                if attempt == TOKEN_ATTEMPTS:
                    raise
            self.patience.sleep(self.patience.wait(attempt))
        return self._transport.send(request)


def _with(request: Request, header: str) -> Request:
    return request.with_header("Authorization", header) if header else request


def error_code(response: Response) -> str:
    """Returns the code of the first error in an answer's body (distribution-spec, "Error Codes"); empty if none."""
    return _first_error(response)[0]


def reason(response: Response) -> str:
    """Returns the first error in an answer's body as `CODE: message`, not yet safe to print; empty if none."""
    return ": ".join(filter(None, _first_error(response)))


def _first_error(response: Response) -> tuple[str, str]:
    try:
        first = json.loads(response.body)["errors"][0]
        return str(first.get("code", "")), str(first.get("message", ""))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return "", ""
