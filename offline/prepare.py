#!/usr/bin/env python3
"""Prepares the offline root and its tools in the cache folder; does nothing where they are ready.

Interrupted and run again, it goes on with what was downloaded. Two at a time take turns.
"""

import sys


def main() -> int:
    """Returns the exit code: 0 ready, 1 not possible, 130 interrupted."""
    if sys.version_info < (3, 11):  # noqa: UP036, this is where an older one is told
        sys.stderr.write("rules_release: error: python3 is older than 3.11: install a newer one\n")
        return 1
    sys.dont_write_bytecode = True
    from preparation import cache

    return cache.main()


if __name__ == "__main__":
    sys.exit(main())
