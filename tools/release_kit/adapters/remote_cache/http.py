"""A remote cache that speaks Bazel's HTTP cache protocol (https://bazel.build/remote/caching).

Content is at `/cas/` under the hexadecimal digits of its sha256.
"""

import os
import time
from collections.abc import Callable
from threading import Lock

from release_kit.adapters.registry.messages import Response, Sink
from release_kit.adapters.registry.patience import PASSING, Patience
from release_kit.adapters.registry.transport import ConnectionFailedError, Request, Transport, UnreachableError
from release_kit.adapters.registry.urls import Url
from release_kit.adapters.remote_cache.content import Download, PrivateFiles
from release_kit.documents.release_set import EAGER
from release_kit.errors import RegistryError, ReleaseError
from release_kit.values import digest as digests
from release_kit.values.image import Blob

_NOT_THERE = (404, 410)
_NO_HEAD = (405, 501)
_DENIED = (401, 403)
_CHECK = f"check the address, and that it can be reached from here; or run the same with {EAGER}"
_LOG_IN = (
    "name a user and a password in the address that RELEASE_KIT_REMOTE_CACHE has, or what the header Authorization is "
    "to have in RELEASE_KIT_REMOTE_CACHE_AUTHORIZATION"
)


class HttpCache:
    """Implements the port `RemoteCache`; follows no redirect, so that nobody else hears who we are."""

    def __init__(self, base: Url, authorization: str = "", patience: Patience | None = None) -> None:
        """Connects to nothing yet.

        Args:
            base: the URL that `/cas/` is added to.
            authorization: the value of the header Authorization; empty for none.
            patience: how often and how long to try again.
        """
        self.place = str(base)
        self._base = base
        self._headers = (("Authorization", authorization),) if authorization else ()
        self._patience = patience or Patience()
        self._transport = Transport(self._patience.times)
        self._files = PrivateFiles()
        self._locks: dict[str, Lock] = {}
        self._here: dict[str, Blob] = {}

    def close(self) -> None:
        """Removes all that was fetched and closes all connections."""
        self._files.close()
        self._transport.close()

    def has(self, blob: Blob) -> bool:
        """See the port. A cache that can't be asked may have it."""
        answer = self._call("HEAD", blob)
        if answer.status not in (200, *_NO_HEAD, *_NOT_THERE):
            raise self._refused(blob, answer)
        return answer.status not in _NOT_THERE

    def make_room(self, size: int) -> None:
        """See the port."""
        self._files.make_room(size)

    def fetch(self, blob: Blob) -> Blob | None:
        """See the port."""
        with self._locks.setdefault(blob.digest, Lock()):
            if blob.digest not in self._here:
                here = self._download(blob)
                if here is None:
                    return None
                self._here[blob.digest] = here
            return self._here[blob.digest]

    def _download(self, blob: Blob) -> Blob | None:
        path, descriptor = self._files.create(digests.hexadecimal(blob.digest))
        try:
            download = Download(blob, self.place, path, descriptor)
            answer = self._call("GET", blob, download.write, download.begin)
            if answer.status == 200:
                return download.finish()
        finally:
            os.close(descriptor)
        self._files.remove(path)
        if answer.status in _NOT_THERE:
            return None
        raise self._refused(blob, answer)

    def _call(
        self, method: str, blob: Blob, sink: Sink | None = None, begin: Callable[[], None] = lambda: None
    ) -> Response:
        """Asks for a blob, again after a passing failure; `begin` is called before each attempt."""
        target = f"{self._base.target}/cas/{digests.hexadecimal(blob.digest)}"
        request = Request(method, self._base._replace(target=target), self._headers, sink=sink)
        begun = time.monotonic()
        for attempt in range(1, self._patience.attempts + 1):
            begin()
            asked = 0.0
            try:
                answer = self._transport.send(request)
                if answer.status not in PASSING:
                    return answer
                asked = self._patience.asked(answer.header("retry-after"), self._base.host)
                if self._is_last(attempt, begun, asked):
                    return answer
            except RegistryError as error:
                is_passing = isinstance(error, ConnectionFailedError) and not isinstance(error, UnreachableError)
                if not is_passing or self._is_last(attempt, begun):
                    raise ReleaseError(f"the remote cache {error.message}", _CHECK) from None
            self._patience.sleep(max(asked, self._patience.wait(attempt)))
        raise AssertionError("the last attempt returns or raises")

    def _is_last(self, attempt: int, begun: float, asked: float = 0.0) -> bool:
        """Tells whether no further attempt is begun after this one, nor after the wait that is asked for."""
        return attempt == self._patience.attempts or time.monotonic() - begun + asked > self._patience.total

    def _refused(self, blob: Blob, answer: Response) -> ReleaseError:
        said = f"{blob.digest}: the remote cache {self.place} answered {answer.status}"
        return ReleaseError(said, _LOG_IN if answer.status in _DENIED else _CHECK)
