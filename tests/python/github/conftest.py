"""A GitHub on loopback, held to what GitHub publishes where that lies beside the repository."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.github_server import GitHubServer
from tests.support.openapi import VARIABLE, OpenApi


@pytest.fixture(name="published", scope="session")
def published_fixture() -> OpenApi | None:
    """GitHub's description of its API; None where nobody says where it is."""
    path = os.environ.get(VARIABLE)
    return OpenApi.load(Path(path)) if path else None


@pytest.fixture(autouse=True)
def _held_to_it(published: OpenApi | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if published is not None:
        monkeypatch.setattr(GitHubServer, "watch", published.watch)


@pytest.fixture(name="hub")
def hub_fixture() -> Iterator[GitHubServer]:
    with GitHubServer() as hub:
        yield hub
