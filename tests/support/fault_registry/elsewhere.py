"""Answers that lead a client somewhere else: redirects, and upload locations on another host."""

from typing import Literal
from urllib.parse import urlsplit

from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.faults import Action
from tests.support.fault_registry.messages import Answer

REDIRECTED = "redirected"


def redirect(to: str = "self", code: int = 307) -> Action:
    """Redirects in place of handling the request.

    Args:
        to: `self` once to the same path with `?redirected=1`, which is then handled; `loop` to the same URL for
            ever; `other`, `token` and `registry` to the same path on that listener (two rules make a ping-pong);
            or any URL.
        code: 301, 302, 303, 307 or 308.
    """

    def answer(exchange: Exchange) -> Answer | None:
        if to == "self" and exchange.request.parameter(REDIRECTED):
            return None
        return Answer(code, [("Location", _target(exchange, to))])

    return Action(f"redirect to {to}", before=answer)


def upload_elsewhere(to: Literal["other", "token"] = "other") -> Action:
    """Moves the upload Location of an answer to another host, which takes the upload without authorization."""

    def move(exchange: Exchange, answer: Answer) -> Answer:
        parts = urlsplit(answer.header("Location"))
        if answer.status == 202 and parts.path:
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            answer.replace_header("Location", exchange.world.url(to, target))
        return answer

    return Action(f"upload at {to}", after=move)


def location(value: str) -> Action:
    """Sets the Location of an answer that has one; `{}` in `value` stands for its path and query."""

    def change(exchange: Exchange, answer: Answer) -> Answer:
        parts = urlsplit(answer.header("Location"))
        if parts.path:
            answer.replace_header("Location", value.replace("{}", parts._replace(scheme="", netloc="").geturl()))
        return answer

    return Action("location", after=change)


def _target(exchange: Exchange, to: str) -> str:
    target = exchange.request.target
    if to == "self":
        return f"{target}{'&' if '?' in target else '?'}{REDIRECTED}=1"
    if to == "loop":
        return exchange.world.url(exchange.request.host, target)
    return exchange.world.url(to, target) if to in exchange.world.addresses else to
