"""The rules in CEL that custom resource definitions hold, as far as we know their texts.

CEL as such is not interpreted: each form of rule that GitOps Promoter's definitions have is a predicate here (its
config/crd/bases; the functions are those of Kubernetes' "Common Expression Language in Kubernetes").
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from release_kit.engines.gates.schema_faults import Fault
from release_kit.values.yaml_source import Path

Predicate = Callable[[Any], bool]
_FIELDS = re.compile(r"has\(self\.(\w+)\)")
_ONE_HAS = r"has\(self\.\w+\)"
_ONE_COUNTED = r"\(has\(self\.\w+\)\?1:0\)"
_NUMBER_OF_FIELDS = re.compile(
    rf"(?:\[{_ONE_HAS}(?:,{_ONE_HAS})*\]\.filter\(x,x==true\)\.size\(\)|{_ONE_COUNTED}(?:\+{_ONE_COUNTED})*)(==|<=)1"
)
_QUOTED = r"""(?:'([^']*)'|"([^"]*)")"""
_NOT_START = re.compile(rf"!self\.startsWith\({_QUOTED}\)")
_NOT_IN = re.compile(rf"!self\.contains\({_QUOTED}\)")
_END = re.compile(rf"self\.endsWith\({_QUOTED}\)")
_DIFFERS = re.compile(rf"self!={_QUOTED}")
_WINDOWS = "self.environments.all(e,size(e.allow)>0||size(e.exclude)>0||size(self.allow)>0||size(self.exclude)>0)"
_METHOD = "(has(self.method)&&self.method.size()>0)!=(has(self.methodTemplate)&&self.methodTemplate.size()>0)"
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def faults(value: Any, schema: Mapping[str, Any], path: Path = ()) -> Iterator[Fault]:
    """Yields the rules that a value breaks, anywhere inside it; those that are not known are left out."""
    for rule in _rules(schema):
        predicate = _predicate(_squeezed(rule["rule"]))
        if predicate is not None and not _holds(predicate, value):
            yield Fault(path, _message(rule, value))
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, child in value.items():
            inner = properties.get(name, others)
            if isinstance(inner, Mapping):
                yield from faults(child, inner, (*path, name))
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for position, child in enumerate(value):
            yield from faults(child, schema["items"], (*path, position))


def unknown(schema: Any, path: str = "") -> Iterator[str]:
    """Yields the rules in a schema that can't be judged; those about changes can't be broken by one document."""
    if not isinstance(schema, Mapping):
        return
    for rule in _rules(schema):
        text = _squeezed(rule["rule"])
        if "oldSelf" not in text and _predicate(text) is None:
            yield f"{path or 'the object'}: {rule['rule']}"
    for name, child in schema.get("properties", {}).items():
        if (path, name) != ("", "status"):
            yield from unknown(child, f"{path}.{name}".lstrip("."))
    yield from unknown(schema.get("items"), f"{path}[]")


def _rules(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    found = schema.get("x-kubernetes-validations")
    for rule in found if isinstance(found, list) else []:
        if isinstance(rule, Mapping) and isinstance(rule.get("rule"), str):
            yield rule


def _holds(predicate: Predicate, value: Any) -> bool:
    """Tells whether a rule holds; a value of another type than the rule is about is a fault of the schema's."""
    try:
        return predicate(value)
    except (AttributeError, TypeError, KeyError):
        return True


def _message(rule: Mapping[str, Any], value: Any) -> str:
    text = _squeezed(rule["rule"])
    if counted := _NUMBER_OF_FIELDS.fullmatch(text):
        names = _FIELDS.findall(text)
        found = ", ".join(name for name in names if name in value) or "none"
        return f"expected {'one' if counted[1] == '==' else 'at most one'} of {', '.join(names)}; found {found}"
    if text == _WINDOWS:
        return "an environment has no window: expected `allow` or `exclude`, of its own or for all environments"
    if text == _METHOD:
        return "expected either method or methodTemplate"
    if match := _DIFFERS.fullmatch(text):
        return f"{match[1] or match[2]} is what is meant without a domain, and refused as one: leave it out"
    if "dependsOn" in text:
        return "depends on itself"
    return f"breaks the rule {rule['rule']}, found {value!r:.100}"


def _squeezed(rule: str) -> str:
    return re.sub(r"\s+", "", rule)


@cache
def _predicate(rule: str) -> Predicate | None:
    """Returns what a rule without its white space says; None where that is not known."""
    if rule in _EXACT:
        return _EXACT[rule]
    if counted := _NUMBER_OF_FIELDS.fullmatch(rule):
        names, exactly = _FIELDS.findall(rule), counted[1] == "=="
        return lambda value: sum(name in value for name in names) in ((1,) if exactly else (0, 1))
    for pattern, judge in _FORMS:
        if match := pattern.fullmatch(rule):
            return _bound(judge, match[1] or match[2] or "")
    return None


def _bound(judge: Callable[[str, str], bool], word: str) -> Predicate:
    return lambda value: judge(value, word)


def _has_windows(spec: Any) -> bool:
    if spec.get("allow") or spec.get("exclude"):
        return True
    return all(each.get("allow") or each.get("exclude") for each in spec["environments"])


def _is_url(text: str) -> bool:
    """Tells whether Kubernetes takes a text for a URL (Go's url.ParseRequestURI), for those with a scheme."""
    try:
        parts = urlsplit(text)
        legal = parts.port is None or parts.port >= 0
    except ValueError:
        return False
    return legal and text.isprintable() and " " not in parts.netloc and not _ESCAPE.search(text)


_EXACT: Mapping[str, Predicate] = {
    _WINDOWS: _has_windows,
    _METHOD: lambda value: bool(value.get("method")) != bool(value.get("methodTemplate")),
    "self==''||isURL(self)": lambda value: value == "" or _is_url(value),
    "!has(self.dependsOn)||self.dependsOn.all(d,d!=self.branch)": lambda value: (
        value["branch"] not in value.get("dependsOn", [])
    ),
}
_FORMS: tuple[tuple[re.Pattern[str], Callable[[str, str], bool]], ...] = (
    (_NOT_START, lambda value, word: not value.startswith(word)),
    (_NOT_IN, lambda value, word: word not in value),
    (_END, lambda value, word: value.endswith(word)),
    (_DIFFERS, lambda value, word: value != word),
)
