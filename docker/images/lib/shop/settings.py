"""Settings from the environment, each checked once, at start."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit


class SettingError(Exception):
    """A setting is missing or unusable; the message is one line and never shows a secret value."""


class Address(NamedTuple):
    """Where a service listens."""

    host: str
    port: int

    def __str__(self) -> str:
        """Writes `host:port`, an IPv6 host in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Settings:
    """Reads typed values out of an environment."""

    environ: Mapping[str, str]

    def required(self, name: str, meaning: str) -> str:
        """Returns the value of `name`.

        Raises:
            SettingError: `name` is not set, or blank.
        """
        value = self.environ.get(name, "").strip()
        if not value:
            raise SettingError(f"{name} is not set: expected {meaning}")
        return value

    def secret(self, name: str, meaning: str, least: int) -> bytes:
        """Returns the value of `name`, at least `least` bytes long."""
        value = self.required(name, meaning).encode()
        if len(value) < least:
            raise SettingError(f"{name} is too short: expected at least {least} bytes, found {len(value)}")
        return value

    def integer(self, name: str, default: int) -> int:
        """Returns `name` as a whole number, `default` if it is not set."""
        value = self.environ.get(name, "").strip()
        try:
            return int(value) if value else default
        except ValueError:
            raise SettingError(f"{name}: expected a whole number, found {value!r}") from None

    def address(self, name: str, default: str) -> Address:
        """Returns `name` (`host:port`, `[v6]:port`) as an address; port 0 lets the system choose."""
        value = self.environ.get(name, "").strip() or default
        host, colon, port = value.rpartition(":")
        if not (host and colon and port.isascii() and port.isdigit() and int(port) < 65536):
            raise SettingError(f"{name}: expected HOST:PORT, found {value!r}")
        return Address(host.removeprefix("[").removesuffix("]"), int(port))

    def url(self, name: str, meaning: str) -> SplitResult:
        """Returns `name` as an `http://host[:port][/prefix]` address of another service."""
        value = self.required(name, f"{meaning}, such as http://127.0.0.1:8080")
        try:
            parts = urlsplit(value)
            usable = parts.scheme == "http" and parts.hostname and parts.port != 0 and "@" not in parts.netloc
        except ValueError:
            usable = False
        if not usable or parts.query or parts.fragment:
            raise SettingError(f"{name}: expected http://HOST[:PORT], without user, query or fragment")
        return parts

    def users(self, name: str) -> dict[str, str]:
        """Returns `name` (a JSON object, user name to password)."""
        meaning = 'a JSON object {"name": "password"} with at least one user and no blank password'
        try:
            users = json.loads(self.required(name, meaning))
        except ValueError:
            raise SettingError(f"{name} is not JSON: expected {meaning}") from None
        if not (isinstance(users, dict) and users and all(isinstance(v, str) and v for v in users.values())):
            raise SettingError(f"{name} has another shape: expected {meaning}")
        return users
