"""A short notation for the structural schemas of custom resources (apiextensions.k8s.io/v1)."""

from collections.abc import Mapping, Sequence
from typing import Any

Schema = dict[str, Any]
BRANCH_RULES = ("!self.startsWith('-')", "!self.contains(':')", "!self.contains('..')")
"""What GitOps Promoter asks of every branch that is named."""


def text(
    length: tuple[int, int] = (0, 0), pattern: str = "", rules: Sequence[str] = (), default: str | None = None
) -> Schema:
    """Returns the schema of a string; `length` is the least and the largest, 0 for any."""
    least, most = length
    schema: Schema = {"type": "string"}
    schema |= {"minLength": least} if least else {}
    schema |= {"maxLength": most} if most else {}
    schema |= {"pattern": pattern} if pattern else {}
    schema |= {"default": default} if default is not None else {}
    return _ruled(schema, rules)


def word(*choices: str, default: str | None = None) -> Schema:
    """Returns the schema of one of several words."""
    return text(default=default) | {"enum": list(choices)}


def whole(minimum: int | None = None) -> Schema:
    """Returns the schema of an integer."""
    return {"type": "integer"} | ({} if minimum is None else {"minimum": minimum})


FLAG: Schema = {"type": "boolean"}
ANYTHING: Schema = {"x-kubernetes-preserve-unknown-fields": True}


def fields(properties: Mapping[str, Schema], rules: Sequence[str] = ()) -> Schema:
    """Returns the schema of an object; a name that ends in `!` is required."""
    schema: Schema = {
        "type": "object",
        "properties": {name.removesuffix("!"): schema for name, schema in properties.items()},
    }
    if required := [name.removesuffix("!") for name in properties if name.endswith("!")]:
        schema["required"] = required
    return _ruled(schema, rules)


def named(of: Schema) -> Schema:
    """Returns the schema of an object of any field names."""
    return {"type": "object", "additionalProperties": of}


def several(of: Schema, length: tuple[int, int] = (0, 0), key: str = "", distinct: bool = False) -> Schema:
    """Returns the schema of a list: of `key` if no two may share it, `distinct` if no two may be equal."""
    least, most = length
    schema: Schema = {"type": "array", "items": of}
    schema |= {"minItems": least} if least else {}
    schema |= {"maxItems": most} if most else {}
    if key:
        schema |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key]}
    return schema | ({"x-kubernetes-list-type": "set"} if distinct else {})


def resource(spec: Schema, required: bool = False) -> Schema:
    """Returns the schema of a kind of object whose status nobody writes by hand."""
    return fields({"spec!" if required else "spec": spec, "status": {"type": "object", **ANYTHING}})


def exactly_one(names: Sequence[str]) -> str:
    """Returns the rule that exactly one of the fields is there."""
    return f"{_count(names)} == 1"


def at_most_one(names: Sequence[str]) -> str:
    """Returns the rule that no two of the fields are there."""
    return f"{_count(names)} <= 1"


def _count(names: Sequence[str]) -> str:
    return f"[{','.join(f'has(self.{name})' for name in names)}].filter(x,x==true).size()"


def _ruled(schema: Schema, rules: Sequence[str]) -> Schema:
    return schema | ({"x-kubernetes-validations": [{"rule": rule} for rule in rules]} if rules else {})
