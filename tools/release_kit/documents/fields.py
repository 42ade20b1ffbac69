"""Reads one JSON object field by field; every error names the path: `images[3].layout: expected string, found 7`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from release_kit.errors import InputError

T = TypeVar("T")
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
MAX_INTEGER = 2**63 - 1
_NAMES = {dict: "object", list: "list", str: "string", int: "integer", bool: "true or false"}


class Fields:
    """The fields of one object of a document, each taken at most once; what nobody takes is an error."""

    def __init__(self, value: object, place: str) -> None:
        """Wraps `value`, found at `place` (empty for the document itself)."""
        self.place = place
        self._values: dict[str, object] = dict(_typed(value, dict, place or "document"))

    def path(self, key: str) -> str:
        """Returns where the field `key` stands in the document."""
        return f"{self.place}.{key}" if self.place else key

    def string(self, key: str, default: str | None = None) -> str:
        """Takes a string; without a default it must be there."""
        return str(_typed(self._take(key, default), str, self.path(key)))

    def optional_string(self, key: str) -> str | None:
        """Takes a string that may be absent."""
        if self._values.get(key) is not None:
            return self.string(key)
        self._values.pop(key, None)
        return None

    def integer(self, key: str, default: int | None = None) -> int:
        """Takes an integer; without a default it must be there."""
        value = _typed(self._take(key, default), int, self.path(key))
        if isinstance(value, bool) or abs(value) > MAX_INTEGER:
            raise _mismatch(self.path(key), int, value)
        return int(value)

    def boolean(self, key: str, default: bool | None = None) -> bool:
        """Takes true or false; without a default it must be there."""
        return bool(_typed(self._take(key, default), bool, self.path(key)))

    def strings(self, key: str) -> tuple[str, ...]:
        """Takes a list of strings that may be absent."""
        items = _typed(self._take(key, []), list, self.path(key))
        return tuple(str(_typed(item, str, f"{self.path(key)}[{i}]")) for i, item in enumerate(items))

    def list(self, key: str) -> "list[object]":
        """Takes a list of anything that may be absent."""
        return _typed(self._take(key, []), list, self.path(key))

    def objects(self, key: str, read: "Callable[[Fields], T]", required: bool = False) -> tuple[T, ...]:
        """Takes a list of objects that may be absent unless it is required, each read by `read`."""
        items = _typed(self._take(key, None if required else []), list, self.path(key))
        return tuple(_whole(Fields(item, f"{self.path(key)}[{i}]"), read) for i, item in enumerate(items))

    def nested(self, key: str, read: "Callable[[Fields], T]") -> T:
        """Takes an object that may be absent (then it is empty), read by `read`."""
        return _whole(Fields(self._take(key, {}), self.path(key)), read)

    def strings_by_name(self, key: str) -> dict[str, str]:
        """Takes an object of any fields, all of them strings, that may be absent."""
        values = _typed(self._take(key, {}), dict, self.path(key))
        return {str(name): str(_typed(text, str, f"{self.path(key)}.{_shown(name)}")) for name, text in values.items()}

    def has(self, key: str) -> bool:
        """Tells whether a field is there that nobody took."""
        return self._values.get(key) is not None

    def is_string(self, key: str) -> bool:
        """Tells whether a field is there that nobody took, and is a string: for fields that may be said in two ways."""
        return isinstance(self._values.get(key), str)

    def schema(self, expected: str) -> None:
        """Takes the field `schema` and refuses any but the expected one."""
        found = self.string("schema")
        if found != expected:
            raise InputError(
                f"{self.path('schema')}: expected {expected!r}, found {found!r:.200}",
                "use the release-kit that belongs to this document, or write the document anew with this one",
            )

    def ignore_rest(self) -> None:
        """Lets the fields stand that nobody took: for documents whose format is not ours."""
        self._values.clear()

    def finish(self) -> None:
        """Refuses fields that nobody took."""
        for key in self._values:
            raise InputError(f"{self.path(_shown(key))}: this field is not known here; is it misspelled?")

    def _take(self, key: str, default: object) -> object:
        value = self._values.pop(key, None)
        if value is None:
            value = default
        if value is None:
            raise InputError(f"{self.path(key)}: expected a value, found none")
        return value


def read_document(path: Path, read: Callable[[Fields], T]) -> T:
    """Reads a whole JSON document.

    Raises:
        InputError: the file can't be read, is too large, is no JSON object, or `read` refused it; names the file.
    """
    try:
        if path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise InputError(f"{path}: larger than {MAX_DOCUMENT_BYTES} bytes, which no document of ours is")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    return parse_document(content, str(path), read)


def parse_document(content: bytes, place: str, read: Callable[[Fields], T]) -> T:
    """Reads a whole JSON document from its bytes.

    Raises:
        InputError: it is no JSON object, or `read` refused it; names the place.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: expected a JSON document: {error}") from error
    try:
        return _whole(Fields(value, ""), read)
    except InputError as error:
        raise InputError(f"{place}: {error.message}", error.remedy) from error


def _whole(fields: Fields, read: Callable[[Fields], T]) -> T:
    result = read(fields)
    fields.finish()
    return result


def _typed(value: object, kind: type[T], place: str) -> T:
    if isinstance(value, kind):
        return value
    raise _mismatch(place, kind, value)


def _shown(key: str) -> str:
    """Returns a key of the document's own choice as an error may show it."""
    return f"{key if key and key.isprintable() else json.dumps(key):.100}"


def _mismatch(place: str, kind: type, value: object) -> InputError:
    try:
        found = json.dumps(value)
    except RecursionError:
        found = f"{_NAMES[type(value)]} too deep to show"
    return InputError(f"{place}: expected {_NAMES[kind]}, found {found:.100}")
