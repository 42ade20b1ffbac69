"""What the API server refuses or drops: objects that are not what their schemas and rules say."""

import difflib
import re
from collections.abc import Hashable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, cast

from release_kit.engines.gates import crd_schemas
from release_kit.engines.gates.schema import SchemaGate, without_nulls
from release_kit.engines.gates.schema_faults import Fault
from release_kit.engines.gitops.promoter_release import Shape, shape
from release_kit.engines.gitops.promoter_resource import API
from release_kit.engines.validation import argocd_tables, cel, promoter_tables, times
from release_kit.engines.validation.tree import ARGOCD, PROMOTER, Resource, Tree, TreeFinding, finding, items, mapping
from release_kit.ports import Schemas
from release_kit.values.release_number import ReleaseNumber
from release_kit.values.yaml_source import Path

Custom = Mapping[tuple[str, str], dict[str, Any]]
_TIMED = frozenset({"TimedCommitStatus", "ScheduledCommitStatus", "WebRequestCommitStatus"})
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


class Structure(NamedTuple):
    """What was found, and what could not be looked at."""

    findings: list[TreeFinding]
    validated: int
    """How many objects were compared with a schema."""
    skipped: tuple[str, ...]
    """API versions and kinds without a schema, such as `acme.io/v1 Widget`."""
    unjudged: tuple[str, ...]
    """Rules of published definitions that are not known here."""


class StructureCheck:
    """Compares objects with schemas; each schema is compiled once."""

    def __init__(self, schemas: Schemas, release: ReleaseNumber, published: Custom) -> None:
        """Takes the schemas of Kubernetes, the Promoter's release, and published definitions, which win over tables."""
        self._shape = shape(release)
        self._release = release
        self._published = published
        tables = _tables(self._shape)
        if any(version == API for version, _ in published):
            tables = {key: schema for key, schema in tables.items() if key[0] != API}
        self._custom = {**tables, **published}
        self._schemas = schemas

    def check(self, tree: Tree) -> Structure:
        """Compares all objects of a tree."""
        custom: dict[tuple[str, str], dict[str, Any]] = dict(self._custom)
        for resource in tree.resources:
            for key, schema in crd_schemas.defined_by(resource.value).items():
                custom.setdefault(key, schema)
        is_own = custom.keys() == _tables(self._shape).keys() and not self._published
        gate = _gate(cast("Hashable", self._schemas), self._shape) if is_own else SchemaGate(self._schemas, custom)
        findings: list[TreeFinding] = []
        skipped: list[str] = []
        for resource in tree.resources:
            found = None if _is_foreign(resource) else gate.faults(resource.object)
            if found is None:
                skipped.append(f"{resource.object.api_version} {resource.kind}")
            findings += self._findings(resource, found or [], custom)
        unjudged = [text for key, schema in self._published.items() for text in _unjudged(key, schema)]
        return Structure(findings, len(tree.resources) - len(skipped), tuple(dict.fromkeys(skipped)), tuple(unjudged))

    def _findings(self, resource: Resource, found: list[Fault], custom: Custom) -> Iterator[TreeFinding]:
        if resource.group == PROMOTER and resource.kind in promoter_tables.OWNED:
            yield _owned(resource)
            return
        for fault in found:
            yield self._shaped(resource, fault) or _finding(_rule_of(fault), resource, fault)
        schema = custom.get((resource.object.api_version, resource.kind), {})
        value = without_nulls(resource.value)
        for fault in cel.faults(value, schema):
            yield _finding("schema-rule", resource, fault)
        if resource.group == PROMOTER:
            for fault in (*_equal_items(value, schema), *_beyond(resource.kind, value)):
                yield _finding("promoter-value", resource, fault)

    def _shaped(self, resource: Resource, fault: Fault) -> TreeFinding | None:
        """Returns the finding of what is right for another release of the Promoter."""
        if resource.group != PROMOTER:
            return None
        known = [each for each in Shape if each is not self._shape and _is_known(each, resource, fault)]
        if not known:
            return None
        others = " and ".join(each.value for each in known)
        remedy = f"write it for {self._release} (`release-kit gitops generate`), or name the release that runs"
        return finding(
            "promoter-shape",
            resource,
            fault.path,
            f"{fault.message}: that is so in Promoter {others}, here is {self._release}",
            remedy,
        )


def _tables(form: Shape) -> dict[tuple[str, str], dict[str, Any]]:
    return {**argocd_tables.schemas(), **promoter_tables.schemas(form)}


@lru_cache(maxsize=len(Shape))
def _gate(schemas: Any, form: Shape) -> SchemaGate:
    """Returns the gate of the own tables: its schemas are compiled once for all trees."""
    return SchemaGate(schemas, _tables(form))


def _is_foreign(resource: Resource) -> bool:
    """Tells whether a kind of Argo CD's group is of another project, such as Argo Rollouts."""
    own = [kind for _, kind in argocd_tables.schemas()]
    if resource.group != ARGOCD or resource.kind in own:
        return False
    return resource.object.api_version != argocd_tables.API_VERSION or (
        not difflib.get_close_matches(resource.kind, own, 1, 0.85)
    )


def _is_known(form: Shape, resource: Resource, fault: Fault) -> bool:
    """Tells whether a shape has no such fault: it knows the kind or the field, or does not need the field."""
    schema: Any = promoter_tables.schemas(form).get((API, resource.kind))
    if tuple(fault.path) == ("kind",):
        return schema is not None
    missing = re.match(r"the field '(\w+)' is missing", fault.message)
    steps = (*fault.path, missing[1]) if missing else tuple(fault.path)
    if not missing and "is not known here" not in fault.message:
        return False
    for step in steps:
        if not isinstance(schema, Mapping):
            return False
        schema = schema.get("items") if isinstance(step, int) else mapping(schema.get("properties")).get(step)
    return (schema is None) if missing else schema is not None


def _owned(resource: Resource) -> TreeFinding:
    message = f"{resource.kind} is the controller's: one that is applied by hand competes with the controller's own"
    return finding("promoter-owned-kind", resource, ("kind",), message, "take it out: the PromotionStrategy makes it")


def _rule_of(fault: Fault) -> str:
    return "list-key-twice" if "stands twice" in fault.message else "schema"


def _finding(rule: str, resource: Resource, fault: Fault) -> TreeFinding:
    remedy = fault.remedy or f"`kubectl explain {resource.kind.lower()}` shows what is expected"
    return finding(rule, resource, fault.path, fault.message, remedy)


def _unjudged(key: tuple[str, str], schema: Mapping[str, Any]) -> Iterator[str]:
    for rule in cel.unknown(schema):
        yield f"{key[1]} {rule}"


def _equal_items(value: Any, schema: Mapping[str, Any], path: Path = ()) -> Iterator[Fault]:
    """Yields what stands twice in a list that is a set."""
    if isinstance(value, dict):
        for name, child in value.items():
            inner = mapping(schema.get("properties")).get(name)
            if isinstance(inner, Mapping):
                yield from _equal_items(child, inner, (*path, name))
    elif isinstance(value, list):
        inner = mapping(schema.get("items"))
        for position, child in enumerate(value):
            if schema.get("x-kubernetes-list-type") == "set" and child in value[:position]:
                yield Fault((*path, position), f"{child!r:.100} stands twice", "take one of them out")
            yield from _equal_items(child, inner, (*path, position))


def _beyond(kind: str, value: Any) -> Iterator[Fault]:
    """Yields what the schema takes and the controller can't read: durations, windows, selectors."""
    spec = mapping(mapping(value).get("spec"))
    if kind in _TIMED:
        yield from times.faults(spec, ("spec",))
    selector = mapping(spec.get("applicationSelector"))
    for position, each in enumerate(items(selector.get("matchExpressions"))):
        operator = mapping(each).get("operator")
        if isinstance(operator, str) and operator not in _OPERATORS:
            path = ("spec", "applicationSelector", "matchExpressions", position, "operator")
            yield Fault(path, f"expected one of {', '.join(_OPERATORS)}; found {operator!r:.100}", "correct it")
