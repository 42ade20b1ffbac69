"""Where the remote cache is, and who we are to it: no secret is told, and none travels where others see it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from release_kit.adapters.registry.credentials import Credentials
from tests.support.fault_registry import FaultRegistry
from tests.support.http_cache import HttpCache
from tests.support.lazy_sets import Lazy
from tests.support.secret_search import secret


@pytest.fixture(name="temporary")
def temporary_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture(name="lazy")
def lazy_fixture(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lazy]:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    for name in ("RELEASE_KIT_REMOTE_CACHE", "RELEASE_KIT_REMOTE_CACHE_AUTHORIZATION"):
        monkeypatch.delenv(name, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    with FaultRegistry() as registry, HttpCache() as cache:
        yield Lazy(work, registry, cache)
    assert not list(temporary.iterdir()), "what was fetched is still there"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


WHO = {"user": "me", "password": secret("cache")}


@pytest.fixture(name="guarded")
def guarded_fixture(tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lazy]:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    work = tmp_path / "work"
    work.mkdir()
    header = Credentials(WHO["user"], WHO["password"]).basic()
    with FaultRegistry() as registry, HttpCache(header, "/team") as cache:
        yield Lazy(work, registry, cache)


def test_user_and_password_come_from_the_environment_and_are_not_told(
    guarded: Lazy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"http://{WHO['user']}:{WHO['password']}@{guarded.cache.host}/team/"
    monkeypatch.setenv("RELEASE_KIT_REMOTE_CACHE", address)
    assert guarded.push("-v", cache="none") == 0
    assert len(guarded.cache.fetched()) == 3
    assert f"from the remote cache {guarded.cache.url}" in said(capsys)


def test_the_header_may_come_from_the_environment(guarded: Lazy, monkeypatch: pytest.MonkeyPatch) -> None:
    header = Credentials(WHO["user"], WHO["password"]).basic()
    monkeypatch.setenv("RELEASE_KIT_REMOTE_CACHE_AUTHORIZATION", header)
    assert guarded.push() == 0


def test_a_password_may_have_any_letter_that_is_quoted(guarded: Lazy, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://{WHO['user']}:{quote_all(WHO['password'])}@{guarded.cache.host}/team"
    monkeypatch.setenv("RELEASE_KIT_REMOTE_CACHE", address)
    assert guarded.push(cache="none") == 0


def quote_all(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_a_wrong_password_is_said_without_it(
    guarded: Lazy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"http://me:{secret('wrong')}@{guarded.cache.host}/team"
    monkeypatch.setenv("RELEASE_KIT_REMOTE_CACHE", address)
    assert guarded.push(cache="none") == 1
    assert "answered 401" in said(capsys)


PASSWORD = secret("refused")


@pytest.mark.parametrize(
    ("named", "environ", "message"),
    [
        (f"http://me:{PASSWORD}@127.0.0.1:1", {}, "seen by others on a command line"),
        ("grpc://cache:9092", {}, "expected the address or the folder"),
        ("cache:8080", {}, "expected the address or the folder"),
        ("http://", {}, "expected an address such as"),
        ("http://cache/?key=1", {}, "expected an address such as"),
        ("/nothing/is/here", {}, "no folder of --disk_cache"),
        (
            "",
            {"RELEASE_KIT_REMOTE_CACHE": f"http://me:{PASSWORD}@cache.example.com"},
            "must not travel over plain HTTP",
        ),
        ("", {"RELEASE_KIT_REMOTE_CACHE": f"ftp://me:{PASSWORD}@cache"}, "expected the address or the folder"),
        (
            "http://cache.example.com",
            {"RELEASE_KIT_REMOTE_CACHE_AUTHORIZATION": f"Bearer {PASSWORD}"},
            "must not travel over plain HTTP",
        ),
        (
            "",
            {
                "RELEASE_KIT_REMOTE_CACHE": f"https://me:{PASSWORD}@cache.example.com",
                "RELEASE_KIT_REMOTE_CACHE_AUTHORIZATION": f"Bearer {PASSWORD}",
            },
            "both say who we are",
        ),
        ("", {"RELEASE_KIT_REMOTE_CACHE": f"https://tok/en-{PASSWORD}@127.0.0.1/x"}, "write / and @ as %2F and %40"),
        ("", {"RELEASE_KIT_REMOTE_CACHE": f"https://me:1/{PASSWORD}@cache"}, "write / and @ as %2F and %40"),
        ("", {"RELEASE_KIT_REMOTE_CACHE": f"https://me@you:1/{PASSWORD}@cache"}, "write / and @ as %2F and %40"),
        (f"https://me:1/{PASSWORD}@cache", {}, "write / and @ as %2F and %40"),
        (
            "",
            {"RELEASE_KIT_REMOTE_CACHE": f"https://me:{PASSWORD}\udcff@cache"},
            "RELEASE_KIT_REMOTE_CACHE: expected a user and a password in printable text",
        ),
        *(
            (
                "https://cache.example.com",
                {"RELEASE_KIT_REMOTE_CACHE_AUTHORIZATION": f"Bearer {PASSWORD}{end}"},
                "RELEASE_KIT_REMOTE_CACHE_AUTHORIZATION: expected the value of a header",
            )
            for end in ("\n", "\u00e9", "\udcff", "\t")
        ),
    ],
    ids=range(19),
)
def test_a_place_that_is_none_is_refused_before_anything_is_asked(
    lazy: Lazy,
    named: str,
    environ: dict[str, str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert lazy.push(cache=named or "none") == 2
    assert not lazy.registry.journal.records
    assert message in said(capsys)
