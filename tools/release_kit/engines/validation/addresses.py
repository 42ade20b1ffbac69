"""The Promoter's repositories, their hosts, and their addresses as git and Argo CD would reach them."""

import re

from release_kit.documents.scm import PROVIDERS, address
from release_kit.engines.validation.tree import PROMOTER, Resource, Tree, mapping, may_share_namespace, text

_SCP = re.compile(r"(?:[^@/:]+@)?([^/:@]+):(?!//)(.+)")
_URL = re.compile(r"(\w+)://(?:[^@/]*@)?([^/:]+)(?::\d+)?/(.*)")


def provider_of(tree: Tree, repository: Resource) -> Resource | None:
    """Returns the ScmProvider that a GitRepository names, if it is in the tree."""
    reference = mapping(repository.spec.get("scmProviderRef"))
    kind = text(reference.get("kind")) or "ScmProvider"
    for found in tree.named(PROMOTER, kind, text(reference.get("name"))):
        if kind == "ClusterScmProvider" or may_share_namespace(found, repository):
            return found
    return None


def named_provider(resource: Resource) -> str:
    """Returns which host a GitRepository or ScmProvider is about, such as `github`; empty unless it is one."""
    found = [name for name in PROVIDERS if name in resource.spec]
    return found[0] if len(found) == 1 else ""


def address_of(tree: Tree, strategy: Resource) -> str:
    """Returns the address of the repository that a strategy promotes in; empty where it can't be told."""
    name = text(mapping(strategy.spec.get("gitRepositoryRef")).get("name"))
    found = [each for each in tree.named(PROMOTER, "GitRepository", name) if may_share_namespace(each, strategy)]
    if not found:
        return ""
    kind, provider = named_provider(found[0]), provider_of(tree, found[0])
    if not kind or kind in ("fake", "azureDevOps") or provider is None:
        return ""
    host = mapping(provider.spec.get(kind))
    named = {key: text(value) for key, value in mapping(found[0].spec.get(kind)).items()}
    domain = text(host.get("domain"))
    if not all(named.get(key) for key in PROVIDERS[kind].repository if key != "project_id"):
        return ""
    return address(kind, {**named, "domain": domain}) if domain or PROVIDERS[kind].public_domain else ""


def same_repository(one: str, other: str) -> bool:
    """Tells whether two addresses can be those of one repository: by whatever protocol, as whatever user."""
    return _reduced(one) == _reduced(other)


def _reduced(url: str) -> tuple[str, str]:
    match = _URL.fullmatch(url)
    if match is None:
        scp = _SCP.fullmatch(url)
        return (scp[1].lower(), _path(scp[2])) if scp else ("", _path(url))
    return match[2].lower(), _path(match[3])


def _path(path: str) -> str:
    return path.strip("/").removesuffix(".git").lower()
