"""Where things are: the chart in a registry, programs in the cluster; and how Argo CD brings an environment in step."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from release_kit.documents.fields import Fields
from release_kit.errors import InputError
from release_kit.values import reference, release_number
from release_kit.values.release_number import ReleaseNumber

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


class PromoterPlace(NamedTuple):
    """GitOps Promoter in the cluster."""

    release: ReleaseNumber = ReleaseNumber(0, 36, 0)
    namespace: str = "promoter-system"
    """Of the strategy, its gates, the repository and its Secret."""


class ArgoCD(NamedTuple):
    """Argo CD in the cluster."""

    release: ReleaseNumber = ReleaseNumber(3, 5, 1)
    namespace: str = "argocd"
    project: str = "default"


class ChartPlace(NamedTuple):
    """Where the released chart is."""

    registry: str
    """HOST[:PORT][/PREFIX]."""
    repository: str
    """Below the prefix, without the chart's own name; such as `charts`."""
    name: str
    form: str = "classic"
    """How Argo CD takes it: `classic` (a Helm repository) or `native` (an OCI artifact)."""


class Sync(NamedTuple):
    """How Argo CD brings the environment in step."""

    automated: bool = True
    prune: bool = True
    self_heal: bool = True
    create_namespace: bool = True
    options: tuple[str, ...] = ()
    """More sync options, such as `ServerSideApply=true`."""
    wave: int | None = None
    """None: the place in the order of promotions."""


def sync(fields: Fields) -> Sync:
    """Reads the object `sync` of an environment."""
    return Sync(
        automated=fields.boolean("automated", True),
        prune=fields.boolean("prune", True),
        self_heal=fields.boolean("self_heal", True),
        create_namespace=fields.boolean("create_namespace", True),
        options=fields.strings("options"),
        wave=fields.integer("wave") if fields.has("wave") else None,
    )


def chart(fields: Fields) -> ChartPlace:
    """Reads the object `chart` of a declaration."""
    registry, name = fields.string("registry"), fields.string("name")
    if "/" in name:
        raise InputError(
            f"{fields.path('name')}: expected a chart's name, found {name!r:.200}", "what is before it is `repository`"
        )
    reference.parse_registry(registry, fields.path("registry"))
    return ChartPlace(
        registry=registry,
        repository=reference.parse_repository(fields.string("repository", "charts"), fields.path("repository")),
        name=reference.parse_repository(name, fields.path("name")),
        form=one_of(fields, "form", ("classic", "native")),
    )


def promoter(fields: Fields) -> PromoterPlace:
    """Reads the object `promoter` of a declaration."""
    default = PromoterPlace()
    return PromoterPlace(_release(fields, default.release), label(fields, "namespace", default.namespace))


def argocd(fields: Fields) -> ArgoCD:
    """Reads the object `argocd` of a declaration."""
    default = ArgoCD()
    namespace = label(fields, "namespace", default.namespace)
    return ArgoCD(_release(fields, default.release), namespace, label(fields, "project", default.project))


def _release(fields: Fields, default: ReleaseNumber) -> ReleaseNumber:
    return release_number.parse(fields.string("release", str(default)), fields.path("release"))


def one_of(fields: Fields, key: str, choices: Sequence[str]) -> str:
    """Takes one of several words; the first where there is none."""
    text = fields.string(key, choices[0])
    if text not in choices:
        raise InputError(f"{fields.path(key)}: expected {' or '.join(choices)}, found {text!r:.100}")
    return text


def label(fields: Fields, key: str, default: str | None = None) -> str:
    """Takes a name that Kubernetes takes for a label's value and a namespace's name (RFC 1123)."""
    text = fields.string(key, default)
    if not _LABEL.fullmatch(text):
        expected = "lowercase letters, digits and '-', 63 at most, the first and the last no '-'"
        raise InputError(f"{fields.path(key)}: expected {expected}, found {text!r:.100}")
    return text
