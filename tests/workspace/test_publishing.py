"""The commands of docs/publishing.md make all of a version, and no file is left at another one."""

import base64
import hashlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_blocks import of_page
from tests.workspace.clones import SOURCE, Clone

PAGE = "docs/publishing.md"
HELD_TO_A_VERSION = ("shop_chart", "gates_mutants", "gates_mutants_files", "gates_mutants_objects")
NAMED = re.compile(r'name = "rules_release", version = "(\d[^"]*)"')


@pytest.fixture(scope="module")
def released(pristine: Clone) -> Iterator[tuple[Clone, str]]:
    """The clone after the commands, and what the last one printed; then it is as it was."""
    clone = pristine
    before = clone.git("rev-parse", "HEAD")
    changelog = clone.folder / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## Unreleased\n", "## Unreleased\n\n- A change.\n", 1))
    said = ""
    (block,) = (block for block in of_page(SOURCE, PAGE) if block.run_by == "tests/workspace/test_publishing.py")
    try:
        for command in block.commands:
            said = clone.shell(command.text).out
        yield clone, said
    finally:
        clone.git("reset", "--quiet", "--hard", before)
        clone.git("clean", "--quiet", "--force", "-d", "-x", "dist")


def version(clone: Clone) -> str:
    return (clone.folder / "VERSION").read_text().strip()


def test_the_cut_raises_every_file_that_names_the_module_at_its_version(released: tuple[Clone, str]) -> None:
    clone, _ = released
    lines = clone.git("grep", "--no-color", "-h", "-e", NAMED.pattern.partition("(")[0])
    assert set(NAMED.findall(lines)) == {version(clone)} != {(SOURCE / "VERSION").read_text().strip()}


def test_it_has_an_archive_and_a_wheel(released: tuple[Clone, str]) -> None:
    clone, _ = released
    assert {path.name for path in (clone.folder / "dist").iterdir()} == {
        f"rules_release-v{version(clone)}.tar.gz",
        f"release_kit-{version(clone)}-py3-none-any.whl",
    }


def test_the_notes_are_of_this_version_and_this_archive(released: tuple[Clone, str]) -> None:
    clone, notes = released
    content = (clone.folder / f"dist/rules_release-v{version(clone)}.tar.gz").read_bytes()
    assert notes.startswith("- A change.\n")
    assert base64.b64encode(hashlib.sha256(content).digest()).decode() in notes


def test_what_tests_the_sample_holds_at_the_new_version(released: tuple[Clone, str]) -> None:
    clone, _ = released
    targets = [f"//tests/python/charts:test_{name}" for name in HELD_TO_A_VERSION]
    # The clone is in the folder that pytest takes for this user, which a sandbox in it cannot write to.
    clone.bazel("test", "--test_env=LOGNAME=publisher", "//helm/shop:chart.tests", *targets)


def test_no_file_names_the_module_at_another_version() -> None:
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=SOURCE, text=True).split("\0")
    found = {}
    for name in filter(None, listed):
        path = Path(SOURCE / name)
        if path.is_file():
            found[name] = set(NAMED.findall(path.read_text(errors="replace")))
    named = {name: versions for name, versions in found.items() if versions}
    assert "README.md" in named
    assert set().union(*named.values()) == {(SOURCE / "VERSION").read_text().strip()}, named
