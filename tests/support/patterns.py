"""Finds ambiguity of regular expressions in loops, which lets matching take exponential time; runs none of them.

A pattern becomes an automaton of its positions (Glushkov 1961). Two ways to come back to one position with the same
text are exponential (Weber and Seidl 1991, "EDA"). Look-arounds count as nothing and back references as any letter, so
that more is found rather than less; atomic groups and possessive repeats never go back.
"""

import re
from collections import Counter
from functools import cache, reduce
from operator import or_
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

ALPHABET = [*map(chr, range(128)), "\x85", "\xa0", "\xb2", "\xe9", "\u2028", "\u0663", "\u4e00", "\U0001f600"]
_ONE = frozenset({codes.LITERAL, codes.NOT_LITERAL, codes.IN, codes.ANY, codes.RANGE, codes.CATEGORY})
_NOTHING = frozenset({codes.AT, codes.ASSERT, codes.ASSERT_NOT})
_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT})


class Part(NamedTuple):
    """Where a part of a pattern may begin and end, and whether it may be empty; positions with how many ways."""

    first: Counter[int]
    last: Counter[int]
    empty: bool


NOTHING = Part(Counter(), Counter(), True)


class Automaton:
    """The positions of a pattern: which letters each takes, and which may follow which, in how many ways."""

    def __init__(self, pattern: "re.Pattern[Any]") -> None:
        """Reads the pattern."""
        text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
        self.flags = pattern.flags & ~re.DEBUG
        self.letters: list[int] = []
        """Of each position, as bits of ALPHABET."""
        self.follow: dict[int, Counter[int]] = {}
        self._sequence(parser.parse(text, self.flags & ~re.ASCII if isinstance(pattern.pattern, bytes) else self.flags))

    def is_ambiguous(self) -> bool:
        """Whether one position can be left and reached again in two ways with the same text."""
        return any(self._twice(start) for start in range(len(self.letters)))

    def _twice(self, start: int) -> bool:
        """Whether two different walks from a position come back to it together."""
        seen = {(start, start, False)}
        waiting = [(start, start, False)]
        while waiting:
            one, other, differ = waiting.pop()
            for a, ways in self.follow.get(one, Counter()).items():
                for b in self.follow.get(other, Counter()):
                    if not self.letters[a] & self.letters[b]:
                        continue
                    state = (min(a, b), max(a, b), differ or a != b or ways > 1)
                    if state == (start, start, True):
                        return True
                    if state not in seen:
                        seen.add(state)
                        waiting.append(state)
        return False

    def _sequence(self, items: Any) -> Part:
        whole = NOTHING
        for code, argument in items:
            whole = self._then(whole, self._part(code, argument))
        return whole

    def _then(self, one: Part, other: Part) -> Part:
        self._link(one.last, other.first)
        first = one.first + other.first if one.empty else one.first
        last = one.last + other.last if other.empty else other.last
        return Part(first, last, one.empty and other.empty)

    def _link(self, last: Counter[int], first: Counter[int]) -> None:
        for a, ways in last.items():
            for b, more in first.items():
                self.follow.setdefault(a, Counter())[b] += ways * more

    def _part(self, code: Any, argument: Any) -> Part:
        if code in _ONE:
            return self._position(code, argument)
        if code in _NOTHING:
            return NOTHING
        if code in _REPEATS:
            return self._repeat(*argument)
        if code is codes.POSSESSIVE_REPEAT:
            return self._once(argument[2], empty=argument[0] == 0)
        if code is codes.ATOMIC_GROUP:
            return self._once(argument, empty=False)
        if code is codes.SUBPATTERN:
            return self._sequence(argument[3])
        if code is codes.BRANCH:
            return self._branch(argument[1])
        if code is codes.GROUPREF:
            return self._position(codes.ANY, None)
        raise AssertionError(f"{code}: not known here")

    def _branch(self, choices: Any) -> Part:
        parts = [self._sequence(choice) for choice in choices]
        first, last = sum((p.first for p in parts), Counter()), sum((p.last for p in parts), Counter())
        return Part(first, last, any(part.empty for part in parts))

    def _repeat(self, least: int, most: int, body: Any) -> Part:
        """A loop; a repeat with a small end is walked once, as it can't grow with the text."""
        part = self._sequence(body)
        if most is codes.MAXREPEAT or most > 20:
            self._link(part.last, part.first)
        return part._replace(empty=part.empty or least == 0)

    def _once(self, body: Any, empty: bool) -> Part:
        """What is never gone back into: one loop over whatever letters are in it."""
        before = len(self.letters)
        self._sequence(body)
        taken = reduce(or_, self.letters[before:], 0)
        del self.letters[before:]
        self.follow = {
            a: Counter({b: n for b, n in to.items() if b < before}) for a, to in self.follow.items() if a < before
        }
        self.letters.append(taken)
        self.follow[before] = Counter({before: 1})
        return Part(Counter({before: 1}), Counter({before: 1}), empty)

    def _position(self, code: Any, argument: Any) -> Part:
        self.letters.append(_letters(_source(code, argument), self.flags & (re.IGNORECASE | re.DOTALL | re.ASCII)))
        at = len(self.letters) - 1
        return Part(Counter({at: 1}), Counter({at: 1}), False)


@cache
def _letters(source: str, flags: int) -> int:
    """Returns which letters a pattern of one letter takes."""
    one = re.compile(source, flags)
    return sum(1 << bit for bit, letter in enumerate(ALPHABET) if one.fullmatch(letter))


_CLASSES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}


def _source(code: Any, argument: Any) -> str:
    """Returns a pattern of one letter as it was written."""
    if code is codes.LITERAL:
        return re.escape(chr(argument))
    if code is codes.NOT_LITERAL:
        return f"[^{_escaped(argument)}]"
    if code is codes.ANY:
        return "."
    return f"[{''.join(_member(*member) for member in argument)}]"


def _member(code: Any, argument: Any) -> str:
    if code is codes.NEGATE:
        return "^"
    if code is codes.RANGE:
        return f"{_escaped(argument[0])}-{_escaped(argument[1])}"
    return _CLASSES[argument] if code is codes.CATEGORY else _escaped(argument)


def _escaped(letter: int) -> str:
    return f"\\U{letter:08x}"
