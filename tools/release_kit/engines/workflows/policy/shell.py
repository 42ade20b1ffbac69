"""Scripts of a shell, read as far as rules need it: simple commands, their words, and the variables in these.

POSIX.1-2017, Shell Command Language, section 2.3; here-strings as bash has them. What is in a command substitution is
read as a command of its own.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_VARIABLE = re.compile(r"\$(?:\{([!#]?)([A-Za-z_]\w*)([^}]*)\}|([A-Za-z_]\w*))")
_SEPARATORS = re.compile(r"\|\||&&|;;|[;&|\n()]")
_REDIRECT = re.compile(r"\d*(?:<<<|<<-?|<>|>>|>&|<&|>\||&>>|&>|<|>)")
_BLANK = re.compile(r"(?:[ \t\r]|\\\n|#[^\n]*+)*+")
_SPACES = re.compile(r"[ \t]*")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
_MAX_DEPTH = 20
"""Of substitutions in substitutions; what is deeper is not looked at."""
_KEYWORDS = frozenset(("if", "then", "elif", "else", "while", "until", "do", "time", "!", "{"))
"""After which a command begins."""


class Variable(NamedTuple):
    """A variable whose value a word has in it."""

    name: str
    is_quoted: bool


class Word(NamedTuple):
    """One word of a command."""

    text: str
    """Without its quotes."""
    variables: tuple[Variable, ...]
    redirect: str = ""
    """The operator before it, such as `>>`; empty for an argument."""


class Command(NamedTuple):
    """A simple command."""

    row: int
    """The row of the script that it begins in, from 0."""
    words: tuple[Word, ...]
    """Arguments and what input and output come from and go to; the first argument is the program."""
    assigned: tuple[Word, ...]
    """Variables that are assigned before it."""
    ends_with: str
    """What stands after it, such as `|`."""
    into: tuple[str, ...] = ()
    """The words of the command that reads what it prints; empty where none does."""

    @property
    def arguments(self) -> Sequence[Word]:
        """Its words without redirections."""
        return [word for word in self.words if not word.redirect]

    @property
    def program(self) -> str:
        """Its first word; empty where there is none."""
        return next((word.text for word in self.arguments), "")


class _Piece(NamedTuple):
    kind: str
    """`word`, `redirect` or `end`."""
    text: str
    row: int
    variables: tuple[Variable, ...] = ()
    inner: tuple[str, ...] = ()
    """The substitutions in a word."""


def commands(script: str, row: int = 0, depth: int = 0) -> Sequence[Command]:
    """Returns the commands of a script, those inside substitutions too.

    Args:
        script: what the shell reads.
        row: of its beginning.
        depth: in how many substitutions it is.
    """
    found: list[tuple[Command, Sequence[Command]]] = []
    pieces: list[_Piece] = []
    for piece in (*_Scanner(script, row).pieces(), _Piece("end", "\n", row)):
        if piece.kind != "end":
            pieces.append(piece)
        elif pieces:
            inner = [(each, text) for each in pieces for text in each.inner if depth < _MAX_DEPTH]
            within = [command for each, text in inner for command in commands(text, each.row, depth + 1)]
            found.append((_command(pieces, piece.text), within))
            pieces = []
    return [command for own, within in _piped(found) for command in (own, *within)]


def is_rest(script: str) -> bool:
    """Tells whether a text can only be the rest of one command: words, files and here-documents, and then nothing."""
    is_over = False
    for piece in _Scanner(script, 0).pieces():
        if is_over and piece.kind != "end":
            return False
        is_over = piece.kind == "end"
        if piece.inner or (is_over and piece.text != "\n"):
            return False
    return True


def _piped(found: Sequence[tuple[Command, Sequence[Command]]]) -> Iterator[tuple[Command, Sequence[Command]]]:
    for (command, within), (then, _) in zip(found, [*found[1:], *found[:1]], strict=True):
        into = tuple(word.text for word in then.arguments) if command.ends_with == "|" else ()
        yield command._replace(into=into), within


def _command(pieces: Sequence[_Piece], ending: str) -> Command:
    words: list[Word] = []
    assigned: list[Word] = []
    redirect = ""
    for piece in pieces:
        if piece.kind == "redirect":
            redirect = piece.text
            continue
        word = Word(piece.text, piece.variables, redirect)
        is_first = not redirect and not any(not each.redirect for each in words)
        redirect = ""
        if is_first and _ASSIGNMENT.fullmatch(word.text):
            assigned.append(word)
        elif not (is_first and word.text in _KEYWORDS):
            words.append(word)
    return Command(pieces[0].row, tuple(words), tuple(assigned), ending)


class _Scanner:
    """Takes a script apart."""

    def __init__(self, script: str, row: int) -> None:
        self._script = script
        self._at = 0
        self._row = row
        self._documents: list[str] = []
        """The words that here-documents of this line end at."""

    def pieces(self) -> Iterator[_Piece]:
        """Yields the pieces of the script."""
        while match := _BLANK.match(self._script, self._at):
            self._to(match.end())
            if self._at == len(self._script):
                return
            if match := _REDIRECT.match(self._script, self._at):
                yield from self._redirect(match)
            elif match := _SEPARATORS.match(self._script, self._at):
                if match[0] == "\n":
                    yield from self._here_documents()
                yield _Piece("end", match[0], self._row)
                self._to(max(self._at, match.end()))
            else:
                yield self._word()

    def _to(self, at: int) -> None:
        self._row += self._script.count("\n", self._at, at)
        self._at = at

    def _word(self) -> _Piece:
        word, inner, end = _word(self._script, self._at)
        piece = _Piece("word", word.text, self._row, word.variables, tuple(inner))
        self._to(end)
        return piece

    def _redirect(self, match: re.Match[str]) -> Iterator[_Piece]:
        operator = match[0].lstrip("0123456789")
        self._to(match.end())
        if operator in ("<<", "<<-"):
            self._to(_SPACES.match(self._script, self._at).end())  # type: ignore[union-attr]
            quoted = self._script[self._at : self._at + 1] in ("'", '"', "\\")
            self._documents.append(("'" if quoted else "") + self._word().text)
        else:
            yield _Piece("redirect", operator, self._row)

    def _here_documents(self) -> Iterator[_Piece]:
        """Yields the here-documents that begin in the next line, each as a here-string."""
        for mark in self._documents:
            ending = re.compile(rf"\n\t*{re.escape(mark.removeprefix(chr(39)))}[ \t]*(?=\n|$)|\Z")
            match = ending.search(self._script, self._at)
            end = match.start() if match else len(self._script)
            body = "" if mark.startswith("'") else self._script[self._at : end]
            variables = tuple(each for found in _VARIABLE.finditer(body) for each in _valued(found, True))
            yield _Piece("redirect", "<<<", self._row)
            yield _Piece("word", "", self._row, variables)
            self._to(match.end() if match else end)
        self._documents = []


def _word(script: str, start: int) -> tuple[Word, list[str], int]:
    """Returns a word, the substitutions in it, and where it ends."""
    text, variables, inner = "", [], []
    at, quote = start, ""
    while at < len(script):
        letter = script[at]
        if quote == "'" or (letter == "'" and not quote):
            end = script.find("'", at + 1)
            end = len(script) if end < 0 else end
            text += script[at + 1 : end]
            at = end + 1
        elif letter == '"':
            quote = "" if quote else '"'
            at += 1
        elif letter == "\\" and at + 1 < len(script):
            text += script[at + 1] if script[at + 1] != "\n" else ""
            at += 2
        elif script.startswith("$(", at) or letter == "`":
            end = _closing(script, at)
            inner.append(script[at + 1 : end].removeprefix("("))
            at = end + 1
        elif match := _VARIABLE.match(script, at):
            variables += _valued(match, bool(quote))
            text += match[0]
            at = match.end()
        elif not quote and (letter in " \t\r\n;&|()<>"):
            break
        else:
            text += letter
            at += 1
    return Word(text, tuple(variables)), inner, at


def _valued(match: re.Match[str], is_quoted: bool) -> list[Variable]:
    """Returns the variable, unless what stands there is not its value: its length, or a word in its place."""
    prefix, name, rest, plain = match.groups()
    if plain:
        return [Variable(plain, is_quoted)]
    return [] if prefix == "#" or rest.startswith((":+", "+")) else [Variable(name, is_quoted)]


def _closing(script: str, start: int) -> int:
    """Returns where a substitution ends."""
    if script[start] == "`":
        end = script.find("`", start + 1)
        return len(script) if end < 0 else end
    depth, at, quote = 0, start + 1, ""
    while at < len(script):
        letter = script[at]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
            if not depth:
                return at
        at += 1
    return len(script)
