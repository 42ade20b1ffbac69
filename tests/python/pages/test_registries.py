"""docs/registries.md says what the client of registries does."""

import base64
import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from release_kit.adapters.registry import auth, credentials, patience, proxies
from release_kit.adapters.registry.auth import Authorizer, Scope
from release_kit.adapters.registry.client import DEFAULT_CONCURRENCY
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.messages import Response
from release_kit.adapters.registry.transport import Request
from release_kit.adapters.registry.urls import Url
from release_kit.cli import app
from release_kit.errors import InputError
from release_kit.values.reference import is_loopback, parse_registry
from tests.support.pages import code, page, rows, snippets
from tests.support.secret_search import secret

PAGE = page("registries.md")
NAMES = rows(PAGE, "| `registry` | is asked at |")
REFUSED = [cells for cells in NAMES if cells[1].startswith("refused: ")]
HOSTS = ["localhost", "127.0.0.1", "127.8.9.10", "[::1]"]


@pytest.mark.parametrize("cells", [cells for cells in NAMES if cells not in REFUSED], ids=lambda cells: cells[0])
def test_a_name_is_read_as_the_page_says(cells: list[str]) -> None:
    registry = parse_registry(code(cells[0]), "--registry")
    assert [registry.host, registry.repository("shop/core")] == [code(cells[1]), code(cells[2])]


@pytest.mark.parametrize("cells", REFUSED, ids=lambda cells: cells[0])
def test_a_name_that_is_refused_has_the_remedy_of_the_page(cells: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        parse_registry(code(cells[0]), "--registry")
    said = f"{caught.value.message} {caught.value.remedy}".replace("lowercase", "lower case")
    words = cells[1].removeprefix("refused: ").replace(" only", "")
    assert words in said


@pytest.mark.parametrize("host", HOSTS)
def test_loopback_is_what_the_page_says(host: str) -> None:
    assert is_loopback(host)
    assert is_loopback(f"{host}:5000")
    assert not is_loopback(f"x{host}")


def test_insecure_is_of_the_commands_that_the_page_names() -> None:
    (listed,) = re.findall(r"`--insecure` allows [^:]*: ([^.]*?) have it", PAGE)
    named = {*re.findall(r"`(\w+)`", listed)}
    about_registries = {name for name in app.COMMANDS if takes(name, "--insecure") and takes(name, "--registry")}
    assert named == about_registries


def takes(command: str, option: str) -> bool:
    """Tells whether a command has an option; groups of commands have none."""
    parser = app._parser([command])
    (chosen,) = (each for each in parser._subparsers._group_actions if each.choices)  # type: ignore[union-attr]
    return option in dict(chosen.choices or {})[command]._option_string_actions


class Place:
    """A folder with files of credentials, and helpers on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {
            "DOCKER_CONFIG": str(folder / "docker"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "HOME": "/none",
        }

    def write(self, name: str, config: object) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(config))
        return file

    def helper(self, name: str, user: str) -> None:
        file = self.folder / f"docker-credential-{name}"
        answer = json.dumps({"Username": user, "Secret": secret("of-a-helper")})
        file.write_text(f"#!/bin/sh\ntest \"$1\" = get || exit 1\necho '{answer}'\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def user(self, host: str) -> str:
        return credentials.find(host, self.environ).username


@pytest.fixture(name="place")
def place_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return Place(tmp_path)


def login(user: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{secret('of-a-file')}".encode()).decode()}


def shown() -> dict[str, Any]:
    """Returns the configuration that the page shows."""
    (config,) = (json.loads(each.text) for each in snippets("registries.md") if each.language == "json")
    return dict(config)


def test_the_shown_configuration_gives_each_host_its_credentials(place: Place) -> None:
    config = shown()
    place.write("docker/config.json", config)
    place.helper("ecr-login", "AWS")
    place.helper("desktop", "me-of-the-desktop")
    (written,), (helped,) = config["auths"], config["credHelpers"]
    assert [place.user(host) for host in (written, helped, "ghcr.io")] == ["me", "AWS", "me-of-the-desktop"]


def test_the_file_that_is_named_is_the_only_one(place: Place) -> None:
    place.write("docker/config.json", {"auths": {"ghcr.io": login("docker")}})
    place.environ["REGISTRY_AUTH_FILE"] = str(place.write("named.json", {"auths": {}}))
    assert place.user("ghcr.io") == ""


def test_podmans_file_is_looked_at_where_dockers_does_not_know_the_host(place: Place) -> None:
    place.write("docker/config.json", {"auths": {"ghcr.io": login("docker")}})
    place.write("run/containers/auth.json", {"auths": {"ghcr.io": login("podman"), "quay.io": login("podman")}})
    assert [place.user("ghcr.io"), place.user("quay.io")] == ["docker", "podman"]


def test_a_helper_of_the_host_comes_before_the_file_and_that_before_the_store(place: Place) -> None:
    place.helper("one", "of-the-helper")
    place.helper("all", "of-the-store")
    place.write(
        "docker/config.json",
        {"credHelpers": {"a.example": "one"}, "auths": dict.fromkeys(("a.example", "b.example"), login("of-the-file"))}
        | {"credsStore": "all"},
    )
    found = [place.user(host) for host in ("a.example", "b.example", "c.example")]
    assert found == ["of-the-helper", "of-the-file", "of-the-store"]


@pytest.mark.parametrize("key", ["ghcr.io", "https://ghcr.io", "https://ghcr.io/v2/"])
def test_the_keys_of_a_host_are_those_of_the_page(place: Place, key: str) -> None:
    assert f"`{key}`" in PAGE
    place.write("docker/config.json", {"auths": {key: login("me")}})
    assert place.user("ghcr.io") == "me"


def test_a_key_with_a_path_is_not_read(place: Place) -> None:
    place.write("docker/config.json", {"auths": {"ghcr.io/acme": login("me")}})
    assert place.user("ghcr.io") == ""


def test_docker_auth_config_is_not_read(place: Place) -> None:
    place.environ["DOCKER_AUTH_CONFIG"] = json.dumps({"auths": {"ghcr.io": login("me")}})
    assert place.user("ghcr.io") == ""


def tokens(repositories: list[str]) -> list[str]:
    """Returns the scopes of the first token that is asked for a release into so many repositories."""
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(200, {}, json.dumps({"token": "t"}).encode())

    authorizer = Authorizer("r.example", Credentials(), answer)
    authorizer.announce(repositories)
    challenge = {"www-authenticate": 'Bearer realm="https://r.example/token",service="r"'}
    authorizer.answer(Response(401, challenge, b""), Scope(repositories[0]), "")
    return re.findall(r"scope=([^&]*)", asked[0].url.target.replace("%3A", ":").replace("%2C", ",").replace("%2F", "/"))


def test_one_token_is_asked_for_all_repositories() -> None:
    assert tokens(["shop/core", "shop/web"]) == ["repository:shop/core:pull,push", "repository:shop/web:pull,push"]


def test_one_for_each_repository_where_the_list_would_be_too_long() -> None:
    assert f"{auth.MAX_WIDE_SCOPE} characters" in PAGE
    assert tokens([f"shop/{i:04}" for i in range(300)]) == ["repository:shop/0000:pull,push"]


def test_a_token_is_renewed_when_the_page_says() -> None:
    assert auth.EARLY == 0.9
    assert "nine tenths" in PAGE


def test_the_limits_are_those_of_the_page() -> None:
    limits = patience.Patience()
    assert (limits.attempts, limits.total, limits.longest_asked_wait) == (6, 75, 60)
    assert "up to six\ntimes within 75 s" in PAGE
    assert "`Retry-After` is honoured up to a minute" in PAGE
    assert f"{DEFAULT_CONCURRENCY} by default" in PAGE
    assert f"it has {credentials.HELPER_SECONDS} seconds" in PAGE


@pytest.mark.parametrize(
    ("no_proxy", "proxied"), [("", True), ("acme.example", False), ("*", False), ("other.example", True)]
)
def test_no_proxy_stands_for_everything_below_a_name(no_proxy: str, proxied: bool) -> None:
    environ = {"https_proxy": "http://proxy:3128", "NO_PROXY": no_proxy}
    found = proxies.choose(Url("https", "r.acme.example", "/"), environ)
    assert found == ("http://proxy:3128" if proxied else None)


def test_loopback_is_never_asked_for_through_a_proxy() -> None:
    assert proxies.choose(Url("http", "127.0.0.1:5000", "/"), {"http_proxy": "http://proxy:3128"}) is None


def test_what_was_not_run_is_said_and_every_source_is_named() -> None:
    assert "not run by us" in PAGE
    used = {*re.findall(r"\[\[(\d+)\]\]", PAGE)}
    assert used == {*re.findall(r"^\[(\d+)\]: https://", PAGE, re.M)}


def test_both_tables_are_about_the_same_registries() -> None:
    first, second = (rows(PAGE, f"| registry | {word}") for word in ("`registry` is", "a repository"))
    assert [cells[0] for cells in first] == [cells[0] for cells in second]
