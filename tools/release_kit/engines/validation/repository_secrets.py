"""The Secrets by which Argo CD knows repositories: their types, addresses and labels.

argoproj/argo-cd v3.5.1: docs/operator-manual/declarative-setup.md, docs/user-guide/oci.md.
"""

from collections.abc import Iterator, Mapping

from release_kit.engines.validation.addresses import same_repository
from release_kit.engines.validation.applications import OCI, Source, applications, is_open, is_registry
from release_kit.engines.validation.chart_rules import repository_of
from release_kit.engines.validation.secrets import ARGOCD_LABEL, decoded
from release_kit.engines.validation.tree import Resource, Tree, TreeFinding, finding, mapping
from release_kit.values.yaml_source import Path

_OF_REPOSITORIES = ("repository", "repo-creds", "repository-write", "repo-write-creds")


def check(tree: Tree) -> Iterator[TreeFinding]:
    """Yields Secrets of repositories that Argo CD does not find, or reads as something else."""
    for secret in tree.kind("", "Secret"):
        if secret.labels.get(ARGOCD_LABEL) in _OF_REPOSITORIES:
            yield from _repository(tree, secret)
        elif ARGOCD_LABEL not in secret.labels and _looks_like_one(_fields(secret)):
            message = f"without the label {ARGOCD_LABEL} Argo CD does not look at it"
            yield finding("repository-secret", secret, ("metadata",), message, f"add {ARGOCD_LABEL}: repository")


def _looks_like_one(fields: Mapping[str, str]) -> bool:
    return "url" in fields and (fields.get("type") in ("helm", "oci") or "enableOCI" in fields)


def _repository(tree: Tree, secret: Resource) -> Iterator[TreeFinding]:
    fields = _fields(secret)
    url, kind = fields.get("url", ""), fields.get("type", "git")
    path: Path = ("stringData",) if "stringData" in secret.value else ("data",)
    if is_open(url) or is_open(kind) or not fields:
        return
    if not url:
        yield finding("repository-secret", secret, path, "it names no url", "add the address of the repository")
        return
    if kind not in ("git", "helm", "oci"):
        message = f"expected the type git, helm or oci; found {kind!r:.100}"
        yield finding("repository-secret", secret, (*path, "type"), message, "correct it")
    if kind != "oci" and url.startswith(OCI):
        message = f"{OCI} is for the type oci, and this is {kind}"
        remedy = "write `type: oci`, or for charts in the classic form the address without a scheme"
        yield finding("repository-secret", secret, (*path, "url"), message, remedy)
    if kind == "oci" and not url.startswith(OCI):
        message = f"the address of the type oci begins with {OCI}"
        remedy = f'write {OCI}{url}, or `type: helm` with `enableOCI: "true"`'
        yield finding("repository-secret", secret, (*path, "url"), message, remedy)
    yield from _classic(secret, fields, path)
    if kind == "helm" and is_registry(url) and fields.get("enableOCI") != "true":
        message = 'a registry needs `enableOCI: "true"`, as a string'
        yield finding("repository-secret", secret, path, message, "add it")
    yield from _other_form(tree, secret, (kind, url))
    if kind != "git" and any(_is_git(source, url) for each in applications(tree) for source in each.sources):
        message = f"Applications take {url} for a git repository, and this is for the type {kind}"
        yield finding("repository-secret", secret, (*path, "type"), message, "write `type: git`")


def _classic(secret: Resource, fields: Mapping[str, str], path: Path) -> Iterator[TreeFinding]:
    """Yields what does not go together with enableOCI, which only charts in the classic form need."""
    if fields.get("enableOCI") != "true":
        return
    if "type" not in fields:
        message = "without a type it is for a git repository, and enableOCI is for charts"
        yield finding("repository-secret", secret, path, message, "add `type: helm`")
    elif fields["type"] == "helm" and fields.get("url", "").startswith(("https://", "http://")):
        message = "with enableOCI the address is a registry's, which has no scheme"
        yield finding("repository-secret", secret, (*path, "url"), message, "leave out what is before the host")


def _is_git(source: Source, url: str) -> bool:
    return not source.is_chart and bool(source.value.get("path")) and same_repository(source.address, url)


def _other_form(tree: Tree, secret: Resource, found: tuple[str, str]) -> Iterator[TreeFinding]:
    """Yields a Secret for the other form than the Applications have: its credentials are not found."""
    kind, url = found
    bare = url.removeprefix(OCI).rstrip("/")
    for application in applications(tree):
        for source in application.sources:
            where = repository_of(source)
            if not where or is_open(source.address) or not f"{where}/".startswith(f"{bare}/"):
                continue
            is_native = source.is_native and not source.chart
            if bare and is_native != (kind == "oci"):
                form = "native" if is_native else "classic"
                message = f"{application.resource.title} takes {where} in the {form} form, and this is for the other"
                remedy = f"write `type: {'oci' if is_native else 'helm'}` and the address as the Application has it"
                yield finding("repository-secret", secret, ("stringData", "url"), message, remedy)
                return


def _fields(secret: Resource) -> Mapping[str, str]:
    held = {key: decoded(value) for key, value in mapping(secret.value.get("data")).items()}
    plain = mapping(secret.value.get("stringData"))
    return {**held, **{key: value for key, value in plain.items() if isinstance(value, str)}}
