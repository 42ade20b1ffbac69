"""Versions as Semantic Versioning 2.0.0 defines them."""

import re
from typing import NamedTuple

from release_kit.errors import InputError

MAX_LENGTH = 255
"""Twice as long as any tag; Python refuses to read much longer numbers."""
_IDENTIFIER = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
    re.ASCII,
)


Rank = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]


class Version(NamedTuple):
    """A parsed version; `prerelease` and `build` are empty where absent."""

    major: int
    minor: int
    patch: int
    prerelease: str
    build: str

    def aliases(self) -> tuple[str, ...]:
        """Returns the shorter names that move on with each release: `1` and `1.2` for 1.2.3."""
        return (f"{self.major}", f"{self.major}.{self.minor}")

    def rank(self) -> Rank:
        """Returns what orders versions (section 11); build metadata has no part in it."""
        parts = self.prerelease.split(".") if self.prerelease else []
        identifiers = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts)
        return (self.major, self.minor, self.patch, not parts, identifiers)

    def __str__(self) -> str:
        """Returns the version's text."""
        prerelease = f"-{self.prerelease}" if self.prerelease else ""
        build = f"+{self.build}" if self.build else ""
        return f"{self.major}.{self.minor}.{self.patch}{prerelease}{build}"


def parse(text: str, place: str) -> Version:
    """Reads a version.

    Args:
        text: such as `1.2.3`, `1.2.3-rc.1`, `1.2.3+build.5`; no leading `v`.
        place: where it was found, for the error.

    Raises:
        InputError: it is not a version of SemVer 2.0.0, or longer than MAX_LENGTH characters.
    """
    match = _SEMVER.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None:
        raise InputError(
            f"{place}: expected a version such as 1.2.3 or 1.2.3-rc.1 (SemVer, no leading v), found {text!r:.100}",
            "correct the file VERSION, or what workspace_status.sh prints",
        )
    major, minor, patch, prerelease, build = match.groups()
    return Version(int(major), int(minor), int(patch), prerelease or "", build or "")
