"""What GitOps Promoter is told of the repository and its host, and how it is installed.

GitOps Promoter, docs/getting-started.md, api/v1alpha1/{scmprovider,gitrepository}_types.go (v0.36.0).
"""

from typing import Any

from release_kit.documents.environments import Environments
from release_kit.documents.scm import PROVIDERS, ScmRepository
from release_kit.engines.gitops.promoter_release import install_address
from release_kit.engines.gitops.promoter_resource import resource
from release_kit.engines.gitops.yaml_text import Noted, document

_FIELDS = {"app_id": "appID", "installation_id": "installationID", "project_id": "projectId"}
_ACCESS = {
    "github": "It is a GitHub App there (no user's token will do), whose permissions are: Checks, Contents and Pull "
    "requests, read and write; and Commit statuses, read-only, where a gate is a commit status.",
    "gitlab": "Its token is of the role Developer, with the scopes api and write_repository.",
    "bitbucketCloud": "Its token is one of the repository, which may read and write repositories and pull requests.",
}
_ANY_ACCESS = "Its user or token may read and write the repository and pull requests."


def access(repository: ScmRepository) -> str:
    """Returns what GitOps Promoter has to be allowed, in one line."""
    return _ACCESS.get(repository.provider, _ANY_ACCESS)


def install(declared: Environments) -> str:
    """Returns the kustomization that installs the controller at the declared release."""
    note = "The controller and the definitions of its resources, without its user interface."
    value = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [Noted(note, install_address(declared.promoter.release))],
    }
    intro = "Installs GitOps Promoter at the release that all files beside this folder are for; RUNBOOK.md says how."
    return document(intro, value)


def repository(declared: Environments) -> str:
    """Returns the ScmProvider and the GitRepository."""
    place = declared.repository
    secret = Noted("Of the Secret in secret.yaml, in the same namespace.", {"name": place.secret})
    provider = {"secretRef": secret, place.provider: _host(place)}
    named: dict[str, Any] = {_FIELDS.get(key, key): getattr(place, key) for key in PROVIDERS[place.provider].repository}
    reference = {"kind": "ScmProvider", "name": declared.name}
    found = {place.provider: named, "scmProviderRef": reference}
    return "".join(
        (
            document(
                f"The host of the repository, and who GitOps Promoter is there.\n{access(place)}",
                resource(declared, "ScmProvider", declared.name, provider),
            ),
            document(
                "The repository that has the branches of all environments.",
                resource(declared, "GitRepository", declared.name, found),
            ),
        )
    )


def _host(place: ScmRepository) -> dict[str, Any]:
    keys = (*PROVIDERS[place.provider].host_fields, "domain")
    return {_FIELDS.get(key, key): value for key in keys if (value := getattr(place, key))}
