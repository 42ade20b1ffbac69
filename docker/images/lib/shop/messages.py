"""Requests, answers and refusals: the values that handlers take and give."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl

JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What a handler gives back; `headers` come on top of type and length."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class RefusedError(Exception):
    """A request that is not served; `code` is for programs, `message` for people."""

    status: HTTPStatus
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> Answer:
        """Returns the refusal as a JSON answer `{"error": {"code", "message"}}`."""
        return json_answer({"error": {"code": self.code, "message": self.message}}, self.status, self.headers)


@dataclass(frozen=True)
class Request:
    """One request; `target` is path and query as sent, header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The decoded query; the last value of a repeated key counts.

        Raises:
            RefusedError: 400, the query has more than 20 fields.
        """
        try:
            return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True, max_num_fields=20))
        except ValueError:
            raise bad_request("query: expected at most 20 fields") from None

    def json_object(self) -> dict[str, object]:
        """Returns the body as a JSON object.

        Raises:
            RefusedError: 400, the body is something else.
        """
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            raise bad_request("body: expected a JSON object, found no JSON") from None
        if not isinstance(value, dict):
            raise bad_request(f"body: expected a JSON object, found {type(value).__name__}")
        return value


def json_answer(value: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Answer:
    """Returns `value` as a JSON answer."""
    return Answer(status, json.dumps(value).encode() + b"\n", headers=headers or {})


def bad_request(message: str) -> RefusedError:
    """Returns the refusal of a request that cannot be understood."""
    return RefusedError(HTTPStatus.BAD_REQUEST, "bad_request", message)


def not_found(message: str) -> RefusedError:
    """Returns the refusal of a request for something that is not there."""
    return RefusedError(HTTPStatus.NOT_FOUND, "not_found", message)
