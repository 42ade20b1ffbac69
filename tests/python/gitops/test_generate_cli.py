"""`release-kit gitops`: all files or none are written, what is stale goes, and a check says what to run."""

import json
import os
import shutil
from pathlib import Path

import pytest

from release_kit.adapters.environment_values import MAX_BYTES
from release_kit.cli.app import main
from tests.support import gitops_trees as trees

FULL = str(trees.DECLARATIONS / "full.json")


@pytest.fixture(autouse=True)
def _no_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUILD_WORKSPACE_DIRECTORY", raising=False)


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def generate(folder: Path, *arguments: str, declaration: str = FULL) -> int:
    return main(["gitops", "generate", declaration, "--output", str(folder), *arguments])


def edited(folder: Path, **changes: object) -> str:
    """Writes a copy of the declaration that says something else."""
    shutil.copytree(trees.DECLARATIONS, folder, dirs_exist_ok=True)
    path = folder / "full.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return str(path)


def test_all_files_are_written_and_the_script_is_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate(tmp_path / "gitops") == 0
    assert contents(tmp_path / "gitops") == trees.files(trees.declared("full"))
    programs = [path.name for path in (tmp_path / "gitops").rglob("*") if path.is_file() and os.access(path, os.X_OK)]
    assert programs == ["bootstrap.sh"]
    mode = (tmp_path / "gitops/bootstrap.sh").stat().st_mode
    assert mode & 0o111 == (mode & 0o444) >> 2, "whoever may read it may run it"
    assert {line.split(" ")[0] for line in capsys.readouterr().out.splitlines()} == {"wrote"}


def test_a_second_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert generate(tmp_path) == 0
    assert {line.split(" ")[0] for line in capsys.readouterr().out.splitlines()} == {"kept"}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before


def test_what_is_generated_passes_its_check(tmp_path: Path) -> None:
    generate(tmp_path)
    assert generate(tmp_path, "--check") == 0


def test_a_check_writes_nothing_and_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate(tmp_path / "none", "--check", "--fix-command", "bazel run //release:gitops.update") == 1
    told = capsys.readouterr()
    assert "run bazel run //release:gitops.update" in told.err
    assert "+++ b/promoter/strategy.yaml" in told.out
    assert not (tmp_path / "none").exists()


def test_a_check_names_this_command_unless_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate(tmp_path / "a b", "--check") == 1
    assert f"run release-kit gitops generate {FULL} --output '{tmp_path / 'a b'}'" in capsys.readouterr().err


def test_a_check_shows_what_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate(tmp_path)
    strategy = tmp_path / "promoter/strategy.yaml"
    strategy.write_text(strategy.read_text().replace("autoMerge: false", "autoMerge: true\x1b[2J"))
    capsys.readouterr()
    assert generate(tmp_path, "--check") == 1
    told = capsys.readouterr()
    assert "-      autoMerge: true\\x1b[2J\n+      autoMerge: false" in told.out
    assert f"{tmp_path}: not as the declaration says: promoter/strategy.yaml" in told.err


def test_a_check_finds_a_script_that_is_no_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generate(tmp_path)
    (tmp_path / "bootstrap.sh").chmod(0o644)
    assert generate(tmp_path, "--check") == 1
    assert "bootstrap.sh (no program: chmod +x)" in capsys.readouterr().err
    assert generate(tmp_path) == 0
    assert generate(tmp_path, "--check") == 0


def test_files_of_an_earlier_run_go_and_others_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "gitops"
    generate(folder)
    for other in ("BUILD.bazel", "argocd/mine.yaml", "promoter/install/patch.yaml", "notes/Written.md"):
        (folder / other).parent.mkdir(exist_ok=True)
        (folder / other).write_text("# mine\n")
    documents = json.loads(Path(FULL).read_text())["environments"]
    smaller = edited(tmp_path / "declared", gates=[], environments=[{"name": documents[2]["name"]}])
    assert generate(folder, "--check", declaration=smaller) == 1
    capsys.readouterr()
    assert generate(folder, declaration=smaller) == 0
    removed = {
        Path(line.split(" ", 1)[1]) for line in capsys.readouterr().out.splitlines() if line.startswith("removed")
    }
    stale = ("argocd/applications/demo-staging.yaml", "argocd/applications/demo.yaml", "promoter/gates.yaml")
    assert removed == {folder / path for path in stale}
    left = contents(folder)
    assert {path for path, text in left.items() if text == "# mine\n"} == {
        "BUILD.bazel",
        "argocd/mine.yaml",
        "promoter/install/patch.yaml",
        "notes/Written.md",
    }
    assert not {*stale} & {*left}
    assert generate(folder, "--check", declaration=smaller) == 0


def test_a_folder_whose_last_file_goes_goes_too(tmp_path: Path) -> None:
    folder = tmp_path / "gitops"
    generate(folder)
    alone = edited(tmp_path / "declared", gates=[], environments=[{"name": "demo", "tracks": "*"}])
    assert generate(folder, declaration=alone) == 0
    assert not (folder / "promoter").exists()


@pytest.mark.parametrize("content", ["kind: Secret\n", "# Written by release-kit gitops generate from shops; to\n", ""])
def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path, content: str) -> None:
    mine = tmp_path / "promoter/secret.yaml"
    mine.parent.mkdir()
    mine.write_text(content)
    assert generate(tmp_path) == 2
    assert contents(tmp_path) == {"promoter/secret.yaml": content}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("mine")
    (tmp_path / "gitops").mkdir()
    (tmp_path / "gitops/RUNBOOK.md").symlink_to(tmp_path / "mine.md")
    assert generate(tmp_path / "gitops") == 2
    assert (tmp_path / "mine.md").read_text() == "mine"
    assert [path.name for path in (tmp_path / "gitops").iterdir()] == ["RUNBOOK.md"]


def test_a_place_that_can_not_be_written_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "promoter").write_text("a file where a folder has to be")
    assert generate(tmp_path) == 2
    assert "can't be written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["promoter"]


def test_a_values_file_that_is_no_mapping_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    declaration = edited(tmp_path / "declared")
    (tmp_path / "declared/values-demo-staging.yaml").write_text("- a list\n")
    assert generate(tmp_path / "gitops", declaration=declaration) == 2
    assert "values-demo-staging.yaml: expected keys and values" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: .nan\n", "there is a number in it that JSON can't hold"),
        (f"a: {'x' * MAX_BYTES}\n", "larger than 4194304 bytes"),
    ],
    ids=["no number", "too large"],
)
def test_values_that_no_application_can_hold_are_refused(
    tmp_path: Path, text: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    declaration = edited(tmp_path / "declared")
    (tmp_path / "declared/values-demo-staging.yaml").write_text(text)
    assert generate(tmp_path / "gitops", declaration=declaration) == 2
    assert f"values-demo-staging.yaml: {expected}" in capsys.readouterr().err


def test_in_a_bazel_workspace_the_folder_is_the_workspaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILD_WORKSPACE_DIRECTORY", str(tmp_path))
    assert main(["gitops", "generate", FULL, "--output", "gitops"]) == 0
    assert (tmp_path / "gitops/RUNBOOK.md").exists()


def test_a_diff_shows_the_changes_and_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gitops", "diff", FULL, "--promoter-release", "v0.39.0"]) == 0
    told = capsys.readouterr().out
    assert "+  orderCommitStatusRef:" in told
    steps = [line for line in told.splitlines() if line[:1].isdigit()]
    order, install = (next(i for i, line in enumerate(steps) if name in line) for name in ("order.yaml", "install"))
    assert order < install < next(i for i, line in enumerate(steps) if "strategy.yaml" in line)


def test_a_diff_to_an_older_release_takes_the_order_away_last(capsys: pytest.CaptureFixture[str]) -> None:
    tracking = str(trees.DECLARATIONS / "tracking.json")
    assert main(["gitops", "diff", tracking, "--promoter-release", "0.36.0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "rules_release/gitops-diff/v1"
    removal = [i for i, step in enumerate(found["steps"]) if "delete dependentssuccessfulcommitstatus kiosk" in step]
    assert removal == [len(found["steps"]) - 2]
    assert "--- a/promoter/order.yaml\n+++ /dev/null\n" in found["diff"]


def test_a_diff_to_the_same_release_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gitops", "diff", FULL, "--promoter-release", "0.36.0", "--argocd-release", "3.5.1"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("arguments", [[], ["--promoter-release", "latest"], ["--promoter-release", "0.20.0"]])
def test_a_diff_to_no_release_is_refused(arguments: list[str]) -> None:
    assert main(["gitops", "diff", FULL, *arguments]) == 2
