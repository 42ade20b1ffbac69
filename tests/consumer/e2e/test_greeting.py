"""What greets."""

from release_kit.adapters.e2e.deployed import Deployed


def test_it_greets(deployed: Deployed) -> None:
    """The greeting is there."""
    assert deployed.get("/").text == "hello\n"
