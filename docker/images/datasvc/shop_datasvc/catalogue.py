"""The shop's data in memory, checked when it is loaded."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self, TypeVar, get_origin


class DataError(Exception):
    """The data file cannot be used; the message names the place in it."""


@dataclass(frozen=True)
class Product:
    """Something for sale."""

    id: str
    name: str
    category: str
    price_cents: int
    stock: int


@dataclass(frozen=True)
class Line:
    """So many pieces of one product."""

    product: str
    quantity: int


@dataclass(frozen=True)
class Order:
    """What a user has bought."""

    id: str
    user: str
    placed: str
    status: str
    lines: tuple[Line, ...]


_Record = TypeVar("_Record", Product, Line, Order)


@dataclass(frozen=True)
class Catalogue:
    """Products by id, and orders, in the data file's sequence."""

    products: dict[str, Product]
    orders: tuple[Order, ...]

    @classmethod
    def load(cls, file: Path) -> Self:
        """Reads the data file.

        Raises:
            DataError: it is missing, not JSON, or a value has another shape or names a product that is not there.
        """
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{file}: {error}") from None
        products = [_record(Product, row, f"data.products[{n}]") for n, row in enumerate(_rows(data, "products"))]
        catalogue = cls(
            {product.id: product for product in products},
            tuple(_order(row, f"data.orders[{n}]") for n, row in enumerate(_rows(data, "orders"))),
        )
        catalogue._check()
        return catalogue

    def find(self, text: str, limit: int) -> list[Product]:
        """Returns the first `limit` products whose name or category holds `text`, in any case."""
        sought = text.casefold()
        fits = [p for p in self.products.values() if sought in p.name.casefold() or sought in p.category.casefold()]
        return fits[:limit]

    def orders_of(self, user: str) -> list[dict[str, Any]]:
        """Returns the orders of `user`, each with its total."""
        return [asdict(order) | {"total_cents": self._total(order)} for order in self.orders if order.user == user]

    def _total(self, order: Order) -> int:
        return sum(self.products[line.product].price_cents * line.quantity for line in order.lines)

    def _check(self) -> None:
        for order in self.orders:
            for line in order.lines:
                if line.product not in self.products:
                    raise DataError(f"order {order.id}: expected a known product, found {line.product!r}")


def _rows(data: object, name: str, place: str = "data") -> list[Any]:
    rows = data.get(name) if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise DataError(f"{place}.{name}: expected a list, found {type(rows).__name__}")
    return rows


def _record(kind: type[_Record], row: object, place: str) -> _Record:
    if not isinstance(row, dict):
        raise DataError(f"{place}: expected an object, found {type(row).__name__}")
    for field in fields(kind):
        value = row.get(field.name)
        expected = get_origin(field.type) or field.type
        if type(value) is not expected:
            wanted = getattr(expected, "__name__", expected)
            raise DataError(f"{place}.{field.name}: expected {wanted}, found {type(value).__name__}")
    return kind(**{field.name: row[field.name] for field in fields(kind)})


def _order(row: object, place: str) -> Order:
    lines = [_record(Line, line, f"{place}.lines[{n}]") for n, line in enumerate(_rows(row, "lines", place))]
    head = dict(row) if isinstance(row, dict) else {}
    return _record(Order, head | {"lines": tuple(lines)}, place)
