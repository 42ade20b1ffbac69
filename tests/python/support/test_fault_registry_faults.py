"""Each fault does what its name says, to the requests that its rule names and to no others."""

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.fault_registry import Action, BasicAuth, FaultRegistry, actions, elsewhere, hostile
from tests.support.fault_registry.content import digest_of
from tests.support.fault_registry.probe import Probe, with_digest

PING = "/v2/"
UPLOADS = "/v2/a/blobs/uploads/"
HELLO = digest_of(b"hello")
BROKEN = (http.client.RemoteDisconnected, http.client.IncompleteRead, http.client.BadStatusLine, ConnectionError)


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    with FaultRegistry() as running:
        yield running


@pytest.fixture
def probe(registry: FaultRegistry) -> Iterator[Probe]:
    with Probe(registry.host) as made:
        yield made


def _statuses(probe: Probe, count: int, method: str = "GET", path: str = PING) -> list[int]:
    return [probe.ask(method, path).status for _ in range(count)]


# Rules


@pytest.mark.parametrize(
    ("nth", "expected"),
    [(None, [503, 503, 503]), (2, [200, 503, 200]), (range(1, 3), [503, 503, 200]), ({1, 3}, [503, 200, 503])],
)
def test_a_rule_hits_the_nth_requests(registry: FaultRegistry, probe: Probe, nth: Any, expected: list[int]) -> None:
    rule = registry.on(actions.status(503), nth=nth)
    assert _statuses(probe, 3) == expected
    assert rule.hits == expected.count(503)


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({"method": "GET|PUT"}, True),
        ({"method": "PUT"}, False),
        ({"path": "/blobs/"}, True),
        ({"path": r"\?n=1$"}, True),
        ({"path": "^/blobs/"}, False),
        ({"repository": "a/.*"}, True),
        ({"repository": "a"}, False),
        ({"endpoint": "blob"}, True),
        ({"endpoint": "manifest"}, False),
        ({"host": "other"}, False),
        ({"only": lambda request: request.header("X") == "y"}, True),
        ({"probability": 0.0}, False),
        ({"after_bytes": 1}, False),
    ],
)
def test_a_rule_hits_what_it_matches(registry: FaultRegistry, probe: Probe, match: dict[str, Any], hit: bool) -> None:
    registry.on(actions.status(503), **match)
    assert (probe.ask("GET", f"/v2/a/b/blobs/{HELLO}?n=1", X="y").status == 503) == hit


def test_a_rule_can_count_each_path_by_itself(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.status(503), nth=1, per_path=True)
    assert [probe.ask("GET", path).status for path in (PING, "/v2/a/tags/list", PING)] == [503, 503, 200]


def test_upload_sessions_count_as_one_path(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.status(503), "PUT", nth=1, per_path=True)
    places = [probe.ask("POST", UPLOADS).header("Location") for _ in range(2)]
    assert [probe.ask("PUT", with_digest(place, HELLO), b"hello").status for place in places] == [503, 201]


def test_chance_is_the_same_in_every_run() -> None:
    def run(seed: int) -> list[int]:
        with FaultRegistry() as registry, Probe(registry.host) as probe:
            registry.on(actions.status(503), probability=0.5, seed=seed)
            return _statuses(probe, 20)

    assert run(1) == run(1) != run(2)
    assert set(run(1)) == {200, 503}


def test_a_removed_rule_hits_nothing(registry: FaultRegistry, probe: Probe) -> None:
    rule = registry.on(actions.status(503))
    assert _statuses(probe, 1) == [503]
    registry.script.remove(rule)
    assert _statuses(probe, 1) == [200]
    registry.on(actions.status(503))
    registry.script.clear()
    assert _statuses(probe, 1) == [200]


def test_the_first_rule_that_answers_wins_and_all_may_dress_the_answer(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.status(503))
    registry.on(actions.status(500))
    registry.on(actions.warning("slow"))
    reply = probe.ask("GET", PING)
    assert (reply.status, reply.header("Warning")) == (503, '299 - "slow"')


# Statuses


@pytest.mark.parametrize("retry_after", [3, "Wed, 21 Oct 2099 07:28:00 GMT", "soon", 86400])
def test_a_status_says_when_to_come_back(registry: FaultRegistry, probe: Probe, retry_after: str | int) -> None:
    registry.on(actions.status(429, retry_after=retry_after))
    reply = probe.ask("GET", PING)
    assert (reply.status, reply.codes) == (429, ["TOOMANYREQUESTS"])
    assert reply.header("Retry-After") == str(retry_after)


def test_a_status_can_have_its_own_body_and_headers(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.status(502, b"bad gateway", [("Via", "proxy")]))
    reply = probe.ask("GET", PING)
    assert (reply.status, reply.body, reply.header("Via")) == (502, b"bad gateway", "proxy")


def test_an_early_answer_comes_before_the_body_is_read(registry: FaultRegistry, probe: Probe) -> None:
    place = with_digest(probe.ask("POST", UPLOADS).header("Location"), HELLO)
    registry.on(actions.status(503, early=True), "PUT", nth=1)
    reply = probe.ask("PUT", place, b"hello")
    assert (reply.status, reply.header("Connection")) == (503, "close")
    assert registry.journal.select("PUT")[0].body_length == 0
    assert probe.ask("PUT", place, b"hello").status == 201


def test_a_status_after_some_bytes_keeps_what_had_come(registry: FaultRegistry, probe: Probe) -> None:
    place = probe.ask("POST", UPLOADS).header("Location")
    registry.on(actions.status(500), "PATCH", after_bytes=2)
    assert probe.ask("PATCH", place, b"hello").status == 500
    assert probe.ask("GET", place).header("Range") == "0-1"
    assert [record.handled for record in registry.journal.select("PATCH")] == [None]


def test_a_captive_portal_answers_everything_with_a_page(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.captive_portal())
    replies = [probe.ask(method, path) for method, path in (("GET", PING), ("HEAD", "/x"), ("POST", UPLOADS))]
    assert [reply.status for reply in replies] == [200, 200, 200]
    assert replies[0].header("Content-Type").startswith("text/html")
    assert registry.state.sessions == []


def test_head_can_be_refused_now_and_then(registry: FaultRegistry, probe: Probe) -> None:
    probe.push_blob("a", b"hello")
    registry.on(actions.no_head(), "HEAD", nth=1)
    assert _statuses(probe, 2, "HEAD", f"/v2/a/blobs/{HELLO}") == [405, 200]


def test_a_manifest_can_be_refused_once_as_if_a_blob_were_missing(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.manifest_blob_unknown(), "PUT", "/manifests/", nth=1)
    with pytest.raises(AssertionError, match="MANIFEST_BLOB_UNKNOWN"):
        probe.push_image("a", "v1")
    probe.push_image("a", "v1")
    assert list(registry.state.tags("a")) == ["v1"]


def test_an_answer_is_not_dressed_twice(registry: FaultRegistry, probe: Probe) -> None:
    registry.options.warning = "old"
    registry.on(actions.manifest_blob_unknown(400), "PUT")
    replies = [probe.ask("PUT", "/v2/a/manifests/v1", b"") for _ in range(2)]
    assert [reply.headers.get_all("Warning") for reply in replies] == [['299 - "old"']] * 2


# Broken connections


@pytest.mark.parametrize("action", [actions.hang_up(), actions.hang_up(read_body=True), actions.reset()])
def test_a_closed_connection_means_that_nothing_was_done(registry: FaultRegistry, probe: Probe, action: Action) -> None:
    registry.on(action, "POST")
    with pytest.raises(BROKEN):
        probe.ask("POST", UPLOADS, b"x")
    record = registry.journal.records[0]
    assert (record.status, record.handled, registry.state.sessions) == (None, None, [])


def test_a_reset_is_seen_as_one(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.reset())
    with pytest.raises(ConnectionResetError) as caught:
        probe.ask("GET", PING)
    assert not isinstance(caught.value, http.client.RemoteDisconnected)


def test_a_reset_in_the_middle_of_a_body_has_taken_so_many_bytes(registry: FaultRegistry, probe: Probe) -> None:
    place = probe.ask("POST", UPLOADS).header("Location")
    registry.on(actions.reset(), "PUT", after_bytes=100_000)
    with pytest.raises(ConnectionError):
        probe.ask("PUT", with_digest(place, HELLO), b"x" * 1_000_000)
    assert registry.journal.select("PUT")[0].body_length == 100_000
    assert registry.state.sessions[0].content.size == 100_000


@pytest.mark.parametrize("reset", [False, True])
def test_a_lost_answer_means_that_it_was_done(registry: FaultRegistry, probe: Probe, reset: bool) -> None:
    place = probe.ask("POST", UPLOADS).header("Location")
    registry.on(actions.lose_answer(reset), "PUT")
    with pytest.raises(BROKEN):
        probe.ask("PUT", with_digest(place, HELLO), b"hello")
    record = registry.journal.select("PUT")[0]
    assert (record.status, record.handled) == (None, 201)
    assert registry.state.blobs("a") == {HELLO: 5}


def test_a_session_can_be_lost_in_the_middle_of_a_chunk(registry: FaultRegistry, probe: Probe) -> None:
    place = probe.ask("POST", UPLOADS).header("Location")
    registry.on(actions.lose_session(), "PATCH", after_bytes=2)
    with pytest.raises(BROKEN):
        probe.ask("PATCH", place, b"hello")
    probe.connection.close()
    assert probe.ask("GET", place).codes == ["BLOB_UPLOAD_UNKNOWN"]


def test_a_stalled_request_goes_on_when_the_rule_is_removed(registry: FaultRegistry, probe: Probe) -> None:
    rule = registry.on(actions.stall())
    probe.connection.request("GET", PING)
    assert registry.journal.wait(lambda records: len(records) == 1 and records[0].faults == ["stall"])
    assert registry.journal.records[0].finished is None
    registry.script.remove(rule)
    assert probe.connection.getresponse().status == 200


@pytest.mark.parametrize("after_bytes", [None, 2])
def test_a_stalled_request_ends_with_the_registry(after_bytes: int | None) -> None:
    with FaultRegistry() as registry:
        probe = Probe(registry.host)
        registry.on(actions.stall(), after_bytes=after_bytes)
        probe.connection.request("POST", UPLOADS, b"hello")
        assert registry.journal.wait(lambda records: len(records) == 1 and bool(records[0].faults))
    with pytest.raises(BROKEN):
        probe.connection.getresponse()
    probe.connection.close()
    assert registry.state.sessions == []


def test_gather_waits_until_so_many_requests_are_under_way(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.gather(2), nth=range(1, 3))
    with Probe(registry.host) as second:
        for each in (probe, second):
            each.connection.request("GET", PING)
        assert [each.connection.getresponse().status for each in (probe, second)] == [200, 200]
    assert registry.journal.peak == 2


# Broken answers


@pytest.mark.parametrize(("how", "error"), [("close", http.client.IncompleteRead), ("reset", ConnectionResetError)])
def test_an_answer_can_break_off(registry: FaultRegistry, probe: Probe, how: Any, error: type[Exception]) -> None:
    digest = probe.push_blob("a", b"x" * 100_000)
    registry.on(actions.cut_answer(how=how), "GET")
    with pytest.raises(error):
        probe.ask("GET", f"/v2/a/blobs/{digest}")
    assert registry.journal.records[-1].status == 200


def test_an_answer_can_stall_in_the_middle(registry: FaultRegistry, probe: Probe) -> None:
    digest = probe.push_blob("a", b"hello")
    rule = registry.on(actions.cut_answer(how="stall"), "HEAD|GET")
    probe.connection.request("GET", f"/v2/a/blobs/{digest}")
    assert probe.connection.sock.recv(8) == b"HTTP/1.1"
    registry.script.remove(rule)
    while probe.connection.sock.recv(1024):
        pass


def test_a_trickled_answer_is_whole_in_the_end(registry: FaultRegistry, probe: Probe) -> None:
    digest = probe.push_blob("a", b"hello" * 100)
    registry.on(actions.trickle(pieces=5, seconds=0.001), "GET")
    assert probe.ask("GET", f"/v2/a/blobs/{digest}").body == b"hello" * 100


@pytest.mark.parametrize(("value", "seen"), [("sha256:1", "sha256:1"), (None, "")])
def test_the_digest_header_can_be_wrong_or_missing(
    registry: FaultRegistry, probe: Probe, value: str | None, seen: str
) -> None:
    probe.push_blob("a", b"hello")
    registry.on(actions.digest_header(value))
    assert probe.ask("HEAD", f"/v2/a/blobs/{HELLO}").header("Docker-Content-Digest") == seen
    assert probe.ask("GET", PING).header("Docker-Content-Digest") == ""


def test_the_content_length_can_be_too_large(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.content_length(3), nth=1)
    with pytest.raises(http.client.IncompleteRead):
        probe.ask("GET", PING)
    probe.connection.close()
    assert _statuses(probe, 1) == [200]


def test_the_content_length_can_be_too_small(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(actions.content_length(-1))
    assert probe.ask("GET", PING).body == b"{"


@pytest.mark.parametrize(("name_length", "length"), [(True, "2"), (False, "")])
def test_answers_can_be_those_of_http_1_0(
    registry: FaultRegistry, probe: Probe, name_length: bool, length: str
) -> None:
    registry.on(actions.http_1_0(name_length))
    probe.connection.request("GET", PING)
    response = probe.connection.getresponse()
    assert (response.version, response.will_close, response.getheader("Content-Length", "")) == (10, True, length)
    assert response.read() == b"{}"


@pytest.mark.parametrize("announce", [False, True])
def test_the_connection_can_end_after_each_answer(registry: FaultRegistry, probe: Probe, announce: bool) -> None:
    registry.on(actions.close_after(announce), nth=1)
    probe.connection.request("GET", PING)
    response = probe.connection.getresponse()
    assert (response.status, response.read(), response.will_close) == (200, b"{}", announce)
    assert announce or probe.connection.sock.recv(1) == b""


# Elsewhere


@pytest.mark.parametrize("code", [302, 307])
def test_a_redirect_to_itself_is_followed_once(registry: FaultRegistry, probe: Probe, code: int) -> None:
    registry.on(elsewhere.redirect(code=code))
    reply = probe.ask("GET", "/v2/?a=b")
    assert (reply.status, reply.header("Location")) == (code, "/v2/?a=b&redirected=1")
    assert probe.ask("GET", reply.header("Location")).status == 200


def test_a_redirect_can_be_a_loop(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(elsewhere.redirect("loop"))
    assert {probe.ask("GET", PING).header("Location") for _ in range(3)} == {f"http://{registry.host}/v2/"}


def test_a_redirect_to_another_host_is_recorded_there(registry: FaultRegistry, probe: Probe) -> None:
    probe.push_blob("a", b"hello")
    registry.on(elsewhere.redirect("other"), "GET", "/blobs/")
    place = probe.ask("GET", f"/v2/a/blobs/{HELLO}").header("Location")
    assert urlsplit(place).netloc == registry.addresses["other"] != registry.host
    with Probe(registry.addresses["other"]) as other:
        assert other.ask("GET", place, Authorization="leaked").body == b"hello"
    assert [record.host for record in registry.journal.with_header("Authorization", "other")] == ["other"]


def test_a_redirect_can_lead_anywhere_and_back(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(elsewhere.redirect("file:///etc/passwd"), nth=1)
    registry.on(elsewhere.redirect("registry"), host="other")
    assert probe.ask("GET", PING).header("Location") == "file:///etc/passwd"
    with Probe(registry.addresses["other"]) as other:
        assert other.ask("GET", PING).header("Location") == f"http://{registry.host}/v2/"


def test_an_upload_can_lead_to_another_host_that_needs_no_authorization() -> None:
    with FaultRegistry(auth=BasicAuth({"me": "pw"})) as registry:
        registry.on(elsewhere.upload_elsewhere(), "POST")
        with Probe(registry.host, {"Authorization": "Basic bWU6cHc="}) as probe:
            place = probe.ask("POST", UPLOADS).header("Location")
        assert place.startswith(f"http://{registry.addresses['other']}/v2/a/blobs/uploads/")
        with Probe(registry.addresses["other"]) as other:
            assert other.ask("PUT", with_digest(place, HELLO), b"hello").status == 201
        assert registry.state.blobs("a") == {HELLO: 5}
        assert [(record.host, record.body_length) for record in registry.journal.select("PUT")] == [("other", 5)]


def test_a_location_can_be_anything(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(elsewhere.location("//evil.example{}"), "POST")
    assert probe.ask("POST", UPLOADS).header("Location").startswith("//evil.example/v2/a/blobs/uploads/session-")


# Hostile bodies


def test_a_huge_body_is_as_long_as_it_says(registry: FaultRegistry, probe: Probe) -> None:
    registry.on(hostile.huge_body(3, code=503))
    reply = probe.ask("GET", PING)
    assert (reply.status, len(reply.body)) == (503, 3 * 1024 * 1024)
    assert probe.ask("HEAD", PING).status == 503


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        ("control", lambda body: "\x07" in json.loads(body)["errors"][0]["message"]),
        ("ansi", lambda body: "\x1b[2J" in json.loads(body)["errors"][0]["code"]),
        ("html", lambda body: b"<script>" in body),
        ("invalid", lambda body: b"\xff\xfe" in body),
        ("deep", lambda body: body.count(b"[") == 100_000),
        ("types", lambda body: json.loads(body)["errors"][1] is None),
        ("long", lambda body: len(body) > 1_000_000),
    ],
)
def test_a_body_can_be_hostile(
    registry: FaultRegistry, probe: Probe, kind: hostile.Kind, holds: Callable[[bytes], bool]
) -> None:
    registry.on(hostile.hostile_body(kind, 403))
    reply = probe.ask("GET", PING)
    assert (reply.status, holds(reply.body)) == (403, True)


def test_a_body_can_give_secrets_back() -> None:
    with FaultRegistry(auth=BasicAuth({"me": "swordfish", "you": "xyzzy"})) as registry, Probe(registry.host) as probe:
        registry.on(hostile.hostile_body("echo"))
        body = probe.ask("GET", PING, Authorization="Basic bWU6c3dvcmRmaXNo").body
        assert all(secret in body for secret in (b"swordfish", b"xyzzy", b"bWU6c3dvcmRmaXNo"))


# Somebody else


def test_somebody_else_can_move_a_tag_between_two_requests(registry: FaultRegistry, probe: Probe) -> None:
    foreign = registry.state.put_image("a", content=b"foreign")
    ours = probe.push_image("a", "v1")
    registry.on(actions.move_tag("a", "v1", foreign), "HEAD", nth=2)
    seen = [probe.ask("HEAD", "/v2/a/manifests/v1").header("Docker-Content-Digest") for _ in range(3)]
    assert seen == [ours, foreign, foreign]
    assert [change.by_client for change in registry.state.changes("v1", "a")] == [True, False]


def test_a_call_can_do_anything(registry: FaultRegistry, probe: Probe) -> None:
    seen: list[str] = []
    registry.on(actions.call(lambda exchange: seen.append(f"before {exchange.record.handled}")))
    registry.on(actions.call(lambda exchange: seen.append(f"after {exchange.record.handled}"), after=True))
    assert probe.ask("GET", PING).status == 200
    assert seen == ["before None", "after 200"]
