"""release-kit: releases, verifies and promotes a set of OCI images and Helm charts."""

from functools import cache
from pathlib import Path


@cache
def version() -> str:
    """Returns the version of this package.

    It is read when somebody asks: what never does can be built without the file, and is not built again for a new one.
    """
    return Path(__file__).with_name("VERSION").read_text(encoding="ascii").strip()
