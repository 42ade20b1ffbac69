"""A registry spoken to over HTTP (OCI distribution-spec 1.1): the port `Registry` for real."""

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit

from release_kit.adapters.registry.auth import Authorizer
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.transport import Request, Response, Transport
from release_kit.errors import RegistryError
from release_kit.values import digest as digests
from release_kit.values.image import INDEX_TYPES, MANIFEST_TYPES, Blob, Manifest

ATTEMPTS = 5
FIRST_WAIT_SECONDS = 0.25
MAX_WAIT_SECONDS = 30.0
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_ACCEPT = ", ".join(sorted(INDEX_TYPES | MANIFEST_TYPES))
_DIGEST = re.compile(r"sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})")
_STREAM = {"Content-Type": "application/octet-stream"}


class HttpRegistry:
    """Implements the port `Registry`; safe to use from several threads."""

    def __init__(
        self,
        host: str,
        credentials: Credentials,
        plain_http: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Connects to nothing yet.

        Args:
            host: HOST[:PORT].
            credentials: who we are to it.
            plain_http: speak HTTP without TLS.
            sleep: how to wait between two tries.
        """
        self.host = host
        self._base = f"{'http' if plain_http else 'https'}://{host}"
        self._secrets = credentials.secrets()
        self._transport = Transport()
        self._authorizer = Authorizer(host, credentials, self._transport)
        self._sleep = sleep

    def close(self) -> None:
        """Closes all idle connections."""
        self._transport.close()

    def ping(self) -> None:
        """Finds out whether a registry answers at all; a host that can't be reached is not tried again.

        Raises:
            RegistryError: it can't be reached, or what answers is no registry.
        """
        request = Request("GET", f"{self._base}/v2/")
        response = self._transport.send(request)
        if response.status not in (200, 401) and response.status not in _PASSING:
            remedy = "check the registry's name and port; HOST[:PORT][/PREFIX] is expected, without a scheme"
            raise RegistryError(
                f"{self.host}: no registry answers there (GET /v2/ was answered {response.status})", remedy
            )

    def manifest_digest(self, repository: str, name: str) -> str | None:
        """See the port. Asks again with GET where the answer to HEAD names no digest."""
        request = Request("HEAD", self._url(repository, f"manifests/{name}"), {"Accept": _ACCEPT})
        response = self._call(request, repository)
        if response.status == 404:
            return None
        self._expect(response, request, 200)
        found = response.header("Docker-Content-Digest")
        if _DIGEST.fullmatch(found):
            return found
        response = self._call(replace(request, method="GET"), repository)
        self._expect(response, request, 200)
        return digests.of_bytes(response.body)

    def has_blob(self, repository: str, digest: str) -> bool:
        """See the port."""
        request = Request("HEAD", self._url(repository, f"blobs/{digest}"))
        response = self._call(request, repository)
        if response.status == 404:
            return False
        self._expect(response, request, 200)
        return True

    def upload_blob(self, repository: str, blob: Blob, mount_from: str | None) -> bool:
        """See the port. A refused mount goes on as the upload that the registry opened instead."""
        query = f"?mount={blob.digest}&from={quote(mount_from, safe='')}" if mount_from else ""
        begin = Request("POST", self._url(repository, f"blobs/uploads/{query}"), body=b"")
        opened = self._call(begin, repository)
        if mount_from and opened.status == 201:
            return True
        self._expect(opened, begin, 202)
        finish = Request("PUT", self._session(opened, begin, blob.digest), _STREAM, blob.path, blob.size)
        self._expect(self._call(finish, repository), finish, 201)
        return False

    def put_manifest(self, repository: str, name: str, manifest: Manifest) -> None:
        """See the port."""
        url = self._url(repository, f"manifests/{name}")
        request = Request("PUT", url, {"Content-Type": manifest.descriptor.media_type}, manifest.content)
        self._expect(self._call(request, repository), request, 201)

    def _url(self, repository: str, rest: str) -> str:
        return f"{self._base}/v2/{repository}/{rest}"

    def _session(self, opened: Response, begin: Request, digest: str) -> str:
        location = urljoin(begin.url, opened.header("Location"))
        if not opened.header("Location") or urlsplit(location).scheme not in ("http", "https"):
            raise RegistryError(f"{self.host}: its answer to {begin.method} {begin.url} has no Location to upload to")
        return f"{location}{'&' if '?' in location else '?'}digest={digest}"

    def _call(self, request: Request, repository: str) -> Response:
        """Sends a request, again with a token where one is asked for, and again after a passing failure."""
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                response = self._authorized(request, repository)
                if response.status not in _PASSING or last:
                    return response
                asked = response.header("Retry-After")
                pause = min(float(asked), MAX_WAIT_SECONDS) if asked.isdigit() else wait
            except RegistryError:
                if last:
                    raise
                pause = wait
            self._sleep(pause * random.uniform(1.0, 1.25))
            wait = min(wait * 2, MAX_WAIT_SECONDS)
        raise AssertionError("the last attempt returns or raises")

    def _authorized(self, request: Request, repository: str) -> Response:
        if urlsplit(request.url).netloc != self.host:
            return self._transport.send(request)  # An upload's Location on another host gets no credentials.
        scope = f"repository:{repository}:pull,push"
        header = self._authorizer.header(scope)
        response = self._transport.send(_with_authorization(request, header))
        if response.status == 401:
            header = self._authorizer.answer(response, scope, header)
            response = self._transport.send(_with_authorization(request, header))
        return response

    def _expect(self, response: Response, request: Request, status: int) -> None:
        if response.status == status:
            return
        where = f"{request.method} {urlsplit(request.url).path}"
        reason = self._reason(response)
        denied = response.status in (401, 403)
        remedy = f"check that this user may push to it; `docker login {self.host}` logs in anew" if denied else ""
        raise RegistryError(f"{self.host}: {where} was answered {response.status}{reason}", remedy)

    def _reason(self, response: Response) -> str:
        """Returns the first error of the body (distribution-spec, "Error Codes"), made safe to print."""
        try:
            first = json.loads(response.body)["errors"][0]
            text = f"{first.get('code', '')}: {first.get('message', '')}"
        except (ValueError, LookupError, TypeError, AttributeError):
            return ""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return f" ({''.join(character if character.isprintable() else ' ' for character in text)[:300]})"


def _with_authorization(request: Request, header: str) -> Request:
    return replace(request, headers=request.headers | {"Authorization": header}) if header else request
