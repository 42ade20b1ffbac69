"""Settings: what is missing or unusable stops the start, in one line that shows no secret."""

import socket

import pytest

from shop.settings import SettingError, Settings
from shop_processes import CORE, KEY, NOBODY, PASSWORD, VERSION, refused

WHOLE = {
    "core": {"SHOP_VERSION": VERSION, "SHOP_DATASVC_URL": NOBODY, **CORE},
    "datasvc": {"SHOP_VERSION": VERSION},
    "web": {"SHOP_VERSION": VERSION, "SHOP_CORE_URL": NOBODY},
}


@pytest.mark.parametrize(("service", "name"), [(service, name) for service in WHOLE for name in WHOLE[service]])
@pytest.mark.parametrize("blank", [False, True])
def test_service_without_a_required_setting_does_not_start(service: str, name: str, blank: bool) -> None:
    settings = WHOLE[service] | {name: " "}
    if not blank:
        del settings[name]
    code, lines = refused(service, **settings)
    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith(f"shop_{service}: {name} is not set: expected ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHOP_LISTEN", "8080"),
        ("SHOP_LISTEN", "localhost:http"),
        ("SHOP_LISTEN", "127.0.0.1:65536"),
        ("SHOP_SESSION_SECONDS", "an hour"),
        ("SHOP_DATASVC_URL", "https://127.0.0.1:1"),
        ("SHOP_DATASVC_URL", f"http://demo:{KEY}@127.0.0.1:1"),
        ("SHOP_DATASVC_URL", "http://127.0.0.1:99999"),
        ("SHOP_SESSION_KEY", "Tr0ub4dor"),
        ("SHOP_USERS", f"demo={PASSWORD}"),
        ("SHOP_USERS", f'["{PASSWORD}"]'),
        ("SHOP_USERS", "{}"),
        ("SHOP_USERS", f'{{"demo": "{PASSWORD}", "alice": ""}}'),
    ],
)
def test_core_with_an_unusable_setting_does_not_start_and_shows_no_secret(name: str, value: str) -> None:
    code, lines = refused("core", **WHOLE["core"] | {name: value})
    assert code == 2
    assert len(lines) == 1
    assert lines[0].startswith(f"shop_core: {name}")
    assert not [secret for secret in (KEY, PASSWORD, "Tr0ub4dor") if secret in lines[0]]


def test_taken_address_is_one_line_and_exit_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, lines = refused("datasvc", **WHOLE["datasvc"], SHOP_LISTEN=address)
    assert (code, lines) == (1, ["shop_datasvc: SHOP_LISTEN: cannot listen: Address already in use"])


@pytest.mark.parametrize(
    ("value", "host", "port"),
    [("", "0.0.0.0", 8080), ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:80", "::1", 80)],
)
def test_listen_address_is_host_and_port(value: str, host: str, port: int) -> None:
    assert Settings({"SHOP_LISTEN": value}).address("SHOP_LISTEN", "0.0.0.0:8080") == (host, port)


def test_number_has_a_default_and_may_be_negative() -> None:
    settings = Settings({"SHOP_SESSION_SECONDS": "-5"})
    assert (settings.integer("SHOP_SESSION_SECONDS", 1), settings.integer("SHOP_OTHER", 1)) == (-5, 1)


def test_secret_is_counted_in_bytes() -> None:
    assert Settings({"K": "ü" * 8}).secret("K", "a key", least=16)
    with pytest.raises(SettingError, match="expected at least 16 bytes, found 15"):
        Settings({"K": "k" * 15}).secret("K", "a key", least=16)
