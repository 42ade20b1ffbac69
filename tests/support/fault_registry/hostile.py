"""Error answers that hurt whoever prints or stores them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from tests.support.fault_registry.auth import basic_credentials
from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.faults import Action
from tests.support.fault_registry.messages import Answer, error

Kind = Literal["control", "ansi", "html", "invalid", "deep", "types", "long", "echo"]
_MIB = bytes(b"x" * 1024 * 1024)


def huge_body(megabytes: int = 64, code: int = 500) -> Action:
    """Answers an error whose body has so many MiB."""

    def flood(head: bytes, content: bytes) -> Iterator[bytes]:
        yield head
        for _ in range(megabytes if content else 0):
            yield _MIB

    return Action("huge body", before=lambda _: Answer(code, [], b"x", megabytes * len(_MIB), flood))


def hostile_body(kind: Kind, code: int = 400) -> Action:
    """Answers an error whose text is meant to do harm.

    Args:
        kind: `control` characters with NUL, bells and line ends; `ansi` escapes that clear the screen and set a link;
            an `html` page; bytes `invalid` in UTF-8; a JSON document 100,000 levels `deep`; one of unexpected `types`;
            a `long` message of a MiB in one line; `echo` of the Authorization header and of every secret.
        code: the status.
    """
    return Action(f"hostile {kind}", before=lambda exchange: replace(_MAKERS[kind](exchange), status=code))


def _control(exchange: Exchange) -> Answer:
    return error(400, "DENIED\r\nSet-Cookie: a=b", "\x00\x07\x08line 1\nline 2\rover\u202e\u2028written\x7f\x9b")


def _ansi(exchange: Exchange) -> Answer:
    return error(
        400, "\x1b[2J\x1b[HDENIED", "\x1b]0;title\x07\x1b[31mred\x1b]8;;http://evil.example\x1b\\link\x1b[8m::error::"
    )


def _html(exchange: Exchange) -> Answer:
    return Answer(400, [("Content-Type", "text/html")], b"<html><script>alert(1)</script>502 Bad Gateway</html>")


def _invalid(exchange: Exchange) -> Answer:
    return Answer(
        400, [("Content-Type", "application/json")], b'{"errors":[{"code":"\xff\xfe","message":"\xc3\x28\xf0"}]}'
    )


def _deep(exchange: Exchange) -> Answer:
    return Answer(400, [("Content-Type", "application/json")], b'{"errors":' + b"[" * 100_000)


def _types(exchange: Exchange) -> Answer:
    return Answer(
        400, [("Content-Type", "application/json")], b'{"errors":[{"code":[1],"message":{"a":1e999}},null,7]}'
    )


def _long(exchange: Exchange) -> Answer:
    return error(400, "DENIED", "long " * 200_000)


def _echo(exchange: Exchange) -> Answer:
    sent = exchange.request.header("Authorization")
    found = [sent, sent.partition(" ")[2], *(basic_credentials(sent) or ()), *sorted(exchange.world.secrets())]
    text = " ".join(filter(None, found))
    document = {"errors": [{"code": "DENIED", "message": text, "detail": {"seen": text}}], "details": text}
    return Answer(400, [("Content-Type", "application/json"), ("X-Echo", text)], json.dumps(document).encode())


_MAKERS: dict[Kind, Callable[[Exchange], Answer]] = {
    "control": _control,
    "ansi": _ansi,
    "html": _html,
    "invalid": _invalid,
    "deep": _deep,
    "types": _types,
    "long": _long,
    "echo": _echo,
}
