"""How GitHub's API on loopback is made of parts: each part has routes, and knows nothing of HTTP.

A part is a class whose `routes` the server takes in (rehearsal/github_server.py):

    class Labels:
        def routes(self) -> tuple[Route, ...]:
            return (Route("POST", "/repos/{owner}/{repo}/labels", self._create),)

        def _create(self, request: Request) -> Answer:
            asked = request.fields({"name": str}, {"color": str})
            ...
            return Answer(201, label)

What a request has beyond that is refused by NotTheApiError, and is a fault which the server keeps.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

API = "/api/v3"
UPLOADS = "/api/uploads"
JSON = "application/json"
_PER_PAGE = 30
_MOST_PER_PAGE = 100


class Answer(NamedTuple):
    """What is answered; status 0: nothing is, and the connection is closed."""

    status: int
    body: Any = None
    """What is said as JSON; bytes: just these; None: nothing."""
    headers: tuple[tuple[str, str], ...] = ()


NOT_FOUND = Answer(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"})


class NotTheApiError(Exception):
    """A request, or an answer, is not as the API has it."""


class Request(NamedTuple):
    """One request, of which the headers that all requests have are as they should be."""

    method: str
    root: str
    """API or UPLOADS."""
    path: str
    """Below the root, as it was sent."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes
    parts: Mapping[str, str] = {}
    """What stands where the route has names in braces."""

    @property
    def repository(self) -> str:
        """Such as `acme/shop`."""
        return f"{self.parts['owner']}/{self.parts['repo']}"

    def fields(self, required: Mapping[str, type], optional: Mapping[str, type] | None = None) -> dict[str, Any]:
        """Returns the body's fields.

        Args:
            required: their names, and of which type each has to be.
            optional: those that need not be there.

        Raises:
            NotTheApiError: one is missing, is of another type, or is not known.
        """
        known = {**required, **(optional or {})}
        asked = self._object()
        missing, unknown = required.keys() - asked.keys(), asked.keys() - known.keys()
        wrong = [key for key, value in asked.items() if key in known and type(value) is not known[key]]
        if missing or unknown or wrong:
            raise NotTheApiError(f"body: without {sorted(missing)}, with {sorted(unknown)}, of other types: {wrong}")
        return asked

    def asks_only(self, *known: str) -> Mapping[str, str]:
        """Returns the query.

        Raises:
            NotTheApiError: it has other names than these.
        """
        if unknown := self.query.keys() - {*known}:
            raise NotTheApiError(f"query: {sorted(unknown)}")
        return self.query

    def page(self, items: Iterable[Any]) -> list[Any]:
        """Returns what the page has that is asked for (`page` from 1, `per_page` of 30, 100 at most)."""
        each, number = int(self.query.get("per_page", _PER_PAGE)), int(self.query.get("page", 1))
        if not 1 <= each <= _MOST_PER_PAGE or number < 1:
            raise NotTheApiError(f"query: page {number} of {each} items each")
        return [*items][(number - 1) * each : number * each]

    def _object(self) -> dict[str, Any]:
        if self.headers.get("content-type") != JSON:
            raise NotTheApiError(f"content-type: {self.headers.get('content-type')!r}")
        try:
            asked = json.loads(self.body)
        except ValueError as error:
            raise NotTheApiError("body: is no JSON") from error
        if not isinstance(asked, dict):
            raise NotTheApiError("body: is no object")
        return asked


class Route(NamedTuple):
    """What answers one kind of request."""

    method: str
    template: str
    """Of the path, with names in braces as docs.github.com has it; each stands for one part between slashes."""
    answer: Callable[[Request], Answer]
    root: str = API

    def match(self, request: Request) -> Request | None:
        """Returns the request with its parts, if it is of this kind."""
        names, found = self.template.split("/"), request.path.split("/")
        if (request.method, request.root, len(found)) != (self.method, self.root, len(names)):
            return None
        parts = {}
        for name, part in zip(names, found, strict=True):
            if name.startswith("{") and part:
                parts[name.strip("{}")] = unquote(part)
            elif name != part:
                return None
        return request._replace(parts=parts)


def invalid(resource: str, field: str, message: str) -> Answer:
    """Returns how a request is refused that is well formed and asks for what can't be."""
    error = {"resource": resource, "field": field, "code": "custom", "message": message}
    said = {"message": "Validation Failed", "errors": [error], "status": "422"}
    return Answer(422, {**said, "documentation_url": "https://docs.github.com/rest"})
