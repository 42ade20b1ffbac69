"""The fault: every look at products takes its time, so that two of them take longer than a scenario may."""

import time

from shop.messages import Answer, Request
from shop_datasvc.service import DataService

SECONDS = 2.6

_products, _product = DataService.products, DataService.product


def _slow_products(self: DataService, request: Request) -> Answer:
    time.sleep(SECONDS)
    return _products(self, request)


def _slow_product(self: DataService, request: Request) -> Answer:
    time.sleep(SECONDS)
    return _product(self, request)


DataService.products = _slow_products  # type: ignore[method-assign]
DataService.product = _slow_product  # type: ignore[method-assign]
