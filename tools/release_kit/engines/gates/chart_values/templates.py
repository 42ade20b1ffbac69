"""Go templates, as far as one must understand them to know what they read: actions, their words, named templates."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

OPENERS = frozenset({"if", "with", "range", "define", "block"})
_ACTION = re.compile(
    r"""\{\{(?:-?\s*/\*.*?\*/\s*-?
    |([^"`}]*(?:(?:"(?:\\.|[^"\\\n])*"|`[^`]*`|\}(?!\}))[^"`}]*)*)
    )\}\}""",
    re.DOTALL | re.VERBOSE,
)
_WORD = re.compile(
    r"""
    "(?:\\.|[^"\\])*" | `[^`]*`      # a string
    | \)(?:\.\w+)*                   # the end of a group, and fields of what it yields
    | \( | \| | :?= | ,
    | \$\w*(?:\.\w+)* | (?:\.\w+)+ | \.
    | [\w-]+                         # a function, keyword or number
    """,
    re.VERBOSE,
)


class Action(NamedTuple):
    """What stands between `{{` and `}}`, a comment aside."""

    words: tuple[str, ...]
    names_values: bool
    """Whether `.Values` stands in it."""
    offset: int
    """Where it begins in its file."""


class Template(NamedTuple):
    """A file's own part, or one named template."""

    file: str
    actions: tuple[Action, ...]


def actions(text: str) -> Iterator[Action]:
    """Yields the actions of a file, in their order."""
    position = text.find("{{")
    while position >= 0:
        end = text.find("}}", position)
        code = text[position + 2 : end]
        if end < 0 or "`" in code or "/*" in code or code.count('"') % 2 or "\\" in code:
            # The end may stand in a string or comment.
            match = _ACTION.match(text, position)
            code, end = (match[1] or "", match.end() - 2) if match else ("", position)
        words, names_values = _words(code)
        if words:
            yield Action(words, names_values, position)
        position = text.find("{{", end + 2)


def split(file: str, text: str) -> tuple[Template, dict[str, Template]]:
    """Returns a file's own part, and the named templates that it defines."""
    own: list[Action] = []
    named: dict[str, Template] = {}
    body, name, depth = own, "", 0
    for action in actions(text):
        keyword = action.words[0]
        if keyword == "define" and body is own:
            body, name, depth = [], "".join(map(literal, action.words[1:])), 0
            continue
        if body is not own:
            depth += (keyword in OPENERS) - (keyword == "end")
            if depth < 0:
                named[name] = Template(file, tuple(body))
                body = own
                continue
        body.append(action)
    return Template(file, tuple(own)), named


def literal(word: str) -> str:
    """Returns the text of a string as it stands in a template; empty for what is none."""
    return word[1:-1] if word[0] in '"`' else ""


@lru_cache(maxsize=8192)
def _words(code: str) -> tuple[tuple[str, ...], bool]:
    """Returns the words of an action, and whether `.Values` stands in it."""
    return tuple(_WORD.findall(code.strip("- \t\r\n"))), ".Values" in code
