"""Uploads of blobs (distribution-spec, "Pushing blobs"): whole, resumed, or in chunks where they must be."""

from threading import Lock

from release_kit.adapters.registry import urls
from release_kit.adapters.registry.auth import AccessDeniedError, Scope
from release_kit.adapters.registry.messages import FileBody, Response, Sent
from release_kit.adapters.registry.patience import PASSING
from release_kit.adapters.registry.session import Session
from release_kit.adapters.registry.transport import ConnectionFailedError, Request
from release_kit.adapters.registry.urls import Url
from release_kit.errors import ContentNeededError, RegistryError
from release_kit.values.image import Arrival, Blob

FIRST_CHUNK = 16 * 1024 * 1024
SMALLEST_CHUNK = 64 * 1024
MAX_SIZE_DIGITS = 15
FIRST_POST_BYTES = 16 * 1024
"""A blob up to this size is sent with a single POST to learn whether the registry takes that; else it travels twice."""
SINGLE_POST_BYTES = 1024 * 1024
"""A blob up to this size is sent without a question before where the registry takes that: asking costs as much."""
_STREAM = ("Content-Type", "application/octet-stream")


class Abilities:
    """What a registry has shown that it can do beyond what it must. Safe to use from several threads."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._lock = Lock()
        self._asked = False
        self.single_post: bool | None = None
        """Whether `POST ?digest=` with the content stores it (distribution-spec, "Single POST")."""
        self.many_tags = True
        """Whether `PUT` of a manifest writes each `?tag=` (distribution-spec, end-7b); True until it did not."""

    def may_single_post(self, size: int) -> bool:
        """Tells whether to send so many bytes with a single POST: very few once, and more after that worked."""
        if self.single_post or self._asked or size > FIRST_POST_BYTES:
            return self.single_post is True and size <= SINGLE_POST_BYTES
        with self._lock:
            first, self._asked = not self._asked, True
        return first

    def learn_single_post(self, status: int) -> None:
        """Learns from the answer to a single POST; from one that will pass, nothing."""
        if status in PASSING:
            self._asked = False
        else:
            self.single_post = status == 201


class Content:
    """The bytes of one blob on their way; tells how many have travelled."""

    def __init__(self, blob: Blob, sent: Sent) -> None:
        """Nothing has travelled yet; `sent` hears of each change."""
        self.digest = blob.digest
        self.size = blob.size
        self.is_here = not blob.remote
        self._blob = blob
        self._sent = sent
        self._position = 0

    def piece(self, position: int, length: int) -> FileBody | bytes:
        """Returns a body of so many bytes from `position`."""
        if self._blob.path:
            return FileBody(self._blob.path, length, position, self.reached)
        return self._blob.content[position : position + length]

    def reached(self, position: int) -> None:
        """Takes note of how far the bytes have come."""
        if position != self._position:
            self._sent(position - self._position)
            self._position = position


class _InterruptedError(Exception):
    """An upload broke at a point from which it can't go on; another one may succeed."""

    def __init__(self, error: RegistryError) -> None:
        self.error = error


class Upload:
    """One blob on its way into one repository."""

    def __init__(self, session: Session, scope: Scope, content: Content, abilities: Abilities) -> None:
        """Asks nothing yet.

        Args:
            session: to the registry.
            scope: the repository, and the one that the blob may be mounted from if there is one.
            content: of the blob.
            abilities: what is known of the registry.
        """
        self._session = session
        self._scope = scope
        self._content = content
        self._abilities = abilities

    def run(self) -> Arrival:
        """Puts the blob into the repository.

        One POST asks for the blob and opens the session that takes it if it is not there: a mount, from the source or
        from the repository itself. What broke is looked at again before it is begun anew.

        Raises:
            RegistryError: it did not arrive.
            ContentNeededError: the registry wants bytes that are not here.
        """
        source = self._scope.source
        patience = self._session.patience
        for attempt in range(1, patience.attempts + 1):
            try:
                arrival = self._attempt(source, first=attempt == 1)
                self._content.reached(self._content.size if arrival is Arrival.UPLOADED else 0)
                return arrival
            except _InterruptedError as interruption:
                if attempt == patience.attempts:
                    raise interruption.error from None
                patience.sleep(patience.wait(attempt))
                source = ""
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, source: str, first: bool) -> Arrival:
        place = None
        if first and not source and self._content.is_here and self._abilities.may_single_post(self._content.size):
            request, answer = self._post_whole()
            if answer and answer.status == 201:
                return Arrival.UPLOADED
            place = self._session.locate(request, answer) if answer and answer.status == 202 else None
        if place is None:
            request, answer = self._open(source or self._scope.repository)
            if answer.status == 201:
                return Arrival.MOUNTED if source else Arrival.PRESENT
            place = self._place(request, answer)
        if not self._content.is_here:
            raise ContentNeededError(f"{self._session.base.host}: wants the bytes of {self._content.digest}")
        self._send(place)
        return Arrival.UPLOADED

    def _post_whole(self) -> tuple[Request, Response | None]:
        """Sends the whole blob with one POST, and learns whether the registry takes that; no answer if that broke."""
        path = f"/v2/{self._scope.repository}/blobs/uploads/?digest={self._content.digest}"
        body = self._content.piece(0, self._content.size)
        request = Request("POST", self._session.base._replace(target=path), (_STREAM,), body)
        try:
            answer = self._session.once(request, self._scope)
        except ConnectionFailedError:
            return request, None
        self._abilities.learn_single_post(answer.status)
        return request, answer

    def _open(self, source: str) -> tuple[Request, Response]:
        path = f"/v2/{self._scope.repository}/blobs/uploads/"
        mount = f"{path}?mount={self._content.digest}&from={urls.quote(source)}"
        request = self._session.request("POST", mount, body=b"")
        try:
            answer = self._session.call(request, self._scope)
            refused = answer.status in (400, 401, 403, 404, 405)
        except AccessDeniedError:
            refused = True
        if refused:  # Mounts are optional, and the source may not be ours to read: the bytes will do.
            request = self._session.request("POST", path, body=b"")
            answer = self._session.call(request, Scope(self._scope.repository))
        if answer.status != 202 and (refused or answer.status != 201):  # Only a mount can be done at once.
            raise self._session.fail(request, answer)
        return request, answer

    def _place(self, request: Request, answer: Response) -> Url:
        place = self._session.locate(request, answer)
        if place is None:
            asked = f"{request.method} {request.url.target.partition('?')[0]}"
            raise RegistryError(f"{self._session.base.host}: its answer to {asked} has no Location to upload to")
        return place

    def _send(self, place: Url) -> None:
        """Sends the whole blob with one PUT, and goes on where that breaks."""
        try:
            answer = self._session.once(self._finish(place, self._content.piece(0, self._content.size)), self._scope)
        except ConnectionFailedError as error:
            return self._resume(place, error)
        if answer.status == 413:
            return self._send_chunks(place, 0, FIRST_CHUNK)
        return self._settle(place, answer)

    def _settle(self, place: Url, answer: Response) -> None:
        """Takes the answer to the PUT that ends an upload."""
        if answer.status in (200, 201):
            return
        error = self._session.fail(self._finish(place, b""), answer)
        if answer.status in (400, 403):
            raise error
        self._look_again(error, answer.header("retry-after"))

    def _look_again(self, error: RegistryError, retry_after: str = "") -> None:
        """Returns if the blob is there after all: only the answer was lost."""
        self._session.patience.sleep(self._session.patience.asked(retry_after, self._session.base.host))
        head = self._session.request("HEAD", f"/v2/{self._scope.repository}/blobs/{self._content.digest}")
        if self._session.call(head, self._scope).status != 200:
            raise _InterruptedError(error)

    def _resume(self, place: Url, error: RegistryError) -> None:
        """Asks a broken upload how much has arrived, and sends the rest where the registry kept some."""
        try:
            answer = self._session.call(Request("GET", place), self._scope, attempts=2)
        except ConnectionFailedError:
            answer = None
        arrived = _arrived(answer) if answer and answer.status == 204 else 0
        if not answer or not 0 < arrived < self._content.size:
            return self._look_again(error)
        place = self._session.locate(Request("GET", place), answer) or place
        return self._send_chunks(place, arrived, max(self._content.size, SMALLEST_CHUNK))

    def _send_chunks(self, place: Url, position: int, chunk: int) -> None:
        """Sends the rest of a blob in PATCHes; halves them while the registry says that they are too large."""
        while position < self._content.size:
            size = min(chunk, self._content.size - position)
            request = self._patch(place, position, size)
            try:
                answer = self._session.once(request, self._scope)
            except ConnectionFailedError as error:
                raise _InterruptedError(error) from None
            if answer.status == 413 and chunk > SMALLEST_CHUNK:
                chunk //= 2
                continue
            if answer.status != 202:
                return self._look_again(self._session.fail(request, answer), answer.header("retry-after"))
            chunk = max(chunk, _smallest(answer))
            position += size
            place = self._session.locate(request, answer) or place
        return self._settle(place, self._session.call(self._finish(place, b""), self._scope))

    def _finish(self, place: Url, body: FileBody | bytes) -> Request:
        return Request("PUT", place.with_query(f"digest={self._content.digest}"), (_STREAM,), body)

    def _patch(self, place: Url, position: int, size: int) -> Request:
        span = ("Content-Range", f"{position}-{position + size - 1}")
        return Request("PATCH", place, (_STREAM, span), self._content.piece(position, size))


def _arrived(answer: Response) -> int:
    """Returns how many bytes an upload has, by its `Range: 0-<last>`; `0-0` is what many say of none at all."""
    first, _, last = answer.header("range").removeprefix("bytes=").partition("-")
    end = _size(last)
    return end + 1 if first == "0" and end else 0


def _smallest(answer: Response) -> int:
    return _size(answer.header("oci-chunk-min-length"))


def _size(text: str) -> int:
    """Reads bytes as a registry tells them; 0 where it tells none that a blob could have."""
    return int(text) if text.isdecimal() and len(text) <= MAX_SIZE_DIGITS else 0
