"""Puts YAML into fields as Helm's Go does: sigs.k8s.io/yaml, which goes through JSON, into structs of texts and lists.

Keys are found in any case, a number or boolean where a text belongs becomes one, null changes nothing (it empties a
list or mapping), unknown keys are dropped. What is there already stays where nothing new is said.
"""

import math
import re
import struct
from collections.abc import Callable, Mapping
from typing import Any

from release_kit.errors import InputError
from release_kit.values import yaml_source

Path = tuple[str | int, ...]
Decoder = Callable[[Any, Any, Path], Any]
"""Takes what was read, what is there already and the path, returns what is there then."""
_MAX_INTEGER = 1 << 64
_MIN_INTEGER = -(1 << 63)
_CONTROL = re.compile("[\x7f-\x9f\ufffe\uffff]")
"""Helm reads these, and can't write them."""
_SINGLE = struct.Struct("<f")


class _WrongTypeError(Exception):
    """Something is of another type than its field."""

    def __init__(self, path: Path, expected: str, found: Any) -> None:
        super().__init__(f"expected {expected}, found {found!r:.100}")
        self.path = path


def decode(content: bytes, fields: Mapping[str, Decoder], known: Mapping[str, Any] | None, place: str) -> Any:
    """Reads the first document of a YAML text into fields.

    Args:
        content: the text.
        fields: how to read each.
        known: what was read into them before.
        place: the file, for errors.

    Returns:
        The fields that were named so far; `known` itself where the document is empty or null.

    Raises:
        InputError: it is no YAML, or something in it has the wrong type.
    """
    try:
        document = next(yaml_source.read(content.decode()), None)
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: expected UTF-8, found {content[error.start : error.end]!r}") from error
    except yaml_source.YamlError as error:
        raise InputError(f"{place}:{error.line}: is no YAML: {error.message}") from error
    if document is None or document.value is None:
        return known
    try:
        return record(fields)(document.value, known, ())
    except _WrongTypeError as error:
        where = f"{place}:{document.line(error.path)}"
        raise InputError(f"{where}: {yaml_source.shown(error.path) or 'the document'}: {error}") from error


def text(value: Any, known: Any, path: Path) -> str:
    """Reads a text."""
    if value is None:
        return known or ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)) and math.isfinite(value):
        return number_text(value)
    if not isinstance(value, str):
        raise _WrongTypeError(path, "a text", value)
    if _CONTROL.search(value):
        raise _WrongTypeError(path, "a text without control characters", value)
    return value


def flag(value: Any, known: Any, path: Path) -> bool:
    """Reads a boolean."""
    if value is None:
        return bool(known)
    if not isinstance(value, bool):
        raise _WrongTypeError(path, "true or false", value)
    return value


def anything(value: Any, _known: Any, path: Path) -> Any:
    """Takes what is there, as JSON has it: keys in order, whole numbers without a fraction."""
    if isinstance(value, dict):
        return {key: anything(value[key], None, path) for key in sorted(value)}
    if isinstance(value, list):
        return [anything(item, None, path) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def listed(element: Decoder) -> Decoder:
    """Returns what reads a list."""

    def read(value: Any, known: Any, path: Path) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            raise _WrongTypeError(path, "a list", value)
        before = [*(known or ())[: len(value)], *[None] * (len(value) - len(known or ()))]
        return [
            element(item, old, (*path, position))
            for position, (item, old) in enumerate(zip(value, before, strict=True))
        ]

    return read


def mapped(element: Decoder) -> Decoder:
    """Returns what reads a mapping with any keys."""

    def read(value: Any, known: Any, path: Path) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _WrongTypeError(path, "a mapping", value)
        return (known or {}) | {key: element(item, None, (*path, key)) for key, item in value.items()}

    return read


def record(fields: Mapping[str, Decoder]) -> Decoder:
    """Returns what reads a mapping with these keys; of keys that differ in case only, the last in order counts."""
    names = {name.casefold(): name for name in fields}

    def read(value: Any, known: Any, path: Path) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _WrongTypeError(path, "a mapping", value)
        found = dict(known or {})
        for key in sorted(value):
            name = names.get(key.casefold())
            if name is not None:
                found[name] = fields[name](value[key], found.get(name), (*path, key))
        return found

    return read


def compact(values: Mapping[str, Any], fields: Mapping[str, Decoder], always: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what is not empty, in the order of the fields; `always` are those that stay, and what they are then."""
    found = {name: values.get(name) or always.get(name) for name in fields}
    return {name: value for name, value in found.items() if value or name in always}


def number_text(number: float) -> str:
    """Returns a number as text: whole ones as they are, others as 32 bits hold them, in as few digits as tell it."""
    if isinstance(number, int) and _MIN_INTEGER <= number < _MAX_INTEGER:
        return str(number)
    try:
        packed = _SINGLE.pack(number)
    except OverflowError:
        packed = _SINGLE.pack(math.copysign(math.inf, number))
    single = _SINGLE.unpack(packed)[0]
    if math.isinf(single):
        return "+Inf" if single > 0 else "-Inf"
    candidates = (f"{single:.{digits}e}" for digits in range(9))
    shortest = next(candidate for candidate in candidates if _SINGLE.pack(float(candidate)) == packed)
    digits, _, exponent = shortest.partition("e")
    if not -4 <= int(exponent) < 6:
        return shortest
    decimals = len(digits.lstrip("-").replace(".", "")) - 1 - int(exponent)
    return f"{float(shortest):.{max(0, decimals)}f}"
