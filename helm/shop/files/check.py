"""Asks services how they are: `check.py http://shop-core/health=1.2.3 ...`.

Fails if one is not well, or is of another version than the one behind its address.
"""

import json
import sys
import urllib.request

TIMEOUT_SECONDS = 5


def fault(url: str, version: str) -> str:
    """Says what is wrong with a service; empty if nothing is."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:
            health = json.load(answer)
    except (OSError, ValueError) as error:
        return str(error)
    found = {key: health.get(key) for key in ("status", "version")}
    wanted = {"status": "ok", "version": version}
    return "" if found == wanted else f"expected {wanted}, found {found}"


def main(services: list[str]) -> int:
    """Checks all services; returns the exit code."""
    faults = 0
    for service in services:
        url, _, version = service.rpartition("=")
        found = fault(url, version)
        faults += bool(found)
        sys.stderr.write(f"{url}: {found or 'ok'}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
