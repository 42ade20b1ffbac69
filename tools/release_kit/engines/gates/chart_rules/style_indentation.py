"""Indentation: each level is indented by the same number of spaces, the one that the file's first level has.

Items of a list may also stand in the column of the list's key. Lines inside of a string are free.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from yaml import tokens as yaml_tokens
from yaml.tokens import Token

from release_kit.engines.gates.chart_rules.style_tokens import Piece, Problem

_FLOW_START = (yaml_tokens.FlowMappingStartToken, yaml_tokens.FlowSequenceStartToken)
_FLOW_END = (yaml_tokens.FlowMappingEndToken, yaml_tokens.FlowSequenceEndToken)
_BLOCK_START = (yaml_tokens.BlockMappingStartToken, yaml_tokens.BlockSequenceStartToken)
_PROPERTIES = (yaml_tokens.AnchorToken, yaml_tokens.TagToken)
_LIST = (yaml_tokens.BlockSequenceStartToken, yaml_tokens.BlockEntryToken)
_NO_VALUE = (yaml_tokens.BlockEndToken, yaml_tokens.KeyToken, *_FLOW_END)
_NO_ITEM = (yaml_tokens.BlockEntryToken, yaml_tokens.BlockEndToken)
_LEAVE_PLACE = frozenset({yaml_tokens.KeyToken, yaml_tokens.ValueToken, yaml_tokens.BlockEndToken, *_FLOW_END})
_INVISIBLE = frozenset({yaml_tokens.StreamStartToken, yaml_tokens.StreamEndToken, yaml_tokens.BlockEndToken})


class _Level(NamedTuple):
    """What is open: lines in it start in `column`, the one with the closing bracket in `closing`."""

    column: int
    closing: int = 0
    is_key: bool = False
    """Whether it is the place of a key, after a question mark."""


def check(pieces: Sequence[Piece]) -> list[Problem]:
    """Returns the lines that do not start in the column that they should."""
    reader = _Reader(pieces)
    for position, piece in enumerate(pieces[:-1]):
        reader.see(position, piece)
    return reader.found


class _Reader:
    """Goes through the tokens of a file and knows in which column the next line must start."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.found: list[Problem] = []
        self._pieces = pieces
        self._levels = [_Level(0)]
        self._place: int | None = None
        """The column of a value or an item that is still to come."""
        self._place_is_item = False
        self._step: int | None = None
        self._line = -1
        """The last line in which something was seen."""
        self._line_start = 0
        """The column in which that line starts."""

    def see(self, position: int, piece: Piece) -> None:
        """Takes the next token."""
        kind = piece.kind
        explicit = kind in _LEAVE_PLACE and self._leave_place()
        if kind is yaml_tokens.BlockEntryToken and self._place_is_item:
            self._place = None
        if piece.end_line > self._line and kind not in _INVISIBLE:
            self._look(piece)
        if kind is yaml_tokens.ValueToken:
            self._value(position, explicit)
        elif kind in _OPENING:
            _OPENING[kind](self, piece, self._pieces[position + 1])
        elif kind not in _PROPERTIES:
            self._place = None
            if kind in _CLOSING and len(self._levels) > 1:
                self._levels.pop()

    def _look(self, piece: Piece) -> None:
        """Holds the first token of a line to the column where it must start."""
        token = piece.token
        is_scalar = piece.kind is yaml_tokens.ScalarToken
        if is_scalar and token.value == "":
            return
        if piece.line > self._line:
            self._line_start = piece.column
            expected = self._expected(piece)
            if piece.column != expected:
                message = f"{piece.column} spaces at the start of the line: expected {expected}"
                self.found.append(Problem(piece.line + 1, "indentation", message))
        is_block = is_scalar and token.style in ("|", ">")
        self._line = piece.line if is_block else piece.end_line

    def _expected(self, piece: Piece) -> int:
        if self._place is not None:
            return self._place
        level = self._levels[-1]
        if piece.kind in _FLOW_END:
            return level.closing
        return self._indented(level.column, piece) if level.is_key else level.column

    def _indented(self, column: int, piece: Piece) -> int:
        """Returns the column one level deeper; the first such token of a file says how much deeper that is."""
        if self._step is None:
            self._step = piece.column - column
        return column + self._step

    def _leave_place(self) -> bool:
        """Gives up a place that nothing came to; tells whether it was, or was in, that of a key."""
        self._place = None
        explicit = self._levels[-1].is_key
        while self._levels[-1].is_key:
            self._levels.pop()
        return explicit

    def block(self, piece: Piece, _after: Piece) -> None:
        """Opens a mapping or a list."""
        self._place = None
        self._levels.append(_Level(piece.column))

    def flow(self, piece: Piece, after: Piece) -> None:
        """Opens a mapping or a list in brackets."""
        self._place = None
        column = after.column if after.line == piece.line else self._indented(self._line_start, after)
        self._levels.append(_Level(column, self._line_start))

    def key(self, piece: Piece, _after: Piece) -> None:
        """Opens the place of a key that has a question mark."""
        if piece.start < piece.end:
            self._levels.append(_Level(self._levels[-1].column, is_key=True))

    def item(self, piece: Piece, after: Piece) -> None:
        """Opens the place of an item."""
        self._place, self._place_is_item = None, True
        if after.kind not in _NO_ITEM:
            free = after.line == piece.line or after.column == piece.column
            self._place = after.column if free else self._indented(piece.column, after)

    def _value(self, position: int, explicit: bool) -> None:
        """Opens the place of a value."""
        line, after = self._pieces[position - 1].line, self._pieces[position + 1]
        if after.kind in _PROPERTIES and after.line == line and position + 2 < len(self._pieces):
            following = self._pieces[position + 2]
            after = following if following.line > line else after
        if after.kind in _NO_VALUE:
            return
        column = self._levels[-1].column
        free = after.line == line or (after.kind in _LIST and after.column == column)
        self._place = self._indented(column, after) if explicit or not free else after.column
        self._place_is_item = False


_OPENING: dict[type[Token], Callable[[_Reader, Piece, Piece], None]] = {
    yaml_tokens.KeyToken: _Reader.key,
    yaml_tokens.BlockEntryToken: _Reader.item,
    **dict.fromkeys(_BLOCK_START, _Reader.block),
    **dict.fromkeys(_FLOW_START, _Reader.flow),
}
_CLOSING = (yaml_tokens.BlockEndToken, *_FLOW_END)
