"""The repository that environments are kept in, and the host that it is at."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from release_kit.documents.fields import Fields
from release_kit.errors import InputError

_SCHEMES = ("https", "http", "ssh", "file")
_NAME = re.compile(r"[\w.~-]+(?:/[\w.~-]+)*", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)


class Provider(NamedTuple):
    """What GitOps Promoter asks of one kind of host."""

    repository: tuple[str, ...]
    """Which fields name a repository."""
    public_domain: str
    """The host that is meant without a domain, and must not be named as one; empty: a domain has to be named."""
    secret_keys: tuple[tuple[str, ...], ...]
    """Which keys its Secret has; several are alternatives."""
    host_fields: tuple[str, ...] = ()
    """What else names the host or the account on it."""


_TOKEN = (("token",),)
_TOKEN_OR_PASSWORD = (("token",), ("username", "password"))
PROVIDERS = {
    "github": Provider(("owner", "name"), "github.com", (("githubAppPrivateKey",),), ("app_id", "installation_id")),
    "gitlab": Provider(("namespace", "name", "project_id"), "gitlab.com", _TOKEN),
    "forgejo": Provider(("owner", "name"), "", _TOKEN_OR_PASSWORD),
    "gitea": Provider(("owner", "name"), "", _TOKEN_OR_PASSWORD),
    "bitbucketCloud": Provider(("owner", "name"), "bitbucket.org", _TOKEN),
    "azureDevOps": Provider(("project", "name"), "dev.azure.com", _TOKEN, ("organization",)),
    "fake": Provider(("owner", "name"), "localhost:5001", ()),
}
"""The hosts that GitOps Promoter works with, under the names of its API."""
_PATHS = {
    "gitlab": "{namespace}/{name}",
    "azureDevOps": "{organization}/{project}/_git/{name}",
}


class ScmRepository(NamedTuple):
    """A repository; which of the later fields count depends on the provider."""

    provider: str
    """One of PROVIDERS."""
    url: str
    """What git, Argo CD and release-kit call it."""
    secret: str
    """Of the Secret that holds the Promoter's credentials."""
    owner: str = ""
    name: str = ""
    namespace: str = ""
    project: str = ""
    organization: str = ""
    project_id: int = 0
    app_id: int = 0
    installation_id: int = 0
    domain: str = ""
    """HOST[:PORT] of a server of one's own; empty for the public one."""


def scm_repository(fields: Fields) -> ScmRepository:
    """Reads the object `repository` of a declaration.

    Raises:
        InputError: a field is missing, unknown, or not one that the provider has.
    """
    kind = fields.string("provider", "github")
    if kind not in PROVIDERS:
        raise InputError(f"{fields.path('provider')}: expected {' or '.join(PROVIDERS)}, found {kind!r:.100}")
    provider = PROVIDERS[kind]
    secret = fields.string("secret", "promoter-scm")
    if not _LABEL.fullmatch(secret):
        raise InputError(f"{fields.path('secret')}: expected the name of a Secret, found {secret!r:.100}")
    found: dict[str, str | int] = {"domain": _domain(fields, kind, provider)}
    for name in (*provider.repository, *provider.host_fields):
        found[name] = _number(fields, name) if name.endswith("_id") else _named(fields, name)
    url = fields.string("url", "") or address(kind, found)
    repository = ScmRepository(kind, url, secret, **found)  # type: ignore[arg-type]
    check_url(url, fields.path("url"))
    return repository


def check_url(url: str, place: str) -> None:
    """Refuses what git would take for an option, a program or a secret.

    Raises:
        InputError: the address is not one of https, http, ssh or file, or has a password in it.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InputError(f"{place}: expected the address of a repository: {error}") from error
    if parts.scheme not in _SCHEMES or not url.isprintable() or " " in url:
        schemes = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
        raise InputError(f"{place}: expected an address that begins with one of {schemes}")
    if parts.query or parts.fragment:
        raise InputError(f"{place}: expected the address of a repository, with nothing after it", "take out ? and #")
    if parts.password or (parts.username and parts.scheme != "ssh"):
        raise InputError(
            f"{place}: there are credentials in the address of the repository",
            "take them out, and let git's credential helper know them (git help credentials)",
        )


def address(kind: str, found: Mapping[str, str | int]) -> str:
    """Returns where a repository is at a host of some kind, over HTTPS.

    Args:
        kind: one of PROVIDERS.
        found: its fields as the provider has them, and `domain`, which is empty for the public host.
    """
    host = found["domain"] or PROVIDERS[kind].public_domain
    scheme = "http" if kind == "fake" else "https"
    suffix = "" if kind in ("fake", "azureDevOps") else ".git"
    return f"{scheme}://{host}/{_PATHS.get(kind, '{owner}/{name}').format(**found)}{suffix}"


def _domain(fields: Fields, kind: str, provider: Provider) -> str:
    domain = fields.string("domain", "")
    if domain and not _HOST.fullmatch(domain):
        raise InputError(f"{fields.path('domain')}: expected a host such as git.acme.example, found {domain!r:.200}")
    if domain and domain == provider.public_domain:
        raise InputError(f"{fields.path('domain')}: {domain} is what {kind} means without a domain", "leave it out")
    if not domain and not provider.public_domain:
        raise InputError(f"{fields.path('domain')}: {kind} needs one", "name your server, such as git.acme.example")
    return domain


def _named(fields: Fields, key: str) -> str:
    text = fields.string(key)
    if not _NAME.fullmatch(text):
        raise InputError(f"{fields.path(key)}: expected a name, found {text!r:.200}")
    return text


def _number(fields: Fields, key: str) -> int:
    number = fields.integer(key, 0 if key == "installation_id" else None)
    if number < 0 or (number == 0 and key != "installation_id"):
        raise InputError(f"{fields.path(key)}: expected a number above 0, found {number}")
    return number
