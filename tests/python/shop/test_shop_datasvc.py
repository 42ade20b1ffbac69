"""datasvc: search, products, orders, and the data file."""

import json
from pathlib import Path
from typing import Any

import pytest

from shop_datasvc.catalogue import Catalogue, DataError
from shop_datasvc.service import DATA_FILE
from shop_processes import VERSION, Shop, refused


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("q=sencha", ["tea-sencha"]),
        ("q=STONEWARE", ["mug-blue", "mug-sand"]),
        ("q=coffee&limit=2", ["coffee-filter", "coffee-espresso"]),
        ("q=no+such+thing", []),
    ],
)
def test_search_finds_names_and_categories_in_any_case(shop: Shop, query: str, ids: list[str]) -> None:
    reply = shop.datasvc.call(f"/products?{query}")
    assert [product["id"] for product in reply.json["products"]] == ids


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1e1", "x", "", "9999999", "²"])
def test_limit_outside_1_to_100_is_refused(shop: Shop, limit: str) -> None:
    target = f"/products?limit={limit}".replace("²", "%C2%B2")
    assert shop.datasvc.call(target).refusal == (400, "bad_request")


def test_product_is_found_by_id(shop: Shop) -> None:
    assert shop.datasvc.call("/products/mug-blue").json["name"] == "Stoneware Mug, Blue"
    assert shop.datasvc.call("/products/mug-pink").refusal == (404, "not_found")


def test_order_has_the_sum_of_its_lines(shop: Shop) -> None:
    orders = shop.datasvc.call("/orders?user=demo").json["orders"]
    assert [(order["id"], order["total_cents"]) for order in orders] == [("1001", 3070), ("1003", 10030)]


def test_orders_of_nobody_in_particular_are_refused(shop: Shop) -> None:
    assert shop.datasvc.call("/orders").refusal == (400, "bad_request")
    assert shop.datasvc.call("/orders?user=nobody").json == {"orders": []}


def changed(*path: str | int, to: object) -> dict[str, Any]:
    """Returns the shipped data with one value replaced."""
    data: dict[str, Any] = json.loads(DATA_FILE.read_text())
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "data.products: expected a list, found NoneType"),
        (changed("orders", to={}), "data.orders: expected a list, found dict"),
        (changed("products", 2, to=7), "data.products[2]: expected an object, found int"),
        (changed("products", 1, "stock", to="9"), "data.products[1].stock: expected int, found str"),
        (changed("products", 1, "stock", to=True), "data.products[1].stock: expected int, found bool"),
        (changed("orders", 0, "lines", to=None), "data.orders[0].lines: expected a list, found NoneType"),
        (changed("orders", 0, "lines", 1, "quantity", to=0.5), "data.orders[0].lines[1].quantity: expected int"),
        (changed("orders", 0, "lines", 0, "product", to="x"), "order 1001: expected a known product, found 'x'"),
    ],
)
def test_unusable_data_is_refused_by_its_place(tmp_path: Path, data: object, message: str) -> None:
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(data))
    with pytest.raises(DataError) as refusal:
        Catalogue.load(file)
    assert str(refusal.value).startswith(message)


def test_service_with_an_unusable_data_file_does_not_start(tmp_path: Path) -> None:
    code, lines = refused("datasvc", SHOP_VERSION=VERSION, SHOP_DATA_FILE=str(tmp_path / "none.json"))
    assert code == 2
    assert len(lines) == 1
    assert "none.json" in lines[0]
