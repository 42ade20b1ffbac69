"""The sample's scenarios, on the sample's services: all pass, and each fault of a release is seen by one of them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from release_kit.cli.app import main
from release_kit.documents import e2e_suite
from shop_processes import CORE, PASSWORD, VERSION, Shop, call, started
from tests.support.sites import Asked, Reply, Site, said

_ROOT = Path(__file__).parents[3]
_SUITE = Path("release/e2e/e2e.suite/suite.json")
_BUILT = [_ROOT / folder / _SUITE for folder in ("", "bazel-bin")]
SUITE = next((place for place in _BUILT if place.exists()), _BUILT[0])

QUERIES = ("products", "products/mug-blue", "orders")

pytestmark = pytest.mark.skipif(not SUITE.exists(), reason="bazel build //release/e2e:e2e.suite makes the suite")


@pytest.fixture(name="shop", scope="module")
def shop_fixture() -> Iterator[Shop]:
    with (
        started("datasvc") as datasvc,
        started("core", **CORE, SHOP_DATASVC_URL=datasvc.url) as core,
        started("web", SHOP_CORE_URL=core.url) as web,
    ):
        yield Shop(datasvc, core, web)


@pytest.fixture(autouse=True)
def user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_E2E_USER", "demo")
    monkeypatch.setenv("SHOP_E2E_PASSWORD", PASSWORD)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def e2e(url: str, folder: Path, *more: str) -> tuple[int, dict[str, str], list[str]]:
    """Runs the suite; returns the exit code, the outcomes of scenarios and the faults."""
    results = folder / "results.json"
    code = main(["e2e", str(SUITE), "--url", url, "--version", VERSION, "--results", str(results), "--quiet", *more])
    document = json.loads(results.read_text())
    outcomes = {each["scenario"].partition("::")[2]: each["outcome"] for each in document["scenarios"]}
    return code, outcomes, [f"{each['place']}: {each['message']}" for each in document["faults"]]


def test_the_sample_passes_its_scenarios(shop: Shop, tmp_path: Path) -> None:
    code, outcomes, faults = e2e(shop.web.url, tmp_path)
    assert (code, faults) == (0, [])
    required = {each.scenario.partition("::")[2] for each in e2e_suite.load(SUITE).criteria.required}
    assert required <= {name.partition("[")[0] for name in outcomes}
    assert set(outcomes.values()) == {"passed"}


def test_an_old_service_behind_the_others_is_not_tested(shop: Shop, tmp_path: Path) -> None:
    with (
        started("datasvc", SHOP_VERSION="1.2.2") as datasvc,
        started("core", **CORE, SHOP_DATASVC_URL=datasvc.url) as core,
        started("web", SHOP_CORE_URL=core.url) as web,
    ):
        code, outcomes, faults = e2e(web.url, tmp_path, "--deadline", "2s")
    assert (code, outcomes) == (1, {})
    assert faults == [f": /api/health (datasvc.version): version '1.2.2', expected '{VERSION}'"]


def test_another_service_in_the_place_of_web_is_not_tested(shop: Shop, tmp_path: Path) -> None:
    code, _, faults = e2e(shop.core.url, tmp_path, "--deadline", "2s")
    assert code == 1
    assert ": /health (version): is answered by service 'core', expected 'web'" in faults


def test_a_login_that_is_broken_is_seen(shop: Shop, tmp_path: Path) -> None:
    with (
        started("core", **{**CORE, "SHOP_USERS": '{"demo": "another"}'}, SHOP_DATASVC_URL=shop.datasvc.url) as core,
        started("web", SHOP_CORE_URL=core.url) as web,
    ):
        code, outcomes, faults = e2e(web.url, tmp_path)
    assert code == 1
    assert outcomes["test_login"] == "failed"
    assert outcomes["test_orders_are_the_users_own"] == "error"
    assert any(fault.startswith("test_login.py::test_login: failed: assert 401 == 200") for fault in faults)


def test_a_data_service_that_is_gone_is_seen(shop: Shop, tmp_path: Path) -> None:
    def dropping(asked: Asked) -> Reply:
        return said({}, 502) if asked.path.startswith("/api/products") else forwarded(shop, asked)

    with Site(dropping) as site:
        code, outcomes, _ = e2e(site.url, tmp_path)
    assert code == 1
    assert outcomes["test_products"] == "failed"


def forwarded(shop: Shop, asked: Asked) -> Reply:
    """Asks the shop for real."""
    kept = {name: value for name, value in asked.headers.items() if name in ("Authorization", "Content-Type")}
    reply = call(shop.web.url, asked.method, asked.path, asked.body or None, kept)
    return Reply(reply.status, reply.body, {"Content-Type": reply.headers["Content-Type"]})


def any_password(shop: Shop, asked: Asked) -> Reply:
    fields = json.loads(asked.body) if asked.path == "/api/login" else {}
    if "password" in fields:
        asked = asked._replace(body=json.dumps({**fields, "user": "demo", "password": PASSWORD}).encode())
    return forwarded(shop, asked)


def sessions_for_ever(shop: Shop, asked: Asked) -> Reply:
    fields = json.loads(asked.body) if asked.path == "/api/login" else {}
    if fields.pop("seconds", None) is not None:
        asked = asked._replace(body=json.dumps(fields).encode())
    return forwarded(shop, asked)


def tells_anybody(shop: Shop, asked: Asked) -> Reply:
    if asked.path.startswith(("/api/products", "/api/orders")) and "Authorization" not in asked.headers:
        asked = asked._replace(headers={"Authorization": f"Bearer {shop.core.login()}"})
    return forwarded(shop, asked)


def orders_of_whoever_is_asked_for(shop: Shop, asked: Asked) -> Reply:
    wanted = parse_qs(urlsplit(asked.path).query).get("user", [""])[0]
    if asked.path.startswith("/api/orders") and wanted and "Authorization" in asked.headers:
        return said(shop.datasvc.call(f"/orders?user={wanted}").json)
    return forwarded(shop, asked)


def tells_who_has_an_account(shop: Shop, asked: Asked) -> Reply:
    if asked.path == "/api/login" and json.loads(asked.body)["user"] != "demo":
        return said({"error": {"code": "unknown_user"}}, 404)
    return forwarded(shop, asked)


def a_product_for_any_name(shop: Shop, asked: Asked) -> Reply:
    reply = forwarded(shop, asked)
    return said({}) if asked.path.startswith("/api/products/") and reply.status == 404 else reply


def takes_forged_tokens(shop: Shop, asked: Asked) -> Reply:
    reply = forwarded(shop, asked)
    return said({"orders": []}) if b"invalid_token" in reply.body else reply


def no_page(shop: Shop, asked: Asked) -> Reply:
    return Reply(200, b"Welcome to nginx!") if asked.path == "/" else forwarded(shop, asked)


@pytest.mark.parametrize(
    ("fault", "seen_by"),
    [
        (any_password, {"test_wrong_password_is_refused", "test_unknown_user_is_refused_like_a_wrong_password"}),
        (sessions_for_ever, {"test_expired_session_is_refused"}),
        (tells_anybody, {f"test_no_answer_without_a_token[/api/{each}]" for each in QUERIES}),
        (orders_of_whoever_is_asked_for, {"test_orders_are_the_users_own"}),
        (tells_who_has_an_account, {"test_unknown_user_is_refused_like_a_wrong_password"}),
        (a_product_for_any_name, {"test_unknown_product_is_not_found"}),
        (takes_forged_tokens, {"test_forged_token_is_refused"}),
        (no_page, {"test_page_is_there"}),
    ],
)
def test_a_fault_of_a_release_is_seen(
    shop: Shop, tmp_path: Path, fault: Callable[[Shop, Asked], Reply], seen_by: set[str]
) -> None:
    with Site(lambda asked: fault(shop, asked)) as site:
        code, outcomes, _ = e2e(site.url, tmp_path)
    failed = {name for name, outcome in outcomes.items() if outcome != "passed"}
    assert code == 1
    assert failed == seen_by
