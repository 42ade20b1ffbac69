"""What an expression of a template reads, and which values it may stand for."""

from collections.abc import Callable
from functools import lru_cache

from release_kit.engines.gates.chart_values.reads import ALL, NOTHING, Key, Made, Place, Places, Reads, named_in
from release_kit.engines.gates.chart_values.templates import literal

_TESTS = frozenset({"not", "empty", "kindIs", "kindOf", "typeIs", "typeOf", "typeIsLike", "eq", "ne"})
_MERGES = frozenset({"merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite"})
_SAME = frozenset({"default", "and", "or", "coalesce", "required", "ternary", "deepCopy", "mustDeepCopy", *_MERGES})
"""Functions that yield one of their arguments."""
_BY_KEY = frozenset({"index", "get", "hasKey", "dig", "pluck", "pick", "unset"})
_TEXTS = frozenset({"toYaml", "mustToYaml", "toJson", "mustToJson", "toPrettyJson", "toRawJson"})
"""Functions that make `null` of what is missing, which is as good as nothing."""
_GUARDS = frozenset({*_TESTS, *_SAME, *_TEXTS, "hasKey", "dig", "get", "pluck"}) - {"eq", "ne"}


class Scope:
    """What an expression can name, and where its reads are noted."""

    __slots__ = ("dot", "file", "follow", "is_optional", "offset", "reads", "variables")

    def __init__(self, file: str, dot: Places, reads: Reads, follow: Callable[[str, Places], None]) -> None:
        """Is at the start of a template.

        Args:
            file: that the template is in.
            dot: what it is called with.
            reads: where reads are noted.
            follow: follows a named template that is called with something of the values.
        """
        self.file = file
        self.offset = 0
        """Of the action."""
        self.dot = dot
        self.is_optional = bool(dot)
        """Whether what is read may be missing: where a named template is called with one value or another, or in an
        `else`, which is for values of former days."""
        self.variables: dict[str, Places] = {"$": dot}
        self.reads = reads
        self.follow = follow

    @property
    def place(self) -> Place:
        """Where the action stands."""
        return Place(self.file, self.offset)


class Expression:
    """One pipeline, evaluated once."""

    __slots__ = ("_noted", "_reads", "_scope", "_words")

    def __init__(self, words: tuple[str, ...], scope: Scope, guarded: bool) -> None:
        """Takes the words of a pipeline.

        Args:
            words: of the pipeline.
            scope: where it stands.
            guarded: whether its reads provide for absence, as those of a condition do.
        """
        self._words = iter(words)
        self._scope = scope
        self._reads = scope.reads
        self._noted = self._reads.guarded if guarded else self._reads.plain

    def value(self) -> Places:
        """Evaluates up to the end of the expression or group."""
        value, ending = self._command(None)
        while ending == "|":
            value, ending = self._command(value)
        if ending[1:]:
            # (x).y is how to read the y of an x that may be missing.
            self._guard([value])
            return self._fields(value, ending)
        return value

    def _command(self, piped: Places | None) -> tuple[Places, str]:
        """Evaluates one command; returns its value and the word that ends it."""
        function = word = ""
        arguments: list[Places] = []
        texts: list[str] = []
        for word in self._words:
            first = word[0]
            if first in "|)":
                break
            if first.isalpha() and not function and not arguments:
                function = word
            else:
                arguments.append(self._operand(word, first))
                texts.append(literal(word))
        else:
            word = ""
        if piped is not None:
            arguments.append(piped)
            texts.append("")
        if function:
            return self._call(function, arguments, texts), word
        for argument in arguments[1:]:
            self._reads.escape(argument)
        return arguments[0] if len(arguments) == 1 else NOTHING, word

    def _operand(self, word: str, first: str) -> Places:
        if first == ".":
            return self._fields(self._scope.dot, word) if len(word) > 1 else self._scope.dot
        if first == "(":
            return self.value()
        if first == "$":
            name, dot, _ = word.partition(".")
            base = self._scope.variables.get(name, NOTHING)
            return self._fields(base, word) if dot else base
        if ".Values." in word:
            self._reads.whole |= named_in(word)
        return NOTHING

    def _fields(self, base: Places, word: str) -> Places:
        """Follows the fields of a word such as `.a.b`, `$x.a.b` or `).a.b`."""
        names, is_absolute = _names(word)
        if is_absolute:
            base = ALL
        return self._below(base, names) if names else base if is_absolute else NOTHING

    def _below(self, base: Places, names: Key) -> Places:
        if not base:
            return NOTHING
        # Where it may be one of several values, not each of them needs to have it.
        noted = self._noted if len(base) == 1 and not self._scope.is_optional else self._reads.guarded
        found: set[Key | Made] = set()
        for place in base:
            if isinstance(place, Made):
                entry = dict(place.entries).get(names[0], NOTHING)
                found |= self._below(entry, names[1:]) if names[1:] else entry
            else:
                key = place + names
                found.add(key)
                if key not in noted:
                    noted[key] = self._scope.place
        return frozenset(found)

    def _guard(self, arguments: list[Places]) -> None:
        """Notes that the absence of something is provided for."""
        guarded = self._reads.guarded
        for argument in arguments:
            for key in argument:
                if key not in guarded and not isinstance(key, Made):
                    guarded[key] = self._scope.place

    def _call(self, function: str, arguments: list[Places], texts: list[str]) -> Places:
        if function in ("include", "template", "dict", "list"):
            self._guard(arguments)
        if function in ("include", "template"):
            self._scope.follow(texts[0] if texts else "", NOTHING.union(*arguments[1:]))
            return NOTHING
        if "Values" in texts:
            self._replaced(function, arguments, texts)
        if function == "dict":
            return _made(arguments, texts)
        return self._yielded(function, arguments, texts) if any(arguments) else NOTHING

    def _yielded(self, function: str, arguments: list[Places], texts: list[str]) -> Places:
        """Returns what a function yields that gets something of the values."""
        if function in _GUARDS:
            self._guard(arguments)
        if function in _MERGES or function == "set":
            self._reads.extend(arguments[0])
        if function in _SAME:
            return NOTHING.union(*arguments)
        if function in _BY_KEY:
            return self._by_key(function, arguments, texts)
        if function not in _TESTS:
            for argument in arguments[:1] if function == "tpl" else arguments:
                self._reads.escape(argument)
        return NOTHING

    def _replaced(self, function: str, arguments: list[Places], texts: list[str]) -> None:
        """Notes that `.Values` may be something else in a named template."""
        value = arguments[(texts.index("Values") + 1) : (texts.index("Values") + 2)]
        if function in ("dict", "set") and value != [ALL]:
            self._reads.extend(ALL)
            self._reads.escape(NOTHING.union(*value))

    def _by_key(self, function: str, arguments: list[Places], texts: list[str]) -> Places:
        """Reads keys that are named by strings; others may be any."""
        keys = {"dig": texts[:-2], "pluck": texts[:1]}.get(function, texts[1:])
        targets = {"dig": arguments[-1:], "pluck": arguments[1:]}.get(function, arguments[:1])
        if not keys or not all(keys):
            self._reads.escape(NOTHING.union(*arguments))
            return NOTHING
        paths = [(key,) for key in keys] if function == "pick" else [tuple(keys)]
        noted = self._noted
        if function in _GUARDS:
            self._noted = self._reads.guarded
        found = NOTHING.union(*(self._below(target, path) for target in targets for path in paths))
        self._noted = noted
        return found


@lru_cache(maxsize=8192)
def _names(word: str) -> tuple[Key, bool]:
    """Returns the fields that a word names, and whether they start at `.Values`; those of a subchart are no matter."""
    names = tuple(word.split(".")[1:])
    if "Values" not in names:
        return names, False
    return () if "Subcharts" in names else names[names.index("Values") + 1 :], "Subcharts" not in names


def _made(arguments: list[Places], texts: list[str]) -> Places:
    entries = tuple(zip(texts[::2], arguments[1::2], strict=False))
    return frozenset({Made(entries)}) if any(value for _, value in entries) else NOTHING
