"""Where a repository's images belong: the registry of the service that its git remote is at."""

import re
from typing import NamedTuple

from release_kit.errors import InputError
from release_kit.values.reference import parse_registry

_HOSTS = {
    "github.com": "ghcr.io",
    "ssh.github.com": "ghcr.io",
    "gitlab.com": "registry.gitlab.com",
    "altssh.gitlab.com": "registry.gitlab.com",
}
"""GitHub has one registry for each owner, GitLab one for each project."""
_SCP = re.compile(r"(?:[^@/]*@)?(?P<host>[^:/@]+):(?P<path>.+)", re.DOTALL)


class Home(NamedTuple):
    """Where a repository's images go."""

    registry: str
    """`HOST/PREFIX`; empty where it is not known."""
    folder: str
    """What their repositories begin with, below the prefix; may be empty."""


def home(address: str) -> Home | None:
    """Returns the home of the images of a repository at an address of git; None where that is at no known service.

    Args:
        address: as `git remote get-url` prints it: a URL, or `[USER@]HOST:PATH`. It may hold a password.
    """
    host, path = _parts(address)
    registry = _HOSTS.get(host.lower())
    names = path.strip("/").removesuffix(".git").lower().split("/")
    if registry is None or len(names) < 2 or (registry == "ghcr.io" and len(names) > 2):
        return None
    found = Home(f"ghcr.io/{names[0]}", names[1]) if registry == "ghcr.io" else Home("/".join((registry, *names)), "")
    try:
        parse_registry("/".join(filter(None, found)), "the git remote")
    except InputError:
        return None
    return found


def _parts(address: str) -> tuple[str, str]:
    """Returns host and path; empty where there are none."""
    _, scheme, rest = address.partition("://")
    if scheme:
        authority, _, path = rest.partition("/")
        return authority.rpartition("@")[2].partition(":")[0], path
    found = _SCP.fullmatch(address)
    return (found["host"], found["path"]) if found else ("", "")
