"""Credentials from Docker's configuration: every place, and no secret in any error."""

import base64
import json
from pathlib import Path

import pytest

from release_kit.adapters.registry.credentials import Credentials, find
from release_kit.errors import InputError
from tests.support.secret_search import secret

SECRET = secret("never-shown")


def auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def environment(folder: Path, config: object) -> dict[str, str]:
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return {"DOCKER_CONFIG": str(folder), "HOME": "/nonexistent"}


def helper(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "docker-credential-test"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


@pytest.mark.parametrize("key", ["ghcr.io", "https://ghcr.io", "https://ghcr.io/v2/"])
def test_auths_hold_user_and_password(tmp_path: Path, key: str) -> None:
    found = find("ghcr.io", environment(tmp_path, {"auths": {key: auth(f"me:{SECRET}:x")}}))
    assert (found.username, found.password) == ("me", f"{SECRET}:x")


def test_docker_hub_is_known_by_its_old_name(tmp_path: Path) -> None:
    config = {"auths": {"https://index.docker.io/v1/": auth(f"me:{SECRET}")}}
    assert find("registry-1.docker.io", environment(tmp_path, config)).username == "me"


def test_an_identity_token_is_kept(tmp_path: Path) -> None:
    config = {"auths": {"ghcr.io": {**auth("me:"), "identitytoken": SECRET}}}
    assert find("ghcr.io", environment(tmp_path, config)).identity_token == SECRET


@pytest.mark.parametrize("config", [{"credHelpers": {"ghcr.io": "test"}}, {"credsStore": "test"}])
def test_a_helper_is_asked_on_its_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: object
) -> None:
    helper(tmp_path, monkeypatch, f'read server; printf \'{{"Username":"me@%s","Secret":"{SECRET}"}}\' "$server"')
    found = find("ghcr.io", environment(tmp_path, config))
    assert (found.username, found.password) == ("me@ghcr.io", SECRET)


def test_a_helper_can_give_an_identity_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, monkeypatch, f'echo \'{{"Username":"<token>","Secret":"{SECRET}"}}\'')
    assert find("ghcr.io", environment(tmp_path, {"credsStore": "test"})).identity_token == SECRET


def test_a_helper_that_knows_nothing_leaves_us_anonymous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, monkeypatch, "echo credentials not found in native keychain; exit 1")
    assert find("ghcr.io", environment(tmp_path, {"credsStore": "test"})) == Credentials()


def test_another_host_gets_nothing(tmp_path: Path) -> None:
    assert find("evil.example", environment(tmp_path, {"auths": {"ghcr.io": auth(f"me:{SECRET}")}})) == Credentials()


def test_no_configuration_is_nobody_in_particular(tmp_path: Path) -> None:
    assert find("ghcr.io", {"HOME": str(tmp_path)}) == Credentials()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (f'{{"auths": "{SECRET}', "expected Docker's configuration, a JSON object"),
        (f'["{SECRET}"]', "expected Docker's configuration, a JSON object"),
        ({"auths": {"ghcr.io": {"auth": f"{SECRET}!"}}}, "auths.ghcr.io.auth: expected base64 of user:password"),
        ({"credHelpers": {"ghcr.io": "nonexistent"}}, "docker-credential-nonexistent: gives no credentials"),
    ],
    ids=["cut off", "no object", "no base64", "no helper"],
)
def test_a_faulty_configuration_is_named_without_its_secrets(tmp_path: Path, config: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        find("ghcr.io", environment(tmp_path, config))
    assert message in caught.value.message
    assert SECRET not in f"{caught.value!r} {caught.value.remedy} {caught.value.__cause__!r}"


def test_a_helper_that_babbles_is_named_without_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper(tmp_path, monkeypatch, f"echo {SECRET}")
    with pytest.raises(InputError, match="docker-credential-test: expected JSON with Username and Secret") as caught:
        find("ghcr.io", environment(tmp_path, {"credsStore": "test"}))
    assert SECRET not in caught.value.message


def test_credentials_do_not_show_in_a_repr() -> None:
    assert SECRET not in repr(Credentials("me", SECRET, SECRET))
