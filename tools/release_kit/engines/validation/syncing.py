"""How Applications are synced: options and times that Argo CD passes over or can't read, and two for one place.

argoproj/argo-cd v3.5.1: docs/user-guide/sync-options.md, pkg/apis/application/v1alpha1/types.go (SyncOptions,
parseStringToDuration, ExplicitType), controller/sync.go (options are compared as whole texts).
"""

import difflib
import json
import posixpath
import re
from collections.abc import Iterator

from release_kit.engines.validation.applications import Application, Source, applications, is_open
from release_kit.engines.validation.times import is_duration
from release_kit.engines.validation.tree import Tree, TreeFinding, finding, items, mapping, text

_FLAGS = (
    *("ApplyOutOfSyncOnly", "ClientSideApplyMigration", "CreateNamespace", "FailOnSharedResource", "Force"),
    *("PruneLast", "Replace", "RespectIgnoreDifferences", "ServerSideApply", "SkipDryRunOnMissingResource"),
    "Validate",
)
_OPTIONS = {
    **dict.fromkeys(_FLAGS, ("true", "false")),
    **dict.fromkeys(("Prune", "Delete"), ("true", "false", "confirm")),
    "PrunePropagationPolicy": ("background", "foreground", "orphan"),
}
_CLOSE = 0.85
_TOOLS = ("directory", "helm", "kustomize", "plugin")


def check(tree: Tree) -> Iterator[TreeFinding]:
    """Yields what is wrong with how each Application is synced."""
    first: dict[str, Application] = {}
    for application in applications(tree):
        yield from _options(application)
        yield from _retry(application)
        for source in application.sources:
            yield from _tools(application, source)
        yield from _twice(tree, application, first)


def _options(application: Application) -> Iterator[TreeFinding]:
    path = (*application.path, "syncPolicy", "syncOptions")
    for position, option in enumerate(items(mapping(application.spec.get("syncPolicy")).get("syncOptions"))):
        fault = _option_fault(option) if isinstance(option, str) and not is_open(option) else ""
        if fault:
            message = f"{option:.100}: {fault}, and Argo CD passes it over"
            yield finding("app-sync-option", application.resource, (*path, position), message, "correct it")


def _option_fault(option: str) -> str:
    name, equals, value = option.partition("=")
    if name in _OPTIONS:
        choices = _OPTIONS[name]
        return "" if value in choices else f"expected {name}= and one of {', '.join(choices)}"
    close = difflib.get_close_matches(name.strip()[:100], _OPTIONS, 1, _CLOSE)
    return f"did you mean {close[0]}{equals}{value.strip()}? There is no {name.strip()!r}" if close else ""


def _retry(application: Application) -> Iterator[TreeFinding]:
    backoff = mapping(mapping(mapping(application.spec.get("syncPolicy")).get("retry")).get("backoff"))
    for name in ("duration", "maxDuration"):
        found = text(backoff.get(name))
        if found and not is_open(found) and not re.fullmatch(r"[-+]?\d+", found) and not is_duration(found):
            path = (*application.path, "syncPolicy", "retry", "backoff", name)
            message = f"expected seconds, or a duration of Go such as 30s or 3m; found {found!r:.100}"
            yield finding("app-retry", application.resource, path, message, "correct it")


def _tools(application: Application, source: Source) -> Iterator[TreeFinding]:
    found = [name for name in _TOOLS if source.value.get(name) is not None]
    if len(found) > 1:
        message = f"one source has {' and '.join(found)}: Argo CD refuses it"
        yield finding("app-source", application.resource, source.at(found[1]), message, "leave one of them")


def _twice(tree: Tree, application: Application, first: dict[str, Application]) -> Iterator[TreeFinding]:
    """Yields an Application that applies what another one of its folder applies to the same place."""
    resource = application.resource
    place = [application.spec.get("source"), application.spec.get("destination")]
    key = json.dumps(
        [posixpath.dirname(resource.file), resource.namespace, *map(_bare, place)], sort_keys=True, default=str
    )
    if resource.kind != "Application" or resource.file in tree.unlisted or is_open(key) or not all(place):
        return
    other = first.setdefault(key, application)
    if other is not application and other.resource.name != resource.name:
        message = f"{other.resource.title} applies the same to the same place: each undoes what the other one does"
        yield finding("app-twice", resource, application.path, message, "take one of them out")


def _bare(value: object) -> object:
    """Returns a source or destination without what does not change which objects are meant."""
    kept = {key: child for key, child in mapping(value).items() if child not in (None, {}, [])}
    folder = {key: child for key, child in mapping(kept.pop("directory", None)).items() if key != "recurse"}
    return [kept, folder]
