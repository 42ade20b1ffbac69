"""Who may log in, and for how long."""

from typing import Any

from refusals import refusal

from release_kit.adapters.e2e.deployed import Deployed


def test_login(deployed: Deployed, account: dict[str, Any]) -> None:
    """Logging in gives a session that opens the shop."""
    answer = deployed.post("/api/login", account)
    assert answer.status == 200
    assert deployed.get("/api/orders", token=answer.json["token"]).status == 200


def test_wrong_password_is_refused(deployed: Deployed, account: dict[str, Any]) -> None:
    """A password that is not the user's opens nothing."""
    answer = deployed.post("/api/login", {**account, "password": "not the password"})
    assert refusal(answer) == (401, "wrong_credentials")


def test_unknown_user_is_refused_like_a_wrong_password(deployed: Deployed, account: dict[str, Any]) -> None:
    """Nobody learns who has an account."""
    known = deployed.post("/api/login", {**account, "password": "not the password"})
    unknown = deployed.post("/api/login", {"user": "nobody-has-this-name", "password": "not the password"})
    assert refusal(unknown) == (401, "wrong_credentials")
    assert unknown.json == known.json


def test_expired_session_is_refused(deployed: Deployed, account: dict[str, Any]) -> None:
    """A session that lasts no time has ended when it begins."""
    session = deployed.post("/api/login", {**account, "seconds": 0})
    assert session.status == 200
    answer = deployed.get("/api/orders", token=session.json["token"])
    assert refusal(answer) == (401, "session_expired")


def test_forged_token_is_refused(deployed: Deployed, token: str) -> None:
    """A session that the shop has not signed opens nothing."""
    payload, _, signature = token.partition(".")
    answer = deployed.get("/api/orders", token=f"{payload}.{signature[::-1]}")
    assert refusal(answer) == (401, "invalid_token")
