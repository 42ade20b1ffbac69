"""The entry of a release in a changelog (keepachangelog.com), in the style of those that are there."""

import re
from typing import NamedTuple

from release_kit.errors import InputError

_END = r"[ \t]*(?=\r?$)"
_UNRELEASED = re.compile(rf"^##[ \t]+(\[?)unreleased\]?(?:\([^)\r\n]*\))?{_END}", re.IGNORECASE | re.MULTILINE)
_RELEASE = re.compile(
    r"^##[ \t]+(?P<open>\[?)(?P<v>v?)(?P<version>\d+\.\d+\.\d+[0-9A-Za-z.+-]*)\]?(?:\(http[^)\r\n]*\))?"
    r"(?:(?P<before>[^\w\r\n]+)\d{4}-\d\d-\d\d(?P<after>\)?))?",
    re.MULTILINE,
)
_LINK = re.compile(r"^\[unreleased\]:[ \t]*(?P<url>\S+)", re.IGNORECASE | re.MULTILINE)
_COMPARISON = re.compile(r"(?P<base>.*/)(?P<old>[^/]+?)(?P<dots>\.{2,3})(?P<head>[^/.]+)")
_END_OF_SECTION = re.compile(r"^(?:##?[ \t]|\[[^\]\r\n]+\]:)", re.MULTILINE)
_NO_CONTENT = re.compile(r"<!--.*?-->|^#+[ \t][^\n]*|\s+", re.MULTILINE | re.DOTALL)


class Entry(NamedTuple):
    """The entry to write."""

    version: str
    date: str
    """Such as `2026-01-31`."""
    previous: str
    """The version before."""
    may_be_empty: bool = False


class _Style(NamedTuple):
    """How a heading is written around its version and date."""

    open: str
    v: str
    before: str = " - "
    after: str = ""


def with_entry(text: str, entry: Entry, place: str) -> str:
    """Returns a changelog in which what is unreleased stands under a release; an empty Unreleased stays above it.

    The heading is written as the newest release's is, else as `## VERSION - DATE`, in brackets where Unreleased is.
    A link of Unreleased that compares two revisions is moved on, and the release gets one.

    Args:
        text: the changelog.
        entry: what to write.
        place: the file's name, for errors.

    Raises:
        InputError: there is no one section `## Unreleased`, it is empty, or the version has an entry.
    """
    heading = _unreleased(text, place)
    _check_new(text, entry, place)
    if not entry.may_be_empty and not _content(text, heading.end()):
        raise InputError(
            f"{place}:{_line(text, heading)}: 'Unreleased' is empty, {entry.version} would have no entry",
            "write down what changed, or cut the release all the same with --allow-empty-changelog",
        )
    style = _style(text, heading)
    label = style.v + entry.version
    title = f"[{label}]" if style.open else label
    line_break = "\r\n" if "\r\n" in text else "\n"
    new = f"{line_break}{line_break}## {title}{style.before}{entry.date}{style.after}"
    changed = text[: heading.end()] + new + text[heading.end() :]
    return _LINK.sub(lambda link: _links(link, entry, label, line_break), changed) if style.open else changed


def section(text: str, version: str) -> str:
    """Returns what a changelog says of a release, without its heading; empty where it has no entry of it."""
    heading = next((match for match in _RELEASE.finditer(text) if match["version"] == version), None)
    if heading is None:
        return ""
    begin = (text.find("\n", heading.end()) + 1) or len(text)
    end = _END_OF_SECTION.search(text, begin)
    return text[begin : end.start() if end else len(text)].replace("\r\n", "\n").strip()


def _unreleased(text: str, place: str) -> re.Match[str]:
    found = list(_UNRELEASED.finditer(text))
    if len(found) == 1:
        return found[0]
    lines = ", ".join(str(_line(text, match)) for match in found)
    raise InputError(
        f"{place}: expected one heading '## Unreleased', found {f'them in lines {lines}' if found else 'none'}",
        "keep the one of what is to be released" if found else "add it, with what changed below it",
    )


def _check_new(text: str, entry: Entry, place: str) -> None:
    for match in _RELEASE.finditer(text):
        if match["version"] == entry.version:
            raise InputError(
                f"{place}:{_line(text, match)}: {entry.version} has an entry, expected none before its release",
                "choose a higher version, or put the entry's content back under '## Unreleased'",
            )


def _content(text: str, start: int) -> str:
    """Returns what a section says; headings in it and comments say nothing."""
    end = _END_OF_SECTION.search(text, start)
    return _NO_CONTENT.sub("", text[start : end.start() if end else len(text)])


def _style(text: str, unreleased: re.Match[str]) -> _Style:
    newest = _RELEASE.search(text, unreleased.end())
    if not newest:
        return _Style(unreleased[1], "")
    if newest["before"] is None:
        return _Style(newest["open"], newest["v"])
    return _Style(newest["open"], newest["v"], newest["before"], newest["after"])


def _links(link: re.Match[str], entry: Entry, label: str, line_break: str) -> str:
    """Returns the link of Unreleased, from the release on, and the link of the release; other links stay."""
    comparison = _COMPARISON.fullmatch(link["url"])
    if not comparison:
        return link[0]
    base, old, dots, head = comparison.groups()
    new = f"{old.removesuffix(entry.previous) if old.endswith(entry.previous) else 'v'}{entry.version}"
    return f"{link[0].removesuffix(link['url'])}{base}{new}{dots}{head}{line_break}[{label}]: {base}{old}{dots}{new}"


def _line(text: str, match: re.Match[str]) -> int:
    return text.count("\n", 0, match.start()) + 1
