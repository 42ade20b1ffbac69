"""core: login, sessions, queries."""

import base64
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shop.messages import RefusedError
from shop.sessions import Sessions
from shop_core.accounts import Accounts
from shop_processes import CORE, KEY, NOBODY, PASSWORD, VERSION, Shop, started

QUERIES = ["/api/products", "/api/products/mug-blue", "/api/orders"]


def test_login_gives_a_token_that_opens_the_queries(shop: Shop) -> None:
    token = shop.core.login()
    assert [shop.core.call(target, token=token).status for target in QUERIES] == [200, 200, 200]


def test_token_expires_after_the_session_seconds(shop: Shop) -> None:
    reply = shop.core.call("/api/login", {"user": "demo", "password": PASSWORD})
    payload = reply.json["token"].split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(payload + "==")) == {"user": "demo", "expires": reply.json["expires"]}
    assert Sessions(KEY.encode(), 0, lambda: reply.json["expires"] - 1).user_of(reply.json["token"]) == "demo"


@pytest.mark.parametrize(
    ("user", "password"), [("demo", "wrong"), ("nobody", PASSWORD), ("demo", "\ud800"), ("nobody", "\0")]
)
def test_wrong_credentials_are_refused_without_telling_which_is_wrong(shop: Shop, user: str, password: str) -> None:
    reply = shop.core.call("/api/login", {"user": user, "password": password})
    assert reply.status == 401
    assert reply.json == {"error": {"code": "wrong_credentials", "message": "user or password is wrong"}}


@pytest.mark.parametrize("user", ["nobody", "closed"])
def test_blank_password_opens_no_account(user: str) -> None:
    accounts = Accounts({"demo": PASSWORD, "closed": ""}, Sessions(KEY.encode(), 3600))
    with pytest.raises(RefusedError):
        accounts.login(user, "")


@pytest.mark.parametrize(
    "body",
    [
        b"user=demo",
        [],
        {"user": "demo"},
        {"user": "demo", "password": ""},
        {"user": ["demo"], "password": PASSWORD},
        {"user": "demo", "password": PASSWORD, "seconds": "1"},
        {"user": "demo", "password": PASSWORD, "seconds": -1},
    ],
)
def test_login_of_another_shape_is_a_bad_request(shop: Shop, body: object) -> None:
    assert shop.core.call("/api/login", body).refusal == (400, "bad_request")


@pytest.mark.parametrize("target", QUERIES)
def test_query_without_token_is_refused(shop: Shop, target: str) -> None:
    reply = shop.core.call(target)
    assert reply.refusal == (401, "missing_token")
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("target", QUERIES)
def test_forged_token_is_refused(shop: Shop, target: str) -> None:
    payload, signature = shop.core.login().split(".")
    other = Sessions(b"not the key of the shop", 3600).issue("demo").token
    purposeless = base64.urlsafe_b64encode(hmac.digest(KEY.encode(), payload.encode(), "sha256")).decode().strip("=")
    for token in (other, f"{payload}.{signature[::-1]}", f"{payload}.{purposeless}", payload, "ÿ"):
        assert shop.core.call(target, token=token).refusal == (401, "invalid_token")


@pytest.mark.parametrize("target", QUERIES)
def test_expired_session_is_refused(shop: Shop, target: str) -> None:
    token = shop.core.login(seconds=0)
    assert shop.core.call(target, token=token).refusal == (401, "session_expired")


@pytest.mark.parametrize("seconds", ["0", "-60"])
def test_deployment_can_make_every_session_expire_at_once(seconds: str) -> None:
    with started("core", **CORE, SHOP_DATASVC_URL=NOBODY, SHOP_SESSION_SECONDS=seconds) as core:
        token = core.login(seconds=3600)
        assert core.call("/api/orders", token=token).refusal == (401, "session_expired")


def test_session_ends_with_its_user(shop: Shop) -> None:
    token = Sessions(KEY.encode(), 3600).issue("gone").token
    assert shop.core.call("/api/orders", token=token).refusal == (401, "invalid_token")


def test_products_are_searched_and_limited(shop: Shop) -> None:
    reply = shop.core.call("/api/products?q=tea&limit=2", token=shop.core.login())
    assert [product["id"] for product in reply.json["products"]] == ["tea-assam", "tea-sencha"]


@pytest.mark.parametrize(
    ("target", "refusal"),
    [
        ("/api/products?limit=0", (400, "bad_request")),
        ("/api/products/mug-pink", (404, "not_found")),
        ("/api/products/..%2Forders%3Fuser=alice", (404, "not_found")),
        ("/api/products/mug-blue%3F", (404, "not_found")),
    ],
)
def test_refusal_of_datasvc_is_passed_on(shop: Shop, target: str, refusal: tuple[int, str]) -> None:
    assert shop.core.call(target, token=shop.core.login()).refusal == refusal


def test_user_sees_only_their_own_orders(shop: Shop) -> None:
    reply = shop.core.call("/api/orders?user=demo", token=shop.core.login("alice", "another secret"))
    assert [order["user"] for order in reply.json["orders"]] == ["alice", "alice"]


def test_health_of_the_api_tells_the_versions_of_core_and_datasvc_to_anybody(shop: Shop) -> None:
    with started("datasvc", SHOP_VERSION="1.2.2") as older, started("core", **CORE, SHOP_DATASVC_URL=older.url) as core:
        reply = core.call("/api/health")
    assert reply.status == 200
    assert reply.json == {
        "status": "ok",
        "service": "core",
        "version": VERSION,
        "datasvc": {"status": "ok", "version": "1.2.2"},
    }


@contextmanager
def odd_datasvc(status: int, body: bytes) -> Iterator[str]:
    """Serves the same answer to everything."""

    class Odd(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status)
            self.end_headers()
            self.wfile.write(body)

    with http.server.HTTPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"no json"), (200, b"[]"), (404, b"{}"), (400, b"{}"), (503, b"{}"), (302, b"")]
)
def test_health_of_the_api_is_a_bad_gateway_where_datasvc_has_none(status: int, body: bytes) -> None:
    with odd_datasvc(status, body) as url, started("core", **CORE, SHOP_DATASVC_URL=url) as core:
        assert core.call("/api/health").refusal == (502, "upstream_unavailable")


@pytest.mark.parametrize(
    ("status", "body"), [(200, b"no json"), (500, b"{}"), (302, b""), (200, b"[%s]" % (b" " * 4_200_000))]
)
def test_datasvc_that_answers_oddly_is_a_bad_gateway(status: int, body: bytes) -> None:
    with odd_datasvc(status, body) as url, started("core", **CORE, SHOP_DATASVC_URL=url) as core:
        assert core.call("/api/orders", token=core.login()).refusal == (502, "upstream_unavailable")


def test_datasvc_that_is_down_is_a_bad_gateway_but_core_stays_healthy() -> None:
    with started("core", **CORE, SHOP_DATASVC_URL=NOBODY) as core:
        assert core.call("/api/products", token=core.login()).refusal == (502, "upstream_unavailable")
        assert core.call("/health").status == 200


def test_proxy_of_the_environment_is_not_asked(shop: Shop) -> None:
    with started("core", **CORE, SHOP_DATASVC_URL=shop.datasvc.url, http_proxy=NOBODY) as core:
        assert core.call("/api/orders", token=core.login()).status == 200


def test_log_has_a_line_for_each_request_and_no_secret(shop: Shop) -> None:
    with started("core", **CORE, SHOP_DATASVC_URL=shop.datasvc.url) as core:
        token = core.login()
        core.call(f"/api/products?q=tea&token={token}", token=token)
        core.call("/api/login", {"user": "demo", "password": "mistyped"})
        assert core.stop() == 0
    requests = [line.split()[2:5] for line in core.lines if "/api/" in line]
    assert requests == [["POST", "/api/login", "200"], ["GET", "/api/products", "200"], ["POST", "/api/login", "401"]]
    assert not [word for word in (token, PASSWORD, KEY, "mistyped", "tea") if word in "".join(core.lines)]


def test_core_needs_neither_openssl_nor_sqlite(shop: Shop) -> None:
    missing = "import runpy, sys; sys.modules.update(_hashlib=None, _ssl=None, ssl=None, _sqlite3=None, sqlite3=None); "
    code = missing + "runpy.run_module('shop_core', run_name='__main__')"
    with started("core", "-c", code, **CORE, SHOP_DATASVC_URL=shop.datasvc.url) as core:
        assert core.call("/api/orders", token=core.login()).status == 200
