"""What a JSON schema does not allow, in the words of a person."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_kit.values.yaml_source import Path

_LIST_KEYS = "x-kubernetes-list-map-keys"
_MERGE_KEY = "x-kubernetes-patch-merge-key"
_BY_ADDRESS = frozenset({"ip"})
"""Merge keys that need not be unique: several host aliases may share an address."""


class Fault(NamedTuple):
    """Something that is wrong at a path of an object."""

    path: Path
    message: str
    remedy: str = ""


def describe(error: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Fault]:
    """Yields what a jsonschema_rs.ValidationError is about; one fault for each unknown field."""
    path: Path = tuple(error.instance_path)
    kind = type(error.kind).__name__.rpartition("_")[2]
    if kind == "AdditionalProperties":
        known = _properties(error, schema, definitions)
        for name in error.kind.unexpected:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else _listed(known)
            yield Fault((*path, name), f"the field {name!r} is not known here", hint)
    elif kind == "Required":
        yield Fault(path, f"the field {error.kind.property!r} is missing")
    elif kind == "Type":
        yield Fault(path, f"expected {_types(error.kind.types)}, found {_found(error.instance)}")
    elif kind == "Enum":
        allowed = ", ".join(json.dumps(option) for option in error.kind.options if option is not None)
        yield Fault(path, f"expected one of {allowed:.300}; found {_found(error.instance)}")
    elif kind == "OneOfNotValid" or (kind == "AnyOf" and _is_int_or_string(error)):
        yield Fault(path, f"expected a number or a string, found {_found(error.instance)}")
    else:
        yield Fault(path, error.message[:300])


def _properties(error: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    """Returns the fields that are known where an unknown one stands."""
    steps = list(error.schema_path)[:-1]
    found: Any = definitions if steps[:1] == ["$defs"] and "$defs" not in schema else schema
    for step in steps:
        found = found.get(step) if isinstance(found, Mapping) else None
    return list(found.get("properties", ())) if isinstance(found, Mapping) else []


def _listed(known: Sequence[str]) -> str:
    return f"known are {', '.join(sorted(known)):.300}" if known else ""


def _types(types: Any) -> str:
    names = [name for name in types if name != "null"] if isinstance(types, list | tuple) else [str(types)]
    return " or ".join(sorted(names)) or "null"


def _is_int_or_string(error: Any) -> bool:
    return "x-kubernetes-int-or-string" in str(error.verbose_message) or not isinstance(error.instance, Mapping)


def _found(value: Any) -> str:
    kinds = {
        bool: "true or false",
        dict: "an object",
        list: "a list",
        str: "the string",
        int: "the number",
        type(None): "",
    }
    text = json.dumps(value, ensure_ascii=False)
    return f"{kinds.get(type(value), 'the number')} {text:.80}".strip()


class Node(NamedTuple):
    """An object or a list somewhere inside an object, with its schema."""

    path: tuple[str | int, ...]
    value: Any
    schema: Mapping[str, Any]
    type_name: str
    """The name of its API type without package and version, such as `PodSpec`; empty where it has none."""


def nodes(value: Any, schema: Any, definitions: Mapping[str, Any]) -> Iterator[Node]:
    """Yields the objects and lists of an object, each before what is in it."""
    defs = definitions.get("$defs", {})
    waiting: list[tuple[tuple[str | int, ...], Any, Any]] = [((), value, schema)]
    while waiting:
        path, found, described = waiting.pop()
        reference = described.get("$ref") if isinstance(described, dict) else None
        known = _resolved(described, defs)
        yield Node(path, found, known, reference.rpartition(".")[2] if isinstance(reference, str) else "")
        if isinstance(found, dict):
            properties, others = known.get("properties", {}), known.get("additionalProperties")
            inner = [((*path, key), child, properties.get(key, others)) for key, child in found.items()]
        else:
            inner = [((*path, position), child, known.get("items")) for position, child in enumerate(found)]
        waiting += [entry for entry in reversed(inner) if isinstance(entry[1], dict | list)]


def repeated_keys(node: Node) -> Iterator[Fault]:
    """Yields items of a list whose key another item has: environment variables, ports, volumes, containers."""
    if isinstance(node.value, list):
        yield from _same_keys(node.value, _keys(node.schema), node.path)


def _resolved(schema: Any, defs: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(8):
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if not isinstance(reference, str):
            break
        schema = defs.get(reference.rpartition("/")[2])
    return schema if isinstance(schema, Mapping) else {}


def _keys(schema: Mapping[str, Any]) -> Sequence[str]:
    if schema.get("x-kubernetes-list-type") == "map":
        return tuple(schema.get(_LIST_KEYS, ()))
    key = schema.get(_MERGE_KEY)
    return (key,) if isinstance(key, str) and key not in _BY_ADDRESS else ()


def _same_keys(items: list[Any], keys: Sequence[str], path: tuple[str | int, ...]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for position, item in enumerate(items if keys else []):
        if not isinstance(item, dict) or not any(key in item for key in keys):
            continue
        values = {key: item.get(key, "TCP" if key == "protocol" else None) for key in keys}
        identity = json.dumps(values, sort_keys=True, default=str)
        if identity in seen:
            shown = ", ".join(f"{key} {value!r}" for key, value in values.items() if value is not None)
            message = f"{shown} stands twice, also at [{seen[identity]}]: Kubernetes keeps one of them"
            yield Fault((*path, position), message, "take one of them out, or give it another name")
        seen.setdefault(identity, position)
