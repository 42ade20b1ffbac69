"""How commands come to GitHub's API: the server that a declaration names, and the token in GITHUB_TOKEN."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from release_kit.errors import InputError

if TYPE_CHECKING:
    from release_kit.adapters.github.api import GitHubApi


@contextmanager
def opened(domain: str, purpose: str, needs: str) -> Iterator["GitHubApi"]:
    """Gives access to GitHub's API.

    Args:
        domain: HOST[:PORT] of a server of one's own; empty for github.com.
        purpose: what needs it, such as `--pull-request`.
        needs: what the token has to be allowed to do, such as `write pull requests of the repository`.

    Raises:
        InputError: GITHUB_TOKEN has no token, or none that could be one.
    """
    from release_kit.adapters.github.api import GitHubApi, checked_token

    token = checked_token(os.environ.get("GITHUB_TOKEN", ""), purpose, needs)
    with closing(GitHubApi(domain, token)) as api:
        yield api


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
