"""Secrets: the keys that GitOps Promoter reads, and values that must not be in files. No value is told."""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from release_kit.documents.scm import PROVIDERS
from release_kit.engines.validation.addresses import named_provider
from release_kit.engines.validation.applications import applications
from release_kit.engines.validation.tree import PROMOTER, Resource, Tree, TreeFinding, finding, items, mapping, text
from release_kit.values.yaml_source import Path

ARGOCD_LABEL = "argocd.argoproj.io/secret-type"
_GITHUB_TOKENS = frozenset({"token", "pat", "password", "githubToken", "github-token", "GITHUB_TOKEN"})
_NO_SECRETS = frozenset(
    {
        *("name", "url", "type", "username", "user", "enableOCI", "project", "namespace", "depth", "proxy", "noProxy"),
        *("insecure", "insecureIgnoreHostKey", "insecureOCIForceHttp", "enableLfs", "forceHttpBasicAuth", "email"),
        *(
            "tlsClientCertData",
            "ca.crt",
            "tls.crt",
            "githubAppID",
            "githubAppInstallationID",
            "appID",
            "installationID",
        ),
        *("githubAppEnterpriseBaseUrl", "useAzureWorkloadIdentity", "clientID", "server", "host", "port"),
        *("database", "dbname", "githubInstallationID", "githubEnterpriseBaseUrl", "namespaces", "clusterResources"),
        *("azureServicePrincipalClientId", "azureServicePrincipalTenantId", "azureActiveDirectoryEndpoint"),
    }
)
"""Keys of Secrets that hold none."""
_WHOLE_PLACEHOLDER = r"\s*|true|false|/[\w./-]+|<[^>]*>|\$\w+|ENC\[.*|[xX*.]+"
_BEGINNING = "change|replace|insert|fill|put|your|my|example|dummy|todo|placeholder|redacted|some|enter"
_ANYWHERE = r"\.\.\.|change[-_ ]?me|changeit|placeholder|replace[-_ ]?with|redacted|<[^>]+>"
_PLACEHOLDER = re.compile(
    rf"{_WHOLE_PLACEHOLDER}|\(?(?i:{_BEGINNING})\b.*|.*(?:\$\{{|\$\(|\{{\{{|(?i:{_ANYWHERE})).*", re.DOTALL
)
_LOOKED_AT = 1000
"""How much of a value is enough to tell whether it is one."""
_TOKEN = re.compile(r"(?i)(?:bearer|basic|token)\s+(?!\s*\{\{)\S{8,}")
_WITH_PASSWORD = re.compile(r"\w+://[^/@\s:]*:([^/@\s]+)@")


class Keys(NamedTuple):
    """The keys that a Secret has or will have."""

    resource: Resource
    name: str
    namespace: str
    keys: frozenset[str] | None
    """None where they can't be told."""


def check(tree: Tree) -> Iterator[TreeFinding]:
    """Yields wrong keys, and values."""
    known = list(_keys(tree))
    for provider in tree.kind(PROMOTER, "ScmProvider", "ClusterScmProvider"):
        yield from _of_provider(provider, known)
    for secret in tree.kind("", "Secret"):
        yield from _values(secret)
    for request in tree.kind(PROMOTER, "WebRequestCommitStatus"):
        yield from _headers(request)
    for application in applications(tree):
        for source in application.sources:
            if _is_password(source.address):
                remedy = "take the password out, and let a repository Secret hold it"
                message = "there is a password in the address"
                yield finding("secret-value", application.resource, source.at("repoURL"), message, remedy)


def _keys(tree: Tree) -> Iterator[Keys]:
    for resource in tree.resources:
        if resource.group == "" and resource.kind == "Secret":
            if ARGOCD_LABEL not in resource.labels:
                held = frozenset((*mapping(resource.value.get("data")), *mapping(resource.value.get("stringData"))))
                yield Keys(resource, resource.name, resource.namespace, held or None)
        elif resource.kind == "SealedSecret":
            name = text(mapping(mapping(resource.spec.get("template")).get("metadata")).get("name")) or resource.name
            yield Keys(resource, name, resource.namespace, frozenset(mapping(resource.spec.get("encryptedData"))))
        elif resource.kind == "ExternalSecret":
            yield _external(resource)


def _external(resource: Resource) -> Keys:
    target = mapping(resource.spec.get("target"))
    made = mapping(mapping(target.get("template")).get("data"))
    listed = [text(mapping(each).get("secretKey")) for each in items(resource.spec.get("data"))]
    keys = None if resource.spec.get("dataFrom") else frozenset(made or listed)
    return Keys(resource, text(target.get("name")) or resource.name, resource.namespace, keys)


def _of_provider(provider: Resource, known: list[Keys]) -> Iterator[TreeFinding]:
    path = ("spec", "secretRef")
    name = text(mapping(provider.spec.get("secretRef")).get("name"))
    if not name:
        message = "it names no Secret, and the controller looks for one in any case, even for `fake`"
        yield finding("secret-reference", provider, path, message, "add secretRef.name")
        return
    near = [each for each in known if _may_be_near(provider, each)]
    found = [each for each in near if each.name == name]
    for each in found:
        yield from _wrong_keys(provider, each)
    if near and not found:
        message = f"there is no Secret {name}; there is {', '.join(sorted(each.name for each in near))}"
        yield finding("secret-reference", provider, (*path, "name"), message, "correct the name, or add the Secret")


def _may_be_near(provider: Resource, secret: Keys) -> bool:
    """Tells whether a Secret can be in the namespace that it is looked for in; a cluster's provider has another."""
    if provider.kind == "ClusterScmProvider":
        return False
    return not provider.namespace or not secret.namespace or provider.namespace == secret.namespace


def _wrong_keys(provider: Resource, secret: Keys) -> Iterator[TreeFinding]:
    kind = named_provider(provider)
    choices = PROVIDERS[kind].secret_keys if kind else ()
    if secret.keys is None or not choices or any(secret.keys >= set(choice) for choice in choices):
        return
    found = ", ".join(sorted(secret.keys)) or "none"
    expected = " or ".join(" and ".join(choice) for choice in choices)
    if kind == "github" and secret.keys & _GITHUB_TOKENS:
        message = f"GitOps Promoter acts on GitHub as an App only: a personal access token ({found}) is never read"
        remedy = "make a GitHub App, and put its private key into githubAppPrivateKey"
        yield finding("secret-github-token", secret.resource, _place(secret), message, remedy)
        return
    message = f"for {kind} the controller reads {expected}; the keys are {found}"
    yield finding("secret-keys", secret.resource, _place(secret), message, f"name the key {expected}")


def _place(secret: Keys) -> Path:
    for name in ("stringData", "data"):
        if mapping(secret.resource.value.get(name)):
            return (name,)
    return ("spec",)


def _values(secret: Resource) -> Iterator[TreeFinding]:
    for field in ("data", "stringData"):
        for key, value in mapping(secret.value.get(field)).items():
            held = decoded(value) if field == "data" else value
            if isinstance(held, str) and (_is_password(held) if key in _NO_SECRETS else not _is_placeholder(held)):
                message = "there is a value: whoever reads this repository has it"
                remedy = "take it out, replace it where it is used, and add the new one in the cluster"
                yield finding("secret-value", secret, (field, key), message, remedy)


def _is_password(address: str) -> bool:
    match = _WITH_PASSWORD.match(address)
    return bool(match) and not _is_placeholder(match[1] if match else "")


def _is_placeholder(value: str) -> bool:
    return bool(_PLACEHOLDER.fullmatch(value[:_LOOKED_AT]))


def decoded(value: Any) -> str:
    """Returns what a field below `data` holds; the text itself where it is no base64."""
    try:
        return base64.b64decode(text(value), validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return text(value)


def _headers(request: Resource) -> Iterator[TreeFinding]:
    headers = mapping(mapping(request.spec.get("httpRequest")).get("headerTemplates"))
    for name, value in headers.items():
        if isinstance(value, str) and _TOKEN.match(value) and not _is_placeholder(value):
            path = ("spec", "httpRequest", "headerTemplates", name)
            message = "there is a token in a header"
            remedy = "take it out, and use authentication.bearer.secretRef"
            yield finding("secret-value", request, path, message, remedy)
