"""What templates read of the values, and what they hand on as a whole."""

import re
from typing import NamedTuple

_NAMED = re.compile(r"\.Values\.(\w+(?:\.\w+)*)")

Key = tuple[str, ...]
"""A path below `.Values`; empty for `.Values` itself."""


class Made(NamedTuple):
    """A `dict` made by a template."""

    entries: tuple[tuple[str, "Places"], ...]


Places = frozenset[Key | Made]
"""What an expression may stand for, as far as it comes from the values."""
NOTHING: Places = frozenset()
ALL: Places = frozenset({()})
"""`.Values` itself."""


class Place(NamedTuple):
    """Where a value is read."""

    file: str
    offset: int


def named_in(text: str) -> set[Key]:
    """Returns the values that a text names, which may be a template for `tpl`."""
    return {tuple(match[1].split(".")) for match in _NAMED.finditer(text)}


class Reads:
    """What the templates of a chart read."""

    def __init__(self) -> None:
        """Knows of nothing yet."""
        self.plain: dict[Key, Place] = {}
        """Read outright, with the first place."""
        self.guarded: dict[Key, Place] = {}
        """Read where its absence is provided for: in a condition, or with a default."""
        self.whole: set[Key] = set()
        """Handed on as a whole: to `toYaml`, `range`, a function that is not known, or the output."""
        self.extended: set[Key] = set()
        """Maps that templates put keys into, so that they have more than values.yaml says."""
        self._above: set[Key] = set()

    def escape(self, places: Places) -> None:
        """Notes that something is handed on as a whole."""
        for key in places:
            if isinstance(key, Made):
                for _, value in key.entries:
                    self.escape(value)
            else:
                self.whole.add(key)

    def extend(self, places: Places) -> None:
        """Notes that keys may be put into a map."""
        self.extended.update(key for key in places if not isinstance(key, Made))

    def add(self, other: "Reads") -> None:
        """Adds what other templates read of the same values."""
        self.plain = {**other.plain, **self.plain}
        self.guarded = {**other.guarded, **self.guarded}
        self.whole |= other.whole
        self.extended |= other.extended
        self._above.clear()

    def reaches(self, key: Key) -> bool:
        """Whether a value, or something below it, is read, or it is a part of what is read as a whole."""
        return key in self._reached() or any(key[:length] in self.whole for length in range(len(key) + 1))

    def _reached(self) -> set[Key]:
        """Returns every path that is read, and every path above one."""
        if not self._above:
            for key in (*self.plain, *self.guarded, *self.whole):
                while key not in self._above:
                    self._above.add(key)
                    key = key[:-1]
        return self._above
