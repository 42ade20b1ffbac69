"""How the status says times, identities and whatever others have written."""

from datetime import UTC, datetime

from release_kit.errors import InputError

SKIPS_STAGING = "skips staging"
"""What is said of a release that waits for no staging environment."""
_LATEST = 253402300799
"""The last second of the year 9999: git takes later ones, calendars don't."""
_UNKNOWN = "unknown"
_STEPS = ((60, 90, "min"), (3600, 48, "h"), (86400, 61, "days"), (2629800, 24, "months"), (31557600, 10**9, "years"))
"""Seconds of a unit, up to how many of it are said, and its name; the page's script has the same."""


def printable(text: str) -> str:
    """Returns a text without what steers a terminal or hides in a page."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def shown(text: str, limit: int = 300) -> str:
    """Returns what others wrote, printable, in one line of at most `limit` characters."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def short(identity: str) -> str:
    """Returns the beginning of a sha or a digest, such as `9f86d08`; `-` for none."""
    return shown(identity.rpartition(":")[2][:7]) or "-"


def iso(when: int) -> str:
    """Returns such as `2026-11-23T12:10:00Z`; empty for no time, or one that no calendar has."""
    return f"{datetime.fromtimestamp(when, UTC):%Y-%m-%dT%H:%M:%SZ}" if 0 < when <= _LATEST else ""


def moment(when: int) -> str:
    """Returns such as `2026-11-23 12:10`, in UTC."""
    return iso(when)[:16].replace("T", " ") or _UNKNOWN


def ago(when: int, now: int) -> str:
    """Returns such as `3 h ago` or `in 20 min`."""
    if not iso(when):
        return _UNKNOWN
    gap = abs(now - when)
    if gap < 90:
        return "just now"
    size, _, unit = next(step for step in _STEPS if gap < step[0] * step[1])
    return f"{gap // size} {unit} ago" if when < now else f"in {gap // size} {unit}"


def seconds_of(text: str, place: str) -> int:
    """Reads a time such as `2026-11-23T12:10:00Z`, or the seconds since 1970.

    Raises:
        InputError: it is neither.
    """
    try:
        found = int(text) if text.isascii() and text.isdigit() else int(_aware(text).timestamp())
    except (ValueError, OverflowError):
        found = 0
    if not iso(found):
        remedy = "say it such as 2026-11-23T12:10:00Z"
        raise InputError(f"{place}: expected a time with its zone, or seconds since 1970; found {text!r:.100}", remedy)
    return found


def _aware(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError("a time without a zone")
    return read
