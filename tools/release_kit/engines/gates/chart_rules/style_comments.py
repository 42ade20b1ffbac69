"""Comments: the space after their #, and between them and what stands before them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from release_kit.engines.gates.chart_rules.style_tokens import Piece, Problem

MIN_SPACES_BEFORE = 2
_NO_SPACE = re.compile(r"#+[^# \r\n\0]")
_SUSPICIOUS = re.compile(r"[ \t]?#|[^#\n]*#+[^# \r\n\0]")
_SUSPICIOUS_LINE = re.compile(r"\n[^#\n]*#+[^# \r\n\0]")


class Comment(NamedTuple):
    """A comment, from its # to the end of the line."""

    line: int
    text: str
    spaces: int | None
    """Between it and what stands before it in its line; None where it has the line for its own."""


class Gap(NamedTuple):
    """What is between two tokens, where it holds comments."""

    start: int
    end: int
    line: int
    """The line that it starts in, from 1."""


def gaps(text: str, pieces: Sequence[Piece]) -> list[Gap]:
    """Returns where the comments of a file are."""
    last = len(pieces) - 2
    return [
        Gap(piece.end, after.start, piece.end_line + 1)
        for position, (piece, after) in enumerate(pairwise(pieces))
        if (piece.end_line != after.line or position in (0, last)) and text.find("#", piece.end, after.start) >= 0
    ]


def comments(text: str, places: Iterable[Gap]) -> Iterator[Comment]:
    """Yields the comments that are there."""
    for start, end, line in places:
        for number, part in enumerate(text[start:end].split("\n"), line):
            position = part.find("#")
            if position >= 0:
                follows = number == line and start > 0 and text[start - 1] != "\n"
                yield Comment(number, part[position:], position if follows else None)


def check(text: str, places: Iterable[Gap]) -> Iterator[Problem]:
    """Yields comments without a space at their start, or too close to what stands before them."""
    suspicious = (place for place in places if _is_suspicious(text, place))
    for line, comment, spaces in comments(text, suspicious):
        if spaces is not None and spaces < MIN_SPACES_BEFORE:
            noun = "one space" if spaces else "no space"
            yield Problem(line, "comments", f"{noun} before the comment: expected at least {MIN_SPACES_BEFORE}")
        if _NO_SPACE.match(comment) and not (line == 1 and comment.startswith("#!")):
            yield Problem(line, "comments", f"no space after the #, in {comment!r:.40}: expected one")


def _is_suspicious(text: str, place: Gap) -> bool:
    """Tells whether a gap can hold a fault; spares most files a look at each comment."""
    start, end, _ = place
    return bool(_SUSPICIOUS.match(text, start, end) or _SUSPICIOUS_LINE.search(text, start, end))
