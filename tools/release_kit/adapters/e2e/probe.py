"""The health of what is deployed, asked over HTTP."""

import json
import threading
from contextlib import closing
from urllib.parse import urlsplit

import urllib3

import release_kit
from release_kit.adapters.web import Pool, TooLargeError
from release_kit.values.scenario_run import Answer

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
"""How long one answer may take with all of it."""
MAX_BYTES = 64 * 1024
_HEADERS = {"Accept": "application/json", "Connection": "close"}
"""A connection that is kept would stay with one of several servers behind a load balancer."""
_REASONS = (
    (urllib3.exceptions.NameResolutionError, "there is no such host"),
    (urllib3.exceptions.NewConnectionError, "refuses the connection"),
    (urllib3.exceptions.ConnectTimeoutError, "does not take the connection"),
    (urllib3.exceptions.ReadTimeoutError, "does not answer in time"),
    (urllib3.exceptions.SSLError, "its certificate is not trusted, or it does not speak TLS"),
    (urllib3.exceptions.ProxyError, "the proxy does not let it through"),
    (TooLargeError, f"answered more than {MAX_BYTES} bytes"),
)


class HttpDeployment:
    """Implements the port Deployment."""

    def __init__(self, url: str, total_seconds: float = TOTAL_SECONDS) -> None:
        """Asks nothing yet; `url` as `is_web_address` takes it, without a slash at its end."""
        self._url, self._total = url, total_seconds

    def ask(self, path: str, seconds: float) -> Answer:
        """See the port; nothing is followed, so a redirect is an answer like any other."""
        limit = min(seconds, self._total)
        found: list[Answer] = []
        # An answer that comes byte by byte keeps to all limits of single steps: whoever asks stops waiting for it.
        asking = threading.Thread(target=lambda: found.append(self._answer(path, limit)), daemon=True)
        asking.start()
        asking.join(limit)
        return found[0] if found else Answer(fault="does not answer in time")

    def _answer(self, path: str, seconds: float) -> Answer:
        try:
            headers = _HEADERS | {"User-Agent": f"release-kit/{release_kit.version()}"}
            with closing(Pool(min(CONNECT_SECONDS, seconds), min(READ_SECONDS, seconds), MAX_BYTES)) as pool:
                status, answered, body = pool.send("GET", self._url + path, headers)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return Answer(fault=_reason(error))
        if 300 <= status < 400:
            return Answer(status, fault=f"a redirect to {_host(answered.get('Location', ''))}")
        return _read(status, body)


def _read(status: int, body: bytes) -> Answer:
    try:
        return Answer(status, json.loads(body))
    except (ValueError, RecursionError):
        return Answer(status, fault="answered with what is no JSON")


def _reason(error: Exception) -> str:
    for kind, words in _REASONS:
        if isinstance(error, kind):
            return words
    return f"does not answer as HTTP has it ({type(error).__name__})"


def _host(location: str) -> str:
    """Returns where a redirect leads, so that it can be printed."""
    try:
        host = urlsplit(location).hostname or "another path of it"
    except ValueError:
        host = "nowhere"
    return "".join(letter if letter.isprintable() else "?" for letter in host)[:100]
