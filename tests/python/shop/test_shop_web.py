"""web: the page, the way to core; and what holds for every service."""

import re
from contextlib import closing
from http.client import HTTPConnection

import pytest

from shop_processes import CORE, DEADLINE_SECONDS, NOBODY, PASSWORD, VERSION, Shop, started

SERVICES = {
    "core": {"SHOP_DATASVC_URL": NOBODY, **CORE},
    "datasvc": {},
    "web": {"SHOP_CORE_URL": NOBODY},
}


@pytest.mark.parametrize("service", SERVICES)
def test_health_tells_the_deployed_version(shop: Shop, service: str) -> None:
    reply = getattr(shop, service).call("/health")
    assert (reply.status, reply.json) == (200, {"status": "ok", "service": service, "version": VERSION})


@pytest.mark.parametrize("service", SERVICES)
def test_sigterm_stops_the_service_though_a_client_stays_connected(service: str) -> None:
    with (
        started(service, **SERVICES[service]) as running,
        closing(HTTPConnection(running.address, timeout=DEADLINE_SECONDS)) as client,
    ):
        client.request("GET", "/health")
        assert client.getresponse().read()
        assert running.stop() == 0
    assert running.lines[-1] == f"{service}: stopped\n"


@pytest.mark.parametrize("service", SERVICES)
def test_unknown_path_is_not_found_in_json(shop: Shop, service: str) -> None:
    reply = getattr(shop, service).call("/no/such/path")
    assert reply.refusal == (404, "not_found")
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"


def test_page_is_html_that_loads_nothing_from_elsewhere(shop: Shop) -> None:
    reply = shop.web.call("/")
    page = reply.body.decode()
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.startswith("<!doctype html>")
    assert not re.findall(r"""(?:src|href)=(?!"data:,")|https?:|url\(|@import""", page)


def test_only_the_pages_own_script_may_run_and_each_page_has_its_own_nonce(shop: Shop) -> None:
    replies = [shop.web.call("/") for _ in range(2)]
    nonces = [re.findall(r'nonce="([^"]+)"', reply.body.decode()) for reply in replies]
    for reply, (style, script) in zip(replies, nonces, strict=True):
        assert style == script
        assert f"script-src 'nonce-{script}'" in reply.headers["Content-Security-Policy"]
    assert nonces[0] != nonces[1]


def test_head_of_the_page_has_its_length_and_no_body(shop: Shop) -> None:
    reply = shop.web.call("/", method="HEAD")
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["Content-Length"] == str(len(shop.web.call("/").body))


def test_head_is_forwarded_with_its_length(shop: Shop) -> None:
    token = shop.web.login()
    reply, whole = shop.web.call("/api/orders", token=token, method="HEAD"), shop.web.call("/api/orders", token=token)
    assert (reply.status, reply.body, reply.headers["Content-Length"]) == (200, b"", str(len(whole.body)))


def test_whole_visit_goes_through_web(shop: Shop) -> None:
    token = shop.web.login()
    products = shop.web.call("/api/products?q=mug", token=token).json["products"]
    orders = shop.web.call("/api/orders", token=token).json["orders"]
    assert ([p["id"] for p in products], [o["id"] for o in orders]) == (["mug-blue", "mug-sand"], ["1001", "1003"])


def test_refusals_of_core_are_passed_on(shop: Shop) -> None:
    assert shop.web.call("/api/login", {"user": "demo", "password": "x"}).refusal == (401, "wrong_credentials")
    assert shop.web.call("/api/orders", token=shop.web.login(seconds=0)).refusal == (401, "session_expired")
    assert shop.web.call("/api/orders").headers["WWW-Authenticate"] == 'Bearer realm="shop"'
    assert shop.web.call("/api/nothing").refusal == (404, "not_found")
    assert shop.web.call("/api/orders", {}).headers["Allow"] == "GET"


@pytest.mark.parametrize("target", ["/health", "/api/../health", "/api/%2e%2e/health"])
def test_forwarding_reaches_nothing_of_core_but_its_api(shop: Shop, target: str) -> None:
    assert shop.web.call(target).body != shop.core.call("/health").body


def test_health_of_the_api_goes_through_web(shop: Shop) -> None:
    reply = shop.web.call("/api/health").json
    assert (reply["service"], reply["version"], reply["datasvc"]["version"]) == ("core", VERSION, VERSION)


def test_core_that_is_down_is_a_bad_gateway_but_the_page_is_there() -> None:
    with started("web", SHOP_CORE_URL=NOBODY) as web:
        reply = web.call("/api/login", {"user": "demo", "password": PASSWORD})
        assert reply.refusal == (502, "upstream_unavailable")
        assert web.call("/").status == 200
        assert web.stop() == 0
    assert "core does not answer: ConnectionRefusedError\n" in web.lines
