"""Starts the service: `python3 -m shop_core`."""

import sys

from shop.program import run
from shop_core.service import routes

if __name__ == "__main__":
    sys.exit(run("core", routes))
