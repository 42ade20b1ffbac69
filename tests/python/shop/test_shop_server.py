"""The server, in a thread: hostile requests, bugs, and the stop."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import pytest

from shop.messages import Answer, Request, json_answer
from shop.routing import Routes
from shop.server import BODY_LIMIT, GRACE_SECONDS, POLL_SECONDS, Server, serving
from shop.settings import Address
from shop_processes import DEADLINE_SECONDS, Reply, call


class Blocking:
    """A handler that says when it is entered, and answers when it may."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.may_answer = threading.Event()

    def __call__(self, _: Request) -> Answer:
        """Answers `"finished"`."""
        self.entered.set()
        assert self.may_answer.wait(DEADLINE_SECONDS)
        return json_answer("finished")


def broken(_: Request) -> Answer:
    raise KeyError("a secret of the request")


@pytest.fixture
def blocking() -> Blocking:
    return Blocking()


@pytest.fixture
def server(blocking: Blocking) -> Iterator[Server]:
    routes = Routes()
    routes.add("POST", "/echo", lambda request: json_answer(request.body.decode()))
    routes.add("GET", "/broken", broken)
    routes.add("GET", "/blocking", blocking)
    with Server("test", routes, Address("127.0.0.1", 0)) as server, serving(server):
        yield server


def sent(server: Server, data: bytes, then_close: bool = False) -> bytes:
    """Sends bytes as they are, and returns all that comes until the server closes."""
    with socket.create_connection(server.address, DEADLINE_SECONDS) as connection:
        connection.sendall(data)
        if then_close:
            connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_body_at_the_limit_is_read(server: Server) -> None:
    reply = call(f"http://{server.address}", "POST", "/echo", b"x" * BODY_LIMIT, {})
    assert (reply.status, len(reply.json)) == (200, BODY_LIMIT)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        (f"Content-Length: {BODY_LIMIT + 1}", b"413", b"too_large"),
        (f"Content-Length: {'9' * 15}", b"413", b"too_large"),
        (f"Content-Length: {'9' * 5000}", b"400", b"bad_request"),
        ("Content-Length: -1", b"400", b"bad_request"),
        ("Content-Length: 1_0", b"400", b"bad_request"),
        ("Content-Length: 1\r\nContent-Length: 2", b"400", b"bad_request"),
        ("Transfer-Encoding: chunked", b"411", b"length_required"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 1", b"411", b"length_required"),
    ],
)
def test_body_of_unclear_or_excessive_length_ends_the_connection(
    server: Server, headers: str, status: bytes, code: bytes
) -> None:
    answer = sent(server, f"POST /echo HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n".encode())
    assert answer.split()[1] == status
    assert code in answer
    assert b"Connection: close" in answer


@pytest.mark.parametrize("target", [b"/\xff", b"*", b"http://other/"])
def test_target_that_is_no_path_is_a_bad_request(server: Server, target: bytes) -> None:
    answer = sent(server, b"GET " + target + b" HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert answer.split()[1] == b"400"


def test_unknown_method_is_refused_in_json(server: Server) -> None:
    answer = sent(server, b"BREW /echo HTTP/1.1\r\n\r\n")
    assert answer.split()[1] == b"501"
    assert b'"code": "not_implemented"' in answer


def test_body_that_ends_early_is_no_bug(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    assert sent(server, b"POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nab", then_close=True) == b""
    assert capfd.readouterr().err == "test: connection broke: ConnectionResetError\n"


def test_bug_is_a_500_that_tells_the_client_and_the_log_nothing_of_the_request(
    server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    reply = call(f"http://{server.address}", "GET", "/broken", None, {})
    assert reply.refusal == (500, "internal")
    log = capfd.readouterr().err
    assert "test: bug: KeyError at " in log
    assert "secret" not in log + reply.body.decode()


def test_connection_is_kept_for_the_next_request(server: Server) -> None:
    with closing(HTTPConnection(str(server.address), timeout=DEADLINE_SECONDS)) as connection:
        for body in (b"one", b"two"):
            connection.request("POST", "/echo", body)
            assert connection.getresponse().read() == b'"%s"\n' % body
            assert connection.sock is not None


@contextmanager
def waiting_client(server: Server, blocking: Blocking) -> Iterator[list[Reply]]:
    """Holds a request in its handler for the block; the list has the reply afterwards."""
    replies: list[Reply] = []
    url = f"http://{server.address}"
    client = threading.Thread(target=lambda: replies.append(call(url, "GET", "/blocking", None, {})))
    client.start()
    assert blocking.entered.wait(DEADLINE_SECONDS)
    try:
        yield replies
    finally:
        blocking.may_answer.set()
        client.join(DEADLINE_SECONDS)


def test_stop_waits_for_the_request_that_is_being_answered(
    server: Server, blocking: Blocking, capfd: pytest.CaptureFixture[str]
) -> None:
    with waiting_client(server, blocking) as replies:
        server.shutdown()
        blocking.may_answer.set()
        server.drain()
        assert " GET /blocking 200 " in capfd.readouterr().err
    assert [reply.json for reply in replies] == ["finished"]


def test_stop_does_not_wait_for_a_request_longer_than_its_grace(
    server: Server, blocking: Blocking, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert GRACE_SECONDS + POLL_SECONDS < 1
    monkeypatch.setattr("shop.server.GRACE_SECONDS", 0)
    with waiting_client(server, blocking) as replies:
        server.drain()
        assert replies == []
