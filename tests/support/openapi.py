"""GitHub's published OpenAPI description, and whether a request and an answer are as it says.

It is in the npm package @octokit/openapi, as `generated/api.github.com.json`; the environment variable
RULES_RELEASE_OPENAPI names the file. All servers of rehearsal.github_server are held to it by

    monkeypatch.setattr(GitHubServer, "watch", OpenApi.load(path).watch)
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import jsonschema_rs

from rehearsal.github_routes import API, JSON, UPLOADS, Answer, NotTheApiError, Request

VARIABLE = "RULES_RELEASE_OPENAPI"
_COMPONENTS = "#/components/schemas/"
_COMPOSED = ("allOf", "anyOf", "oneOf")
_ERRORS = {401: "basic-error", 403: "basic-error", 404: "basic-error", 409: "basic-error", 422: "validation-error"}
"""What GitHub answers to anybody, though the description does not have it at every operation."""
Schema = dict[str, Any]
_READ: Mapping[str, Callable[[str], object]] = {
    "integer": int,
    "number": float,
    "boolean": {"true": True, "false": False}.__getitem__,
}


class _Operation(NamedTuple):
    """What may be done at one path by one method."""

    template: str
    parts: Mapping[str, str]
    """What stands in the path for each name in braces."""
    described: Schema


class OpenApi:
    """The description."""

    def __init__(self, document: Schema) -> None:
        """Takes the document, which is of OpenAPI 3.0."""
        self._document = document
        # Its words on "Upload a release asset" name this state, its schema does not.
        document["components"]["schemas"]["release-asset"]["properties"]["state"]["enum"].append("starter")
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads it from a file."""
        return cls(json.loads(path.read_bytes()))

    def watch(self, request: Request, answer: Answer) -> None:
        """Looks at a request and its answer.

        Raises:
            NotTheApiError: one of them is not as the description has it.
        """
        operation = self._operation(request)
        self._check_parameters(operation, request)
        self._check_body(operation, request)
        self._check_answer(operation, request, answer)

    def _operation(self, request: Request) -> _Operation:
        found = [
            _Operation(template, parts, described)
            for template, methods in self._document["paths"].items()
            if (parts := _parts(template, request.path)) is not None
            and (described := methods.get(request.method.lower()))
        ]
        # A path that is named as it is comes before those with names in braces.
        found.sort(key=lambda each: len(each.parts))
        if not found:
            raise NotTheApiError(f"{request.method} {request.path}: is in no description")
        if (root := UPLOADS if "servers" in found[0].described else API) != request.root:
            raise NotTheApiError(f"{request.method} {request.path}: is at {root}, not at {request.root}")
        return found[0]

    def _check_parameters(self, operation: _Operation, request: Request) -> None:
        known = [self._followed(each) for each in operation.described.get("parameters", [])]
        query = {each["name"]: each for each in known if each["in"] == "query"}
        if unknown := request.query.keys() - query.keys():
            raise NotTheApiError(f"query: {sorted(unknown)} is not known")
        given = {"query": request.query, "path": operation.parts}
        for each in known:
            found = given.get(each["in"], {}).get(each["name"])
            if found is None and each.get("required"):
                raise NotTheApiError(f"{each['in']}: {each['name']} is missing")
            if found is not None:
                self._check(each["schema"], self._typed(each["schema"], found), f"{each['in']}: {each['name']}")

    def _check_body(self, operation: _Operation, request: Request) -> None:
        described = self._followed(operation.described.get("requestBody", {}))
        if not request.body:
            if described.get("required"):
                raise NotTheApiError("body: is missing")
            return
        content, kind = described.get("content", {}), request.headers.get("content-type", "")
        if any(each["schema"].get("format") == "binary" for each in content.values()):
            return
        if kind not in content:
            raise NotTheApiError(f"body: expected {' or '.join(content) or 'none'}, found {kind or 'one'}")
        self._check(content[kind]["schema"], json.loads(request.body), "body")

    def _check_answer(self, operation: _Operation, request: Request, answer: Answer) -> None:
        known = operation.described["responses"].get(str(answer.status))
        place = f"answer {answer.status}"
        if known is None and answer.status not in _ERRORS:
            raise NotTheApiError(f"{place}: is not known of {request.method} {operation.template}")
        content = self._followed(known or {}).get("content", {})
        if answer.status in _ERRORS:
            default = {"$ref": _COMPONENTS + _ERRORS[answer.status]}
            # GitHub says more of errors than is described, such as `status`.
            self._check(content.get(JSON, {}).get("schema", default), answer.body, place, closed=False)
        elif JSON in content:
            self._check(content[JSON]["schema"], answer.body, place)
        elif answer.body is not None and not content:
            raise NotTheApiError(f"{place}: has a body, which is not known")

    def _check(self, schema: Schema, value: object, place: str, closed: bool = True) -> None:
        key = json.dumps([schema, closed])
        if key not in self._validators:
            known = {name: _converted(each, closed) for name, each in self._needed(schema)}
            whole = {**_converted(schema, closed), "$defs": known}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        for error in self._validators[key].iter_errors(value):
            raise NotTheApiError(f"{place}: {'.'.join(map(str, error.instance_path))}: {error.message:.300}")

    def _needed(self, schema: Schema) -> Iterator[tuple[str, Schema]]:
        """Yields the schemas that one refers to, and those that they refer to."""
        waiting, seen = [*_references(schema)], set[str]()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                found = self._document["components"]["schemas"][name]
                waiting += _references(found)
                yield name, found

    def _followed(self, described: Schema) -> Schema:
        while "$ref" in described:
            found = self._document
            for step in described["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            described = found
        return described

    def _typed(self, schema: Schema, text: str) -> object:
        """Reads the text of a parameter as what it is to be; a text that is none of these stays one."""
        try:
            return _READ.get(str(self._followed(schema).get("type")), str)(text)
        except (ValueError, KeyError):
            return text


def _parts(template: str, path: str) -> dict[str, str] | None:
    names, found = template.split("/"), path.split("/")
    if len(names) != len(found):
        return None
    pairs = [*zip(names, found, strict=True)]
    if any(name != part and not (name.startswith("{") and part) for name, part in pairs):
        return None
    return {name.strip("{}"): part for name, part in pairs if name.startswith("{")}


def _references(schema: Any) -> Iterator[str]:
    """Yields the names of the components that a schema refers to."""
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.removeprefix(_COMPONENTS)
        schema = [*schema.values()]
    if isinstance(schema, list):
        for each in schema:
            yield from _references(each)


def _converted(schema: Any, closed: bool = True) -> Any:
    """Returns a schema of OpenAPI 3.0 as one of JSON Schema, in which objects have no fields that are not described.

    Args:
        schema: or a part of one.
        closed: False below a composition, of which each part knows some of the fields.
    """
    if isinstance(schema, list):
        return [_converted(each, closed) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"].replace(_COMPONENTS, "#/$defs/")}
    made = {key: value for key, value in schema.items() if key not in ("properties", "nullable", "example", "examples")}
    made = {key: _converted(value, closed and key not in _COMPOSED) for key, value in made.items()}
    if "properties" in schema:
        made["properties"] = {name: _converted(each, closed) for name, each in schema["properties"].items()}
        if closed and not any(key in schema for key in _COMPOSED):
            made.setdefault("additionalProperties", False)
    if not schema.get("nullable"):
        return made
    return {"anyOf": [made, {"type": "null"}]}
