"""Finds a registry's credentials where Docker and Podman keep them: `auths`, `credHelpers` and `credsStore`."""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from release_kit.errors import InputError
from release_kit.values.own_variables import without_ours

HELPER_SECONDS = 30
_DOCKER_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")


class Credentials(NamedTuple):
    """Who we are to a registry; all empty for nobody in particular."""

    username: str = ""
    password: str = ""
    identity_token: str = ""

    def __repr__(self) -> str:
        """Shows who, and no secret."""
        return f"Credentials(username={self.username!r})"

    def basic(self) -> str:
        """Returns the value of an Authorization header of the Basic scheme (RFC 7617)."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    def secrets(self) -> tuple[str, ...]:
        """Returns the texts that must never be shown."""
        encoded = self.basic().removeprefix("Basic ") if self.password else ""
        return tuple(text for text in (self.password, self.identity_token, encoded) if text)


def find(host: str, environ: Mapping[str, str] = os.environ) -> Credentials:
    """Returns the credentials for a registry's host; anonymous ones where no file or helper knows it.

    Raises:
        InputError: a configuration file is no JSON object, or a credential helper fails; no secret is in the message.
    """
    for path in _files(environ):
        if path.is_file():
            found = _from_config(_read(path), host, path)
            if found is not None:
                return found
    return Credentials()


def _files(environ: Mapping[str, str]) -> list[Path]:
    if "REGISTRY_AUTH_FILE" in environ:
        return [Path(environ["REGISTRY_AUTH_FILE"])]
    home = Path(environ.get("HOME", "/"))
    docker = Path(environ.get("DOCKER_CONFIG", home / ".docker")) / "config.json"
    runtime = environ.get("XDG_RUNTIME_DIR")
    return [docker, *([Path(runtime) / "containers" / "auth.json"] if runtime else [])]


def _read(path: Path) -> dict[str, object]:
    try:
        config = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: expected Docker's configuration, a JSON object: {type(error).__name__}") from None
    if not isinstance(config, dict):
        raise InputError(f"{path}: expected Docker's configuration, a JSON object")
    return config


def _from_config(config: dict[str, object], host: str, path: Path) -> Credentials | None:
    for key in _DOCKER_HUB_KEYS if host == "registry-1.docker.io" else (host, f"https://{host}", f"https://{host}/v2/"):
        helper = _section(config, "credHelpers").get(key)
        if isinstance(helper, str):
            return _from_helper(helper, key)
        entry = _section(config, "auths").get(key)
        if isinstance(entry, dict) and entry:
            return _from_entry(entry, f"{path}: auths.{key}")
        store = config.get("credsStore")
        if isinstance(store, str) and store:
            found = _from_helper(store, key)
            if found is not None:
                return found
    return None


def _section(config: dict[str, object], name: str) -> dict[str, object]:
    section = config.get(name)
    return section if isinstance(section, dict) else {}


def _from_entry(entry: dict[str, object], place: str) -> Credentials:
    username, password = _text(entry, "username"), _text(entry, "password")
    if _text(entry, "auth"):
        try:
            username, _, password = base64.b64decode(_text(entry, "auth"), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise InputError(
                f"{place}.auth: expected base64 of user:password", "log in again, such as with docker login"
            ) from None
    return Credentials(username, password, _text(entry, "identitytoken"))


def _from_helper(name: str, server: str) -> Credentials | None:
    import subprocess  # Costs a tenth of a push's start, and most pushes have no helper.

    program = f"docker-credential-{name}"
    try:
        result = subprocess.run(
            [program, "get"],
            input=server.encode(),
            env=without_ours(os.environ),
            capture_output=True,
            timeout=HELPER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        remedy = f"install {program}, or take it out of Docker's configuration"
        raise InputError(f"{program}: gives no credentials for {server}: {type(error).__name__}", remedy) from None
    if result.returncode:
        return None  # The protocol has no other sign for "I know none"; a wrong password shows as the registry's 401.
    try:
        answer = json.loads(result.stdout)
        username, secret = str(answer["Username"]), str(answer["Secret"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(f"{program}: expected JSON with Username and Secret for {server}") from None
    return Credentials(identity_token=secret) if username == "<token>" else Credentials(username, secret)


def _text(entry: dict[str, object], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
