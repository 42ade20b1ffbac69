"""Uploads of blobs (distribution-spec, "Pushing blobs"): whole, resumed, or in chunks where they must be."""

from release_kit.adapters.registry import urls
from release_kit.adapters.registry.auth import AccessDeniedError, Scope
from release_kit.adapters.registry.messages import FileBody, Response
from release_kit.adapters.registry.session import Session
from release_kit.adapters.registry.transport import ConnectionFailedError, Request
from release_kit.adapters.registry.urls import Url
from release_kit.errors import RegistryError
from release_kit.values.image import Arrival, Blob

FIRST_CHUNK = 16 * 1024 * 1024
SMALLEST_CHUNK = 64 * 1024
_STREAM = ("Content-Type", "application/octet-stream")


class _InterruptedError(Exception):
    """An upload broke at a point from which it can't go on; another one may succeed."""

    def __init__(self, error: RegistryError) -> None:
        self.error = error


def upload(session: Session, repository: str, blob: Blob, source: str | None) -> Arrival:
    """Puts a blob into a repository.

    One POST asks for the blob and opens the session that takes it if it is not there: a mount, from `source` or from
    the repository itself. What broke is looked at again before it is begun anew.

    Raises:
        RegistryError: it did not arrive.
    """
    scope = Scope(repository, source or "")
    for attempt in range(1, session.patience.attempts + 1):
        request, answer = _open(session, scope, blob, source or repository)
        if answer.status == 201:
            return Arrival.MOUNTED if source else Arrival.PRESENT
        try:
            _send(session, scope, blob, _place(session, request, answer))
        except _InterruptedError as interruption:
            if attempt == session.patience.attempts:
                raise interruption.error from None
            session.patience.sleep(session.patience.wait(attempt))
            source = None
            continue
        return Arrival.UPLOADED
    raise AssertionError("the last attempt returns or raises")


def _open(session: Session, scope: Scope, blob: Blob, source: str) -> tuple[Request, Response]:
    path = f"/v2/{scope.repository}/blobs/uploads/"
    request = session.request("POST", f"{path}?mount={blob.digest}&from={urls.quote(source)}", body=b"")
    try:
        answer = session.call(request, scope)
        refused = answer.status in (400, 401, 403, 404, 405)
    except AccessDeniedError:
        refused = True
    if refused:  # Mounts are optional, and the source may not be ours to read: the bytes will do.
        request = session.request("POST", path, body=b"")
        answer = session.call(request, Scope(scope.repository))
    if answer.status not in (201, 202):
        raise session.fail(request, answer)
    return request, answer


def _place(session: Session, request: Request, answer: Response) -> Url:
    place = session.locate(request, answer)
    if place is None:
        path = request.url.target.partition("?")[0]
        raise RegistryError(f"{session.base.host}: its answer to {request.method} {path} has no Location to upload to")
    return place


def _send(session: Session, scope: Scope, blob: Blob, place: Url) -> None:
    """Sends the whole blob with one PUT, and goes on where that breaks."""
    try:
        answer = session.once(_finish(place, blob, FileBody(blob.path, blob.size)), scope)
    except ConnectionFailedError as error:
        return _resume(session, scope, blob, place, error)
    if answer.status == 413:
        return _send_chunks(session, scope, blob, (place, 0), FIRST_CHUNK)
    return _settle(session, scope, blob, place, answer)


def _settle(session: Session, scope: Scope, blob: Blob, place: Url, answer: Response) -> None:
    """Takes the answer to the PUT that ends an upload."""
    if answer.status in (200, 201):
        return
    error = session.fail(Request("PUT", place), answer)
    if answer.status in (400, 403):
        raise error
    _look_again(session, scope, blob, error, answer.header("retry-after"))


def _look_again(session: Session, scope: Scope, blob: Blob, error: RegistryError, retry_after: str = "") -> None:
    """Returns if the blob is there after all: only the answer was lost."""
    session.patience.sleep(session.patience.asked(retry_after, session.base.host))
    head = session.request("HEAD", f"/v2/{scope.repository}/blobs/{blob.digest}")
    if session.call(head, scope).status != 200:
        raise _InterruptedError(error)


def _resume(session: Session, scope: Scope, blob: Blob, place: Url, error: RegistryError) -> None:
    """Asks a broken upload how much has arrived, and sends the rest where the registry kept some."""
    try:
        answer = session.call(Request("GET", place), scope, attempts=2)
    except ConnectionFailedError:
        answer = None
    arrived = _arrived(answer) if answer and answer.status == 204 else 0
    if not answer or not 0 < arrived < blob.size:
        return _look_again(session, scope, blob, error)
    place = session.locate(Request("GET", place), answer) or place
    return _send_chunks(session, scope, blob, (place, arrived), max(blob.size, SMALLEST_CHUNK))


def _send_chunks(session: Session, scope: Scope, blob: Blob, start: tuple[Url, int], chunk: int) -> None:
    """Sends the rest of a blob in PATCHes; halves them while the registry says that they are too large."""
    place, position = start
    while position < blob.size:
        size = min(chunk, blob.size - position)
        request = _patch(place, FileBody(blob.path, size, position))
        try:
            answer = session.once(request, scope)
        except ConnectionFailedError as error:
            raise _InterruptedError(error) from None
        if answer.status == 413 and chunk > SMALLEST_CHUNK:
            chunk //= 2
            continue
        if answer.status != 202:
            return _look_again(session, scope, blob, session.fail(request, answer), answer.header("retry-after"))
        chunk = max(chunk, _smallest(answer))
        position += size
        place = session.locate(request, answer) or place
    return _settle(session, scope, blob, place, session.call(_finish(place, blob, b""), scope))


def _finish(place: Url, blob: Blob, body: FileBody | bytes) -> Request:
    return Request("PUT", place.with_query(f"digest={blob.digest}"), (_STREAM,), body)


def _patch(place: Url, body: FileBody) -> Request:
    span = ("Content-Range", f"{body.offset}-{body.offset + body.length - 1}")
    return Request("PATCH", place, (_STREAM, span), body)


def _arrived(answer: Response) -> int:
    """Returns how many bytes an upload has, by its `Range: 0-<last>`; `0-0` is what many say of none at all."""
    first, _, last = answer.header("range").removeprefix("bytes=").partition("-")
    return int(last) + 1 if first == "0" and last.isdecimal() and int(last) else 0


def _smallest(answer: Response) -> int:
    text = answer.header("oci-chunk-min-length")
    return int(text) if text.isdecimal() else 0
