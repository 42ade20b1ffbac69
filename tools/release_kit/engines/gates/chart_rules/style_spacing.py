"""The spaces around what YAML is made of: hyphens, colons, commas, braces and brackets."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from yaml import tokens as yaml_tokens
from yaml.tokens import Token

from release_kit.engines.gates.chart_rules.style_tokens import SYNTAX, Piece, Problem

_TAB = re.compile(r"^[^#\n]*\t", re.MULTILINE)
Rule = Callable[[Piece, Piece, Piece], Iterator[Problem]]


def check(pieces: Sequence[Piece]) -> Iterator[Problem]:
    """Yields too many or too few spaces."""
    for before, piece, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if piece.kind in _RULES:
            yield from _RULES[piece.kind](before, piece, after)


def check_tabs(text: str, pieces: Sequence[Piece]) -> Iterator[Problem]:
    """Yields the first tab outside of quotes and comments: Helm takes it for a space, other readers refuse the file."""
    if "\t" not in text:
        return
    for before, piece in pairwise(pieces):
        is_plain = piece.kind is yaml_tokens.ScalarToken and piece.token.plain
        found = _TAB.search(text[before.end : piece.end if is_plain else piece.start])
        if found:
            line = before.end_line + 1 + text.count("\n", before.end, before.end + found.end())
            yield Problem(line, SYNTAX, "a tab stands where many readers of YAML allow spaces only")
            return


def _spaces_before(before: Piece, piece: Piece) -> int:
    """Returns the spaces before a piece; none where the one before ends a block of text, at the start of this line."""
    same_line = before.end_line == piece.line and (before.end_column > 0 or before.end == 0)
    return piece.start - before.end if same_line else 0


def _spaces_after(piece: Piece, after: Piece) -> int:
    return after.start - piece.end if piece.end_line == after.line else 0


def _problem(piece: Piece, rule: str, spaces: int, place: str, expected: str) -> Problem:
    noun = "space" if spaces == 1 else "spaces"
    return Problem(piece.line + 1, rule, f"{spaces or 'no'} {noun} {place}: expected {expected}")


def _hyphen(_before: Piece, piece: Piece, after: Piece) -> Iterator[Problem]:
    spaces = _spaces_after(piece, after)
    if spaces > 1:
        yield _problem(piece, "hyphens", spaces, "after the hyphen", "one")


def _key(_before: Piece, piece: Piece, after: Piece) -> Iterator[Problem]:
    if piece.start == piece.end:
        return
    spaces = _spaces_after(piece, after)
    if spaces > 1:
        yield _problem(piece, "colons", spaces, "after the question mark", "one")


def _colon(before: Piece, piece: Piece, after: Piece) -> Iterator[Problem]:
    ahead, behind = _spaces_before(before, piece), _spaces_after(piece, after)
    needed = before.kind is yaml_tokens.AliasToken
    if ahead > needed:
        yield _problem(piece, "colons", ahead, "before the colon", "one" if needed else "none")
    if behind > 1:
        yield _problem(piece, "colons", behind, "after the colon", "one")


def _comma(before: Piece, piece: Piece, after: Piece) -> Iterator[Problem]:
    ahead, behind = _spaces_before(before, piece), _spaces_after(piece, after)
    if before.end_line < piece.line:
        yield Problem(piece.line + 1, "commas", "the comma starts a line: expected it after the item")
    elif ahead:
        yield _problem(piece, "commas", ahead, "before the comma", "none")
    if behind != 1 and piece.end_line == after.line:
        yield _problem(piece, "commas", behind, "after the comma", "one")


def _opening(rule: str, name: str) -> Rule:
    def check_opening(_before: Piece, piece: Piece, after: Piece) -> Iterator[Problem]:
        spaces = _spaces_after(piece, after)
        if spaces:
            yield _problem(piece, rule, spaces, f"after the opening {name}", "none")

    return check_opening


def _closing(rule: str, name: str, opening: type[Token]) -> Rule:
    def check_closing(before: Piece, piece: Piece, _after: Piece) -> Iterator[Problem]:
        spaces = 0 if before.kind is opening else _spaces_before(before, piece)
        if spaces:
            yield _problem(piece, rule, spaces, f"before the closing {name}", "none")

    return check_closing


_RULES: dict[type[Token], Rule] = {
    yaml_tokens.BlockEntryToken: _hyphen,
    yaml_tokens.KeyToken: _key,
    yaml_tokens.ValueToken: _colon,
    yaml_tokens.FlowEntryToken: _comma,
    yaml_tokens.FlowMappingStartToken: _opening("braces", "brace"),
    yaml_tokens.FlowMappingEndToken: _closing("braces", "brace", yaml_tokens.FlowMappingStartToken),
    yaml_tokens.FlowSequenceStartToken: _opening("brackets", "bracket"),
    yaml_tokens.FlowSequenceEndToken: _closing("brackets", "bracket", yaml_tokens.FlowSequenceStartToken),
}
