"""Names in objects that point at other objects of the same rendering, and miss them.

An object may well point at what somebody else makes: a name counts as missed only where it is one slip away from one
that is there. Ports of a Service that is there, and of the pods that it selects, are there or not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_kit.engines.gates.objects import KubeObject
from release_kit.engines.gates.schema_faults import Fault

_POD_TEMPLATES = {"Pod": (), "CronJob": ("spec", "jobTemplate", "spec", "template")}
_WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod"})


class Miss(NamedTuple):
    """A fault of one of several objects."""

    where: KubeObject
    fault: Fault


class _Pod(NamedTuple):
    name: str
    labels: Mapping[str, Any]
    ports: frozenset[str]


def misses(found: Sequence[KubeObject]) -> Iterator[Miss]:
    """Yields the references of all objects that miss."""
    pods = [_pod(each) for each in found if each.kind in _WORKLOADS]
    services = {str(each.metadata.get("name")): each for each in found if each.kind == "Service"}
    names: dict[str, list[str]] = {}
    for each in found:
        names.setdefault(each.kind, []).append(str(each.metadata.get("name")))
    for each in found:
        if each.kind == "Service":
            yield from (Miss(each, fault) for fault in _selected(each.value, pods))
        elif each.kind == "Ingress":
            yield from (Miss(each, fault) for fault in _backends(each.value, services))
        for path, kind, name in _named(each):
            if slip := _slip(name, names.get(kind, ())):
                message = f"there is no {kind} {name!r}, but {slip!r}"
                yield Miss(each, Fault(path, message, "correct the name, or use the same helper for both"))


def _at(value: Any, *path: str | int) -> Any:
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        else:
            value = value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None
    return value


def _items(value: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from (
        (i, item) for i, item in enumerate(value if isinstance(value, list) else []) if isinstance(item, Mapping)
    )


def _pod(each: KubeObject) -> _Pod:
    template = _at(each.value, *_POD_TEMPLATES.get(each.kind, ("spec", "template")))
    labels = _at(template, "metadata", "labels")
    spec = _at(template, "spec")
    containers = [container for key in ("containers", "initContainers") for _, container in _items(_at(spec, key))]
    ports = {
        str(port["name"]) for container in containers for _, port in _items(container.get("ports")) if "name" in port
    }
    return _Pod(each.name, labels if isinstance(labels, Mapping) else {}, frozenset(ports))


def _selected(service: Mapping[str, Any], pods: Sequence[_Pod]) -> Iterator[Fault]:
    selector = _at(service, "spec", "selector")
    if not isinstance(selector, Mapping) or not selector:
        return
    matching = [pod for pod in pods if all(pod.labels.get(key) == value for key, value in selector.items())]
    if matching:
        there = frozenset[str]().union(*(pod.ports for pod in matching))
        for position, port in _items(_at(service, "spec", "ports")):
            target = port.get("targetPort")
            if isinstance(target, str) and not target.isdigit() and target not in there:
                path = ("spec", "ports", position, "targetPort")
                known = f"they have {', '.join(sorted(there))}" if there else "they name no port"
                yield Fault(path, f"the selected pods have no port {target!r}", known)
        return
    for pod in pods:
        wrong = [key for key, value in selector.items() if pod.labels.get(key) != value]
        if len(wrong) == 1 and _slip(str(selector[wrong[0]]), [str(pod.labels.get(wrong[0]))]):
            message = f"selects no pod: {pod.name} has {pod.labels[wrong[0]]!r}"
            yield Fault(("spec", "selector", wrong[0]), message, "use the same helper for both")
            return


def _backends(ingress: Mapping[str, Any], services: Mapping[str, KubeObject]) -> Iterator[Fault]:
    for number, rule in _items(_at(ingress, "spec", "rules")):
        for position, path in _items(_at(rule, "http", "paths")):
            here = ("spec", "rules", number, "http", "paths", position, "backend", "service")
            name, port = str(_at(path, "backend", "service", "name")), _at(path, "backend", "service", "port")
            if slip := _slip(name, list(services)):
                yield Fault((*here, "name"), f"there is no Service {name!r}, but {slip!r}", "correct the name")
            if name in services and isinstance(port, Mapping):
                yield from (Fault((*here, "port"), *told) for told in _missing_port(services[name], port))


def _missing_port(service: KubeObject, port: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields message and remedy where a Service does not have a port of an Ingress."""
    entries = [entry for _, entry in _items(_at(service.value, "spec", "ports"))]
    numbers, names = {entry.get("port") for entry in entries}, {entry.get("name") for entry in entries}
    wanted = port.get("name") or port.get("number")
    if wanted is not None and wanted not in (names if port.get("name") else numbers):
        known = ", ".join(str(entry.get("name") or entry.get("port")) for entry in entries) or "none"
        yield f"{service.name} has no port {wanted!r}", f"it has {known}"


def _named(each: KubeObject) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Yields path, kind and name of what an object points at."""
    target = _at(each.value, "spec", "scaleTargetRef")
    if isinstance(target, Mapping) and isinstance(target.get("name"), str):
        yield ("spec", "scaleTargetRef", "name"), str(target.get("kind")), target["name"]
    if each.kind == "StatefulSet" and isinstance(_at(each.value, "spec", "serviceName"), str):
        yield ("spec", "serviceName"), "Service", _at(each.value, "spec", "serviceName")
    if each.kind in _WORKLOADS:
        path = (*_POD_TEMPLATES.get(each.kind, ("spec", "template")), "spec")
        spec = _at(each.value, *path)
        if isinstance(_at(spec, "serviceAccountName"), str):
            yield (*path, "serviceAccountName"), "ServiceAccount", spec["serviceAccountName"]
        for position, volume in _items(_at(spec, "volumes")):
            if isinstance(_at(volume, "configMap", "name"), str):
                yield (*path, "volumes", position, "configMap", "name"), "ConfigMap", _at(volume, "configMap", "name")


def _slip(name: str, known: Sequence[str]) -> str:
    """Returns the known name that is one letter away; empty where the name itself is known or none is so near."""
    if name in known:
        return ""
    return next((other for other in known if other and _is_one_letter_away(name, other)), "")


def _is_one_letter_away(first: str, second: str) -> bool:
    """Tells whether one letter was left out, added, mistaken or swapped; another digit is another name."""
    if min(len(first), len(second)) < 4 or re.sub(r"\d", "", first) == re.sub(r"\d", "", second):
        return False
    start = next((i for i, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return abs(len(first) - len(second)) == 1
    rests = {(first[start + a :], second[start + b :]) for a, b in ((1, 1), (1, 0), (0, 1))}
    swapped = first[start : start + 2] == second[start : start + 2][::-1] and first[start + 2 :] == second[start + 2 :]
    return swapped or any(mine == yours for mine, yours in rests)
