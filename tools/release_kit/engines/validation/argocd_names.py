"""Names that Argo CD passes over without a word: labels, annotations, finalizers and settings that are misspelt.

argoproj/argo-cd v3.5.1: common/common.go, docs/user-guide/annotations-and-labels.md,
pkg/apis/application/v1alpha1/application_defaults.go, docs/operator-manual/health.md. Only what is close to a name
that it knows is told: a newer release may know more.
"""

import difflib
from collections.abc import Iterator, Sequence

from release_kit.engines.validation.applications import is_open
from release_kit.engines.validation.tree import ARGOCD, Resource, Tree, TreeFinding, finding, items, mapping, text
from release_kit.values.yaml_source import Path

PREFIX = "argocd.argoproj.io/"
_CLOSE = 0.85
_LONGEST = 100
"""Characters of a name that may be close to one; longer ones take long to compare."""
_KNOWN = (
    *("application-set-refresh", "auto-label-cluster-info", "client-side-apply-migration-manager", "compare-options"),
    *("deletion-approved", "hook", "hook-delete-policy", "hydrate", "hydrate-timestamp", "ignore-default-links"),
    *("ignore-healthcheck", "ignore-resource-updates", "ignore-restart-policy", "installation-id", "instance"),
    *("kubernetes-version", "managed-by", "managed-by-url", "manifest-generate-paths", "refresh", "refresh-timestamp"),
    *("secret-type", "skip-reconcile", "sync-options", "sync-wave", "tracking-id", "application-set-name"),
    *("managed-by-cluster-argocd", "application-name"),
)
_KEYS = tuple(PREFIX + name for name in _KNOWN)
_SECRET_TYPES = ("cluster", "repository", "repo-creds", "repository-write", "repo-write-creds", "scm-creds")
_FINALIZERS = (
    *(f"resources-finalizer.{PREFIX}{policy}".rstrip("/") for policy in ("", "foreground", "background")),
    *(f"{time}-delete-finalizer.{PREFIX}{what}".rstrip("/") for time in ("pre", "post") for what in ("", "cleanup")),
)
_SETTINGS = "argocd-cm"
_HEALTH = "resource.customizations.health."
_KINDS = tuple(f"{ARGOCD}_{kind}" for kind in ("Application", "ApplicationSet", "AppProject"))


def check(tree: Tree) -> Iterator[TreeFinding]:
    """Yields names that are close to one that Argo CD knows, and waves that are no numbers."""
    for resource in tree.resources:
        yield from _keys(resource)
        yield from _wave(resource)
        if resource.group == "" and resource.kind == "Secret":
            yield from _secret_type(resource)
        elif resource.group == "" and resource.kind == "ConfigMap" and resource.name == _SETTINGS:
            yield from _settings(resource)
        elif resource.group == ARGOCD and resource.kind == "Application":
            yield from _finalizers(resource)


def _misspelt(resource: Resource, path: Path, found: str, known: Sequence[str]) -> Iterator[TreeFinding]:
    if found in known or is_open(found):
        return
    if close := difflib.get_close_matches(found[:_LONGEST], known, 1, _CLOSE):
        message = f"Argo CD knows no {found:.100}, and passes it over"
        yield finding("argocd-name", resource, path, message, f"did you mean {close[0]}?")


def _keys(resource: Resource) -> Iterator[TreeFinding]:
    for field, holder in (("labels", resource.labels), ("annotations", resource.annotations)):
        for key in holder:
            if isinstance(key, str) and key.startswith(PREFIX):
                yield from _misspelt(resource, ("metadata", field, key), key, _KEYS)


def _wave(resource: Resource) -> Iterator[TreeFinding]:
    key = f"{PREFIX}sync-wave"
    found = resource.annotations.get(key, "0")
    if is_open(found) or (isinstance(found, str) and found.removeprefix("-").removeprefix("+").isdecimal()):
        return
    message = f"expected a whole number in quotes; found {found!r:.100}"
    yield finding("argocd-name", resource, ("metadata", "annotations", key), message, 'write such as "1"')


def _secret_type(secret: Resource) -> Iterator[TreeFinding]:
    key = f"{PREFIX}secret-type"
    found = text(secret.labels.get(key))
    if found and found not in _SECRET_TYPES and not is_open(found):
        message = f"Argo CD knows no Secrets of the type {found:.100}"
        remedy = f"write one of {', '.join(_SECRET_TYPES)}"
        yield finding("argocd-name", secret, ("metadata", "labels", key), message, remedy)


def _settings(settings: Resource) -> Iterator[TreeFinding]:
    for key in mapping(settings.value.get("data")):
        if isinstance(key, str) and key.startswith(_HEALTH):
            yield from _misspelt(settings, ("data", key), key, [_HEALTH + kind for kind in _KINDS])


def _finalizers(application: Resource) -> Iterator[TreeFinding]:
    for position, found in enumerate(items(mapping(application.value.get("metadata")).get("finalizers"))):
        yield from _misspelt(application, ("metadata", "finalizers", position), text(found), _FINALIZERS)
