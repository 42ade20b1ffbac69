"""Threat: something else is downloaded than what was looked at, or under terms that nobody looked at."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
HASH = f" \\\n    --hash=sha256:{'a' * 64}"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


audit = load()


def test_every_lock_pins_every_package_by_version_and_hash() -> None:
    faults: list[str] = []
    locks = {name: audit.packages((ROOT / name).read_text(), name, faults) for name in audit.LOCKS}
    assert not faults
    assert all(len(found) > 5 for found in locks.values())
    assert not audit._differing(locks)


@pytest.mark.parametrize(
    "entry",
    [
        "urllib3==2.8.0",
        f"urllib3>=2.8.0{HASH}",
        f"urllib3==2.*{HASH}",
        f"urllib3{HASH}",
        f"urllib3==2.8.0{HASH[:-1]}",
        f"urllib3==2.8.0{HASH.replace('sha256', 'md5')}",
        f"urllib3 @ https://elsewhere.example/urllib3.whl{HASH}",
        "--index-url https://elsewhere.example",
        "git+https://elsewhere.example/urllib3",
        "-e .",
    ],
)
def test_what_is_not_pinned_is_found(entry: str) -> None:
    faults: list[str] = []
    good = f"rich==15.0.0{HASH}\n    # via something"
    assert [found.name for found in audit.packages(f"{good}\n{entry}\n", "lock", faults)] == ["rich"]
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("License-Expression: MIT\nLicense: other\n", "MIT"),
        ("Classifier: License :: OSI Approved :: BSD License\n", "unknown"),
        ("Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)\n", "unknown"),
        ("License: GPL-3.0\n", "GPL-3.0"),
        ("Name: x\n", "unknown"),
    ],
)
def test_a_licence_is_what_the_package_says(metadata: str, expected: str) -> None:
    assert audit.licence(metadata) == expected


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [("MIT", True), ("MIT OR GPL-3.0", True), ("MIT AND GPL-3.0", False), ("GPL-3.0", False), ("unknown", False)],
)
def test_a_licence_that_nobody_allowed_is_found(expression: str, is_allowed: bool) -> None:
    assert audit.is_allowed(expression) is is_allowed


def test_a_package_of_two_versions_is_found() -> None:
    locks = {"a": [audit.Package("rich", "15.0.0")], "b": [audit.Package("rich", "14.0.0")]}
    assert audit._differing(locks) == ["rich: several versions: 14.0.0, 15.0.0"]


def test_the_page_has_every_package_of_the_locks() -> None:
    text = (ROOT / "docs" / "licences.md").read_text()
    for name in audit.LOCKS:
        for found in audit.packages((ROOT / name).read_text(), name, []):
            assert f"| {found.name} | {found.version} | " in text
    assert "unknown" not in text


def test_a_push_of_images_downloads_rich_and_what_that_needs_only() -> None:
    text = (ROOT / "docs" / "licences.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    pushes = {row[0] for row in rows if len(row) == 4 and "release_kit" in row[3].split(", ")}
    assert pushes == {"markdown-it-py", "mdurl", "pygments", "rich"}
