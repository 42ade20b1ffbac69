"""The gate schema: every object is one that Kubernetes would take."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import jsonschema_rs

from release_kit.documents.rendering import Rendering
from release_kit.engines.gates import crd_schemas, object_rules
from release_kit.engines.gates.api_words import wrong_words
from release_kit.engines.gates.objects import KubeObject, objects
from release_kit.engines.gates.references import misses
from release_kit.engines.gates.schema_faults import Fault, describe, nodes, repeated_keys
from release_kit.errors import InputError
from release_kit.ports import Schemas
from release_kit.values.finding import Finding, Gate

Files = Mapping[str, bytes]
_BUILT_IN_GROUP = re.compile(r"(?:|apps|batch|autoscaling|policy|extensions|[a-z0-9.-]+\.k8s\.io)")
_DEFINITIONS = "https://kubernetes.io/api/_definitions.json"


class SchemaResult(NamedTuple):
    """What the gate found, and what it could not look at."""

    findings: list[Finding]
    validated: int
    """How many objects were compared with a schema."""
    skipped: tuple[str, ...]
    """API versions and kinds without a schema, such as `acme.io/v1 Widget`."""


class SchemaGate:
    """Validates objects; compiles only the schemas of kinds that are there, each once."""

    def __init__(self, schemas: Schemas, custom: Mapping[tuple[str, str], dict[str, Any]]) -> None:
        """Takes the schemas of Kubernetes, and those of custom resources by API version and kind."""
        self._schemas = schemas
        self._custom = dict(custom)
        self._definitions = schemas.definitions()
        self._registry = jsonschema_rs.Registry([(_DEFINITIONS, self._definitions)])
        self._validators: dict[tuple[str, str], tuple[dict[str, Any], Any] | None] = {}
        self._known: dict[str, list[Fault]] = {}

    def check(self, rendering: Rendering, files: Files) -> SchemaResult:
        """Compares every object of a rendering with its schema."""
        found = list(objects(rendering.plain.text))
        for each in found:
            for key, schema in crd_schemas.defined_by(each.value).items():
                self._custom.setdefault(key, schema)
        return self._result(found, rendering, files)

    def _result(self, found: list[KubeObject], rendering: Rendering, files: Files) -> SchemaResult:
        findings, validated, skipped = [], 0, []
        for each in found:
            faults = self._faults(each)
            if faults is None:
                skipped.append(f"{each.api_version} {each.kind}")
                faults = object_rules.of_any_object(each)
            else:
                validated += 1
            findings += [_finding(each, fault, rendering, files) for fault in faults]
        findings += _twice(found, rendering, files)
        findings += [_finding(miss.where, miss.fault, rendering, files) for miss in misses(found)]
        if not validated:
            remedy = "name files with the CustomResourceDefinitions in `crds`"
            what = f": {', '.join(dict.fromkeys(skipped))} have no schema" if skipped else ""
            findings.append(Finding(Gate.SCHEMA, f"no object was validated{what}", remedy, values=rendering.values))
        return SchemaResult(findings, validated, tuple(dict.fromkeys(skipped)))

    def _faults(self, each: KubeObject) -> list[Fault] | None:
        """Returns what is wrong with an object; None where there is no schema for it."""
        if each.part.text not in self._known or each.document.duplicates:
            faults = self.faults(each)
            if faults is None:
                return None
            self._known[each.part.text] = faults
        return self._known[each.part.text]

    def faults(self, each: KubeObject) -> list[Fault] | None:
        """Compares one object with its schema; None where there is no schema for it."""
        for key in ("apiVersion", "kind"):
            if not isinstance(each.value.get(key), str) or not each.value[key]:
                return [Fault((key,), f"expected the object's {key}, found {each.value.get(key)!r}")]
        if each.api_version == "v1" and each.kind == "List":
            return [Fault((), "is a List: helm installs objects", "render each object as a document of its own")]
        validator = self._validator(each.api_version, each.kind)
        if validator is None:
            unknown = self._unknown(each)
            return [unknown] if unknown else None
        schema, compiled = validator
        value = without_nulls(each.value)
        errors = compiled.iter_errors(value)
        faults = [fault for error in errors for fault in describe(error, schema, self._definitions)]
        # A definition is one deep schema, in which no list has keys and no word is a word of the API.
        inside = () if each.kind == "CustomResourceDefinition" else nodes(value, schema, self._definitions)
        for node in inside:
            faults += [*repeated_keys(node), *wrong_words(node)]
        return [*faults, *object_rules.of_any_object(each), *object_rules.of_workload(each)]

    def _validator(self, api_version: str, kind: str) -> tuple[dict[str, Any], Any] | None:
        key = (api_version, kind)
        if key not in self._validators:
            custom = self._custom.get(key)
            schema = self._schemas.of(api_version, kind) if custom is None else crd_schemas.closed(custom)
            self._validators[key] = None if schema is None else (schema, self._compiled(schema, key))
        return self._validators[key]

    def _compiled(self, schema: dict[str, Any], key: tuple[str, str]) -> Any:
        try:
            return jsonschema_rs.Draft202012Validator(schema, registry=self._registry, validate_formats=False)
        except (jsonschema_rs.ValidationError, ValueError) as error:
            message = f"the definition of {key[0]} {key[1]} has no legal schema: {str(error).splitlines()[0]:.200}"
            raise InputError(message, "correct the CustomResourceDefinition") from error

    def _unknown(self, each: KubeObject) -> Fault | None:
        """Returns why a kind is wrong that Kubernetes does not have; None for that of a custom resource."""
        kinds = self._schemas.kinds()
        release = f"Kubernetes {self._schemas.version}"
        group = each.api_version.rpartition("/")[0]
        groups = {version.rpartition("/")[0] for version in kinds}
        others = sorted(version for version, names in kinds.items() if each.kind in names)
        if each.api_version in kinds:
            near = difflib.get_close_matches(each.kind, kinds[each.api_version], 1)
            hint = f"did you mean {near[0]}?" if near else "correct the kind"
            hint = f"it is in {', '.join(others)}" if others else hint
            return Fault(("kind",), f"{release} has no {each.kind} in {each.api_version}", hint)
        if group in groups or (others and _BUILT_IN_GROUP.fullmatch(group)):
            hint = f"{each.kind} is in {', '.join(others)}" if others else "correct the API version"
            return Fault(("apiVersion",), f"{release} has no API version {each.api_version}", hint)
        return self._unknown_custom(each, [*kinds])

    def _unknown_custom(self, each: KubeObject, known: list[str]) -> Fault | None:
        group = each.api_version.rpartition("/")[0]
        defined = sorted(f"{version} {kind}" for version, kind in self._custom if version.rpartition("/")[0] == group)
        if defined:
            wrong = "kind" if each.api_version in {version for version, _ in self._custom} else "apiVersion"
            message = f"the CRDs have no {each.api_version} {each.kind}"
            return Fault((wrong,), message, f"they have {', '.join(defined)}")
        others = [
            version for version in (*known, *(version for version, _ in self._custom)) if _is_near(group, version)
        ]
        near = difflib.get_close_matches(each.api_version, others, 1, 0.85)
        if near:
            return Fault(("apiVersion",), f"nobody has the API version {each.api_version}", f"did you mean {near[0]}?")
        return None


def _is_near(group: str, version: str) -> bool:
    """Tells whether a group may be a misspelling: those of another domain, such as istio.io, are of somebody else."""
    one, other = (".".join(name.split(".")[-2:]) for name in (group, version.rpartition("/")[0]))
    return difflib.SequenceMatcher(None, one, other).ratio() > 0.7


def without_nulls(value: Any) -> Any:
    """Returns a value without the fields that are null: the server takes them for absent."""
    if isinstance(value, dict):
        return {key: without_nulls(child) for key, child in value.items() if child is not None}
    return [without_nulls(child) for child in value] if isinstance(value, list) else value


def _finding(each: KubeObject, fault: Fault, rendering: Rendering, files: Files) -> Finding:
    remedy = fault.remedy or f"`kubectl explain {each.kind.lower()}` shows what is expected"
    file, line = each.place(fault.path, files)
    return Finding(Gate.SCHEMA, fault.message, remedy, file, line, rendering.values, each.thing(fault.path))


def _twice(found: Iterable[KubeObject], rendering: Rendering, files: Files) -> Iterator[Finding]:
    """Yields objects that another template has rendered already."""
    first: dict[tuple[str, str, str, str], KubeObject] = {}
    for each in found:
        name, namespace = each.metadata.get("name"), each.metadata.get("namespace") or ""
        if not isinstance(name, str) or not name or not isinstance(namespace, str):
            continue
        key = (each.api_version.rpartition("/")[0], each.kind, namespace, name)
        other = first.setdefault(key, each)
        if other is not each:
            message = f"is rendered twice: {other.part.template} makes it, too"
            fault = Fault(("metadata", "name"), message, "give one of them another name, or take it out")
            yield _finding(each, fault, rendering, files)
