"""Fixtures of the release-kit tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.distribution import distribution


@pytest.fixture(name="registry_host")
def registry_host_fixture(tmp_path: Path) -> Iterator[str]:
    """HOST:PORT of a real, empty CNCF distribution registry."""
    folder = tmp_path / "distribution"
    folder.mkdir()
    with distribution(folder) as host:
        yield host
