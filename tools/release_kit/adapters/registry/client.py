"""A registry spoken to over HTTP (OCI distribution-spec 1.1): the port `Registry` for real."""

import json
from collections.abc import Callable, Iterable, Sequence
from threading import Lock

from release_kit.adapters.registry.auth import AccessDeniedError, Scope
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.messages import Response, Sent
from release_kit.adapters.registry.patience import PASSING, Patience
from release_kit.adapters.registry.session import Session, error_code
from release_kit.adapters.registry.transport import ConnectionFailedError, Request, UnreachableError
from release_kit.adapters.registry.uploads import Abilities, Content, Upload
from release_kit.adapters.registry.urls import Url
from release_kit.errors import RegistryError
from release_kit.values import digest as digests
from release_kit.values.image import INDEX_TYPES, MANIFEST_TYPES, Arrival, Blob, Manifest

DEFAULT_CONCURRENCY = 32
MANY_TAGS = 10
"""How many `?tag=` a registry that knows them should take (distribution-spec, end-7b)."""
_ACCEPT = ("Accept", ", ".join(sorted(INDEX_TYPES | MANIFEST_TYPES)))
_LAGGING = frozenset({"BLOB_UNKNOWN", "MANIFEST_BLOB_UNKNOWN", "MANIFEST_UNKNOWN", "NAME_UNKNOWN"})


class HttpRegistry:
    """Implements the port `Registry`; safe to use from several threads."""

    def __init__(
        self,
        host: str,
        credentials: Credentials,
        plain_http: bool = False,
        patience: Patience | None = None,
        concurrency: int = DEFAULT_CONCURRENCY,
    ) -> None:
        """Connects to nothing yet.

        Args:
            host: HOST[:PORT].
            credentials: who we are to it.
            plain_http: speak HTTP without TLS.
            patience: how often and how long to try again.
            concurrency: the most requests under way at once.
        """
        self.host = host
        base = Url("http" if plain_http else "https", host.lower(), "/")
        self._session = Session(base, credentials, patience or Patience(), concurrency)
        self._abilities = Abilities()
        self._met = False
        self._unmet: RegistryError | None = None
        self._meeting = Lock()

    def close(self) -> None:
        """Closes all idle connections."""
        self._session.close()

    def trace(self, tell: Callable[[str], None]) -> None:
        """Lets `tell` hear of each request in one line, with its answer and how long it took; no secret is in it."""
        self._session.tell = tell

    def only_reads(self) -> None:
        """Asks the registry's token service for no more than to read; to be said before the first question."""
        self._session.only_reads()

    def announce(self, repositories: Iterable[str]) -> None:
        """See the port. Nothing is sent yet; the first question tells whether a registry answers."""
        self._session.announce(repositories)

    def _ask(self, request: Request, scope: Scope) -> Response:
        """Sends a question; the first one goes alone, and what becomes of it holds for all that wait for it."""
        if not self._met:
            with self._meeting:
                if self._unmet:
                    raise self._unmet
                if not self._met:
                    try:
                        response = self._meet(request, scope)
                    except RegistryError as error:
                        self._unmet = error
                        raise
                    self._met = True
                    return response
        return self._session.call(request, scope)

    def _meet(self, request: Request, scope: Scope) -> Response:
        """Sends the first question; a host that can't be reached is not tried again."""
        try:
            response = self._session.once(request, scope)
            passing = response.status in PASSING
            if passing:
                self._session.patience.sleep(self._session.patience.asked(response.header("retry-after"), self.host))
        except UnreachableError:
            raise
        except ConnectionFailedError:
            passing = True
        if passing:
            response = self._session.call(request, scope)
        if not _is_registrys(response):
            self._ping()
        return response

    def _ping(self) -> None:
        """Makes sure that a registry answers; one that wants to know who asks does."""
        try:
            response = self._session.call(self._session.request("GET", "/v2/"), Scope(""))
        except AccessDeniedError:
            return
        if response.status not in (200, 401, 403) or _is_web_page(response):
            remedy = "check the registry's name and port; HOST[:PORT][/PREFIX] is expected, without a scheme"
            found = f"GET /v2/ was answered {response.status}"
            raise RegistryError(f"{self.host}: no registry answers there ({found})", remedy)

    def tags(self, repository: str) -> frozenset[str] | None:
        """See the port. Only NAME_UNKNOWN says that a repository is not there; some registries have no list at all."""
        response = self._ask(self._session.request("GET", f"/v2/{repository}/tags/list"), Scope(repository))
        if response.status == 404 and error_code(response) == "NAME_UNKNOWN":
            return frozenset()
        try:
            tags = json.loads(response.body)["tags"] or []
        except (ValueError, LookupError, TypeError, RecursionError):
            return None
        complete = response.status == 200 and not response.header("link") and isinstance(tags, list)
        return frozenset(map(str, tags)) if complete else None

    def manifest_digest(self, repository: str, name: str) -> str | None:
        """See the port. Asks again with GET where HEAD is not supported, or its answer names no digest."""
        path = f"/v2/{repository}/manifests/{name}"
        request = self._session.request("HEAD", path, _ACCEPT)
        response = self._ask(request, Scope(repository))
        if response.status == 200 and digests.is_digest(response.header("docker-content-digest")):
            return response.header("docker-content-digest")
        if response.status in (200, 405):
            request = self._session.request("GET", path, _ACCEPT)
            response = self._session.call(request, Scope(repository))
        if response.status == 404:
            return None
        if response.status != 200:
            raise self._session.fail(request, response)
        return digests.of_bytes(response.body)

    def manifest(self, repository: str, name: str) -> bytes:
        """See the port."""
        request = self._session.request("GET", f"/v2/{repository}/manifests/{name}", _ACCEPT)
        response = self._ask(request, Scope(repository))
        if response.status == 404:
            place = f"{repository}{'@' if ':' in name else ':'}{name}"
            raise RegistryError(f"{self.host}: there is no {place}", "check the repository's name and the tag")
        if response.status != 200:
            raise self._session.fail(request, response)
        return response.body

    def blob(self, repository: str, digest: str) -> bytes:
        """See the port."""
        request = self._session.request("GET", f"/v2/{repository}/blobs/{digest}")
        response = self._session.call(request, Scope(repository))
        if response.status != 200:
            raise self._session.fail(request, response)
        return response.body

    def blob_digest(self, repository: str, digest: str) -> str:
        """See the port."""
        hasher = digests.hasher(digest)
        request = self._session.request("GET", f"/v2/{repository}/blobs/{digest}")._replace(sink=hasher.update)
        response = self._session.once(request, Scope(repository))
        if response.status != 200:
            raise self._session.fail(request, response)
        return f"{digest.partition(':')[0]}:{hasher.hexdigest()}"

    def has_blob(self, repository: str, digest: str, size: int | None = None) -> bool:
        """See the port."""
        request = self._session.request("HEAD", f"/v2/{repository}/blobs/{digest}")
        response = self._session.call(request, Scope(repository))
        if response.status not in (200, 404):
            raise self._session.fail(request, response)
        told = response.header("content-length")
        if response.status == 200 and size is not None and told.isdecimal() and told != str(size):
            found = f"{self.host}: {repository}@{digest} has {told:.20} bytes, expected {size} as the manifest says"
            raise RegistryError(found, "build the image again")
        return response.status == 200

    def upload_blob(self, repository: str, blob: Blob, mount_from: str | None, sent: Sent) -> Arrival:
        """See the port."""
        scope = Scope(repository, mount_from or "")
        return Upload(self._session, scope, Content(blob, sent), self._abilities).run()

    def put_manifest(self, repository: str, name: str, manifest: Manifest) -> None:
        """See the port. A registry that does not know yet what it was just given is given a moment."""
        self._store(repository, name, manifest)

    @property
    def tags_at_once(self) -> int:
        """See the port. Who takes a single POST may know `?tag=`, too: both are of newer registries."""
        return MANY_TAGS if self._abilities.many_tags and self._abilities.single_post else 1

    def put_tags(self, repository: str, tags: Sequence[str], manifest: Manifest) -> None:
        """See the port. Tags that the registry does not confirm in OCI-Tag are written one by one."""
        written: set[str] = set()
        named_otherwise = not manifest.descriptor.digest.startswith("sha256")  # By a PUT of the tag it would be sha256.
        if (len(tags) > 1 and self.tags_at_once > 1) or (named_otherwise and self._abilities.many_tags):
            query = "&".join(f"tag={tag}" for tag in tags)
            response = self._store(repository, f"{manifest.descriptor.digest}?{query}", manifest)
            written = {tag.strip() for tag in response.header("oci-tag").split(",")} if response else set()
            self._abilities.many_tags = bool(written.intersection(tags))
        for tag in tags:
            if tag not in written:
                self._store(repository, tag, manifest)

    def _store(self, repository: str, name: str, manifest: Manifest) -> Response | None:
        """Stores a manifest; returns the answer, none where the manifest is known to be there without."""
        kind = ("Content-Type", manifest.descriptor.media_type)
        request = self._session.request("PUT", f"/v2/{repository}/manifests/{name}", kind, body=manifest.content)
        response = self._put(request, repository)
        if response.status not in (200, 201, 202):
            found = self.manifest_digest(repository, name.partition("?")[0])
            if found and digests.matches(manifest.content, found):
                return None  # An earlier answer was lost, and an immutable tag is not written twice.
            raise self._session.fail(request, response)
        stored = response.header("docker-content-digest")
        if digests.is_digest(stored) and not digests.matches(manifest.content, stored):
            path = request.url.target
            raise RegistryError(f"{self.host}: {path}: stored as {stored}, expected {manifest.descriptor.digest}")
        if manifest.referrer and not response.header("oci-subject"):
            from release_kit.adapters.registry import referrers

            referrers.enlist(self._session, self._put, repository, manifest)
        return response

    def _put(self, request: Request, repository: str) -> Response:
        patience = self._session.patience
        for attempt in range(1, patience.attempts):
            response = self._session.call(request, Scope(repository))
            if response.status not in (400, 404) or error_code(response) not in _LAGGING:
                return response
            patience.sleep(patience.wait(attempt))
        return self._session.call(request, Scope(repository))


def _is_registrys(response: Response) -> bool:
    """Tells whether an answer shows by itself that a registry gave it."""
    named = response.header("docker-distribution-api-version") or response.header("docker-content-digest")
    return bool(named) and not _is_web_page(response)


def _is_web_page(response: Response) -> bool:
    """Tells a web page, such as a captive portal's, from a registry's answer to GET /v2/."""
    return "text/html" in response.header("content-type").lower() or response.body.lstrip()[:1] == b"<"
