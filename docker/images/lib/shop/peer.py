"""Calls to another service of the shop, over plain HTTP inside the cluster."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import SplitResult

from shop.messages import Answer, RefusedError, Request

TIMEOUT_SECONDS = 5
ANSWER_LIMIT = 4 * 1024 * 1024
"""The largest answer that is taken from another service, in bytes."""

_KEPT = frozenset({"allow", "retry-after", "www-authenticate"})


@dataclass(frozen=True)
class Peer:
    """Another service. Proxies of the environment are not asked, redirects not followed."""

    name: str
    url: SplitResult

    def get(self, target: str) -> Answer:
        """Sends GET `target`; see `send`."""
        return self.send(Request("GET", target))

    def send(self, request: Request) -> Answer:
        """Sends `request` and returns the answer, whatever its status.

        Raises:
            RefusedError: 502, the service does not answer, or not in HTTP, or too much.
        """
        connection = HTTPConnection(self.url.hostname or "", self.url.port or 80, timeout=TIMEOUT_SECONDS)
        try:
            target = self.url.path.rstrip("/") + request.target
            connection.request(request.method, target, request.body or None, dict(request.headers))
            return _answer(connection.getresponse())
        except (OSError, HTTPException) as error:
            print(f"{self.name} does not answer: {type(error).__name__}", file=sys.stderr, flush=True)
            raise self.unavailable("does not answer") from None
        finally:
            connection.close()

    def unavailable(self, what: str) -> RefusedError:
        """Returns the 502 that says `what` the service does wrong."""
        return RefusedError(HTTPStatus.BAD_GATEWAY, "upstream_unavailable", f"{self.name} {what}")


def _answer(response: HTTPResponse) -> Answer:
    body = response.read(ANSWER_LIMIT + 1)
    if len(body) > ANSWER_LIMIT:
        raise HTTPException("answer too large")
    content_type = response.headers.get("Content-Type", "application/octet-stream")
    return Answer(response.status, body, content_type, _kept(response.headers.items()))


def _kept(headers: list[tuple[str, str]]) -> Mapping[str, str]:
    return {name: value for name, value in headers if name.lower() in _KEPT}
