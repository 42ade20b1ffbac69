"""Uploading blobs (distribution-spec, "Pushing blobs", end-4 to end-6, end-11, end-13)."""

import re

from tests.support.fault_registry.content import Content, is_digest
from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.messages import Answer, Hangup, Refused, error, refuse
from tests.support.fault_registry.store import Session

_CONTENT_RANGE = re.compile(r"(?:bytes )?(\d+)-(\d+)(?:/.*)?")
_MOUNT_ERRORS = {"404": (404, "NAME_UNKNOWN"), "405": (405, "UNSUPPORTED")}


def begin(exchange: Exchange) -> Answer:
    """Answers POST: mounts, takes a whole blob, or opens a session."""
    mount, digest = exchange.request.parameter("mount"), exchange.request.parameter("digest")
    if mount is not None:
        return _mount(exchange, _valid(mount))
    if digest is not None and exchange.options.single_post:
        return _take(exchange, _valid(digest))
    exchange.request.body.drain()
    return _opened(exchange, exchange.store.open_session(exchange.repository))


def status(exchange: Exchange) -> Answer:
    """Answers GET of a session with how much has arrived."""
    session = _session(exchange)
    if not exchange.options.upload_status:
        raise refuse(405, "UNSUPPORTED", "no upload status here")
    return Answer(204, _progress(exchange, session))


def patch(exchange: Exchange) -> Answer:
    """Answers PATCH: takes a chunk, or a stream."""
    session = _session(exchange)
    _check_place(exchange, session)
    _receive(exchange, session)
    return Answer(202, _progress(exchange, session))


def finish(exchange: Exchange) -> Answer:
    """Answers PUT: takes what is left, compares digests, stores the blob."""
    session, digest = _session(exchange), _valid(exchange.request.parameter("digest") or "")
    _check_place(exchange, session)
    _check_binding(exchange, session, digest)
    _receive(exchange, session)
    with exchange.store.lock:
        exchange.store.sessions.pop(session.identifier, None)
    return _store(exchange, session.content, digest)


def cancel(exchange: Exchange) -> Answer:
    """Answers DELETE of a session."""
    session = _session(exchange)
    with exchange.store.lock:
        exchange.store.sessions.pop(session.identifier, None)
    return Answer(204)


def _mount(exchange: Exchange, digest: str) -> Answer:
    habit, source = exchange.options.mounts, exchange.request.parameter("from")
    if habit in _MOUNT_ERRORS:
        raise refuse(*_MOUNT_ERRORS[habit], "cross repository mounts are not supported")
    with exchange.store.lock:
        blob = exchange.store.blob(source, digest) if source else None
        if source is None and exchange.options.anonymous_mount:
            blob = exchange.store.anywhere(digest)
        if blob is not None and habit == "yes" and exchange.may_mount:
            exchange.store.put_blob(exchange.repository, digest, blob)
            return _created(exchange, digest)
        return _opened(exchange, exchange.store.open_session(exchange.repository, digest))


def _take(exchange: Exchange, digest: str) -> Answer:
    content = Content(exchange.options.keep_content)
    _check_length(exchange)
    for piece in exchange.request.body.pieces():
        content.append(piece)
    return _store(exchange, content, digest)


def _store(exchange: Exchange, content: Content, digest: str) -> Answer:
    found = content.digest(digest.partition(":")[0])
    if found != digest:
        raise refuse(400, "DIGEST_INVALID", f"the content has the digest {found}, {digest} was named")
    exchange.store.put_blob(exchange.repository, digest, content.blob())
    return _created(exchange, digest)


def _receive(exchange: Exchange, session: Session) -> None:
    """Appends the body. Whoever asks for the status meanwhile and writes on supersedes this request."""
    before = session.content.size
    _check_length(exchange)
    _check_chunk(exchange, session)
    session.generation += 1
    mine = session.generation
    try:
        for piece in exchange.request.body.pieces():
            _append(exchange, session, piece, mine)
            if exchange.options.chunk_max and session.content.size - before > exchange.options.chunk_max:
                raise _too_large(exchange)
    except Exception:
        _break_off(exchange, session, before, mine)
        raise


def _append(exchange: Exchange, session: Session, piece: bytes, mine: int) -> None:
    with exchange.store.lock:
        if session.generation != mine:
            raise Hangup
        session.content.append(piece)


def _break_off(exchange: Exchange, session: Session, before: int, mine: int) -> None:
    """Does with a session whose upload broke off what this registry does then."""
    with exchange.store.lock:
        if session.generation != mine:
            return
        if exchange.options.partial == "lose":
            exchange.store.sessions.pop(session.identifier, None)
        elif exchange.options.partial == "discard":
            session.content.truncate(before)
        if session.content.size == before:
            session.generation -= 1  # Nothing has changed: the Location that the client knows is still good.


def _check_length(exchange: Exchange) -> None:
    limit, length = exchange.options.chunk_max, exchange.request.body.length
    if limit and length is not None and length > limit:
        raise _too_large(exchange)


def _too_large(exchange: Exchange) -> Refused:
    refusal = refuse(413, "SIZE_INVALID", f"no more than {exchange.options.chunk_max} bytes in one request")
    refusal.answer.early = True
    return refusal


def _check_chunk(exchange: Exchange, session: Session) -> None:
    length = exchange.request.body.length
    if session.short and length != 0:
        raise refuse(400, "BLOB_UPLOAD_INVALID", "a chunk below the minimum length was not the last one")
    chunked = exchange.request.method == "PATCH" and exchange.request.header("Content-Range")
    session.short = bool(chunked) and (length or 0) < exchange.options.chunk_min


def _check_place(exchange: Exchange, session: Session) -> None:
    """Refuses what does not begin where the session ends (end-5: 416)."""
    named, length = exchange.request.header("Content-Range"), exchange.request.body.length
    match = _CONTENT_RANGE.fullmatch(named)
    stale = exchange.options.session_state and exchange.request.parameter("state") != str(session.generation)
    if stale or (match and int(match[1]) != session.content.size):
        answer = error(416, "BLOB_UPLOAD_INVALID", "not where the upload stands", _progress(exchange, session))
        raise Refused(answer)
    if named and (not match or (length is not None and int(match[2]) - int(match[1]) + 1 != length)):
        raise refuse(400, "SIZE_INVALID", f"Content-Range {named!r} and Content-Length {length} disagree")


def _check_binding(exchange: Exchange, session: Session, digest: str) -> None:
    if not exchange.options.mount_session_binds or session.mount == digest:
        return
    with exchange.store.lock:
        owed = [s for s in exchange.store.sessions.values() if (s.repository, s.mount) == (session.repository, digest)]
    if owed:
        raise refuse(400, "BLOB_UPLOAD_INVALID", f"the mount of {digest} opened {owed[0].identifier}: upload it there")


def _session(exchange: Exchange) -> Session:
    with exchange.store.lock:
        session = exchange.store.sessions.get(exchange.reference)
    if session is None or session.repository != exchange.repository:
        raise refuse(404, "BLOB_UPLOAD_UNKNOWN", "upload unknown to registry")
    return session


def _valid(digest: str) -> str:
    if not is_digest(digest):
        raise refuse(400, "DIGEST_INVALID", f"not a digest: {digest!r}")
    return digest


def _opened(exchange: Exchange, session: Session) -> Answer:
    minimum = exchange.options.chunk_min
    more = [("OCI-Chunk-Min-Length", str(minimum))] if minimum else []
    return Answer(202, [*_progress(exchange, session), *more])


def _progress(exchange: Exchange, session: Session) -> list[tuple[str, str]]:
    state = f"?state={session.generation}" if exchange.options.session_state else ""
    path = f"/v2/{session.repository}/blobs/uploads/{session.identifier}{state}"
    return [
        ("Location", exchange.location(path)),
        ("Range", f"0-{max(session.content.size - 1, 0)}"),
        ("Docker-Upload-UUID", session.identifier),
    ]


def _created(exchange: Exchange, digest: str) -> Answer:
    location = exchange.location(f"/v2/{exchange.repository}/blobs/{digest}")
    return Answer(201, [("Location", location), ("Docker-Content-Digest", digest)])
