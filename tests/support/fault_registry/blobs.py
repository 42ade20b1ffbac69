"""Reading blobs (distribution-spec, "Pulling blobs", end-2)."""

import re

from tests.support.fault_registry.content import Blob, is_digest
from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.messages import Answer, refuse

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def get(exchange: Exchange) -> Answer:
    """Answers GET and HEAD of a blob, also of a range of it."""
    blob = _find(exchange)
    headers = [
        ("Content-Type", "application/octet-stream"),
        ("Docker-Content-Digest", exchange.reference),
        ("Accept-Ranges", "bytes"),
    ]
    if exchange.request.method == "HEAD":
        return Answer(200, headers, length=blob.size)
    if blob.content is None:
        raise refuse(500, "UNSUPPORTED", "the content of blobs is not kept (Options.keep_content)")
    match = _RANGE.fullmatch(exchange.request.header("Range"))
    if match:
        return _part(blob.content, int(match[1]), int(match[2] or blob.size - 1), headers)
    return Answer(200, headers, blob.content)


def _find(exchange: Exchange) -> Blob:
    if not is_digest(exchange.reference):
        raise refuse(400, "DIGEST_INVALID")
    hidden, _ = exchange.store.lagging(exchange.repository, exchange.reference)
    blob = exchange.store.blob(exchange.repository, exchange.reference)
    if blob is None or hidden:
        raise refuse(404, "BLOB_UNKNOWN", "blob unknown to registry")
    return blob


def _part(content: bytes, first: int, last: int, headers: list[tuple[str, str]]) -> Answer:
    if not first <= last or first >= len(content):
        raise refuse(416, "SIZE_INVALID", "no such range", [("Content-Range", f"bytes */{len(content)}")])
    last = min(last, len(content) - 1)
    return Answer(206, [*headers, ("Content-Range", f"bytes {first}-{last}/{len(content)}")], content[first : last + 1])
