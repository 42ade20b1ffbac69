"""More that the server of Kubernetes refuses though its schema allows it: numbers, keys, fields that exclude others."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from release_kit.engines.gates.schema_faults import Fault

MAX_CRON_JOB_NAME = 52
"""Eleven characters are added for the names of its jobs."""
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_HANDLERS = ("exec", "grpc", "httpGet", "tcpSocket")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_QUANTITY = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E)?")
_TOLERANCE = 1 + 1e-9
"""For amounts that are equal but for rounding."""
_SCALES = {
    **{f"{unit}i": 1024.0**power for power, unit in enumerate("KMGTPE", 1)},
    **{unit: 1000.0**power for power, unit in enumerate("kMGTPE", 1)},
    **{unit: 1000.0**-power for power, unit in enumerate("mun", 1)},
}


def of_object(kind: str, value: Mapping[str, Any]) -> Iterator[Fault]:
    """Yields what is wrong with an object of a built-in kind."""
    found = value.get("spec")
    spec: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    replicas = spec.get("replicas")
    if isinstance(replicas, int) and replicas < 0:
        yield Fault(("spec", "replicas"), f"expected 0 or more, found {replicas}", "correct the number")
    if kind in ("ConfigMap", "Secret"):
        yield from _keys(value, kind)
    elif kind in ("RoleBinding", "ClusterRoleBinding"):
        yield from _subjects(value)
    elif kind == "Service":
        yield from _service_ports(spec)
    else:
        yield from _at_odds(kind, value, spec)


def _at_odds(kind: str, value: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[Fault]:
    """Yields fields that exclude each other, and a name that is too long."""
    name, least, most = _get(value, "metadata", "name"), spec.get("minReplicas", 1), spec.get("maxReplicas")
    if kind == "CronJob" and isinstance(name, str) and len(name) > MAX_CRON_JOB_NAME:
        expected = f"expected at most {MAX_CRON_JOB_NAME} characters, found {len(name)}"
        yield Fault(("metadata", "name"), expected, "shorten it: its jobs get longer names")
    if kind == "PodDisruptionBudget" and "minAvailable" in spec and "maxUnavailable" in spec:
        yield Fault(("spec", "maxUnavailable"), "minAvailable is there, too", "take one of them out")
    if (
        kind == "Deployment"
        and _get(spec, "strategy", "type") == "Recreate"
        and _get(spec, "strategy", "rollingUpdate")
    ):
        yield Fault(("spec", "strategy", "rollingUpdate"), "the strategy is Recreate", "take one of them out")
    if kind == "HorizontalPodAutoscaler" and isinstance(least, int) and isinstance(most, int) and least > most:
        yield Fault(("spec", "minReplicas"), f"is {least}, and maxReplicas is {most}", "let it be the smaller one")


def _get(value: Any, *steps: str) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _keys(value: Mapping[str, Any], kind: str) -> Iterator[Fault]:
    for group in ("data", "stringData", "binaryData"):
        entries = value.get(group)
        for key, content in entries.items() if isinstance(entries, Mapping) else ():
            if not _DATA_KEY.fullmatch(key):
                expected = "letters, digits, '-', '_' and '.'"
                yield Fault((group, key), f"expected {expected} in a key; found {key!r:.100}", "rename the key")
            if group == "binaryData" or (group == "data" and kind == "Secret"):
                yield from _encoded(content, (group, key))


def _encoded(content: Any, path: tuple[str, str]) -> Iterator[Fault]:
    try:
        base64.b64decode("".join(content.split()) if isinstance(content, str) else b"", validate=True)
    except (binascii.Error, ValueError):
        yield Fault(path, "expected base64, found something else", "use `b64enc`, or stringData")


def _service_ports(spec: Mapping[str, Any]) -> Iterator[Fault]:
    ports = spec.get("ports")
    if not isinstance(ports, list) or len(ports) < 2:
        return
    for position, port in enumerate(ports):
        if isinstance(port, Mapping) and not port.get("name"):
            message = "has no name, and the Service has several ports"
            yield Fault(("spec", "ports", position), message, "name every port")


def _subjects(value: Mapping[str, Any]) -> Iterator[Fault]:
    subjects = value.get("subjects")
    for position, subject in enumerate(subjects if isinstance(subjects, list) else []):
        if isinstance(subject, Mapping) and subject.get("kind") == "ServiceAccount" and subject.get("apiGroup"):
            message = f"a ServiceAccount is in no API group, found {subject['apiGroup']!r:.100}"
            yield Fault(("subjects", position, "apiGroup"), message, "take it out")


def of_pod(spec: Mapping[str, Any]) -> Iterator[Fault]:
    """Yields what is wrong with a pod; paths begin in its spec."""
    grace = spec.get("terminationGracePeriodSeconds")
    if isinstance(grace, int) and grace < 0:
        yield Fault(("terminationGracePeriodSeconds",), f"expected 0 or more, found {grace}", "correct the number")
    volumes = spec.get("volumes")
    for position, volume in enumerate(volumes if isinstance(volumes, list) else []):
        sources = sorted(set(volume) - {"name"}) if isinstance(volume, Mapping) else []
        if len(sources) > 1:
            message = f"has several sources: {', '.join(sources)}"
            yield Fault(("volumes", position), message, "make a volume of each")
    tolerations = spec.get("tolerations")
    for position, each in enumerate(tolerations if isinstance(tolerations, list) else []):
        if isinstance(each, Mapping) and each.get("operator") == "Exists" and each.get("value"):
            yield Fault(("tolerations", position, "value"), "the operator is Exists", "take one of them out")


def of_container(container: Mapping[str, Any]) -> Iterator[Fault]:
    """Yields what is wrong with a container; paths begin in it."""
    for probe in _PROBES:
        found = container.get(probe)
        if isinstance(found, Mapping) and not any(handler in found for handler in _HANDLERS):
            yield Fault((probe,), f"has none of {', '.join(_HANDLERS)}: it probes nothing", "say what it asks")
        elif isinstance(found, Mapping) and len([handler for handler in _HANDLERS if handler in found]) > 1:
            yield Fault((probe,), f"has several of {', '.join(_HANDLERS)}", "take all but one out")
    yield from _port_names(container)
    yield from _environment(container)
    yield from _amounts(container)


def _port_names(container: Mapping[str, Any]) -> Iterator[Fault]:
    ports, seen = container.get("ports"), set[Any]()
    for position, port in enumerate(ports if isinstance(ports, list) else []):
        name = port.get("name") if isinstance(port, Mapping) else None
        if name and name in seen:
            yield Fault(("ports", position, "name"), f"another port is {name!r}, too", "give it another name")
        seen.add(name)


def _environment(container: Mapping[str, Any]) -> Iterator[Fault]:
    entries = container.get("env")
    for position, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, Mapping) and entry.get("value") and entry.get("valueFrom"):
            yield Fault(("env", position), "has both value and valueFrom", "take one of them out")
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if isinstance(name, str) and (not name or "=" in name or not name.isprintable() or " " in name):
            yield Fault(("env", position, "name"), f"{name!r:.100} is no name of a variable", "correct the name")


def _amounts(container: Mapping[str, Any]) -> Iterator[Fault]:
    requests, limits = _get(container, "resources", "requests"), _get(container, "resources", "limits")
    for name, requested in requests.items() if isinstance(requests, Mapping) else ():
        limit = limits.get(name) if isinstance(limits, Mapping) else None
        asked, allowed = _amount(requested), _amount(limit)
        if asked is not None and allowed is not None and asked > allowed * _TOLERANCE:
            message = f"requests {requested}, and the limit is {limit}"
            yield Fault(("resources", "requests", name), message, "raise the limit, or request less")


def _amount(text: Any) -> float | None:
    found = _QUANTITY.fullmatch(str(text)) if isinstance(text, str | int | float) else None
    try:
        return float(found[1]) * _SCALES.get(found[2], 1.0) if found else None
    except ValueError:
        return None
