"""workspace_status.sh on real git repositories: what it prints, and that the same commit prints the same."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path("workspace_status.sh").absolute()
IDENTITY = {f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "RELEASE_BUILD"))}


def git(folder: Path, *arguments: str) -> str:
    command = [
        "git",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
        "-C",
        str(folder),
        *arguments,
    ]
    return subprocess.run(command, env=CLEAN | IDENTITY, check=True, capture_output=True, text=True).stdout.strip()


def status(folder: Path, **environment: str) -> dict[str, str]:
    command = ["bash", str(folder / "workspace_status.sh")]
    done = subprocess.run(command, env=CLEAN | environment, cwd="/", check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


@pytest.fixture(name="repository")
def repository_fixture(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    shutil.copy(SCRIPT, folder / "workspace_status.sh")
    (folder / "VERSION").write_text("1.2.3\n")
    (folder / ".gitattributes").write_text("workspace_status.sh export-subst\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_commit_without_its_tag_is_unreleased(repository: Path) -> None:
    found = status(repository)
    assert (found["STABLE_VERSION"], found["STABLE_VERSION_MAJOR"], found["STABLE_DIRTY"]) == ("dev", "dev", "false")
    assert found["STABLE_COMMIT_SHA"] == git(repository, "rev-parse", "HEAD")
    assert found["STABLE_SHORT_SHA"] == found["STABLE_COMMIT_SHA"][:12]
    assert found["STABLE_COMMIT_EPOCH"] == git(repository, "show", "-s", "--format=%ct")


def test_the_release_tag_on_head_makes_it_a_release(repository: Path) -> None:
    git(repository, "tag", "v1.2.3")
    found = status(repository)
    assert [found[f"STABLE_VERSION{part}"] for part in ("", "_MAJOR", "_MINOR")] == ["1.2.3", "1", "2"]
    git(repository, "commit", "-q", "--allow-empty", "-m", "later")
    assert status(repository)["STABLE_VERSION"] == "dev"


def test_an_annotated_tag_counts_too(repository: Path) -> None:
    git(repository, "tag", "-a", "-m", "release", "v1.2.3")
    assert status(repository)["STABLE_VERSION"] == "1.2.3"


@pytest.mark.parametrize("tag", ["v1.2.30", "1.2.3", "v1.2", "xv1.2.3", "v1x2x3"])
def test_another_tag_makes_no_release(repository: Path, tag: str) -> None:
    git(repository, "tag", tag)
    assert status(repository)["STABLE_VERSION"] == "dev"


def test_the_environment_can_say_release(repository: Path) -> None:
    assert status(repository, RELEASE_BUILD="1")["STABLE_VERSION"] == "1.2.3"
    assert status(repository, RELEASE_BUILD="0")["STABLE_VERSION"] == "dev"


def test_a_prerelease_keeps_its_version(repository: Path) -> None:
    (repository / "VERSION").write_text("1.2.3-rc.1")
    git(repository, "commit", "-q", "-a", "-m", "candidate")
    git(repository, "tag", "v1.2.3-rc.1")
    assert status(repository)["STABLE_VERSION"] == "1.2.3-rc.1"


@pytest.mark.parametrize("change", ["edit", "new"])
def test_a_changed_tree_is_dirty(repository: Path, change: str) -> None:
    (repository / ("VERSION" if change == "edit" else "new.txt")).write_text("2.0.0\n")
    assert status(repository)["STABLE_DIRTY"] == "true"


def test_an_ignored_file_is_no_change(repository: Path) -> None:
    (repository / ".git" / "info" / "exclude").write_text("bazel-*\n")
    (repository / "bazel-out").mkdir()
    (repository / "bazel-out" / "x").write_text("")
    assert status(repository)["STABLE_DIRTY"] == "false"


def test_the_same_commit_prints_the_same_bytes(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repository), "clone")
    assert status(tmp_path / "clone", TZ="Asia/Tokyo", LC_ALL="C") == status(repository, TZ="UTC")


def test_a_shallow_clone_knows_its_commit(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    git(repository, "tag", "v1.2.3")
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "v1.2.3", f"file://{repository}", "shallow")
    assert status(tmp_path / "shallow") == status(repository)
    assert status(repository)["STABLE_VERSION"] == "1.2.3"


def test_a_worktree_knows_its_commit(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", str(tmp_path / "worktree"))
    assert status(tmp_path / "worktree") == status(repository)


def test_a_workspace_in_a_subfolder_knows_its_commit(repository: Path) -> None:
    (repository / "sub").mkdir()
    for name in ("workspace_status.sh", "VERSION"):
        shutil.copy(repository / name, repository / "sub" / name)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "sub")
    assert status(repository / "sub") == status(repository)


def test_an_archive_knows_the_commit_it_was_made_of(repository: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    git(repository, "archive", "-o", str(tmp_path / "x.tar"), "HEAD")
    subprocess.run(["tar", "-xf", tmp_path / "x.tar", "-C", archive], check=True)
    assert status(archive) == status(repository)
    assert status(archive, RELEASE_BUILD="1")["STABLE_VERSION"] == "1.2.3"


def test_a_copy_without_git_has_no_commit_and_counts_as_dirty(repository: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy, ignore=shutil.ignore_patterns(".git"))
    found = status(copy)
    assert (found["STABLE_COMMIT_SHA"], found["STABLE_DIRTY"], found["STABLE_VERSION"]) == ("unknown", "true", "dev")


def test_a_copy_inside_another_repository_is_not_mistaken_for_it(repository: Path) -> None:
    inside = repository / "vendored"
    inside.mkdir()
    for name in ("workspace_status.sh", "VERSION"):
        shutil.copy(repository / name, inside / name)
    assert status(inside)["STABLE_COMMIT_SHA"] == "unknown"


def test_nothing_volatile_has_a_stable_key(repository: Path) -> None:
    keys = ["VERSION", "VERSION_MAJOR", "VERSION_MINOR", "COMMIT_SHA", "SHORT_SHA", "COMMIT_EPOCH", "DIRTY"]
    assert list(status(repository)) == [f"STABLE_{key}" for key in (*keys, "SKIP_STAGING")]


def said(repository: Path, message: str) -> None:
    """Puts a message on a commit that is a release."""
    git(repository, "commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
    git(repository, "tag", "-f", "v1.2.3")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Release 1.2.3 [skip-staging]", "true"),
        ("Release 1.2.3\n\nOrders are lost.\n\n[skip-staging]\n", "true"),
        (f"Release 1.2.3\n\n{'A long text. ' * 9000}\n[skip-staging]", "true"),
        ('Revert "Release 1.2.3 [skip-staging]"\n\nThis reverts what [skip-staging] did.', "false"),
        ("Release 1.2.3", "false"),
        ("Release 1.2.3 skip-staging", "false"),
        ("Release 1.2.3 [Skip-Staging]", "false"),
        ("Release 1.2.3 [skip staging]", "false"),
        ("Release 1.2.3 s", "false"),
    ],
    ids=[
        "title",
        "body",
        "end of a long one",
        "revert",
        "nothing",
        "no brackets",
        "capitals",
        "no hyphen",
        "a letter of it",
    ],
)
def test_a_release_whose_message_says_so_skips_staging(repository: Path, message: str, expected: str) -> None:
    said(repository, message)
    assert status(repository)["STABLE_SKIP_STAGING"] == expected


def test_only_a_release_skips_staging(repository: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "[skip-staging]")
    assert status(repository)["STABLE_SKIP_STAGING"] == "false"
    assert status(repository, RELEASE_BUILD="1")["STABLE_SKIP_STAGING"] == "true"
    (repository / "VERSION").write_text("dev\n")
    assert status(repository, RELEASE_BUILD="1")["STABLE_SKIP_STAGING"] == "false"


def test_what_an_earlier_commit_or_a_tag_says_does_not_count(repository: Path) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "[skip-staging]")
    git(repository, "commit", "-q", "--allow-empty", "-m", "later")
    git(repository, "tag", "-a", "-m", "[skip-staging]", "v1.2.3")
    assert status(repository)["STABLE_SKIP_STAGING"] == "false"


@pytest.mark.parametrize(
    "message",
    [
        "$(touch taken) `touch taken` [skip-staging]",
        "'; touch taken; ' [skip-staging]",
        '"; touch taken; " [skip-staging]',
        "* ]] || touch taken; [[ [skip-staging]",
        "STABLE_VERSION 6.6.6\nSTABLE_DIRTY true\n[skip-staging]",
        "%x0a$Format:%H$ -n -e \\c [skip-staging]",
    ],
)
def test_a_message_is_never_run_nor_printed(repository: Path, message: str) -> None:
    before = status(repository)
    said(repository, message)
    found = status(repository)
    assert not list(repository.rglob("taken"))
    assert list(found) == list(before)
    assert (found["STABLE_VERSION"], found["STABLE_DIRTY"]) == ("1.2.3", "false")
    assert found["STABLE_SKIP_STAGING"] == "true"


def test_an_archive_has_no_message_and_skips_nothing(repository: Path, tmp_path: Path) -> None:
    """Nothing of a message may stand in the script, which would run it."""
    said(repository, "'; touch taken; ' [skip-staging]")
    archive = tmp_path / "archive"
    archive.mkdir()
    git(repository, "archive", "-o", str(tmp_path / "x.tar"), "HEAD")
    subprocess.run(["tar", "-xf", tmp_path / "x.tar", "-C", archive], check=True)
    assert status(archive, RELEASE_BUILD="1")["STABLE_SKIP_STAGING"] == "false"
    assert "touch" not in (archive / "workspace_status.sh").read_text()
