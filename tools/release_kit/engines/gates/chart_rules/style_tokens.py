"""The tokens of a YAML file, and what is wrong with it as YAML."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import yaml
from yaml.reader import ReaderError
from yaml.tokens import Token

SYNTAX = "syntax"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Problem(NamedTuple):
    """What a rule found in a line, counted from 1."""

    line: int
    rule: str
    message: str


class Piece(NamedTuple):
    """A token and where it stands, counted from 0: flat, since the rules look at each piece many times."""

    kind: type[Token]
    line: int
    column: int
    start: int
    end_line: int
    end_column: int
    end: int
    token: Any


class Scan(NamedTuple):
    """The tokens of a file, or why it has none."""

    pieces: Sequence[Piece]
    error: Problem | None


def scan(text: str) -> Scan:
    """Finds out whether a file is YAML, and reads its tokens."""
    try:
        _parse(text)
        return Scan(list(_pieces(text)), None)
    except ReaderError:
        return Scan((), _strange_character(text))
    except yaml.MarkedYAMLError as error:
        return Scan((), _problem(error))


def _problem(error: yaml.MarkedYAMLError) -> Problem:
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    start = error.context_mark.line + 1 if error.context_mark else line
    context = f" {error.context} that starts in line {start}" if error.context and start < line else ""
    return Problem(line, SYNTAX, f"is no YAML: {error.problem}{context}")


def _pieces(text: str) -> Iterator[Piece]:
    following = _Loader(text).get_token
    while (token := following()) is not None:
        start, end = token.start_mark, token.end_mark
        yield Piece(type(token), start.line, start.column, start.index, end.line, end.column, end.index, token)


def _parse(text: str) -> None:
    loader = _Loader(text)
    if hasattr(loader, "raw_parse"):
        loader.raw_parse()
        return
    while loader.check_event():
        loader.get_event()


def _strange_character(text: str) -> Problem:
    found = _NOT_PRINTABLE.search(text)
    line = 1 if found is None else text.count("\n", 0, found.start()) + 1
    name = "a character" if found is None else f"the character U+{ord(found[0]):04X}"
    return Problem(line, SYNTAX, f"is no YAML: {name} is not allowed")
