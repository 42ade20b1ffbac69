"""The words of scenarios: times, versions, names."""

import re

from release_kit.documents.fields import Fields
from release_kit.errors import InputError
from release_kit.values import version

MAX_SECONDS = 3660 * 86400
_DURATION = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)


def duration(fields: Fields, key: str, default: str | None = None) -> int:
    """Takes a duration such as `1d12h` or `90m`; returns its seconds.

    Raises:
        InputError: it is none, or longer than ten years.
    """
    found = _string(fields, key, default, "say it with its unit, such as 5m")
    match = _DURATION.fullmatch(found)
    total = (
        sum(int(n or 0) * unit for n, unit in zip(match.groups(), (86400, 3600, 60, 1), strict=True)) if match else 0
    )
    if not found or not match or total > MAX_SECONDS:
        where = fields.path(key)
        raise InputError(f"{where}: expected a duration such as 30s, 5m, 1h30m or 2d, found {found!r:.100}")
    return total


def shown_duration(seconds: int) -> str:
    """Returns such as `1h30m`, as scenarios have it; `0s` for none."""
    found = ""
    for letter, unit in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if seconds >= unit:
            found += f"{seconds // unit}{letter}"
            seconds %= unit
    return found or "0s"


def text(fields: Fields, key: str, longest: int, default: str | None = None) -> str:
    """Takes a printable text."""
    found = fields.string(key, default)
    if not found.isprintable() or len(found) > longest or (default is None and not found):
        expected = f"expected printable text of 1 to {longest} characters"
        raise InputError(f"{fields.path(key)}: {expected}, found {found!r:.100}")
    return found


def released(fields: Fields, key: str) -> str:
    """Takes the version of a release."""
    found = _string(fields, key, None, "write it in quotes: YAML takes it for a number")
    return version_of(found, fields.path(key))


def version_of(found: str, place: str) -> str:
    """Returns a version as it is written; an InputError where it is none."""
    try:
        version.parse(found, place)
    except InputError as error:
        raise InputError(error.message, "say it as the release does, such as 1.2.3") from None
    return found


def _string(fields: Fields, key: str, default: str | None, remedy: str) -> str:
    try:
        return fields.string(key, default)
    except InputError as error:
        raise InputError(error.message, remedy) from None
