"""A user's session in the shop, for the scenarios that need one."""

from collections.abc import Callable
from typing import Any

import pytest

from release_kit.adapters.e2e.deployed import Deployed


@pytest.fixture(name="account", scope="session")
def account_fixture(credential: Callable[[str], str]) -> dict[str, Any]:
    """Returns what the user logs in with."""
    return {"user": credential("SHOP_E2E_USER"), "password": credential("SHOP_E2E_PASSWORD")}


@pytest.fixture(name="token", scope="session")
def token_fixture(deployed: Deployed, account: dict[str, Any]) -> str:
    """Logs the user in."""
    answer = deployed.post("/api/login", account)
    assert answer.status == 200, "the user of SHOP_E2E_USER can't log in"
    return str(answer.json["token"])
