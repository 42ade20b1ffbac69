"""The workspace that a test writes into."""

from pathlib import Path

import pytest

from tests.support.init_workspaces import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)
