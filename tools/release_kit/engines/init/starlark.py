"""BUILD and MODULE files: how they are read, and what is inserted into them; nothing of a user's text changes.

Starlark is, but for what no such file has, the grammar of Python: https://github.com/bazelbuild/starlark.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from release_kit.errors import InputError

_LATER = ("deps", "implementation", "implements", "alwayslink")
"""Arguments that buildifier puts behind all others."""
_FIRST = ("name", "size", "timeout", "testonly", "src", "srcs", "out", "outs", "hdrs")
"""And those before all others."""
Value = str | Sequence[str] | Mapping[str, str | Sequence[str]] | Mapping[str, str] | None
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


class Insertion(NamedTuple):
    """Lines that get into a file."""

    line: int
    """Before which line they stand, from 0."""
    text: str


class Source:
    """A file that was read."""

    def __init__(self, place: str, text: str) -> None:
        """Reads a text.

        Raises:
            InputError: it is no Starlark, or could not be told apart from it.
        """
        self.place, self.text = place, text
        try:
            if re.search(r"\r(?!\n)", text):
                raise ValueError("a line end that is none to others")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._statements = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 1
            raise InputError(
                f"{place}:{line}: can't be read, so nothing can be added to it", "correct it, or add what it needs"
            ) from error

    def calls(self, function: str) -> Iterator[ast.Call]:
        """Yields the calls of a function, or of a method such as `helm.local`, that are statements or assigned."""
        for statement in self._statements:
            call = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
            if isinstance(call, ast.Call) and _called(call) == function:
                yield call

    def names(self) -> set[str]:
        """Returns what loads and assignments bind, and the names of all targets that are written out."""
        bound = {node.id for node in self._nodes() if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for call in self.calls("load"):
            bound |= {str(text(each)) for each in call.args[1:]} | {str(each.arg) for each in call.keywords}
        return bound | {
            text(each.value) for each in self._nodes() if isinstance(each, ast.keyword) and each.arg == "name"
        }

    def assigned(self, call: ast.Call) -> str:
        """Returns the variable that a call's result is assigned to; empty for none."""
        for statement in self._statements:
            if (
                isinstance(statement, ast.Assign)
                and statement.value is call
                and isinstance(statement.targets[0], ast.Name)
            ):
                return statement.targets[0].id
        return ""

    def load(self, file: str, symbol: str) -> Insertion:
        """Returns the statement that loads a symbol, which may be `own_name = "symbol"`, among the others."""
        wanted = symbol if " = " in symbol else quoted(symbol)
        line = f"load({quoted(file)}, {wanted})\n"
        loads = list(self.calls("load"))
        for call in loads:
            if _order(text(call.args[0]) if call.args else "") > _order(file):
                return Insertion(call.lineno - 1, line)
        if loads:
            return Insertion(loads[-1].end_lineno or 0, line)
        return Insertion(self._top(), f"{line}\n")

    def visible(self, name: str, visibility: Sequence[str], kinds: Sequence[str]) -> Insertion | None:
        """Returns the argument that makes a target of some rules visible; None where its call can't get one."""
        for statement in self._statements:
            call = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(call, ast.Call) and argument(call, "name") == name and _called(call) in kinds:
                found = self._argument(call, "visibility", visibility)
                return found if found and self._gives(call, found) else None
        return None

    def end(self, lines: str) -> Insertion:
        """Returns lines at the file's end, after an empty one."""
        return Insertion(len(lines_of(self.text)), f"\n{lines}" if self.text.strip() else lines)

    def after_last(self, function: str, lines: str) -> Insertion | None:
        """Returns lines behind the last call of a function; None where there is none."""
        ends = [call.end_lineno or 0 for call in self.calls(function)]
        return Insertion(max(ends), lines) if ends else None

    def _argument(self, call: ast.Call, name: str, values: Sequence[str]) -> Insertion | None:
        lines = lines_of(self.text)
        last, given = call.end_lineno or 0, [each.arg for each in call.keywords]
        if call.args or name in given or None in given or lines[last - 1].strip() != ")":
            return None
        places = [each.value.lineno for each in call.keywords if _rank(str(each.arg)) > _rank(name)]
        line = min(places, default=last)
        if any(each.lineno == call.lineno for each in call.keywords):
            return None
        while line > 1 and lines[line - 2].strip().startswith("#"):
            line -= 1
        indent = " " * (call.keywords[0].col_offset if call.keywords else 4)
        return Insertion(line - 1, f"{indent}{name} = {written(values, indent)},\n")

    def _gives(self, call: ast.Call, insertion: Insertion) -> bool:
        """Tells whether an insertion gives a call one more argument, and changes nothing else."""
        try:
            after = ast.parse(inserted(self.text, [insertion])).body
        except (SyntaxError, ValueError):
            return False
        for old, new in zip(self._statements, after, strict=False):
            if isinstance(old, ast.Expr) and old.value is call and isinstance(new, ast.Expr):
                changed = new.value
                if not isinstance(changed, ast.Call) or len(changed.keywords) != len(call.keywords) + 1:
                    return False
                changed.keywords = [each for each in changed.keywords if each.arg != "visibility"]
        return [*map(ast.dump, after)] == [*map(ast.dump, self._statements)]

    def _top(self) -> int:
        """Returns the line of the first statement that is no docstring, or of the comment that belongs to it."""
        statements = self._statements
        if statements and isinstance(statements[0], ast.Expr) and isinstance(statements[0].value, ast.Constant):
            statements = statements[1:]
        lines = lines_of(self.text)
        if not statements:
            return len(lines)
        line = statements[0].lineno - 1
        while line and lines[line - 1].startswith("#"):
            line -= 1
        return line

    def _nodes(self) -> Iterator[ast.AST]:
        for statement in self._statements:
            yield from ast.walk(statement)


def argument(call: ast.Call, name: str) -> str:
    """Returns the text that a call has for an argument; empty for none."""
    return next((text(each.value) for each in call.keywords if each.arg == name), "")


def text(node: ast.AST) -> str:
    """Returns the text that a node is; empty for another one."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def inserted(source: str, insertions: Sequence[Insertion]) -> str:
    """Returns a text with lines inserted, which end as its own do; those before the same line in their order."""
    if not insertions:
        return source
    lines = lines_of(source)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    for each in sorted(insertions, key=lambda insertion: insertion.line)[::-1]:
        lines[each.line : each.line] = [each.text.replace("\n", end)]
    return "".join(lines)


def called(function: str, arguments: Mapping[str, Value]) -> str:
    """Returns a call as buildifier formats it; those that are None are left out."""
    given = {name: value for name, value in arguments.items() if value is not None}
    lines = [f"    {name} = {written(value, '    ')},\n" for name, value in given.items()]
    return f"{function}(\n{''.join(lines)})\n"


def lines_of(source: str) -> list[str]:
    """Returns the lines with their ends, of line feeds alone."""
    return _LINE.findall(source)


def written(value: Value, indent: str) -> str:
    """Returns a value as buildifier formats it; several items are on lines of their own."""
    if isinstance(value, str):
        return quoted(value)
    deeper = f"{indent}    "
    if isinstance(value, Mapping):
        items = [f"{quoted(key)}: {written(each, deeper)}" for key, each in value.items()]
        opening, closing = "{}"
    else:
        items = [quoted(each) for each in value or ()]
        opening, closing = "[]"
    if not items or (len(items) == 1 and "\n" not in items[0]):
        return f"{opening}{''.join(items)}{closing}"
    return f"{opening}\n{''.join(f'{deeper}{item},' + chr(10) for item in items)}{indent}{closing}"


def quoted(value: str) -> str:
    """Returns a text as a string of Starlark.

    Raises:
        InputError: no name has such letters.
    """
    if not value.isprintable():
        raise InputError(f"{value!r:.300}: expected a name of printable letters", "rename it")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return f"{function.value.id}.{function.attr}"
    return function.id if isinstance(function, ast.Name) else ""


def _order(file: str) -> tuple[bool, bool, str]:
    """Returns where buildifier sorts a load: other repositories first, the own package last."""
    return (not file.startswith("@"), file.startswith(":"), file)


def _rank(name: str) -> tuple[int, str]:
    return (1 if name in _LATER else -1 if name in _FIRST else 0, name)
