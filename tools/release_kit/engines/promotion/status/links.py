"""Where the host of the deploy repository shows what the status speaks of."""

from release_kit.documents.scm import ScmRepository

_COMMITS = {
    "github": "/commit/",
    "gitlab": "/-/commit/",
    "forgejo": "/commit/",
    "gitea": "/commit/",
    "bitbucketCloud": "/commits/",
    "azureDevOps": "/commit/",
}


def repository_page(repository: ScmRepository) -> str | None:
    """Returns the repository's page; None where its host has none."""
    known = repository.provider in _COMMITS and repository.url.startswith(("https://", "http://"))
    return repository.url.rstrip("/").removesuffix(".git") if known else None


def commit_page(repository: ScmRepository, sha: str) -> str | None:
    """Returns a commit's page; None where its host has none."""
    page = repository_page(repository)
    return f"{page}{_COMMITS[repository.provider]}{sha}" if page and sha else None
