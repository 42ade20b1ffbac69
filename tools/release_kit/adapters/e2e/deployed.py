"""What scenarios talk to: the deployment, over HTTP."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import urllib3

from release_kit.adapters.web import Pool

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0


class Response(NamedTuple):
    """What was answered."""

    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes
    elapsed: float
    """Seconds from the request to the end of the answer."""

    def __repr__(self) -> str:
        """Returns status, time and the beginning of the body, as a failed assertion shows it."""
        return f"<{self.status} after {self.elapsed:.3f} s: {self.text[:500]}>"

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @property
    def json(self) -> Any:
        """The body as JSON; an AssertionError where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise AssertionError(f"expected JSON, found {self!r}") from None


class Deployed:
    """The deployment at one address; follows no redirect, tries nothing again, keeps no cookies."""

    def __init__(self, url: str, version: str, hear: Callable[[str], None] = lambda _: None) -> None:
        """Asks nothing yet.

        Args:
            url: where it is, without a slash at its end.
            version: which one it has to be.
            hear: is told each token that is sent.
        """
        self.url, self.version = url, version
        self._hear = hear
        self._pool = Pool(CONNECT_SECONDS, READ_SECONDS)

    def close(self) -> None:
        """Closes idle connections."""
        self._pool.close()

    def get(self, path: str, **more: Any) -> Response:
        """Sends GET; see `request`."""
        return self.request("GET", path, **more)

    def post(self, path: str, json: object = None, **more: Any) -> Response:
        """Sends POST, with a value as JSON; see `request`."""
        return self.request("POST", path, json=json, **more)

    def put(self, path: str, json: object = None, **more: Any) -> Response:
        """Sends PUT, with a value as JSON; see `request`."""
        return self.request("PUT", path, json=json, **more)

    def delete(self, path: str, **more: Any) -> Response:
        """Sends DELETE; see `request`."""
        return self.request("DELETE", path, **more)

    def request(
        self,
        method: str,
        path: str,
        json: object = None,
        token: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Sends a request and returns what is answered, whatever its status.

        Args:
            method: such as GET.
            path: below the address, with its query; begins with a slash.
            json: is sent as JSON; None: there is no body.
            token: is sent as `Authorization: Bearer TOKEN`; empty: it is not.
            headers: more of them.

        Raises:
            AssertionError: nobody answers.
        """
        if not path.startswith("/"):
            raise ValueError(f"expected a path that begins with /, found {path!r}")
        sent = {"Accept": "application/json", **(headers or {})}
        if token:
            self._hear(token)
            sent["Authorization"] = f"Bearer {token}"
        return self._sent(method, path, sent, json)

    def _sent(self, method: str, path: str, headers: dict[str, str], value: object) -> Response:
        body = None
        if value is not None:
            body = json.dumps(value).encode()
            headers["Content-Type"] = "application/json"
        began = time.perf_counter()
        try:
            status, answered, content = self._pool.send(method, self.url + path, headers, body)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            # Not the error's own words: they may have a proxy's password in them.
            raise AssertionError(f"{method} {path}: no answer: {type(error).__name__}") from None
        return Response(status, answered, content, time.perf_counter() - began)
