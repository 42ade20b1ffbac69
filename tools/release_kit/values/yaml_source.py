"""YAML as Helm and Kubernetes read it (sigs.k8s.io/yaml), with the line of everything in it.

YAML 1.1 words: `yes` and `on` are true, a date is a string, numbers have no base 60. Keys that stand twice are kept
apart, where other readers let the last one win.
"""

import math
import re
from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = Sequence[str | int]
MAX_DEPTH = 200
MAX_VALUES = 500_000
"""How many values a document may have once its aliases are followed."""
_FATAL_DEPTH = 5_000
_RUN = re.compile(rf"^ *(?:[-?] +){{{_FATAL_DEPTH}}}", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")
_NULL, _BOOL, _INT, _FLOAT, _MERGE = (f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "merge"))
_WORDS = "y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"
_TRUE = {"y", "yes", "true", "on"}
_NOT_A_STRING = (
    (_NULL, re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    (_BOOL, re.compile(f"^(?:{_WORDS})$"), list("yYnNtTfFoO")),
    (_INT, re.compile(r"^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$"), list("-+0123456789")),
    (_FLOAT, re.compile(r"^[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]+)?$"), list("-+0123456789")),
    (_FLOAT, re.compile(r"^[-+]?\.[0-9]+(?:[eE][-+]?[0-9]+)?$"), list("-+.")),
    (_FLOAT, re.compile(r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"), list("-+.")),
    (_MERGE, re.compile(r"^<<$"), ["<"]),
)


class YamlError(Exception):
    """A text is no YAML; says so in one line."""

    def __init__(self, message: str, line: int) -> None:
        """Keeps the line, from 1."""
        super().__init__(message)
        self.message = message
        self.line = line


class _Loader(_Base):  # type: ignore[misc]
    """Composes nodes; values are made from them here."""

    tags: dict[str, str] = {}  # noqa: RUF012
    """The tags of plain scalars that were met: the same words come again and again."""
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        """Returns the tag of a node."""
        if kind is not ScalarNode or not implicit[0]:
            return str(super().resolve(kind, value, implicit))
        tag = self.tags.get(value)
        if tag is None:
            tag = self.tags[value] = str(super().resolve(kind, value, implicit))
        return tag

    def descend_resolver(self, current_node: Node | None, current_index: Any) -> None:
        """Does nothing: there are no resolvers by path."""

    def ascend_resolver(self) -> None:
        """Does nothing: there are no resolvers by path."""


for _tag, _pattern, _first in _NOT_A_STRING:
    _Loader.add_implicit_resolver(_tag, _pattern, _first)


class Duplicate(NamedTuple):
    """A key that stands twice in one mapping, with the lines of both, from 1."""

    path: tuple[str | int, ...]
    line: int
    first_line: int


class Document:
    """One YAML document: its value, and where each part of it stands."""

    def __init__(self, node: Node | None, first_line: int = 1) -> None:
        """Makes the value of a composed node; `first_line` is the line that the text starts with."""
        self._node = node
        self._first_line = first_line
        self._values = 0
        self.duplicates: list[Duplicate] = []
        self.value: Any = None if node is None else self._value(node, ())

    @property
    def start(self) -> int:
        """The line of the document's first value."""
        return self._first_line if self._node is None else self._line(self._node)

    def line(self, path: Path) -> int:
        """Returns the line of what stands at a path, or of the nearest part of it that is there."""
        node, line = self._node, self.start
        for step in path:
            found = None if node is None else _child(node, step)
            if found is None:
                return line
            key, node = found
            line = self._line(key)
        return line

    def part(self, path: Path) -> "Document":
        """Returns what stands at a path as a document of its own, with the lines that it has here."""
        node = self._node
        for step in path:
            found = None if node is None else _child(node, step)
            node = None if found is None else found[1]
        return Document(node, self._first_line)

    def _line(self, node: Node) -> int:
        return int(node.start_mark.line) + self._first_line

    def _value(self, node: Node, path: tuple[str | int, ...]) -> Any:
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if len(path) > MAX_DEPTH:
            raise YamlError(f"more than {MAX_DEPTH} levels deep", self._line(node))
        self._values += len(node.value)
        if self._values > MAX_VALUES:
            raise YamlError(f"more than {MAX_VALUES} values", self._line(node))
        if isinstance(node, SequenceNode):
            return [self._value(item, (*path, position)) for position, item in enumerate(node.value)]
        return self._mapping(node, path)

    def _mapping(self, node: Node, path: tuple[str | int, ...]) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                for part in value.value if isinstance(value, SequenceNode) else [value]:
                    inherited = self._value(part, path)
                    if not isinstance(inherited, dict | NoneType):
                        raise YamlError("expected a mapping, or a list of such, after '<<'", self._line(part))
                    merged |= {k: v for k, v in inherited.items() if k not in merged} if inherited else {}
                continue
            name = key_text(key)
            if name in lines:
                self.duplicates.append(Duplicate((*path, name), self._line(key), lines[name]))
            lines[name] = self._line(key)
            own[name] = self._value(value, (*path, name))
        return {**merged, **own} if merged else own


def read(text: str, first_line: int = 1) -> Iterator[Document]:
    """Reads all documents of a text.

    Args:
        text: of any number of documents.
        first_line: the line that the text starts with, where it is a part of a file.

    Raises:
        YamlError: it is no YAML.
    """
    if _is_bottomless(text):
        raise YamlError(f"more than {MAX_DEPTH} levels deep", first_line)
    try:
        loader = _Loader(text)
    except yaml.YAMLError as error:
        raise _error(error, first_line) from error
    try:
        while loader.check_node():
            yield Document(loader.get_node(), first_line)
    except (yaml.YAMLError, RecursionError) as error:
        raise _error(error, first_line) from error
    finally:
        loader.dispose()


def _is_bottomless(text: str) -> bool:
    """Tells whether a text is nested so deeply that libyaml, which calls itself for each level, ends the process."""
    if _RUN.search(text):
        return True
    if text.count("[") + text.count("{") < _FATAL_DEPTH:
        return False
    depth = deepest = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest >= _FATAL_DEPTH


def read_one(text: str) -> Document:
    """Reads a text of at most one document; an empty one has the value None.

    Raises:
        YamlError: it is no YAML, or there are more documents in it.
    """
    documents = list(read(text))
    if len(documents) > 1:
        raise YamlError("expected one document, found more", documents[1].start)
    return documents[0] if documents else Document(None)


def key_text(node: Node) -> str:
    """Returns a key as JSON has it: a string."""
    value = _scalar(node) if isinstance(node, ScalarNode) else ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(node.value)


def shown(path: Path) -> str:
    """Returns a path such as `spec.containers[0].image`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[\w-]+", step):
            text += f".{step}" if text else step
        else:
            text += f"[{step!r}]"
    return text


def _child(node: Node, step: str | int) -> tuple[Node, Node] | None:
    """Returns the node that names a child and the child itself."""
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    if isinstance(node, MappingNode):
        for key, value in reversed(node.value):
            if key_text(key) == step:
                return key, value
    return None


def _scalar(node: ScalarNode) -> Any:
    text = node.value
    if node.tag == _BOOL:
        return text.lower() in _TRUE
    if node.tag == _INT:
        return _integer(text)
    if node.tag == _FLOAT:
        return _float(text)
    return None if node.tag == _NULL else text


def _integer(text: str) -> int | float | str:
    plain = text.replace("_", "").lower()
    digits = plain.lstrip("+-")
    base = {"0b": 2, "0x": 16, "0o": 8}.get(digits[:2], 8 if len(digits) > 1 and digits[0] == "0" else 10)
    try:
        number = int(plain, base) if base != 8 else int(plain.replace("o", ""), 8)
    except ValueError:
        return text
    return number if -(1 << 63) <= number < 1 << 64 else _float(text)


def _float(text: str) -> float | str:
    """Returns a number, or the text if it is larger than 64 bits can hold: a commit such as 12e4567 is one."""
    try:
        number = float(text.lower().replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        return text
    return text if math.isinf(number) and "inf" not in text.lower() else number


def _error(error: Exception, first_line: int) -> YamlError:
    mark = getattr(error, "problem_mark", None)
    line = first_line if mark is None else mark.line + first_line
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is nested too deeply"
    return YamlError(str(problem), line)
