"""What a user can ask, and what nobody can ask without a session."""

from collections.abc import Callable

import pytest
from refusals import refusal

from release_kit.adapters.e2e.deployed import Deployed


def test_products(deployed: Deployed, token: str) -> None:
    """The shop has products."""
    answer = deployed.get("/api/products?limit=3", token=token)
    assert answer.status == 200
    assert 1 <= len(answer.json["products"]) <= 3


def test_one_product(deployed: Deployed, token: str) -> None:
    """Each product of the list has a page of its own."""
    first = deployed.get("/api/products?limit=1", token=token).json["products"][0]
    answer = deployed.get(f"/api/products/{first['id']}", token=token)
    assert (answer.status, answer.json) == (200, first)


def test_unknown_product_is_not_found(deployed: Deployed, token: str) -> None:
    """What the shop does not have is refused."""
    answer = deployed.get("/api/products/no-such-product", token=token)
    assert refusal(answer) == (404, "not_found")


def test_orders_are_the_users_own(deployed: Deployed, token: str, credential: Callable[[str], str]) -> None:
    """Nobody sees the orders of others, whoever is asked for."""
    answer = deployed.get("/api/orders?user=alice", token=token)
    assert answer.status == 200
    assert {order["user"] for order in answer.json["orders"]} <= {credential("SHOP_E2E_USER")}


@pytest.mark.parametrize("path", ["/api/products", "/api/products/mug-blue", "/api/orders"])
def test_no_answer_without_a_token(deployed: Deployed, path: str) -> None:
    """The shop tells nothing to who has not logged in."""
    answer = deployed.get(path)
    assert refusal(answer) == (401, "missing_token")
