"""A plugin of pytest: each document that a command prints, and each that a parser takes, has to be valid by its schema.

It watches what happens in the test's own process, and is idle where jsonschema-rs is not installed.
"""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SCHEMAS = Path(__file__).parents[2] / "docs/schemas"
_is_there = importlib.util.find_spec("jsonschema_rs") is not None and SCHEMAS.is_dir()
_validators: dict[str, Any] = {}


def without_nulls(value: Any) -> Any:
    """Returns a document as parsers see it: a field that is null is absent to them."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def validator(name: str) -> Any:
    """Returns the validator of a document of ours, such as `release-set`."""
    if name not in _validators:
        import jsonschema_rs

        _validators[name] = jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{name}-v1.schema.json").read_text()))
    return _validators[name]


def faults(document: Any) -> list[str]:
    """Returns what a document's schema says against it; nothing for what is no document of ours."""
    schema = document.get("schema") if isinstance(document, dict) else None
    parts = schema.split("/") if isinstance(schema, str) else []
    if len(parts) != 3 or parts[0] != "rules_release":
        return []
    try:
        errors = validator(parts[1]).iter_errors(document)
        return [f"{schema}: {each.instance_path}: {each.message:.300}" for each in errors]
    except UnicodeEncodeError:
        return []  # Half a surrogate pair: it is no text, and no schema judges it.


@pytest.fixture(autouse=_is_there)
def documents_are_valid(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test in which a document was printed or taken that its schema refuses."""
    from release_kit.cli.console import Console
    from release_kit.documents import fields

    found: list[str] = []
    print_result, read_whole = Console.result, fields._whole

    def result(console: Console, text: str) -> None:
        if text.startswith("{"):
            found.extend(faults(json.loads(text)))
        print_result(console, text)

    def whole(taken: Any, read: Any) -> Any:
        document = dict(taken._values)
        read_it = read_whole(taken, read)
        found.extend([] if taken.place else faults(without_nulls(document)))
        return read_it

    monkeypatch.setattr(Console, "result", result)
    monkeypatch.setattr(fields, "_whole", whole)
    yield
    assert not found, "\n".join(found)
