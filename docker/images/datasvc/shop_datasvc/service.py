"""The routes of datasvc. It trusts its callers: who may see which orders is for core to decide."""

from dataclasses import asdict, dataclass
from pathlib import Path

from shop.messages import Answer, Request, bad_request, json_answer, not_found
from shop.routing import Routes
from shop.settings import SettingError, Settings
from shop_datasvc.catalogue import Catalogue, DataError

DATA_FILE = Path(__file__).with_name("shop.json")

MOST = 100
"""The most products of one answer."""


def routes(settings: Settings) -> Routes:
    """Returns datasvc's routes.

    Raises:
        SettingError: SHOP_DATA_FILE, by default the file of the image, is unusable.
    """
    file = Path(settings.environ.get("SHOP_DATA_FILE", "").strip() or DATA_FILE)
    try:
        data = DataService(Catalogue.load(file))
    except DataError as error:
        raise SettingError(f"SHOP_DATA_FILE: {error}") from None
    table = Routes()
    table.add("GET", "/products", data.products)
    table.add("GET", "/products/{id}", data.product)
    table.add("GET", "/orders", data.orders)
    return table


@dataclass(frozen=True)
class DataService:
    """The handlers of datasvc."""

    catalogue: Catalogue

    def products(self, request: Request) -> Answer:
        """Answers with the products that fit `q`, at most `limit` (1 to 100, default 20)."""
        query = request.query
        found = self.catalogue.find(query.get("q", ""), _limit(query.get("limit", "20")))
        return json_answer({"products": [asdict(product) for product in found]})

    def product(self, request: Request) -> Answer:
        """Answers with one product."""
        product = self.catalogue.products.get(request.params["id"])
        if product is None:
            raise not_found("no such product")
        return json_answer(asdict(product))

    def orders(self, request: Request) -> Answer:
        """Answers with the orders of `user`."""
        user = request.query.get("user", "")
        if not user:
            raise bad_request("user: expected a name")
        return json_answer({"orders": self.catalogue.orders_of(user)})


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MOST):
        raise bad_request(f"limit: expected 1 to {MOST}")
    return int(text)
