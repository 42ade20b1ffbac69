"""How commands come to GitHub's API: the server that a declaration names, and the token in GITHUB_TOKEN."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from release_kit.errors import InputError

if TYPE_CHECKING:
    from release_kit.adapters.git_login import Login
    from release_kit.adapters.github.api import GitHubApi
    from release_kit.documents.environments import Environments
    from release_kit.documents.scm import ScmRepository

VARIABLE = "GITHUB_TOKEN"


@contextmanager
def opened(domain: str, purpose: str, needs: str, variable: str = VARIABLE) -> Iterator["GitHubApi"]:
    """Gives access to GitHub's API.

    Args:
        domain: HOST[:PORT] of a server of one's own; empty for github.com.
        purpose: what needs it, such as `--pull-request`.
        needs: what the token has to be allowed to do, such as `write pull requests of the repository`.
        variable: which environment variable has it.

    Raises:
        InputError: the variable has no token, or none that could be one.
    """
    from release_kit.adapters.github.api import GitHubApi, checked_token

    token = checked_token(os.environ.get(variable, ""), purpose, needs, variable)
    with closing(GitHubApi(domain, token)) as api:
        yield api


def deploy_variable(declared: "Environments") -> str:
    """Returns the variable whose token is for the deploy repository.

    It is the pipeline's where that is set, as in a job whose GITHUB_TOKEN is for the repository that releases are made
    in; else GITHUB_TOKEN.
    """
    own = declared.pipeline.deploy_token if declared.pipeline else ""
    return own if own and os.environ.get(own) else VARIABLE


def git_login(declared: "ScmRepository", url: str, variable: str = VARIABLE) -> "Login | None":
    """Returns who git is at the declared repository: whoever has the token in a variable.

    Args:
        declared: the repository of a declaration.
        url: where git is to find it; it may be another one that the user has named.
        variable: its name.

    Returns:
        None where there is no token, or where it is not the declared repository on GitHub, over HTTPS (on loopback
        HTTP): then git's own settings say who it is.

    Raises:
        InputError: what is in the variable can't be a token.
    """
    from release_kit.adapters.git_login import Login
    from release_kit.adapters.github.api import checked_token

    token = os.environ.get(variable, "")
    if not token or declared.provider != "github" or not _is_at(declared, url):
        return None
    return Login(url, checked_token(token, "git", "read and write the contents of the repository", variable))


def _is_at(declared: "ScmRepository", url: str) -> bool:
    """Tells whether an address is that of a repository on GitHub, where nobody else can listen."""
    from urllib.parse import urlsplit

    from release_kit.values.reference import is_loopback

    parts, host = urlsplit(url), declared.domain or "github.com"
    path = parts.path.removesuffix("/").removesuffix(".git")
    if path.casefold() != f"/{declared.owner}/{declared.name}".casefold():
        return False
    if parts.scheme == "http":
        return is_loopback(parts.netloc) and is_loopback(host)
    return parts.scheme == "https" and parts.netloc.casefold() == host.casefold()


def check_provider(provider: str, purpose: str, remedy: str) -> None:
    """Refuses a repository that is not on GitHub.

    Args:
        provider: of the declared repository.
        purpose: what works on GitHub only, such as `--pull-request`.
        remedy: what works elsewhere.

    Raises:
        InputError: it is at another host.
    """
    if provider != "github":
        raise InputError(f"{purpose}: works on GitHub only, the repository is at {provider}", remedy)
