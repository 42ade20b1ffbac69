"""Follows the templates of a chart without values, to learn what they read.

`with`, variables, `index`, `dict` and named templates lead to the path that is read. Where a value goes to a function
that may look at all of it, it is read as a whole.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from release_kit.engines.gates.chart_values.expressions import Expression, Scope
from release_kit.engines.gates.chart_values.reads import ALL, NOTHING, Places, Reads
from release_kit.engines.gates.chart_values.templates import Template, literal, split

MAX_CALLS = 24
"""How deep named templates are followed."""
_BLOCKS = frozenset({"if", "with", "range", "block"})
_JUMPS = frozenset({"break", "continue"})


def read(texts: Mapping[str, str], others: Mapping[str, str] | None = None) -> Reads:
    """Follows all templates.

    Args:
        texts: the files that are templates, by name.
        others: files whose named templates may be called.
    """
    own: list[Template] = []
    named: dict[str, Template] = {}
    called: dict[str, Template] = {}
    for file, text in (others or {}).items():
        called |= split(file, text)[1]
    for file, text in texts.items():
        body, defined = split(file, text)
        own.append(body)
        named |= defined
    calls = _Calls({**called, **named})
    for body in (*own, *named.values()):
        _Walk(body, NOTHING, calls).run()
    return calls.reads


class _Calls:
    """The named templates, and which of them were followed with what."""

    def __init__(self, named: Mapping[str, Template]) -> None:
        self.reads = Reads()
        self._named = named
        self._done: set[tuple[str, Places]] = set()
        self._depth = 0

    def follow(self, name: str, given: Places) -> None:
        """Follows a named template; one that is elsewhere may read anything."""
        body = self._named.get(name)
        if body is None and name:
            self.reads.escape(given or ALL)
        if not given or (name, given) in self._done:
            return
        if body is None or self._depth >= MAX_CALLS:
            self.reads.escape(given)
            return
        self._done.add((name, given))
        self._depth += 1
        _Walk(body, given, self).run()
        self._depth -= 1


class _Frame(NamedTuple):
    """What holds again after the `end` of a block."""

    dot: Places
    variables: dict[str, Places]
    is_optional: bool


class _Walk:
    """Goes through one template once."""

    def __init__(self, body: Template, dot: Places, calls: _Calls) -> None:
        self._actions = body.actions
        self._reads = calls.reads
        self._scope = Scope(body.file, dot, calls.reads, calls.follow)
        self._frames: list[_Frame] = []

    def run(self) -> None:
        """Follows each action."""
        scope, frames = self._scope, self._frames
        for words, names_values, offset in self._actions:
            keyword = words[0]
            if keyword == "end":
                if frames:
                    scope.dot, scope.variables, scope.is_optional = frames.pop()
                continue
            if keyword in _BLOCKS:
                frames.append(_Frame(scope.dot, scope.variables, scope.is_optional))
                scope.variables = scope.variables.copy()
            elif keyword == "else" and frames:
                scope.dot = frames[-1].dot
                scope.is_optional = frames[-1].is_optional or len(words) == 1
            if names_values or scope.dot or any(scope.variables.values()):
                scope.offset = offset
                self._action(keyword, words)
            else:
                self._without_values(words)

    def _without_values(self, words: tuple[str, ...]) -> None:
        """Follows an action that has nothing of the values but what a named template may read."""
        if words[1:2] == (":=",):
            self._scope.variables[words[0]] = NOTHING
        if "include" in words or "template" in words:
            for word, name in pairwise(words):
                if word in ("include", "template"):
                    self._scope.follow(literal(name), NOTHING)

    def _action(self, keyword: str, words: tuple[str, ...]) -> None:
        if keyword in _BLOCKS:
            self._open(keyword, words[1:])
        elif keyword == "else":
            if len(words) > 1:
                self._open(words[1], words[2:])
        elif keyword not in _JUMPS:
            self._statement(words)

    def _open(self, keyword: str, words: tuple[str, ...]) -> None:
        if keyword == "block":
            self._scope.dot = Expression(words[1:], self._scope, guarded=False).value()
            self._scope.follow("".join(map(literal, words[:1])), self._scope.dot)
            return
        variables, words = _targets(words)
        value = Expression(words, self._scope, guarded=True).value()
        if keyword == "range":
            self._reads.escape(value)
            value = NOTHING
        if keyword != "if":
            self._scope.dot = value
        for variable in variables:
            self._scope.variables[variable] = value

    def _statement(self, words: tuple[str, ...]) -> None:
        variables, expression = _targets(words)
        value = Expression(expression, self._scope, guarded=False).value()
        if not variables:
            self._reads.escape(value)
        elif ":=" in words:
            self._scope.variables[variables[0]] = value
        else:
            self._assign(variables[0], value)

    def _assign(self, variable: str, value: Places) -> None:
        """Adds what a variable may stand for, in each block that knows it."""
        value |= self._scope.variables.get(variable, NOTHING)
        for variables in (self._scope.variables, *(frame.variables for frame in self._frames)):
            if variable in variables:
                variables[variable] = value


def _targets(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the variables that get a value, and the words of the value."""
    for length in (1, 3):
        if words[length : length + 1] in ((":=",), ("=",)):
            return words[:length:2], words[length + 1 :]
    return (), words
