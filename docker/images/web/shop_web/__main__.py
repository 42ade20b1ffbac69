"""Starts the service: `python3 -m shop_web`."""

import sys

from shop.program import run
from shop_web.service import routes

if __name__ == "__main__":
    sys.exit(run("web", routes))
