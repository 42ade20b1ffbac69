"""Fixtures of the release-kit tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.real_registry import PROGRAMS, real_registry


@pytest.fixture(name="registry_host", params=PROGRAMS)
def registry_host_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """HOST:PORT of a real, empty registry, of each kind; a claim that holds for some names them as parameters."""
    folder = tmp_path / "registry"
    folder.mkdir()
    with real_registry(request.param, folder) as host:
        yield host
