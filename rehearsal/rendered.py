"""Reads a rendered chart: what of it runs as processes on loopback, with which settings, and what does not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import yaml

DATA = {"ConfigMap", "Secret", "ServiceAccount", "Namespace"}
"""Kinds that are no more than what others read."""
NOT_HERE = {
    "CronJob": "no clock runs here",
    "Job": "it needs the database",
    "Cluster": "no PostgreSQL is here",
}
"""Why objects do not run."""


class UnreadableError(Exception):
    """The chart has something that is not known here."""


class Deployment(NamedTuple):
    """Pods that are alike."""

    name: str
    image: str
    """With its digest."""
    replicas: int
    arguments: tuple[str, ...]
    """In the place of the image's own; empty: those."""
    environment: tuple[tuple[str, str], ...]
    labels: Mapping[str, str]
    probe: str
    """The path that answers 200 once a pod is ready; empty: it is ready at once."""
    left_out: tuple[str, ...]
    """What of it needs what is not here, in words."""


class Service(NamedTuple):
    """A name under which pods are reached."""

    name: str
    selector: Mapping[str, str]

    def selects(self, deployment: Deployment) -> bool:
        """Tells whether it sends requests to a Deployment's pods."""
        return self.selector.items() <= deployment.labels.items()


class Rendered(NamedTuple):
    """The whole chart."""

    deployments: tuple[Deployment, ...]
    services: tuple[Service, ...]
    outside: str
    """The Service that the Ingress leads to; empty where there is none."""
    not_run: tuple[str, ...]
    """Objects that need what is not here, with the reason."""


def read(text: str, secrets: Mapping[str, Mapping[str, str]]) -> Rendered:
    """Reads what helm has rendered.

    Args:
        text: YAML documents.
        secrets: values of Secrets that are not in the chart, by name and key.

    Raises:
        UnreadableError: something in it can't be run here.
    """
    objects = [each for each in yaml.safe_load_all(text) if each]
    sources = _sources(objects, secrets)
    return Rendered(
        tuple(_deployment(each, sources) for each in _of(objects, "Deployment")),
        tuple(Service(each["metadata"]["name"], each["spec"]["selector"]) for each in _of(objects, "Service")),
        next(map(_outside, _of(objects, "Ingress")), ""),
        tuple(_not_run(objects)),
    )


def _of(objects: Sequence[Any], kind: str) -> Iterator[Any]:
    return (each for each in objects if each["kind"] == kind)


def _sources(objects: Sequence[Any], secrets: Mapping[str, Mapping[str, str]]) -> dict[tuple[str, str], Any]:
    """Returns the data of ConfigMaps and Secrets, by kind and name."""
    found = {("ConfigMap", each["metadata"]["name"]): each.get("data", {}) for each in _of(objects, "ConfigMap")}
    found |= {("Secret", each["metadata"]["name"]): each.get("stringData", {}) for each in _of(objects, "Secret")}
    return found | {("Secret", name): dict(data) for name, data in secrets.items()}


def _deployment(found: Any, sources: Mapping[tuple[str, str], Any]) -> Deployment:
    name, template = found["metadata"]["name"], found["spec"]["template"]
    containers, first = template["spec"]["containers"], template["spec"].get("initContainers", [])
    if len(containers) != 1:
        raise UnreadableError(f"Deployment {name}: expected one container, found {len(containers)}")
    container = containers[0]
    if "@sha256:" not in container["image"]:
        raise UnreadableError(f"Deployment {name}: expected an image by digest, found {container['image']}")
    settings = dict(_environment(container, sources, name))
    waiting = _waiting(template["spec"], container, settings) if first else []
    left_out = [f"init container {each['name']}" for each in first]
    left_out += [f"{key}, which names a file that they would write" for key in waiting]
    return Deployment(
        name,
        container["image"],
        found["spec"].get("replicas", 1),
        (*container.get("command", ()), *container.get("args", ())),
        tuple((key, text) for key, text in settings.items() if key not in waiting),
        template["metadata"]["labels"],
        container.get("readinessProbe", {}).get("httpGet", {}).get("path", ""),
        tuple(left_out),
    )


def _environment(container: Any, sources: Mapping[tuple[str, str], Any], name: str) -> Iterator[tuple[str, str]]:
    for each in container.get("envFrom", []):
        kind, reference = (
            ("ConfigMap", each.get("configMapRef")) if "configMapRef" in each else ("Secret", each.get("secretRef"))
        )
        yield from _source(sources, kind, reference["name"], name).items()
    for each in container.get("env", []):
        yield each["name"], each["value"] if "value" in each else _referred(each["valueFrom"], sources, name)


def _referred(value: Any, sources: Mapping[tuple[str, str], Any], name: str) -> str:
    for kind, key in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
        if key in value:
            data = _source(sources, kind, value[key]["name"], name)
            if value[key]["key"] in data:
                return str(data[value[key]["key"]])
            raise UnreadableError(f"Deployment {name}: {kind} {value[key]['name']} has no key {value[key]['key']}")
    raise UnreadableError(f"Deployment {name}: expected a reference to a ConfigMap or a Secret, found {min(value)}")


def _source(sources: Mapping[tuple[str, str], Any], kind: str, source: str, name: str) -> Any:
    if (kind, source) not in sources:
        raise UnreadableError(f"Deployment {name}: there is no {kind} {source}")
    return sources[kind, source]


def _waiting(pod: Any, container: Any, settings: Mapping[str, str]) -> list[str]:
    """Returns the settings that name a file in a volume which init containers fill."""
    filled = {each["name"] for each in pod.get("volumes", []) if "emptyDir" in each}
    places = [each["mountPath"] for each in container.get("volumeMounts", []) if each["name"] in filled]
    return [key for key, text in settings.items() if any(text.startswith(f"{place}/") for place in places)]


def _outside(ingress: Any) -> str:
    return str(ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"])


def _not_run(objects: Sequence[Any]) -> Iterator[str]:
    for each in objects:
        kind, name = each["kind"], each["metadata"]["name"]
        if kind not in DATA | {"Deployment", "Service", "Ingress"}:
            yield f"{kind} {name}: {NOT_HERE.get(kind, 'nothing here runs it')}"
