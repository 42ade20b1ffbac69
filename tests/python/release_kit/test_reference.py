"""Names in a registry: what is legal, and what is loopback."""

import pytest

from release_kit.errors import InputError
from release_kit.values.reference import Registry, is_loopback, parse_reference, parse_registry, parse_repository
from tests.support.secret_search import secret


@pytest.mark.parametrize(
    ("text", "host", "prefix"),
    [
        ("ghcr.io/acme", "ghcr.io", "acme"),
        ("ghcr.io", "ghcr.io", ""),
        ("localhost:5000", "localhost:5000", ""),
        ("127.0.0.1:5000/a/b/", "127.0.0.1:5000", "a/b"),
        ("[::1]:5000/a", "[::1]:5000", "a"),
        ("docker.io/acme", "registry-1.docker.io", "acme"),
        ("index.docker.io/acme", "registry-1.docker.io", "acme"),
    ],
)
def test_a_registry_is_a_host_and_a_prefix(text: str, host: str, prefix: str) -> None:
    assert parse_registry(text, "registry") == Registry(host, prefix)


@pytest.mark.parametrize(
    "text",
    ["", "/acme", "https://ghcr.io", "ghcr.io/ACME", "a b", "host:99999", "user@host", "host\n", "a..b", "a" * 64],
)
def test_what_is_no_registry_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"registry: expected"):
        parse_registry(text, "registry")


@pytest.mark.parametrize("text", ["", "A", "a//b", "a/", "../a", "a b", "a:b", "a" * 256])
def test_what_is_no_repository_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a repository such as shop/core"):
        parse_repository(text, "here")


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:80"])
def test_loopback_is_recognized(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "localhost.example.com",
        "127.0.0.1.nip.io",
        "10.0.0.1",
        "ghcr.io:443",
        "[::2]:80",
        "127.0.0.256",
        "127.0.0.\u0661",
    ],
)
def test_another_host_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "text", ["h/a@", "h/a/", "h/a/:v1", "h/a:/@sha256:" + "0" * 64, "h:5000", "h", "h/a:", "h/a@v1"]
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="^here: "):
        parse_reference(text, "here")


def test_a_prefix_stands_before_each_repository() -> None:
    assert Registry("h", "acme").repository("core") == "acme/core"
    assert Registry("h", "").repository("core") == "core"


@pytest.mark.parametrize("form", ["user:{}@ghcr.io/acme", "https://user:{}@ghcr.io", "user:a/{}@x"])
def test_a_password_in_the_name_of_a_registry_is_not_told(form: str) -> None:
    password = secret("registry")
    with pytest.raises(InputError) as caught:
        parse_registry(form.format(password), "--registry")
    assert password not in str(caught.value)
    assert "docker login" in caught.value.remedy
