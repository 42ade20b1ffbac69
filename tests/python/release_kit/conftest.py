"""Fixtures of the release-kit tests."""

import sys
from collections.abc import Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from rehearsal.real_registry import PROGRAMS, real_registry
from release_kit.cli.console import Console
from release_kit.documents.release_record import ReleaseRecord
from release_kit.errors import ReleaseError
from tests.support import secret_search

_told: list[str] = []


def _hear_of_commands(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen":
        _told.append(str(arguments[:2]))


sys.addaudithook(_hear_of_commands)


@pytest.fixture(autouse=True)
def no_secret_is_told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test does, no output, error, record or command line of release-kit has a secret in it."""
    for owner, name in ((Console, "_say"), (Console, "result"), (ReleaseError, "__init__"), (ReleaseRecord, "to_json")):
        _hear(monkeypatch, owner, name)
    _told.clear()
    yield
    told = secret_search.found("\n".join(_told))
    assert not told, "a secret was told"


def _hear(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    original = getattr(owner, name)

    @wraps(original)
    def heard(self: Any, *arguments: Any, **named: Any) -> Any:
        result = original(self, *arguments, **named)
        _told.extend(map(str, (*arguments, *named.values(), result)))
        return result

    monkeypatch.setattr(owner, name, heard)


@pytest.fixture(name="registry_host", params=PROGRAMS)
def registry_host_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """HOST:PORT of a real, empty registry, of each kind; a claim that holds for some names them as parameters."""
    folder = tmp_path / "registry"
    folder.mkdir()
    with real_registry(request.param, folder) as host:
        yield host
