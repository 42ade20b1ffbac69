"""Requests over HTTP for all but the registry: urllib3, with proxies of the environment and sizes that are bearable."""

from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from release_kit.values.reference import is_loopback

MAX_BYTES = 16 * 1024 * 1024


class TooLargeError(urllib3.exceptions.HTTPError):
    """An answer has more bytes than anybody would send."""


class Pool:
    """Kept-alive connections to any host; follows no redirect and tries nothing again. Safe for several threads."""

    def __init__(self, connect_seconds: float, read_seconds: float, max_bytes: int = MAX_BYTES) -> None:
        """Opens nothing yet."""
        timeout = urllib3.Timeout(connect=connect_seconds, read=read_seconds)
        self._settings = {"timeout": timeout, "retries": False, "maxsize": 8}
        self._direct = urllib3.PoolManager(**self._settings)  # type: ignore[arg-type]
        self._proxies: dict[str, urllib3.ProxyManager] = {}
        self._max_bytes = max_bytes

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, urllib3.HTTPHeaderDict, bytes]:
        """Sends a request and reads the whole answer.

        Returns:
            The status, the headers and the body.

        Raises:
            urllib3.exceptions.HTTPError: nobody answers, or not as HTTP has it, or too much.
        """
        response = self._manager(url).request(
            method, url, headers=headers, body=body, redirect=False, preload_content=False
        )
        try:
            content = response.read(self._max_bytes + 1)
        except BaseException:
            response.close()
            raise
        if len(content) > self._max_bytes:
            response.close()
            raise TooLargeError(f"the answer has more than {self._max_bytes} bytes")
        response.release_conn()
        return response.status, response.headers, content

    def close(self) -> None:
        """Closes idle connections."""
        for manager in (self._direct, *self._proxies.values()):
            manager.clear()

    def _manager(self, url: str) -> urllib3.PoolManager:
        parts = urlsplit(url)
        proxy = getproxies().get(parts.scheme, "")
        host = parts.netloc.rpartition("@")[2]
        if not proxy or is_loopback(host) or proxy_bypass(host):
            return self._direct
        if proxy not in self._proxies:
            self._proxies[proxy] = urllib3.ProxyManager(proxy, **self._settings)  # type: ignore[arg-type]
        return self._proxies[proxy]
