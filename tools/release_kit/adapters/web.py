"""Requests over HTTP for all but the registry: urllib3, with proxies of the environment and sizes that are bearable."""

import os
from collections.abc import Mapping
from urllib.parse import unquote

import urllib3

from release_kit.adapters.registry import proxies, urls

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
        parsed = urls.parse(url)
        proxy = proxies.choose(parsed, os.environ) if parsed else None
        if proxy is None:
            return self._direct
        if proxy not in self._proxies:
            user, _, place = proxy.rpartition("://")[2].rpartition("@")
            scheme = "https" if proxy.startswith("https://") else "http"
            headers = urllib3.make_headers(proxy_basic_auth=unquote(user)) if user else {}
            self._proxies[proxy] = urllib3.ProxyManager(f"{scheme}://{place}", proxy_headers=headers, **self._settings)  # type: ignore[arg-type]
        return self._proxies[proxy]
