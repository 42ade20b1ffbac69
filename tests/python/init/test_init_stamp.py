"""The stamp that init gives a workspace, and the one that it finds."""

from pathlib import Path

import pytest

from tests.support.init_workspaces import LINE, PUBLISHED, Workspace


def test_the_script_is_the_one_of_this_repository() -> None:
    sources = [Path(__file__).parents[3] / "workspace_status.sh", Path("workspace_status.sh")]
    assert PUBLISHED.read_bytes() == next(path for path in sources if path.exists()).read_bytes()


def test_what_git_archive_has_put_into_the_script_is_taken_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from release_kit.cli import init

    text = PUBLISHED.read_text()
    archived = text.replace("$Format:%H$", "a" * 40).replace("$Format:%ct$", "1700000000")
    assert archived != text
    (tmp_path / "cli").mkdir()
    (tmp_path / "workspace_status.sh").write_text(archived)
    monkeypatch.setattr(init, "__file__", str(tmp_path / "cli" / "init.py"))
    assert init._script() == text


@pytest.mark.parametrize("rc", ["build --config=x", "build --config=x\n", "build \\\n  --config=x \\\n"])
def test_a_bazelrc_gets_one_line_at_its_end(workspace: Workspace, rc: str) -> None:
    workspace.write(".bazelrc", rc)
    workspace.init("--write")
    text = workspace.files()[".bazelrc"]
    assert text.startswith(f"{rc.rstrip(chr(10))}\n\n# ")
    assert text.endswith(f"\n{LINE}")


@pytest.mark.parametrize("place", [".bazelrc", "tools/ci.bazelrc"])
def test_a_stamp_that_is_there_is_kept_and_told_what_it_lacks(workspace: Workspace, place: str) -> None:
    workspace.write(".bazelrc", "try-import %workspace%/tools/ci.bazelrc\nimport %workspace%/.bazelrc\n")
    workspace.write(place, "# no\nbuild --workspace_status_command=./tools/status.sh\n")
    workspace.write("tools/status.sh", "echo STABLE_COMMIT_SHA $(git rev-parse HEAD)\n")
    done = workspace.init("--write")
    assert "'./tools/status.sh' is kept; add to what it prints: STABLE_VERSION, STABLE_DIRTY" in done.stderr
    assert {"VERSION", "workspace_status.sh"}.isdisjoint(workspace.files())


def test_a_script_that_nothing_calls_is_not_taken_for_ours(workspace: Workspace) -> None:
    workspace.write("workspace_status.sh", "echo mine\n")
    before = workspace.files()
    assert "move it away" in workspace.init("--write", code=2).stderr
    assert workspace.files() == before


def test_the_version_is_that_of_the_last_tag(workspace: Workspace) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    workspace.git(*identity, "commit", "--quiet", "--allow-empty", "--message", "x")
    workspace.git("tag", "v2.3.4")
    workspace.init("--write")
    assert workspace.files()["VERSION"] == "2.3.4\n"


@pytest.mark.parametrize("line", ["build:ci --workspace_status_command=x", "# build --workspace_status_command=x"])
def test_a_stamp_of_one_configuration_is_not_that_of_all_builds(workspace: Workspace, line: str) -> None:
    workspace.write(".bazelrc", f"{line}\n")
    workspace.init("--write")
    assert workspace.files()[".bazelrc"].endswith(LINE)


@pytest.mark.parametrize(
    "line", ["build \\\n  --workspace_status_command=./x\n", "build\t--workspace_status_command ./x\n"]
)
def test_a_stamp_is_found_however_its_line_is_written(workspace: Workspace, line: str) -> None:
    workspace.write(".bazelrc", line)
    assert "'./x' is kept; it has to print STABLE_VERSION" in workspace.init().stderr


def test_our_script_is_added_where_only_its_line_is_there(workspace: Workspace) -> None:
    workspace.write(".bazelrc", LINE)
    workspace.init("--write")
    files = workspace.files()
    assert (files[".bazelrc"], files["VERSION"]) == (LINE, "0.1.0\n")
    assert files["workspace_status.sh"] == PUBLISHED.read_text()


@pytest.mark.parametrize(
    ("rc", "told"),
    [
        ("import %workspace%/../shared.bazelrc", "../shared.bazelrc: is outside of the workspace"),
        ("try-import %workspace%/user.bazelrc", "user.bazelrc: is outside of the workspace, or a link out of it"),
        ("build --workspace_status_command=tools/binary", "'tools/binary' is kept; it has to print STABLE_VERSION"),
        ('build --workspace_status_command="make tools"', "'make tools' is kept; it has to print STABLE_VERSION"),
    ],
)
def test_what_can_not_be_read_is_noted(workspace: Workspace, rc: str, told: str) -> None:
    workspace.write(".bazelrc", f"{rc}\n")
    workspace.write("../shared.bazelrc", "")
    (workspace.folder / "user.bazelrc").symlink_to(workspace.folder.parent / "shared.bazelrc")
    workspace.write("tools/binary", "").write_bytes(b"\x7fELF\xff")
    assert told in workspace.init("--write").stderr


@pytest.mark.parametrize(("version", "is_told"), [("v1.2", True), ("1.2", True), ("1.2.3\n", False)])
def test_a_version_that_is_none_is_told(workspace: Workspace, version: str, is_told: bool) -> None:
    workspace.write("VERSION", version)
    assert ("VERSION: expected a version such as 1.2.3" in workspace.init().stderr) == is_told


def test_a_folder_is_no_version(workspace: Workspace) -> None:
    workspace.write("VERSION/x", "")
    done = workspace.init(code=2)
    assert "VERSION: expected a file of" in done.stderr
    assert "put such a file in its place" in done.stderr
