"""The routing table: method and path pattern to handler."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from urllib.parse import unquote

from shop.messages import Answer, RefusedError, Request, not_found

Handler = Callable[[Request], Answer]


@dataclass
class Routes:
    """Finds the handler of a request.

    A pattern is a path whose segments are literal, `{name}` (one segment, handed on in `params`),
    or, at the end, `*` (whatever follows). The first pattern that fits counts; HEAD is served as GET.
    """

    table: dict[str, dict[str, Handler]] = field(default_factory=dict)

    def add(self, method: str, pattern: str, handler: Handler) -> None:
        """Lets `handler` answer `method` on `pattern`."""
        self.table.setdefault(pattern, {})[method] = handler

    def answer(self, request: Request) -> Answer:
        """Returns the handler's answer.

        Raises:
            RefusedError: 404 without a fitting pattern, 405 without the method, or whatever the handler raises.
        """
        for pattern, handlers in self.table.items():
            params = _match(pattern, request.path)
            if params is not None:
                return _chosen(handlers, request.method)(replace(request, params=params))
        raise not_found("no such path")


def _chosen(handlers: dict[str, Handler], method: str) -> Handler:
    handler = handlers.get("GET" if method == "HEAD" else method)
    if handler is None:
        allowed = ", ".join(sorted(handlers))
        message = f"method: expected {allowed}"
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", message, {"Allow": allowed})
    return handler


def _match(pattern: str, path: str) -> dict[str, str] | None:
    wanted, found = pattern.split("/"), path.split("/")
    if wanted[-1] == "*":
        wanted, found = wanted[:-1], found[: len(wanted) - 1]
    if len(wanted) != len(found):
        return None
    params: dict[str, str] = {}
    for name, value in zip(wanted, found, strict=True):
        if name.startswith("{") and value:
            params[name.strip("{}")] = unquote(value)
        elif name != value:
            return None
    return params
