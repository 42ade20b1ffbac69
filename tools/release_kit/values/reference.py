"""Names in a registry (OCI distribution-spec, "Pulling manifests") and where a registry is."""

import re
from typing import NamedTuple

from release_kit.errors import InputError
from release_kit.values import digest as digests

MAX_TAG_LENGTH = 128
MAX_REPOSITORY_LENGTH = 255
MAX_HOST_LENGTH = 255
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*", re.ASCII)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:\[[0-9a-fA-F:]+\]|{_LABEL}(?:\.{_LABEL})*)(?::\d{{1,5}})?", re.ASCII)
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_LOOPBACK = re.compile(rf"localhost|\[::1\]|127(?:\.{_OCTET}){{3}}")
_HUB_NAME, _HUB_HOST = "docker.io", "registry-1.docker.io"
_DOCKER_HUB = (_HUB_NAME, "index.docker.io", "registry.hub.docker.com")


class Registry(NamedTuple):
    """A registry's host, with the port if any, and the path that each repository stands under (may be empty)."""

    host: str
    prefix: str

    def repository(self, name: str) -> str:
        """Returns the repository `name` with the prefix before it."""
        return f"{self.prefix}/{name}" if self.prefix else name

    def __str__(self) -> str:
        """Returns what a user writes for it."""
        return f"{self.host}/{self.prefix}" if self.prefix else self.host


class Reference(NamedTuple):
    """Something in a registry: a host, a whole repository, and a tag or digest there."""

    host: str
    repository: str
    name: str

    def __str__(self) -> str:
        """Returns what a user writes for it."""
        return f"{self.host}/{self.repository}{'@' if ':' in self.name else ':'}{self.name}"


def tag_fault(tag: str) -> str:
    """Says why `tag` is no legal tag; empty if it is one."""
    if _TAG.fullmatch(tag):
        return ""
    if not tag:
        return "is empty"
    if len(tag) > MAX_TAG_LENGTH:
        return f"is {len(tag)} characters long, {MAX_TAG_LENGTH} are allowed"
    return "may have letters, digits, '_', '.' and '-' only, and must not begin with '.' or '-'"


def parse_repository(text: str, place: str) -> str:
    """Returns `text` if it is a repository's name.

    Raises:
        InputError: it is not one; the message shows the grammar.
    """
    if len(text) <= MAX_REPOSITORY_LENGTH and _REPOSITORY.fullmatch(text):
        return text
    raise InputError(
        f"{place}: expected a repository such as shop/core (lowercase letters and digits, parts joined by '/', inside "
        f"a part by one of . _ __ -), found {text!r:.300}"
    )


def parse_registry(text: str, place: str) -> Registry:
    """Reads `HOST[:PORT][/PREFIX]`.

    Raises:
        InputError: the host or the prefix is not legal, or a scheme stands before it.
    """
    host, _, prefix = text.partition("/")
    if "@" in text:
        # What stands before it may be a password.
        remedy = "log in with `docker login`, whose credentials are used"
        found = f"...@{text.rpartition('@')[2]}"
        raise InputError(f"{place}: expected HOST[:PORT][/PREFIX] without a user, found {found!r:.300}", remedy)
    if "://" in text:
        remedy = "leave the scheme out; plain HTTP is spoken to loopback hosts, and elsewhere with --insecure"
        raise InputError(f"{place}: expected HOST[:PORT][/PREFIX], found {text!r:.300}", remedy)
    if len(host) > MAX_HOST_LENGTH or not _HOST.fullmatch(host) or _port(host) > 65535:
        raise InputError(f"{place}: expected HOST[:PORT][/PREFIX], such as ghcr.io/acme, found {text!r:.300}")
    prefix = prefix.rstrip("/")
    if prefix:
        parse_repository(prefix, place)
    return Registry(_HUB_HOST if host in _DOCKER_HUB else host, prefix)


def parse_reference(text: str, place: str) -> Reference:
    """Reads `HOST[:PORT]/REPOSITORY[:TAG|@DIGEST]`; the tag is `latest` where nothing is named.

    Raises:
        InputError: a part is missing or not legal.
    """
    base, at, digest = text.partition("@")
    path, colon, tag = base.rpartition(":")
    if not colon or "/" in tag:
        path, tag = base, "latest"
    if tag_fault(tag):
        raise InputError(f"{place}: the tag {tag!r:.200} {tag_fault(tag)}")
    name = digests.parse(digest, place) if at else tag
    registry = parse_registry(path, place)
    if not registry.prefix or path.endswith("/"):
        raise InputError(f"{place}: expected HOST[:PORT]/REPOSITORY[:TAG|@DIGEST], found {text!r:.300}")
    return Reference(registry.host, registry.prefix, name)


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]


def _port(host: str) -> int:
    return int(host.rpartition(":")[2]) if _has_port(host) else 0


def known_as(host: str) -> str:
    """Returns the name that other programs know a registry's host by: Docker Hub answers at another one."""
    return _HUB_NAME if host == _HUB_HOST else host


def is_loopback(host: str) -> bool:
    """Tells whether `host`, with or without a port, names this machine."""
    name = host.rpartition(":")[0] if _has_port(host) else host
    return bool(_LOOPBACK.fullmatch(name))
