"""URLs as registries use them (RFC 3986), without the standard library's slower and more general parser."""

import re
from typing import NamedTuple

_URL = r"(https?)://([^/?#@\s]+)([^#\s]*)(?:#.*)?"
_PORT = r"[^:]*|\[[^\]]*\]|.*:(\d{1,5})"
MAX_PORT = 65535
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Url(NamedTuple):
    """A URL: scheme `http` or `https`, HOST[:PORT], and the path with its query."""

    scheme: str
    host: str
    target: str

    def __str__(self) -> str:
        """Returns its text."""
        return f"{self.scheme}://{self.host}{self.target}"

    def address(self) -> tuple[str, int]:
        """Returns the host's name and the port, that of the scheme where none is given."""
        name, colon, port = self.host.rpartition(":")
        if colon and port.isdecimal():
            return name.strip("[]"), int(port)
        return self.host.strip("[]"), 443 if self.scheme == "https" else 80

    def with_query(self, query: str) -> "Url":
        """Returns the URL with more parameters at its end."""
        return self._replace(target=f"{self.target}{'&' if '?' in self.target else '?'}{query}")


def parse(text: str) -> Url | None:
    """Reads an absolute http or https URL; None where it is not one, names a user, or a port that there is not."""
    match = re.fullmatch(_URL, text, re.IGNORECASE)
    port = re.fullmatch(_PORT, match[2], re.ASCII) if match else None
    if match is None or port is None or int(port[1] or 0) > MAX_PORT:
        return None
    rest = match[3]
    return Url(match[1].lower(), match[2].lower(), rest if rest.startswith("/") else f"/{rest}")


def resolve(base: Url, reference: str) -> Url | None:
    """Returns what a `Location` header means on a page at `base`; None where that is no http or https URL."""
    if reference.startswith("//"):
        return parse(f"{base.scheme}:{reference}")
    if reference.startswith("/"):
        return base._replace(target=reference) if reference.isprintable() and " " not in reference else None
    if reference.startswith("?"):
        return base._replace(target=base.target.partition("?")[0] + reference)
    if "://" in reference.partition("?")[0]:
        return parse(reference)
    folder = base.target.partition("?")[0].rpartition("/")[0]
    return parse(f"{base.scheme}://{base.host}{folder}/{reference}") if reference else None


def quote(text: str) -> str:
    """Returns `text` so that it can be a parameter's name or value."""
    return "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in text.encode())


def query(parameters: list[tuple[str, str]]) -> str:
    """Returns `name=value&...`."""
    return "&".join(f"{quote(name)}={quote(value)}" for name, value in parameters)
