"""Threat: numbers and nesting that no honest peer sends. They are refused, or taken for nothing; none is a crash."""

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from release_kit.adapters.git_reader import _parsed
from release_kit.adapters.registry import credentials
from release_kit.adapters.registry.http1 import Connection
from release_kit.adapters.registry.messages import ProtocolError, Sink, Times
from release_kit.cli.app import main
from release_kit.documents.fields import Fields, parse_document
from release_kit.documents.promotion_gates import _duration
from release_kit.errors import InputError
from tests.support import layouts, releases
from tests.support.fault_registry import Action, BearerAuth, FaultRegistry, actions
from tests.support.fault_registry.exchange import Exchange
from tests.support.fault_registry.messages import Answer
from tests.support.secret_search import secret

DIGITS = "9" * 5000
"""More than Python reads as one number."""
DEEP = b"[" * 200_000
USER = {"user": secret("numbers")}


@pytest.fixture(autouse=True)
def settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))


def push(folder: Path, registry: FaultRegistry) -> int:
    chosen = releases.write_set(folder, {"shop/core": layouts.image(folder / "core", b"layer" * 20_000)})
    common = ["--registry", registry.host, "--status-file", str(releases.write_status(folder))]
    return main(["push", str(chosen), *common, "--record", str(folder / "record.json")])


Rule = tuple[Action, str, str, int | None]
HARMLESS: dict[str, Rule] = {
    "a year that no calendar has": (
        actions.status(503, retry_after=f"Mon, 01 Jan {DIGITS[:20]} 00:00:00 GMT"),
        "PUT",
        "",
        1,
    ),
    "an offset that no zone has": (
        actions.status(503, retry_after="Mon, 01 Jan 2024 00:00:00 +99999999"),
        "PUT",
        "",
        1,
    ),
    "a smallest chunk of many digits": (actions.header("OCI-Chunk-Min-Length", DIGITS), "POST|PATCH", "", None),
    "a range of many digits": (actions.header("Range", f"0-{DIGITS}"), "GET", "/uploads/", None),
}
REFUSED: dict[str, Rule] = {
    "a length of many digits": (actions.header("Content-Length", DIGITS), "HEAD|GET", "", None),
    "a port above all": (actions.header("Location", "http://127.0.0.1:99999999/v2/"), "POST", "", None),
    "a port of many digits": (actions.header("Location", f"http://127.0.0.1:{DIGITS}/v2/"), "POST", "", None),
}


@pytest.mark.parametrize("rule", HARMLESS.values(), ids=HARMLESS)
def test_an_absurd_number_in_an_answer_does_not_stop_a_push(rule: Rule, tmp_path: Path) -> None:
    action, method, path, nth = rule
    with FaultRegistry() as registry:
        registry.on(action, method, path, nth=nth)
        registry.on(actions.reset(), "PUT", endpoint="session", after_bytes=50_000, nth=1)
        assert push(tmp_path, registry) == 0
        assert registry.state.tags("shop/core")["latest"]


@pytest.mark.parametrize("rule", REFUSED.values(), ids=REFUSED)
def test_an_absurd_number_in_an_answer_is_an_error_of_the_registry(
    rule: Rule, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    action, method, path, nth = rule
    with FaultRegistry() as registry:
        registry.on(action, method, path, nth=nth)
        assert push(tmp_path, registry) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert DIGITS not in said


@pytest.mark.parametrize("lifetime", ["1e999", "-1", "NaN", "1" + "0" * 400, "true", "[]", '"soon"', '"nan"'])
def test_the_lifetime_of_a_token_may_be_anything(lifetime: str, tmp_path: Path) -> None:
    with FaultRegistry(auth=BearerAuth(USER)) as registry:
        (tmp_path / "docker" / "config.json").write_text(json.dumps({"auths": {registry.host: _entry()}}))
        registry.on(_with_lifetime(lifetime), endpoint="token")
        assert push(tmp_path, registry) == 0


def _entry() -> dict[str, str]:
    ((name, password),) = USER.items()
    return {"username": name, "password": password}


def _with_lifetime(lifetime: str) -> Action:
    def change(_: Exchange, answer: Answer) -> Answer:
        document = json.loads(answer.content)
        text = json.dumps({**document, "expires_in": "<lifetime>"}).replace('"<lifetime>"', lifetime)
        return replace(answer, content=text.encode())

    return Action("lifetime", after=change)


def test_a_token_service_that_nests_without_end_gives_no_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with FaultRegistry(auth=BearerAuth(USER)) as registry:
        registry.on(actions.status(200, DEEP), endpoint="token")
        assert push(tmp_path, registry) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("sink", [None, bytearray().extend], ids=["kept", "passed on"])
@pytest.mark.parametrize("size", [b"-5", b"+5", b"0x5", b"1_0", b" ", b"f" * 17, b"\xb2"])
def test_the_size_of_a_chunk_is_hexadecimal_digits(size: bytes, sink: Sink | None) -> None:
    """A negative one would be read for ever: what is left of the body grows with each piece."""
    near, far = socket.socketpair()
    with near, far:
        far.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\nabcdefghij\r\n0\r\n\r\n")
        connection = Connection(near, Times(connect=1.0, idle=1.0, total=2.0))
        with pytest.raises(ProtocolError, match="illegal chunk"):
            connection.exchange("GET", b"GET / HTTP/1.1\r\n\r\n", None, sink)


@pytest.mark.parametrize("content", [DEEP, b'{"auths": ' + DEEP], ids=["the whole", "a part"])
def test_a_configuration_that_nests_without_end_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(InputError, match="expected Docker's configuration"):
        credentials.find("ghcr.io", {"DOCKER_CONFIG": str(tmp_path)})


@pytest.mark.parametrize("number", [DIGITS, "1e999", "-1e999", "NaN", str(2**63), "true"])
def test_a_document_has_no_number_that_64_bits_do_not_hold(number: str) -> None:
    with pytest.raises(InputError):
        parse_document(f'{{"size": {number}}}'.encode(), "place", lambda fields: fields.integer("size"))


@pytest.mark.parametrize("content", [DEEP, b'{"a":' * 100_000])
def test_a_document_that_nests_without_end_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        parse_document(content, "place", lambda fields: fields.ignore_rest())


@pytest.mark.parametrize("time", [DIGITS, "9" * 18, "-" + "9" * 18])
def test_a_commit_may_have_any_time(time: str) -> None:
    content = f"tree {'0' * 40}\nauthor a <a> {time} +0000\ncommitter a <a> {time} +0000\n\nsubject".encode()
    assert 0 <= _parsed("0" * 40, content)[1].time < 253_402_300_800


@pytest.mark.parametrize("encoding", ["idna", "undefined", "a\0b", "base64", "zlib", "../x", "rot13"])
def test_a_commit_may_name_any_encoding(encoding: str) -> None:
    content = f"tree {'0' * 40}\nencoding {encoding}\ncommitter a <a> 1 +0000\n\nsubject \N{SNOWMAN}".encode()
    assert _parsed("0" * 40, content)[1].message.startswith("subject")


def test_a_duration_is_one_that_can_be_counted() -> None:
    with pytest.raises(InputError, match="expected a duration"):
        _duration(Fields({"duration": f"{DIGITS}h"}, ""), "duration")
