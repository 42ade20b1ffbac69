"""What Argo CD refuses or misreads in an Application.

argoproj/argo-cd v3.5.1: docs/operator-manual/declarative-setup.md, docs/user-guide/{oci,helm,multiple_sources,
tracking_strategies}.md, util/argo/argo.go (ValidatePermissions).
"""

import re
from collections.abc import Iterator, Mapping

from release_kit.engines.gates.chart_rules.constraints import parse_constraint, parse_version
from release_kit.engines.gitops.applications import ENVIRONMENT_LABEL, MANIFESTS, STRATEGY_LABEL
from release_kit.engines.validation.applications import OCI, Application, Source, applications, is_open, is_registry
from release_kit.engines.validation.strategies import strategies
from release_kit.engines.validation.tree import Tree, TreeFinding, finding, items, mapping, text
from release_kit.values import reference
from release_kit.values.release_number import ReleaseNumber
from release_kit.values.yaml_source import Path

_NATIVE_SINCE = (3, 1, 0)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WHOLE = re.compile(r"v?\d+\.\d+\.\d+(?:[-+].*)?", re.ASCII)
_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_VALUES_OF = re.compile(r"\$([^/]+)/")
_BOTH = "in the classic form leave out oci://; in the native one put the chart's name into repoURL, and `path: .`"


def check(tree: Tree, release: ReleaseNumber) -> Iterator[TreeFinding]:
    """Yields what is wrong with each Application by itself, for a release of Argo CD."""
    for application in applications(tree):
        yield from _shape(application)
        yield from _destination(application)
        for source in application.sources:
            if not is_open(source.address):
                yield from _source(application, source, release)
                yield from _version(application, source)
        yield from _values_references(application)
    yield from _environments(tree)


def _found(rule: str, application: Application, path: Path, message: str, remedy: str) -> TreeFinding:
    return finding(rule, application.resource, path, message, remedy)


def _shape(application: Application) -> Iterator[TreeFinding]:
    spec, path = application.spec, application.path
    if not application.sources and not isinstance(spec.get("sourceHydrator"), Mapping) and spec:
        templated = application.resource.kind == "ApplicationSet" and "templatePatch" in application.resource.spec
        if not templated:
            message = "it has neither source, sources nor sourceHydrator"
            yield _found("app-source", application, path, message, "name where its manifests are")
    if isinstance(spec.get("source"), Mapping) and application.is_of_several:
        message = "it has `source` and `sources`: the first is ignored"
        yield _found("app-source", application, (*path, "source"), message, "leave one of them")


def _destination(application: Application) -> Iterator[TreeFinding]:
    destination = application.spec.get("destination")
    if not isinstance(destination, Mapping) or application.resource.spec.get("templatePatch"):
        return
    namespace = destination.get("namespace")
    if isinstance(namespace, str) and namespace and not is_open(namespace) and not _NAMESPACE.fullmatch(namespace):
        path = (*application.path, "destination", "namespace")
        message = f"no namespace can have the name {namespace!r:.100}"
        yield _found("app-destination", application, path, message, "use lowercase letters, digits and '-'")
    given = [key for key in ("server", "name") if destination.get(key)]
    if len(given) != 1:
        what = "both server and name" if given else "neither server nor name"
        path = (*application.path, "destination")
        message = f"the destination has {what}"
        remedy = "name the cluster by one of them, such as `server: https://kubernetes.default.svc`"
        yield _found("app-destination", application, path, message, remedy)


def _source(application: Application, source: Source, release: ReleaseNumber) -> Iterator[TreeFinding]:
    if not source.address:
        yield _found("app-source", application, source.path, "a source needs a repoURL", "name the repository")
    if source.is_native:
        if release < _NATIVE_SINCE:
            message = f"Argo CD {release} knows no OCI artifacts: they came with 3.1"
            remedy = "take the chart in the classic form: no oci://, and `chart` beside it"
            yield _found("app-native-release", application, source.at("repoURL"), message, remedy)
        if source.chart:
            message = f"beside {OCI} `chart` is ignored: Argo CD takes {source.address} for the whole artifact"
            yield _found("app-oci-chart", application, source.at("chart"), message, _BOTH)
        elif not source.value.get("path"):
            message = "an OCI artifact needs a path in it"
            yield _found("app-path", application, source.path, message, "add `path: .`")
        return
    if source.chart:
        if source.value.get("ref"):
            message = "a source that others refer to must not be a chart"
            yield _found("app-ref-chart", application, source.at("ref"), message, "refer to a git repository")
        return
    if is_registry(source.address):
        message = f"{source.address} has no scheme, as a registry in the classic form, and no chart is named"
        remedy = "name the chart beside it (`chart: NAME`), or write the address of a git repository"
        yield _found("app-chart-missing", application, source.path, message, remedy)
    elif (
        source.address and not source.value.get("path") and not (source.value.get("ref") and application.is_of_several)
    ):
        message = "a git repository needs a path in it"
        yield _found("app-path", application, source.path, message, "add the `path` of the manifests")


def _version(application: Application, source: Source) -> Iterator[TreeFinding]:
    revision, path = source.revision, source.at("targetRevision")
    if not source.is_chart or is_open(revision) or (source.is_native and _DIGEST.fullmatch(revision)):
        return
    if not revision:
        message = "a chart needs a version or a constraint"
        yield _found("app-version", application, source.path, message, "add targetRevision, such as 1.2.3 or 1.2.x")
        return
    is_version = parse_version(revision) is not None
    if is_version and not _WHOLE.fullmatch(revision):
        message = f"{revision} is taken for one version, not for a range"
        remedy = f"write {revision}.x for the newest of them, or a whole version"
        yield _found("app-loose-version", application, path, message, remedy)
    elif is_version and "+" in revision and source.is_native:
        message = f"{revision}: no tag may have a '+', and Argo CD looks for it as it stands in an OCI artifact"
        yield _found("app-build-metadata", application, path, message, f"write {revision.replace('+', '_')}")
    elif not is_version and parse_constraint(revision) is None and (source.chart or reference.tag_fault(revision)):
        message = f"expected a version such as 1.2.3 or a constraint such as 1.2.x, found {revision!r:.100}"
        yield _found("app-version", application, path, message, "correct it (Helm, `Chart.yaml`: version constraints)")


def _values_references(application: Application) -> Iterator[TreeFinding]:
    known = {text(source.value.get("ref")) for source in application.sources}
    for source in application.sources:
        for number, name in enumerate(items(mapping(source.value.get("helm")).get("valueFiles"))):
            match = _VALUES_OF.match(name) if isinstance(name, str) and not is_open(name) else None
            if match and match[1] not in known:
                message = f"{name}: no source has `ref: {match[1]}`"
                path = source.at("helm", "valueFiles", number)
                yield _found("app-values-ref", application, path, message, "add the source, or correct the name")


def _environments(tree: Tree) -> Iterator[TreeFinding]:
    """Looks at Applications that say which environment they are: what is promoted to must not move by itself."""
    branches = {branch for strategy in strategies(tree) for branch in strategy.branches}
    for application in applications(tree):
        name = text(application.labels.get(ENVIRONMENT_LABEL))
        if not name or is_open(name):
            continue
        follows = STRATEGY_LABEL in application.labels
        for source in application.sources:
            if source.is_chart and not _is_pin(source) and f"environment/{name}" in branches:
                message = f"{name} is promoted to, and {source.revision or 'no version'} moves by itself"
                path = source.at("targetRevision")
                remedy = "follow the environment's branch, or pin one version"
                yield _found("app-not-pinned", application, path, message, remedy)
            elif follows and not source.is_chart and source.value.get("path") != MANIFESTS:
                message = f"the objects of an environment's branch are below {MANIFESTS}"
                yield _found("app-path", application, source.at("path"), message, f"write `path: {MANIFESTS}`")


def _is_pin(source: Source) -> bool:
    return bool(_WHOLE.fullmatch(source.revision) or _DIGEST.fullmatch(source.revision))
