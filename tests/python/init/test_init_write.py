"""How init shows and writes files: all of them or none."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from release_kit.adapters.file_set import remove_abandoned
from release_kit.errors import ReleaseError
from tests.support.init_workspaces import BUILD, CHART, MODULE, Workspace, environment


def test_the_patch_is_what_git_applies_and_what_write_writes(workspace: Workspace, tmp_path: Path) -> None:
    patch = tmp_path / "init.patch"
    patch.write_text(workspace.init().stdout)
    workspace.git("apply", str(patch))
    applied = workspace.files()
    workspace.git("apply", "--reverse", str(patch))
    workspace.init("--write")
    assert workspace.files() == applied


def test_a_folder_that_can_not_be_written_leaves_all_as_it_was(workspace: Workspace) -> None:
    (workspace.folder / "release").write_text("a file")
    before = workspace.files()
    done = workspace.init("--write", code=2)
    assert re.search("release/BUILD.bazel.*can't be", done.stderr)
    assert workspace.files() == before


def test_control_characters_of_files_do_not_reach_the_terminal(workspace: Workspace) -> None:
    workspace.write(".bazelrc", "# \x1b]0;evil\x07\n")
    done = workspace.init()
    assert "\\x1b]0;evil" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_an_interrupted_write_leaves_all_as_it_was(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from release_kit.adapters.workspace_folder import WorkspaceFolder
    from release_kit.cli import init
    from release_kit.engines.init.edits import Change

    def replace(draft: Path, place: Path) -> None:
        if draft.suffix == ".new" and place.name == "b":
            raise KeyboardInterrupt
        draft.rename(place)

    before = workspace.files()
    module = Change("MODULE.bazel", MODULE, f"{MODULE}# more\n")
    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        init._write(WorkspaceFolder(workspace.folder), [module, Change("new/a", None, "a"), Change("new/b", None, "b")])
    assert workspace.files() == before
    assert not (workspace.folder / "new").exists()


def test_a_file_that_has_changed_since_it_was_shown_is_not_written(workspace: Workspace) -> None:
    from release_kit.adapters.workspace_folder import WorkspaceFolder
    from release_kit.cli import init
    from release_kit.engines.init.edits import Change

    before = workspace.files()
    changes = [Change("a", None, "a"), Change("MODULE.bazel", "older", "newer")]
    with pytest.raises(ReleaseError, match="MODULE.bazel: has changed meanwhile"):
        init._write(WorkspaceFolder(workspace.folder), changes)
    assert workspace.files() == before


@pytest.mark.parametrize(("answer", "is_written"), [(b"y\n", True), (b"\n", False), (b"no\n", False), (b"\x04", False)])
def test_a_terminal_is_asked(workspace: Workspace, answer: bytes, is_written: bool) -> None:
    before = workspace.files()
    terminal, seat = os.openpty()
    try:
        os.write(terminal, answer)
        done = workspace.init(seat=seat)
        told = os.read(terminal, 1 << 16).decode()
    finally:
        os.close(terminal)
        os.close(seat)
    assert "write these 5 files? [y/N]" in told
    assert "--- a/docker/BUILD.bazel" in done.stdout
    assert (workspace.files() != before) == is_written


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docker/BUILD.bazel", BUILD.replace("\n", "\r\n")),
        (".bazelrc", "# a\u00a0b \u2028 c\n"),
        (".bazelrc", "build --config=x\r\n"),
    ],
)
def test_git_applies_the_patch_whatever_the_text(workspace: Workspace, tmp_path: Path, path: str, text: str) -> None:
    place = workspace.write(path, "")
    place.write_bytes(text.encode())
    patch = tmp_path / "init.patch"
    patch.write_bytes(workspace.init().stdout.encode())
    workspace.git("apply", str(patch))
    applied = workspace.files()
    workspace.git("apply", "--reverse", str(patch))
    workspace.init("--write")
    assert workspace.files() == applied
    assert applied[path].count("\n") == applied[path].count("\r\n") or "\r" not in text


KILLED = """
import os, sys
from pathlib import Path
replace, left = Path.replace, [int(sys.argv.pop(1))]
def last(*arguments):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), 9)
    return replace(*arguments)
Path.replace = last
from release_kit.cli import app
sys.exit(app.main(sys.argv[1:]))
"""
ANSWER = """
from pathlib import Path
def rule(label, kind, seen, *inputs):
    attribute = {"name": "visibility", "stringListValue": [seen]}
    print(__import__("json").dumps({"type": "RULE", "rule": {
        "name": label, "ruleClass": kind, "attribute": [attribute], "ruleInput": inputs}}))
release = "//release:__pkg__"
seen = "//:__subpackages__" if "visibility" in Path("docker/BUILD.bazel").read_text() else "//visibility:private"
rule("//docker:core", "oci_image", seen)
if Path("A/BUILD.bazel").exists():
    assert "rules_release" in Path("MODULE.bazel").read_text()
    rule("//A:chart", "chart_folder", release)
if Path("release/BUILD.bazel").exists():
    rule("//release:push.set", "release_set", release, "//docker:core", "//A:chart")
"""


def test_what_a_killed_run_has_left_is_completed_by_the_next(workspace: Workspace) -> None:
    workspace.write("MODULE.bazel", 'module(name = "shop")\n')
    workspace.write("A/Chart.yaml", CHART)
    workspace.fails(ANSWER)
    before = workspace.files()
    workspace.init("--write", "--helm", "no-such-helm")
    whole = workspace.files()
    for count in range(2 * len(whole)):
        for path in workspace.files():
            (workspace.folder / path).unlink()
        for path, text in before.items():
            workspace.write(path, text)
        command = [sys.executable, "-c", KILLED, str(count), *workspace.arguments("--write", "--helm", "no-such-helm")]
        killed = subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert killed.returncode in (0, -9), killed.stderr
        left = workspace.files()
        assert ("bash workspace_status.sh" in left.get(".bazelrc", "")) <= ("workspace_status.sh" in left)
        assert not [path for path in left if path.startswith(("A/.", "docker/."))]
        workspace.init("--write", "--helm", "no-such-helm")
        assert workspace.files() == whole
        if killed.returncode == 0:
            break
    assert killed.returncode == 0
    assert count > 4


def test_only_drafts_of_processes_that_have_ended_are_removed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    kept = [f".release-kit-drafts.{os.getpid()}/1.new", ".release-kit-drafts.x/1.new"]
    kept.append(f".release-kit-drafts.{ended.pid}/mine")
    for path in (*kept, f".release-kit-drafts.{ended.pid}/1.new"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("")
    remove_abandoned(tmp_path)
    assert sorted(str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*/*")) == sorted(kept)
