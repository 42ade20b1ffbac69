"""Releases of the programs that read what is generated, such as GitOps Promoter."""

import re
from typing import NamedTuple

from release_kit.errors import InputError

_RELEASE = re.compile(r"v?(\d{1,5})\.(\d{1,5})\.(\d{1,5})", re.ASCII)


class ReleaseNumber(NamedTuple):
    """Such as 0.36.0; compares as releases do."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """Returns such as `0.36.0`."""
        return f"{self.major}.{self.minor}.{self.patch}"


def parse(text: str, place: str) -> ReleaseNumber:
    """Reads a release such as `0.36.0` or `v0.36.0`.

    Raises:
        InputError: it is none.
    """
    match = _RELEASE.fullmatch(text)
    if match is None:
        raise InputError(f"{place}: expected a release such as 0.36.0, found {text!r:.100}")
    return ReleaseNumber(*map(int, match.groups()))
