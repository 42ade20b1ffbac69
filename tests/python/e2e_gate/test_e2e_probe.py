"""The health of what is deployed, asked of real servers on loopback."""

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from release_kit.adapters.e2e.probe import MAX_BYTES, HttpDeployment
from release_kit.values.scenario_run import Answer
from tests.support.secret_search import found, secret
from tests.support.sites import Reply, Site, healthy, said
from tests.support.tls import over_tls

SECONDS = 20.0


def ask(url: str, path: str = "/health") -> Answer:
    return HttpDeployment(url).ask(path, SECONDS)


def test_the_answer_comes_with_its_json() -> None:
    with Site(healthy("1.2.3")) as site:
        assert ask(f"{site.url}/shop", "/health?full=1") == Answer(200, {"version": "1.2.3"})
    assert site.asked[0].path == "/shop/health?full=1"


def test_each_look_is_on_a_connection_of_its_own() -> None:
    with Site(healthy("1.2.3")) as site:
        deployment = HttpDeployment(site.url)
        for _ in range(3):
            deployment.ask("/health", SECONDS)
    assert len({asked.connection for asked in site.asked}) == 3
    assert site.asked[0].headers["Connection"] == "close"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (said({"version": "1.2.3"}, 404), Answer(404, {"version": "1.2.3"})),
        (Reply(500, b"<html>"), Answer(500, fault="answered with what is no JSON")),
        (Reply(200, b"<html>ok</html>"), Answer(200, fault="answered with what is no JSON")),
        (Reply(200, b""), Answer(200, fault="answered with what is no JSON")),
        (Reply(200, b"\xff\xfe\xfd"), Answer(200, fault="answered with what is no JSON")),
        (Reply(200, b"[" * 60_000), Answer(200, fault="answered with what is no JSON")),
        (Reply(200, b'"' + b"x" * MAX_BYTES + b'"'), Answer(fault=f"answered more than {MAX_BYTES} bytes")),
        (
            Reply(200, gzip.compress(b'"' + b"x" * 9_000_000 + b'"'), {"Content-Encoding": "gzip"}),
            Answer(fault=f"answered more than {MAX_BYTES} bytes"),
        ),
    ],
    ids=["404", "500", "page", "empty", "no UTF-8", "deep", "large", "packed"],
)
def test_what_is_no_answer_in_json_says_so(reply: Reply, expected: Answer) -> None:
    with Site(lambda _: reply) as site:
        assert ask(site.url) == expected


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with Site(healthy("1.2.3")) as other:
        target = {"Location": f"http://name:{secret('in it')}@localhost:{other.url.rpartition(':')[2]}/health"}
        with Site(lambda _: Reply(status, b"{}", target)) as site:
            answer = ask(site.url)
    assert answer == Answer(status, fault="a redirect to localhost")
    assert other.asked == []


def test_where_a_redirect_leads_is_shown_harmlessly() -> None:
    for location in ("http://a\x1b[2Jb/", "//[", "/elsewhere", ""):
        with Site(lambda _, to=location: Reply(302, b"", {"Location": to})) as site:  # type: ignore[misc]
            assert ask(site.url).fault.isprintable()


def test_a_host_that_refuses_the_connection_says_so() -> None:
    assert ask("http://127.0.0.1:1") == Answer(fault="refuses the connection")


def test_a_name_that_is_no_host_says_so() -> None:
    assert ask("http://nowhere.invalid") == Answer(fault="there is no such host")


@contextmanager
def raw(*parts: bytes) -> Iterator[tuple[str, threading.Event]]:
    """Accepts a connection, sends the parts, and keeps it open until the event is set."""
    enough = threading.Event()

    def serve() -> None:
        with listener.accept()[0] as connection:
            connection.recv(65536)
            for part in parts:
                connection.sendall(part)
            enough.wait()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", enough
        enough.set()
        thread.join()


@pytest.mark.parametrize(
    "parts",
    [[], [b"HTTP/1.1 200 OK\r\nX-Slow: "], [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"]],
    ids=["nothing", "half a header", "half a body"],
)
def test_an_answer_that_does_not_end_is_not_waited_for(parts: list[bytes]) -> None:
    with raw(*parts) as (url, _):
        answer = HttpDeployment(url, total_seconds=0.2).ask("/health", SECONDS)
    assert answer == Answer(fault="does not answer in time")


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for() -> None:
    enough = threading.Event()
    sent: list[int] = []

    def serve() -> None:
        with listener.accept()[0] as connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
            while not enough.wait(0.02):
                sent.append(connection.send(b" "))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert HttpDeployment(url, total_seconds=0.3).ask("/health", SECONDS) == Answer(fault="does not answer in time")
        seen = len(sent)
        enough.set()
        thread.join()
    assert seen < 200


def test_no_longer_than_is_left_is_waited() -> None:
    with raw() as (url, _):
        assert HttpDeployment(url).ask("/health", 0.1) == Answer(fault="does not answer in time")


def test_what_is_no_http_says_so() -> None:
    with raw(b"SSH-2.0-OpenSSH\r\n\r\n" + b"x" * 100) as (url, enough):
        enough.set()
        assert "does not answer as HTTP has it" in ask(url).fault


def test_a_certificate_that_nobody_trusts_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with Site(healthy("1.2.3")) as site, over_tls(site.host, tmp_path) as (host, certificate):
        assert "certificate is not trusted" in ask(f"https://{host}").fault
        assert site.asked == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert ask(f"https://{host}") == Answer(200, {"version": "1.2.3"})


def test_a_proxy_of_the_environment_is_not_asked_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:{secret('of the proxy')}@127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with Site(healthy("1.2.3")) as site:
        assert ask(site.url) == Answer(200, {"version": "1.2.3"})


def test_a_proxy_that_refuses_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:{secret('of the proxy')}@127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    answer = ask("http://shop.example")
    assert answer.fault == "the proxy does not let it through"
    assert found(repr(answer)) == ""
