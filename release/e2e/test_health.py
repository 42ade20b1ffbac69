"""The shop answers, with one version in all of its services."""

from refusals import refusal

from release_kit.adapters.e2e.deployed import Deployed


def test_page_is_there(deployed: Deployed) -> None:
    """The page comes from web."""
    answer = deployed.get("/")
    assert answer.status == 200
    assert answer.text.startswith("<!doctype html>")


def test_api_is_healthy(deployed: Deployed) -> None:
    """By way of web core answers, and datasvc by way of core."""
    answer = deployed.get("/api/health")
    assert answer.status == 200
    assert (answer.json["status"], answer.json["version"]) == ("ok", deployed.version)
    assert answer.json["datasvc"] == {"status": "ok", "version": deployed.version}


def test_unknown_path_is_not_found(deployed: Deployed) -> None:
    """What the API does not have is refused in JSON."""
    answer = deployed.get("/api/no-such-thing")
    assert refusal(answer) == (404, "not_found")
