"""What the server of Kubernetes refuses though its schema allows it: names, labels, selectors, volumes, quantities.

Rules of the API, each with its source in the Kubernetes documentation or the validation of its API types.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from release_kit.engines.gates import object_limits
from release_kit.engines.gates.objects import KubeObject
from release_kit.engines.gates.schema_faults import Fault

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL_1123 = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_LABEL_KEY = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_QUANTITY = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
_CRON_FIELD = re.compile(r"[\d*/,?LW#A-Za-z-]+")
_CRON_LIMITS = (59, 23, 31, 12, 7)
_PATH_NAMES = frozenset({"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"})
"""Kinds whose names are path segments, and may hold colons and capitals."""
_SERVICE_NAMES = frozenset({"Service"})
_LABEL_NAMES = frozenset({"Namespace"})
_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_POD_PATHS: Mapping[str, tuple[str, ...]] = {
    "Pod": (),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    **dict.fromkeys(_SELECTING, ("spec", "template")),
}


def of_any_object(each: KubeObject) -> list[Fault]:
    """Returns what is wrong with the metadata of an object."""
    if not isinstance(each.value.get("metadata"), Mapping):
        return [Fault((), "the field 'metadata' is missing", "every object has a metadata.name")]
    labels = _labels(each.metadata.get("labels"), ("metadata", "labels"))
    return [*_name(each), *labels, *object_limits.of_object(each.kind, each.value)]


def _name(each: KubeObject) -> Iterator[Fault]:
    name, path = each.metadata.get("name"), ("metadata", "name")
    if name is None and "generateName" in each.metadata:
        return
    if not isinstance(name, str) or not name:
        yield Fault(path, f"expected a name, found {name!r}", "give the object a name")
        return
    if each.kind in _PATH_NAMES:
        legal, expected = "/" not in name and "%" not in name, "a name without '/' and '%'"
    elif each.kind in _SERVICE_NAMES:
        legal, expected = (
            bool(_LABEL_1035.fullmatch(name)),
            "at most 63 lowercase letters, digits and '-', a letter first",
        )
    elif each.kind in _LABEL_NAMES:
        legal, expected = bool(_LABEL_1123.fullmatch(name)), "at most 63 lowercase letters, digits and '-'"
    else:
        legal = bool(_SUBDOMAIN.fullmatch(name)) and len(name) <= 253
        expected = "at most 253 lowercase letters, digits, '-' and '.'"
    if not legal:
        yield Fault(
            path, f"expected {expected}; found {name!r:.100}", 'use `trunc 63 | trimSuffix "-"` or another name'
        )


def _labels(labels: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    for key, value in labels.items() if isinstance(labels, Mapping) else ():
        if not _LABEL_KEY.fullmatch(key):
            yield Fault((*path, key), f"{key!r:.100} is no legal name of a label")
        if isinstance(value, str) and not _LABEL_VALUE.fullmatch(value):
            remedy = 'use `replace "+" "_" | trunc 63 | trimSuffix "-"`'
            expected = "at most 63 letters, digits, '-', '_' and '.', letters or digits at the ends"
            yield Fault((*path, key), f"expected {expected}; found {value!r:.100}", remedy)


def of_workload(each: KubeObject) -> Iterator[Fault]:
    """Yields what is wrong with an object that runs pods."""
    path = _POD_PATHS.get(each.kind)
    if path is None:
        return
    template = _at(each.value, path)
    labels = _at(template, ("metadata", "labels"))
    yield from _labels(labels, (*path, "metadata", "labels"))
    spec = _at(template, ("spec",))
    if isinstance(spec, Mapping):
        claims = _items(_at(each.value, ("spec", "volumeClaimTemplates")))
        yield from _volumes(spec, (*path, "spec"), {_at(claim, ("metadata", "name")) for _, claim in claims})
        yield from _resources(spec, (*path, "spec"))
        yield from _ports(spec, (*path, "spec"))
        for fault in object_limits.of_pod(spec):
            yield fault._replace(path=(*path, "spec", *fault.path))
        for key, number, container in _containers(spec):
            for fault in object_limits.of_container(container):
                yield fault._replace(path=(*path, "spec", key, number, *fault.path))
    if each.kind in _SELECTING:
        yield from _selector(each, labels)
    if each.kind in ("Job", "CronJob") and isinstance(spec, Mapping) and spec.get("restartPolicy") in (None, "Always"):
        found = "is not there, which means Always" if spec.get("restartPolicy") is None else "is Always"
        yield Fault((*path, "spec", "restartPolicy"), f"restartPolicy {found}", "a Job takes OnFailure or Never")
    if each.kind == "CronJob":
        yield from _schedule(_at(each.value, ("spec", "schedule")))


def _at(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _selector(each: KubeObject, labels: Any) -> Iterator[Fault]:
    wanted = _at(each.value, ("spec", "selector", "matchLabels"))
    for key, value in wanted.items() if isinstance(wanted, Mapping) else ():
        found = labels.get(key) if isinstance(labels, Mapping) else None
        if found != value:
            message = f"selects {value!r}, and the pods have {found!r}: the server refuses it"
            yield Fault(("spec", "selector", "matchLabels", key), message, "use the same helper for both")


def _containers(spec: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    for key in ("initContainers", "containers"):
        items = spec.get(key)
        for position, container in enumerate(items if isinstance(items, list) else []):
            if isinstance(container, Mapping):
                yield key, position, container


def _items(value: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for position, item in enumerate(value if isinstance(value, list) else []):
        if isinstance(item, Mapping):
            yield position, item


def _volumes(spec: Mapping[str, Any], path: tuple[str | int, ...], claims: set[Any]) -> Iterator[Fault]:
    names = {volume.get("name") for _, volume in _items(spec.get("volumes"))} | claims
    for key, number, container in _containers(spec):
        for position, mount in _items(container.get("volumeMounts")):
            here = (*path, key, number, "volumeMounts", position)
            if mount.get("name") not in names:
                known = ", ".join(sorted(str(name) for name in names)) or "none"
                yield Fault(
                    (*here, "name"), f"mounts the volume {mount.get('name')!r}, which is not there", f"there is {known}"
                )


def _resources(spec: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[Fault]:
    for key, number, container in _containers(spec):
        for group in ("requests", "limits"):
            amounts = _at(container, ("resources", group))
            for name, amount in amounts.items() if isinstance(amounts, Mapping) else ():
                if isinstance(amount, str) and not _QUANTITY.fullmatch(amount):
                    here = (*path, key, number, "resources", group, name)
                    yield Fault(
                        here, f"expected a quantity such as 100m or 128Mi, found {amount!r:.50}", "correct the unit"
                    )


def _ports(spec: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[Fault]:
    for key, number, container in _containers(spec):
        names = [str(port["name"]) for _, port in _items(container.get("ports")) if "name" in port]
        for position, port in _items(container.get("ports")):
            here = (*path, key, number, "ports", position)
            value, name = port.get("containerPort"), port.get("name")
            if isinstance(value, int) and not 0 < value < 65536:
                yield Fault(
                    (*here, "containerPort"), f"expected a port from 1 to 65535, found {value}", "correct the port"
                )
            if isinstance(name, str) and not re.fullmatch(r"(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?", name):
                expected = "at most 15 lowercase letters, digits and '-'"
                yield Fault((*here, "name"), f"expected {expected}; found {name!r:.50}", "shorten the name")
        yield from _probes(container, names, (*path, key, number))


def _probes(container: Mapping[str, Any], names: Sequence[str], path: tuple[str | int, ...]) -> Iterator[Fault]:
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        for action in ("httpGet", "tcpSocket"):
            port = _at(container, (probe, action, "port"))
            if isinstance(port, str) and not port.isdigit() and port not in names:
                known = f"the container has {', '.join(names)}" if names else "the container names no port"
                yield Fault((*path, probe, action, "port"), f"asks the port {port!r}, which is not there", known)


def _is_cron_field(field: str, limit: int) -> bool:
    numbers = re.findall(r"(?<![/\d])\d+", field)
    return bool(_CRON_FIELD.fullmatch(field)) and all(int(number) <= limit for number in numbers)


def _schedule(schedule: Any) -> Iterator[Fault]:
    if not isinstance(schedule, str) or schedule.startswith("@"):
        return
    fields = [field for field in schedule.split() if not field.startswith(("TZ=", "CRON_TZ="))]
    if len(fields) != 5 or not all(map(_is_cron_field, fields, _CRON_LIMITS)):
        expected = "five fields such as '*/5 * * * *'"
        yield Fault(("spec", "schedule"), f"expected {expected}, found {schedule!r:.50}", "correct the schedule")
