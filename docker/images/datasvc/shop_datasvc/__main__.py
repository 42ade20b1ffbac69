"""Starts the service: `python3 -m shop_datasvc`."""

import sys

from shop.program import run
from shop_datasvc.service import routes

if __name__ == "__main__":
    sys.exit(run("datasvc", routes))
