"""docs/quick-start.md: whoever follows it has two releases. That its snippets are the examples' is in test_pages.py."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_blocks import is_shown, of_page
from tests.support.pages import ROOT, snippets
from tests.workspace.clones import Clone

PAGE = "docs/quick-start.md"
HERE = "tests/workspace/test_quick_start.py"
SNIPPETS = snippets("quick-start.md", "from")
WHO = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
OVERRIDE = """
local_path_override(
    module_name = "rules_release",
    path = "{}",
)
"""


class Desk:
    """A folder with what the page tells to write, and a shell in it; `bazel` is that of the clone."""

    def __init__(self, folder: Path, clone: Clone) -> None:
        self.folder = folder
        programs = folder.with_name("bin")
        programs.mkdir()
        bazel = programs / "bazel"
        bazel.write_text(f'#!/bin/sh\nexec {clone.folder}/bazelw "$@"\n')
        bazel.chmod(0o755)
        path = f"{programs}:{os.environ['PATH']}"
        self._environment = os.environ | WHO | {"PATH": path, "XDG_STATE_HOME": str(folder.with_name("state"))}

    def run(self, text: str) -> tuple[int, str]:
        """Runs a command as the page has it; returns its exit code and what it said."""
        command = ["bash", "-o", "pipefail", "-c", text]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr + done.stdout


@pytest.fixture(name="desk")
def desk_fixture(clone: Clone, tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "hello"
    folder.mkdir()
    for snippet in SNIPPETS:
        file = Path(snippet.what)
        if str(file.parent) == "examples/images":
            (folder / file.name).write_text(snippet.text)
    with (folder / "MODULE.bazel").open("a") as module:
        module.write(OVERRIDE.format(clone.folder))
    (folder / "VERSION").write_text("1.0.0\n")
    for source in (ROOT / "examples/images").glob("*.py"):
        shutil.copy(source, folder)
    shutil.copy(ROOT / "workspace_status.sh", folder)
    made = Desk(folder, clone)
    yield made
    made.run("bazel run @rules_release//tools:registry -- --stop; bazel clean --expunge; bazel shutdown")


def test_whoever_follows_the_page_sees_what_it_says(desk: Desk) -> None:
    commands = [command for block in of_page(ROOT, PAGE) if block.run_by == HERE for command in block.commands]
    assert len(commands) > 6
    for command in commands:
        code, said = desk.run(command.text)
        assert code == 0, f"$ {command.text}\n{said}"
        assert [line for line in command.shown if not is_shown(line, said)] == [], f"$ {command.text}\n{said}"
