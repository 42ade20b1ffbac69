"""Expressions of GitHub Actions, `${{ ... }}`: where they are, what they name, and what they come to.

docs.github.com, "Evaluate expressions in workflows and actions". What is not known comes to UNKNOWN, and so does what
depends on it.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[-+]?\d[\w.]*)|(?P<name>[A-Za-z_][\w-]*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[!()\[\].,*<>]))",
)
_OPENING = re.compile(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}")
_WORDS = {"true": True, "false": False, "null": None}
_MAX_DEPTH = 100


class _Unknown:
    """The only value that is neither true nor false."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()
Look = Callable[[str], Any]
"""Returns the value of such as `needs.build.result` or, with its arguments in JSON, `cancelled()`."""


class Expression(NamedTuple):
    """An expression in a text."""

    text: str
    start: int
    """Where its `${{` is."""
    end: int


class NoExpressionError(ValueError):
    """An expression is none."""


def within(text: str) -> Iterator[Expression]:
    """Yields the expressions of a text."""
    for match in _OPENING.finditer(text):
        yield Expression(match[1].strip(), match.start(), match.end())


def condition(text: str) -> str:
    """Returns the expression of an `if`, with or without `${{ }}` around it."""
    found = list(within(text))
    whole = len(found) == 1 and not text[: found[0].start].strip() and not text[found[0].end :].strip()
    return found[0].text if whole else text


def names(expression: str) -> set[str]:
    """Returns what an expression names, such as `github.event.issue.title`; functions have `()` at their end."""
    found: set[str] = set()
    try:
        _Reader(expression, _collecting(found)).read()
    except NoExpressionError:
        # Whatever looks like a name is one.
        found |= {*re.findall(r"[A-Za-z_][\w-]*(?:\.[\w*-]+)*", expression)}
    return found


def _collecting(found: set[str]) -> Look:
    def look(name: str) -> Any:
        found.add(f"{name.partition('(')[0]}()" if "(" in name else name)
        return UNKNOWN

    return look


def evaluate(expression: str, look: Look) -> Any:
    """Returns what an expression comes to; UNKNOWN where it is none."""
    try:
        return _Reader(expression, look).read()
    except NoExpressionError:
        return UNKNOWN


def truth(value: Any) -> Any:
    """Returns whether GitHub takes a value for true, or UNKNOWN."""
    return UNKNOWN if value is UNKNOWN else bool(value)


class _Reader:
    """Reads an expression from left to right, and evaluates what it reads; all of it, so that all names are met."""

    def __init__(self, text: str, look: Look) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._look = look
        self._depth = 0

    def read(self) -> Any:
        """Returns the value of the whole."""
        value = self._any()
        if self._at != len(self._tokens):
            raise NoExpressionError
        return value

    def _any(self) -> Any:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NoExpressionError
        value = self._all()
        while self._takes("||"):
            value = _either(value, self._all())
        self._depth -= 1
        return value

    def _all(self) -> Any:
        value = self._compared()
        while self._takes("&&"):
            value = _both(value, self._compared())
        return value

    def _compared(self) -> Any:
        left = self._negated()
        while sign := next((sign for sign in ("==", "!=", "<=", ">=", "<", ">") if self._takes(sign)), ""):
            right = self._negated()
            is_known = sign in ("==", "!=") and UNKNOWN not in (left, right)
            left = (_folded(left) == _folded(right)) == (sign == "==") if is_known else UNKNOWN
        return left

    def _negated(self) -> Any:
        count = 0
        while self._takes("!"):
            count += 1
        value = self._primary()
        if not count or truth(value) is UNKNOWN:
            return value if not count else UNKNOWN
        return bool(value) == (count % 2 == 0)

    def _primary(self) -> Any:
        if self._takes("("):
            value = self._any()
            self._expect(")")
            return value
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return text
        if kind != "name":
            raise NoExpressionError
        return _WORDS[text.lower()] if text.lower() in _WORDS else self._named(text)

    def _named(self, name: str) -> Any:
        if self._takes("("):
            return self._called(name)
        while True:
            if self._takes("."):
                kind, text = self._next()
                if kind not in ("name", "number") and text != "*":
                    raise NoExpressionError
                name += f".{text}"
            elif self._takes("["):
                inside = "*" if self._takes("*") else self._any()
                name += f".{inside if isinstance(inside, str) else '*'}"
                self._expect("]")
            else:
                return self._look(name)

    def _called(self, name: str) -> Any:
        arguments = []
        while not self._takes(")"):
            arguments.append(self._any())
            if not self._takes(","):
                self._expect(")")
                break
        known = _call(name.lower(), arguments)
        seen = self._look(f"{name.lower()}({len(arguments)})")
        return seen if known is UNKNOWN else known

    def _takes(self, sign: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign):
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise NoExpressionError

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise NoExpressionError
        self._at += 1
        return self._tokens[self._at - 1]


def _tokens(text: str) -> Sequence[tuple[str, str]]:
    found, at, text = [], 0, text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match or not match.lastgroup:
            raise NoExpressionError
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _either(left: Any, right: Any) -> Any:
    if left is UNKNOWN:
        return True if truth(right) is True else UNKNOWN
    return left if left else right


def _both(left: Any, right: Any) -> Any:
    if left is UNKNOWN:
        return False if truth(right) is False else UNKNOWN
    return right if left else left


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _call(name: str, arguments: Sequence[Any]) -> Any:
    if any(argument is UNKNOWN for argument in arguments):
        return UNKNOWN
    if name == "fromjson" and len(arguments) == 1:
        try:
            return json.loads(str(arguments[0]))
        except (ValueError, RecursionError):
            return UNKNOWN
    if name == "contains" and len(arguments) == 2:
        where, what = arguments
        if isinstance(where, list):
            return _folded(what) in [_folded(each) for each in where]
        return str(what).lower() in str(where).lower()
    return UNKNOWN
