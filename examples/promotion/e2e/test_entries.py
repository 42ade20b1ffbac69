"""What guests do with the guestbook."""

from release_kit.adapters.e2e.deployed import Deployed


def test_what_a_guest_writes_is_kept(deployed: Deployed) -> None:
    """An entry can be read again."""
    entry = f"hello from {deployed.version}"
    assert deployed.post("/entries", {"text": entry}).status == 201
    assert entry in deployed.get("/entries").json
