"""Handles a request as a registry without faults does."""

from collections.abc import Callable

from tests.support.fault_registry import blobs, manifests, uploads
from tests.support.fault_registry.auth import Guard
from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.messages import Answer, Refused, refuse
from tests.support.fault_registry.routes import NAME, Endpoint

Handler = Callable[[Exchange], Answer]


def _ping(exchange: Exchange) -> Answer:
    return Answer(200, [("Content-Type", "application/json")], b"{}")


_HANDLERS: dict[tuple[Endpoint, str], Handler] = {
    (Endpoint.PING, "GET"): _ping,
    (Endpoint.BLOB, "GET"): blobs.get,
    (Endpoint.UPLOADS, "POST"): uploads.begin,
    (Endpoint.SESSION, "GET"): uploads.status,
    (Endpoint.SESSION, "PATCH"): uploads.patch,
    (Endpoint.SESSION, "PUT"): uploads.finish,
    (Endpoint.SESSION, "DELETE"): uploads.cancel,
    (Endpoint.MANIFEST, "GET"): manifests.get,
    (Endpoint.MANIFEST, "PUT"): manifests.put,
    (Endpoint.TAGS, "GET"): manifests.tags,
    (Endpoint.REFERRERS, "GET"): manifests.referrers,
}


def handle(exchange: Exchange, guard: Guard) -> Answer:
    """Returns the answer to a request; every refusal is an answer too."""
    try:
        if exchange.request.route.endpoint is Endpoint.TOKEN:
            return guard.token(exchange)
        denied = None if exchange.request.host == "other" else guard.admit(exchange)
        return denied or _handler(exchange)(exchange)
    except Refused as refused:
        return refused.answer


def _handler(exchange: Exchange) -> Handler:
    request, route = exchange.request, exchange.request.route
    if route.endpoint is Endpoint.UNKNOWN:
        raise refuse(404, "NAME_UNKNOWN", "no such end point")
    if route.repository and not (NAME.fullmatch(route.repository) and len(route.repository) <= 255):
        raise refuse(400, "NAME_INVALID", "invalid repository name")
    reads_head = request.method == "HEAD" and exchange.options.head
    handler = _HANDLERS.get((route.endpoint, "GET" if reads_head else request.method))
    if handler is None:
        raise refuse(405, "UNSUPPORTED", f"{request.method} is not supported here")
    return handler
