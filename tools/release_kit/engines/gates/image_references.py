"""Where the objects of a rendering name images: containers, custom resources, and texts that hold one of ours."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from release_kit.documents.chart_gates import ChartGates, ImageField
from release_kit.engines.gates.image_names import ImageName, ImageNames, parse
from release_kit.engines.gates.objects import KubeObject, Part
from release_kit.values.yaml_source import Path

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
KNOWN_FIELDS = (
    ImageField("postgresql.cnpg.io", "Cluster", "spec.imageName", "spec.imagePullPolicy"),
    ImageField("postgresql.cnpg.io", "ImageCatalog", "spec.images[].image"),
    ImageField("postgresql.cnpg.io", "ClusterImageCatalog", "spec.images[].image"),
    ImageField("postgresql.cnpg.io", "Pooler", "spec.template.spec.containers[].image"),
    ImageField("monitoring.coreos.com", "Prometheus", "spec.image", "spec.imagePullPolicy"),
    ImageField("monitoring.coreos.com", "PrometheusAgent", "spec.image", "spec.imagePullPolicy"),
    ImageField("monitoring.coreos.com", "Prometheus", "spec.thanos.image"),
    ImageField("monitoring.coreos.com", "Alertmanager", "spec.image", "spec.imagePullPolicy"),
    ImageField("monitoring.coreos.com", "ThanosRuler", "spec.image", "spec.imagePullPolicy"),
    ImageField("rabbitmq.com", "RabbitmqCluster", "spec.image"),
    ImageField("opentelemetry.io", "OpenTelemetryCollector", "spec.image", "spec.imagePullPolicy"),
    ImageField("kafka.strimzi.io", "Kafka", "spec.kafka.image"),
    ImageField("kafka.strimzi.io", "KafkaConnect", "spec.image"),
    ImageField("elasticsearch.k8s.elastic.co", "Elasticsearch", "spec.image"),
    ImageField("kibana.k8s.elastic.co", "Kibana", "spec.image"),
    ImageField(
        "redis.redis.opstreelabs.in", "Redis", "spec.kubernetesConfig.image", "spec.kubernetesConfig.imagePullPolicy"
    ),
    ImageField("argoproj.io", "ArgoCD", "spec.image"),
    ImageField("minio.min.io", "Tenant", "spec.image", "spec.imagePullPolicy"),
    ImageField("k8s.mariadb.com", "MariaDB", "spec.image", "spec.imagePullPolicy"),
    ImageField("apps.kruise.io", "ImagePullJob", "spec.image"),
)
"""Custom resources that name an image in a field of their own, by their published APIs; a user can add more."""
_IMAGE_KEY = re.compile(r"(?:.*[a-z0-9])?[iI]mage(?:Name|Reference|Url|URI)?")
_DEFINITION = re.compile(r"^kind: *[\"']?CustomResourceDefinition\b", re.MULTILINE)
_BUILT_IN = re.compile(r"(?:[a-z0-9]+|[a-z0-9.-]+\.k8s\.io)")


class ImageUse(NamedTuple):
    """A place in an object that names an image."""

    where: KubeObject
    path: Path
    name: ImageName
    text: str
    """The whole text at the place."""
    policy: str | None = None
    """The pull policy that belongs to it; None where the place has none."""
    policy_path: Path | None = None
    """Where that policy stands or would stand; None where there is no such field."""

    @property
    def is_field(self) -> bool:
        """Tells whether the place is a field for images, and not a text that happens to hold one."""
        return self.text.strip() == str(self.name)


def may_name_images(part: Part, config: ChartGates, names: ImageNames) -> bool:
    """Tells whether it is worth reading a document: not if it is a mere definition, or nothing in it is for images."""
    if _DEFINITION.search(part.text):
        return False
    declared = (field.kind in part.text for field in config.image_fields)
    return "mage" in part.text or any(declared) or any(names.within(part.text))


def uses(where: KubeObject, config: ChartGates, names: ImageNames) -> Iterator[ImageUse]:
    """Yields each place of an object that names an image."""
    seen: set[Path] = set()
    for use in _fields(where, config):
        if use.path not in seen:
            seen.add(use.path)
            yield use
    for path, text in _texts(where.value, ()) if any(names.within(where.part.text)) else ():
        if path not in seen:
            for name in names.within(text):
                yield ImageUse(where, path, name, text)


def _fields(where: KubeObject, config: ChartGates) -> Iterator[ImageUse]:
    if "ontainers" in where.part.text:
        yield from _containers(where, where.value, ())
    group = where.api_version.rpartition("/")[0]
    for field in (*config.image_fields, *KNOWN_FIELDS):
        if (field.group, field.kind) == (group, where.kind):
            yield from _declared(where, field)
    if not _BUILT_IN.fullmatch(group or "core"):
        yield from _guessed(where)


def _containers(where: KubeObject, value: Any, path: tuple[str | int, ...]) -> Iterator[ImageUse]:
    if isinstance(value, dict):
        for key, child in value.items():
            if key in CONTAINERS and isinstance(child, list):
                for position, container in enumerate(child):
                    if isinstance(container, dict):
                        yield from _container(where, container, (*path, key, position))
            yield from _containers(where, child, (*path, key))
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from _containers(where, child, (*path, position))


def _container(where: KubeObject, container: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[ImageUse]:
    image, policy = container.get("image"), container.get("imagePullPolicy")
    name = parse(image) if isinstance(image, str) else None
    if name is not None:
        stated = policy if isinstance(policy, str) else None
        yield ImageUse(where, (*path, "image"), name, str(image), stated, (*path, "imagePullPolicy"))


def _declared(where: KubeObject, field: ImageField) -> Iterator[ImageUse]:
    steps = field.policy_steps()
    for path, image in _at(where.value, field.image.split("."), ()):
        name = parse(image) if isinstance(image, str) else None
        if name is not None:
            found = next(iter(_at(where.value, list(steps), ())), (steps, None)) if steps else (None, None)
            policy = found[1] if isinstance(found[1], str) else None
            yield ImageUse(where, path, name, str(image), policy, found[0])


def _at(value: Any, steps: Sequence[str], path: tuple[str | int, ...]) -> Iterator[tuple[Path, Any]]:
    if not steps:
        yield path, value
        return
    key, every = steps[0].removesuffix("[]"), steps[0].endswith("[]")
    child = value.get(key) if isinstance(value, Mapping) else None
    if every and isinstance(child, list):
        for position, item in enumerate(child):
            yield from _at(item, steps[1:], (*path, key, position))
    elif child is not None and not every:
        yield from _at(child, steps[1:], (*path, key))


def _guessed(where: KubeObject) -> Iterator[ImageUse]:
    """Yields fields of a custom resource whose name and value say that they are for an image."""
    for path, text in _texts(where.value, ()):
        if path and path[0] == "spec" and _IMAGE_KEY.fullmatch(str(path[-1])):
            name = parse(text)
            if name is not None and (name.tag or name.digest) and "://" not in text:
                yield ImageUse(where, path, name, text)


def _texts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from _texts(child, (*path, key))
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from _texts(child, (*path, position))
