"""References between the Promoter's objects: by name, in one namespace, to something that is there."""

from collections.abc import Iterator

from release_kit.engines.validation.addresses import named_provider, provider_of
from release_kit.engines.validation.strategies import REPORTER_KINDS
from release_kit.engines.validation.tree import (
    PROMOTER,
    Resource,
    Tree,
    TreeFinding,
    finding,
    mapping,
    may_share_namespace,
    text,
)
from release_kit.values.yaml_source import Path

_STRATEGY = ("promotionStrategyRef", "PromotionStrategy")
_REPOSITORY = ("gitRepositoryRef", "GitRepository")
_REFERENCES = {
    **dict.fromkeys((*REPORTER_KINDS, "RestoreActiveCommit"), _STRATEGY),
    "PromotionStrategy": _REPOSITORY,
    "CommitStatus": _REPOSITORY,
}


def check(tree: Tree) -> Iterator[TreeFinding]:
    """Yields references that point at nothing, and at what is not meant."""
    for kind, (field, target) in _REFERENCES.items():
        for resource in tree.kind(PROMOTER, kind):
            name = text(mapping(resource.spec.get(field)).get("name"))
            yield from _missing(tree, resource, ("spec", field, "name"), target, name)
    for resource in tree.kind(PROMOTER, "GitRepository"):
        yield from _provider(tree, resource)


def _missing(tree: Tree, resource: Resource, path: Path, kind: str, name: str) -> Iterator[TreeFinding]:
    found = tree.named(PROMOTER, kind, name)
    if not name or any(may_share_namespace(resource, each) for each in found):
        return
    if found:
        message = f"{kind} {name} is in the namespace {found[0].namespace}, and looked for in {resource.namespace}"
        yield finding("promoter-namespace", resource, path, message, "put both into one namespace")
        return
    remedy = "correct the name, or validate the folder that holds it along with this one"
    known = sorted({each.name for each in tree.kind(PROMOTER, kind)})
    hint = f"; there is {', '.join(known)}" if known else ""
    yield finding("promoter-reference", resource, path, f"there is no {kind} {name}{hint}", remedy)


def _provider(tree: Tree, repository: Resource) -> Iterator[TreeFinding]:
    reference = mapping(repository.spec.get("scmProviderRef"))
    kind = text(reference.get("kind")) or "ScmProvider"
    path = ("spec", "scmProviderRef", "name")
    provider = provider_of(tree, repository)
    if provider is None:
        # Those of the cluster are often kept elsewhere, by others.
        if kind == "ScmProvider" or any(tree.kind(PROMOTER, kind)):
            yield from _missing(tree, repository, path, kind, text(reference.get("name")))
        return
    own, other = named_provider(repository), named_provider(provider)
    if own and other and own != other:
        message = f"the repository is at {own}, and {provider.title} is for {other}"
        yield finding("scm-provider-differs", repository, path, message, "name a provider of the same kind")
