"""Secrets that tell Argo CD where a registry's charts are: templates, which hold no credentials.

Argo CD, "Declarative Setup": sections "Repositories", "Repository Credentials" and "Helm"; "OCI" for the native form.
"""

import json
import re
from enum import StrEnum
from typing import NamedTuple

from release_kit.errors import InputError
from release_kit.values.reference import Registry, parse_registry, parse_repository

SCHEME = "oci://"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_PLAIN = re.compile(r"[a-z][a-z0-9./:-]*[a-z0-9]", re.ASCII)
_WORDS = frozenset({"no", "off", "on", "yes", "true", "false", "null"})
_CREDENTIALS = {
    "ghcr.io": ("a user who may read the chart", "a personal access token (classic) of theirs, scope read:packages"),
    "registry-1.docker.io": ("a user who may read the chart", "an access token of theirs that may only read"),
}
_ANY_CREDENTIALS = ("a user or robot account that may only read", "its password or token, of the registry's settings")


class Form(StrEnum):
    """The two ways in which Argo CD takes a chart from an OCI registry."""

    CLASSIC = "classic"
    """As a Helm repository: the address without a scheme, the chart named beside it. Any Argo CD takes it."""
    NATIVE = "native"
    """As an OCI artifact: `oci://` and the chart in the address. Argo CD 3.1 and newer; a digest can be pinned, too."""


class Target(NamedTuple):
    """A chart in a registry, as an Application names it."""

    registry: Registry
    repository: str
    """Below the registry's prefix, such as `charts`."""
    chart: str

    def url(self, form: Form) -> str:
        """Returns what an Application and its Secret have for an address."""
        address = f"{self.registry}/{self.repository}"
        return address if form is Form.CLASSIC else f"{SCHEME}{address}/{self.chart}"


def repository_secret(name: str, url: str, form: Form, namespace: str = "argocd", project: str | None = None) -> str:
    """Returns the template of a Secret for one address.

    Args:
        name: of the Secret, and of the repository in Argo CD.
        url: `ghcr.io/acme/charts` in the classic form, `oci://ghcr.io/acme/charts/shop` in the native one.
        form: which of both.
        namespace: Argo CD's.
        project: of Argo CD, the only one that may use it; None for all.

    Raises:
        InputError: a name is not legal, or the address is not one of this form.
    """
    return _secret("repository", _fields(name, url, form, project), namespace)


def credentials_secret(name: str, url: str, form: Form, namespace: str = "argocd", project: str | None = None) -> str:
    """Returns the template of a Secret for all addresses that begin with `url`; else as `repository_secret`."""
    return _secret("repo-creds", _fields(name, url, form, project), namespace)


def _fields(name: str, url: str, form: Form, project: str | None) -> dict[str, str]:
    own = {"type": "helm", "enableOCI": "true"} if form is Form.CLASSIC else {"type": "oci"}
    limits = {} if project is None else {"project": _name(project, "project")}
    return {"name": _name(name, "name"), "url": _url(url, form), **own, **limits}


def _secret(label: str, fields: dict[str, str], namespace: str) -> str:
    name, namespace = fields["name"], _name(namespace, "namespace")
    host = parse_registry(fields["url"].removeprefix(SCHEME), "url").host
    username, password = _CREDENTIALS.get(host, _ANY_CREDENTIALS)
    return "\n".join(
        [
            *_comment(label, fields, namespace),
            "---",
            "apiVersion: v1",
            "kind: Secret",
            "metadata:",
            f"  name: {_scalar(name)}",
            f"  namespace: {_scalar(namespace)}",
            "  labels:",
            f"    argocd.argoproj.io/secret-type: {label}",
            "type: Opaque",
            "stringData:",
            *(f"  {key}: {_scalar(value)}" for key, value in fields.items()),
            f"  # username: {username}",
            f"  # password: {password}",
            "",
        ]
    )


def _comment(label: str, fields: dict[str, str], namespace: str) -> list[str]:
    which = "every address that begins with " if label == "repo-creds" else ""
    patch = '{"stringData":{"username":"%s","password":"%s"}}'
    return [
        f"# Tells Argo CD how to take Helm charts from {which}{fields['url']}",
        "#",
        "# It holds no credentials, and a registry that anyone may read needs none. Those of another are added in",
        "# the cluster, and stay when this file is applied again:",
        "#",
        f'#   printf \'{patch}\' "$REGISTRY_USER" "$REGISTRY_TOKEN" |',
        f"#     kubectl --namespace {namespace} patch secret {fields['name']} --patch-file /dev/stdin",
        "#",
        "# Where a SealedSecret or an ExternalSecret makes the Secret, its template needs the label and all",
        "# fields below.",
    ]


def _name(text: str, place: str) -> str:
    if _NAME.fullmatch(text):
        return text
    expected = "lowercase letters, digits and '-', 63 at most, the first and the last no '-'"
    raise InputError(f"{place}: expected {expected}, found {text!r:.200}")


def _url(url: str, form: Form) -> str:
    if url.startswith(SCHEME) != (form is Form.NATIVE):
        example = (
            f"{SCHEME}ghcr.io/acme/charts/shop" if form is Form.NATIVE else "ghcr.io/acme/charts, without a scheme"
        )
        raise InputError(f"url: the {form} form has an address such as {example}; found {url!r:.300}")
    parse_registry(url.removeprefix(SCHEME), "url")
    return url


def target(registry: str, repository: str, chart: str) -> Target:
    """Returns a chart's place in a registry.

    Raises:
        InputError: one of the three is not legal.
    """
    parse_repository(chart, "chart")
    return Target(parse_registry(registry, "registry"), parse_repository(repository, "chart repository"), chart)


def _scalar(text: str) -> str:
    """Returns a string in YAML, quoted where it would be something else without."""
    return text if _PLAIN.fullmatch(text) and text not in _WORDS else json.dumps(text)
