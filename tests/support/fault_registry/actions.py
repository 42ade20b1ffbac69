"""What can happen to a request. Each function makes an action for a rule: `registry.on(reset(), method="PUT")`."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Literal

from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.faults import Action
from tests.support.fault_registry.messages import Answer, Hangup, error

Headers = Iterable[tuple[str, str]]
_CODES = {429: "TOOMANYREQUESTS", 401: "UNAUTHORIZED", 403: "DENIED", 404: "NAME_UNKNOWN", 405: "UNSUPPORTED"}


def status(
    code: int,
    body: bytes | None = None,
    headers: Headers = (),
    retry_after: str | int | None = None,
    early: bool = False,
) -> Action:
    """Answers a status in place of the registry.

    Args:
        code: such as 503.
        body: its body; an error document where None.
        headers: more headers.
        retry_after: what Retry-After says: seconds, an HTTP date, or nonsense.
        early: answer before the request's body is read, and close (as proxies do).
    """
    more = [*headers, *([("Retry-After", str(retry_after))] if retry_after is not None else [])]

    def answer(exchange: Exchange) -> Answer:
        made = error(code, _CODES.get(code, "UNKNOWN"), "on purpose") if body is None else Answer(code, [], body)
        return replace(made, headers=[*made.headers, *more], early=early)

    return Action(f"status {code}", before=answer)


def no_head() -> Action:
    """Answers 405, for rules on HEAD."""
    return replace(status(405, b"", [("Allow", "GET")]), name="no head")


def manifest_blob_unknown(code: int = 404) -> Action:
    """Refuses a manifest as if a blob were missing; once with `nth=1`."""
    made = error(code, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry")
    return Action("manifest blob unknown", before=lambda _: replace(made))


def captive_portal() -> Action:
    """Answers everything with 200 and a page to log in."""
    page = b"<!DOCTYPE html><html><title>Welcome to Free WiFi</title><body>Please accept our terms.</body></html>"
    return replace(status(200, page, [("Content-Type", "text/html; charset=utf-8")]), name="captive portal")


def hang_up(reset: bool = False, read_body: bool = False) -> Action:
    """Closes the connection before an answer; the request is not handled.

    Args:
        reset: by a TCP RST.
        read_body: only after the request's body has been read.
    """

    def end(exchange: Exchange) -> Answer | None:
        if read_body:
            exchange.request.body.drain()
        raise Hangup(reset)

    return Action("reset" if reset else "close", before=end)


def reset() -> Action:
    """Resets the connection; in the middle of a body with `after_bytes=`."""
    return hang_up(reset=True)


def lose_answer(reset: bool = False) -> Action:
    """Handles the request and closes the connection in place of the answer."""

    def end(exchange: Exchange, answer: Answer) -> Answer:
        raise Hangup(reset)

    return Action("lost answer", after=end)


def lose_session() -> Action:
    """Forgets the upload session and closes the connection; in the middle of a body with `after_bytes=`."""

    def end(exchange: Exchange) -> Answer | None:
        with exchange.store.lock:
            exchange.store.sessions.pop(exchange.reference, None)
        raise Hangup

    return Action("lost session", before=end)


def stall(gate: threading.Event | None = None, arrived: threading.Event | None = None) -> Action:
    """Never answers, until it is let go; then handles the request.

    Args:
        gate: lets it go when it is set; so do removing the rule and stopping the registry.
        arrived: is set when a request stands still (with `after_bytes=`: when so much of its body is there), so that
            a test can kill its client at that very moment.
    """
    opened, reached = gate or threading.Event(), arrived or threading.Event()

    def wait(exchange: Exchange) -> Answer | None:
        reached.set()
        opened.wait()
        if exchange.world.stopped.is_set():
            raise Hangup
        return None

    return Action("stall", before=wait, release=opened.set)


def gather(count: int) -> Action:
    """Holds requests back until `count` of them are under way at once: proves that a client sends so many."""
    barrier = threading.Barrier(count)

    def wait(exchange: Exchange) -> Answer | None:
        try:
            barrier.wait()
        except threading.BrokenBarrierError:
            raise Hangup from None
        return None

    return Action(f"gather {count}", before=wait, release=barrier.abort)


def cut_answer(after: int | None = None, how: Literal["close", "reset", "stall"] = "close") -> Action:
    """Breaks off in the middle of the answer.

    Args:
        after: so many bytes of the whole message are sent first; half of it where None.
        how: closes, resets, or says nothing more until the rule is removed or the registry stops.
    """
    opened = threading.Event()

    def end() -> None:
        if how == "stall":
            opened.wait()
        raise Hangup(how == "reset")

    def cut(head: bytes, content: bytes) -> Iterator[bytes]:
        message = head + content
        yield message[: len(message) // 2 if after is None else after]
        end()

    return Action(f"answer cut by {how}", after=lambda _, answer: replace(answer, pieces=cut), release=opened.set)


def trickle(pieces: int = 10, seconds: float = 0.01) -> Action:
    """Sends the answer in so many pieces, with a pause before each but the first until the rule is removed."""
    hurry = threading.Event()

    def drip(head: bytes, content: bytes) -> Iterator[bytes]:
        message = head + content
        step = max(1, -(-len(message) // pieces))
        yield message[:step]
        for start in range(step, len(message), step):
            hurry.wait(seconds)
            yield message[start : start + step]

    return Action("trickle", after=lambda _, answer: replace(answer, pieces=drip), release=hurry.set)


def digest_header(value: str | None = "sha256:" + 64 * "0") -> Action:
    """Answers a wrong Docker-Content-Digest, or none."""
    return header("Docker-Content-Digest", value, only_if_there=True)


def header(name: str, value: str | None, only_if_there: bool = False) -> Action:
    """Sets a header of the answer; None takes it away."""

    def change(exchange: Exchange, answer: Answer) -> Answer:
        if answer.header(name) or not only_if_there:
            answer.replace_header(name, value)
        return answer

    return Action(f"header {name}", after=change)


def warning(text: str) -> Action:
    """Adds a `Warning: 299` header (distribution-spec, "Warnings")."""
    return header("Warning", f'299 - "{text}"')


def content_length(difference: int) -> Action:
    """Names a Content-Length that is wrong by so many bytes, and closes the connection after the answer."""

    def lie(exchange: Exchange, answer: Answer) -> Answer:
        said = max(0, (len(answer.content) if answer.length is None else answer.length) + difference)
        return replace(answer, length=said, close=True, announce=False)

    return Action("content length", after=lie)


def http_1_0(name_length: bool = True) -> Action:
    """Answers as HTTP/1.0 does: closes after it, and names no Content-Length unless told to."""

    def age(exchange: Exchange, answer: Answer) -> Answer:
        return replace(answer, version="HTTP/1.0", close=True, length=answer.length if name_length else -1)

    return Action("http/1.0", after=age)


def close_after(announce: bool = False) -> Action:
    """Closes the connection after the answer, with `Connection: close` or without a word."""
    return Action("close after", after=lambda _, answer: replace(answer, close=True, announce=announce))


def call(function: Callable[[Exchange], None], after: bool = False) -> Action:
    """Calls a function before (or after) the request is handled."""

    def run(exchange: Exchange, answer: Answer) -> Answer:
        function(exchange)
        return answer

    return Action("call", after=run) if after else Action("call", before=lambda exchange: function(exchange))


def move_tag(repository: str, tag: str, digest: str, after: bool = False) -> Action:
    """Lets somebody else move a tag, just before (or after) the request is handled."""

    def move(exchange: Exchange) -> None:
        exchange.store.put_tag(repository, tag, digest, by_client=False)

    return replace(call(move, after), name=f"move {repository}:{tag}")
