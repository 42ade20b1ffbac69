"""Schemas of custom resources, from CustomResourceDefinitions (apiextensions.k8s.io/v1)."""

from collections.abc import Iterable, Mapping
from typing import Any

from release_kit.values.yaml_source import YamlError, read

_OF_EVERY_OBJECT = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}


def schemas(texts: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Returns the structural schema of each API version and kind that the texts define.

    Args:
        texts: names and contents of YAML files; what is no definition in them is left out.

    Raises:
        YamlError: a text is no YAML; the message names it.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for name, text in texts:
        try:
            for document in read(text):
                found |= defined_by(document.value)
        except YamlError as error:
            raise YamlError(f"{name}: {error.message}", error.line) from error
    return found


def defined_by(value: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """Returns the structural schemas that one object defines, if it is a definition."""
    if not isinstance(value, Mapping) or value.get("kind") != "CustomResourceDefinition":
        return {}
    spec = value.get("spec")
    spec = spec if isinstance(spec, Mapping) else {}
    names, versions = spec.get("names"), spec.get("versions")
    kind = names.get("kind") if isinstance(names, Mapping) else None
    found = {}
    for version in versions if isinstance(versions, list) else []:
        schema = version.get("schema", {}).get("openAPIV3Schema") if isinstance(version, Mapping) else None
        if isinstance(schema, Mapping) and isinstance(kind, str):
            found[f"{spec.get('group')}/{version.get('name')}", kind] = dict(schema)
    return found


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the schema of a definition as JSON Schema: unknown fields are errors, as the server would drop them."""
    root = _closed(schema)
    if isinstance(root.get("properties"), dict):
        root["properties"] = {**_OF_EVERY_OBJECT, **root["properties"], "metadata": _OF_EVERY_OBJECT["metadata"]}
    return root


def _closed(schema: Any) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        return {}
    result: dict[str, Any] = dict(schema)
    if isinstance(schema.get("properties"), Mapping):
        result["properties"] = {name: _closed(child) for name, child in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields") and "additionalProperties" not in schema:
            result["additionalProperties"] = False
        _default(result)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            result[key] = _closed(schema[key])
    if schema.get("x-kubernetes-embedded-resource") and isinstance(result.get("properties"), dict):
        result["properties"] = {**_OF_EVERY_OBJECT, **result["properties"]}
    if schema.get("x-kubernetes-int-or-string"):
        result.pop("type", None)
        result.pop("anyOf", None)
        result["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    return _bounded(_nullable(result))


def _default(schema: dict[str, Any]) -> None:
    """Takes fields with a default out of those that have to be there: the server puts them in before it looks."""
    if isinstance(schema.get("required"), list):
        defaults = {name for name, child in schema["properties"].items() if "default" in child}
        schema["required"] = [name for name in schema["required"] if name not in defaults]


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """Lets an explicit null stand for an absent field, as the server does."""
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    return schema


def _bounded(schema: dict[str, Any]) -> dict[str, Any]:
    """Writes exclusive limits as JSON Schema has them since draft 6; OpenAPI 3.0 has true and false."""
    for limit, exclusive in (("maximum", "exclusiveMaximum"), ("minimum", "exclusiveMinimum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and limit in schema:
            schema[exclusive] = schema.pop(limit)
    # A format of OpenAPI is no assertion, and patterns of Go need not be ones of JSON Schema.
    schema.pop("format", None)
    return schema
