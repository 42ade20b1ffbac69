"""The sample's declaration on loopback: what is changed of it, and that nothing else is."""

import json
from pathlib import Path
from typing import Any

from rehearsal.declaration import Addresses, on_loopback
from release_kit.documents import environments

SAMPLE = Path("gitops/environments.json")
ADDRESSES = Addresses(
    "127.0.0.1:5000/acme",
    "http://127.0.0.1:80/deploy.git",
    "127.0.0.1:81",
    {name: f"http://127.0.0.1:9{n}" for n, name in enumerate(("demo-staging", "demo", "release"))},
)


def differing(before: Any, after: Any, place: str = "") -> set[str]:
    """Returns the places in which two documents differ, without positions."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = {*before, *after}
        return {found for key in keys for found in differing(before.get(key), after.get(key), f"{place}.{key}")}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return {found for pair in zip(before, after, strict=True) for found in differing(*pair, place)}
    return set() if before == after else {place}


def test_nothing_else_is_changed() -> None:
    before = json.loads(SAMPLE.read_text())
    assert differing(before, on_loopback(SAMPLE, ADDRESSES)) == {
        ".chart.registry",
        ".command",
        ".environments.gates",
        ".environments.url",
        ".environments.values",
        ".pipeline.domain",
        ".repository.domain",
        ".repository.url",
    }


def test_it_is_a_declaration_without_gates_of_the_time(tmp_path: Path) -> None:
    path = tmp_path / "environments.json"
    path.write_text(json.dumps(on_loopback(SAMPLE, ADDRESSES)))
    declared, sample = environments.load(path), environments.load(SAMPLE)
    assert declared.repository.url == ADDRESSES.deploy
    for here, there in zip(declared.environments, sample.environments, strict=True):
        assert here.url == ADDRESSES.environments[here.name]
        kept = [gate.key for gate in there.gates if gate.kind not in ("timer", "schedule")]
        assert [gate.key for gate in here.gates] == kept
        assert all(values.is_file() for values in here.values)
