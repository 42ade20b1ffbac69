"""Writes docs/architecture.md anew; with --check it only compares, and exits with 1 where it differs."""

import sys

from tests.support.architecture.page import PAGE, page
from tests.support.architecture.sources import tracked


def main() -> int:
    drawn = page(tracked())
    if "--check" in sys.argv[1:]:
        return int(PAGE.read_text() != drawn)
    PAGE.write_text(drawn)
    print(f"wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
