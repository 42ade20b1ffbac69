"""Faults that a release pipeline had in earnest, in each of its three revisions: each is refused with the reason.

They are those of carverauto/serviceradar, k8s/gitops-promoter at 2851f8b2a, 2f3d169fa and b09fd5c09, in other words.
"""

import pytest

from release_kit.engines.validation.tree import TreeFinding
from tests.support.validation import Documents, findings, made, secret, texts

BRANCHES = ("environment/demo-staging", "environment/demo")


def key(*names: str) -> list[dict[str, str]]:
    return [{"key": name} for name in names]


def strategy(**spec: object) -> dict[str, object]:
    return made("PromotionStrategy", "radar", {"gitRepositoryRef": {"name": "radar"}, **spec})


def first() -> Documents:
    """Owner and name beside the provider, the public domain, keys that nobody reads, keys at two levels."""
    environments = [
        {"branch": BRANCHES[0], "activeCommitStatuses": key("argocd-health")},
        {"branch": BRANCHES[1], "proposedCommitStatuses": key("e2e-tests")},
    ]
    return {
        "repository": made(
            "GitRepository", "radar", {"owner": "acme", "name": "radar", "scmProviderRef": {"name": "github"}}
        ),
        "provider": made(
            "ScmProvider", "github", {"github": {"domain": "github.com"}, "secretRef": {"name": "github-app"}}
        ),
        "secret": secret("github-app", {"appID": "", "privateKey": ""}, "promoter-system"),
        "strategy": strategy(
            activeCommitStatuses=key("argocd-health"),
            proposedCommitStatuses=key("e2e-tests"),
            environments=environments,
        ),
        "health": made(
            "ArgoCDCommitStatus",
            "radar",
            {
                "promotionStrategyRef": {"name": "radar"},
                "applicationSelector": {"matchLabels": {"app": "radar"}},
            },
        ),
    }


def second() -> Documents:
    """A personal access token, and a ChangeTransferPolicy by hand."""
    policy = {"gitRepositoryRef": {"name": "radar"}, "activeBranch": BRANCHES[1], "proposedBranch": "demo-next"}
    return first() | {
        "provider": made("ScmProvider", "github", {"github": {"appID": 7}, "secretRef": {"name": "github-token"}}),
        "secret": secret("github-token", {"token": ""}, "promoter-system"),
        "policy": made("ChangeTransferPolicy", "radar-demo", policy),
    }


def third() -> Documents:
    """A gate for all environments about what is proposed, which tests what runs and nobody reports."""
    github = {"github": {"owner": "acme", "name": "radar"}, "scmProviderRef": {"name": "github"}}
    environments = [{"branch": branch} for branch in BRANCHES]
    return second() | {
        "repository": made("GitRepository", "radar", github),
        "strategy": strategy(
            activeCommitStatuses=key("argocd-health"),
            proposedCommitStatuses=key("e2e-tests"),
            environments=environments,
        ),
    }


FAULTS = [
    (first, "schema", "GitRepository", "spec.owner", "the field 'owner' is not known here"),
    (first, "schema", "GitRepository", "spec.name", "the field 'name' is not known here"),
    (first, "schema-rule", "GitRepository", "spec", "expected one of github, gitlab"),
    (first, "schema-rule", "ScmProvider", "spec.github.domain", "github.com is what is meant without a domain"),
    (first, "schema", "ScmProvider", "spec.github", "the field 'appID' is missing"),
    (first, "secret-keys", "Secret", "stringData", "for github the controller reads githubAppPrivateKey"),
    (first, "gate-two-levels", "PromotionStrategy", "environments[0].activeCommitStatuses[0].key", "argocd-health"),
    (first, "gate-two-levels", "PromotionStrategy", "environments[1].proposedCommitStatuses[0].key", "e2e-tests"),
    (second, "secret-github-token", "Secret", "stringData", "as an App only: a personal access token"),
    (second, "promoter-owned-kind", "ChangeTransferPolicy", "kind", "is the controller's"),
    (third, "gate-no-reporter", "PromotionStrategy", "spec.proposedCommitStatuses[0].key", "nobody reports e2e-tests"),
    (third, "gate-own-deployment", "PromotionStrategy", "spec.proposedCommitStatuses[0].key", "neither can come first"),
]


@pytest.mark.parametrize(("revision", "rule", "kind", "path", "message"), FAULTS)
def test_a_fault_of_a_revision_is_refused_with_the_reason(
    revision: object, rule: str, kind: str, path: str, message: str
) -> None:
    assert callable(revision)
    found = [each for each in findings(texts(revision())) if _is(each, rule, kind, path)]
    assert len(found) == 1
    assert message in found[0].message


def _is(found: TreeFinding, rule: str, kind: str, path: str) -> bool:
    return found.rule == rule and found.document.startswith(f"{kind} ") and found.path.endswith(path)
