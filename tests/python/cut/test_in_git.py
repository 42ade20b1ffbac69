"""`release-kit cut` in a git work tree: what it commits, tags and pushes, and what it refuses to begin with."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.git_server import git, refs
from tests.support import cutting
from tests.support.cutting import FILES, Workshop


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return cutting.workshop(tmp_path, monkeypatch)


def test_version_charts_and_changelog_are_one_commit_with_one_tag_on_the_remote(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    before = refs(shop.bare)
    assert shop.cut("1.3.0", "--date", "2026-01-31") == 0
    assert shop.is_released()
    assert {*refs(shop.bare)} - {*before} == {"refs/tags/v1.3.0"}
    assert shop.git("rev-parse", "HEAD^") == before["refs/heads/main"]
    assert shop.git("diff", "--name-only", "HEAD^", "HEAD").split() == [
        "CHANGELOG.md",
        "VERSION",
        "helm/shop/Chart.yaml",
    ]
    chart = FILES["helm/shop/Chart.yaml"].replace("1.2.0", "1.3.0")
    assert shop.git("show", "HEAD:helm/shop/Chart.yaml") == chart.removesuffix("\n")
    assert "## 1.3.0 - 2026-01-31\n\n### Added\n" in shop.git("show", "HEAD:CHANGELOG.md")
    told = capsys.readouterr()
    assert told.out == "1.3.0\n"
    assert "* 1.3.0 is released: origin has main and v1.3.0\n" in told.err


def test_the_commit_names_the_version_and_the_tag_says_what_the_changelog_says(shop: Workshop) -> None:
    shop.git("config", "commit.cleanup", "strip")
    assert shop.cut("minor") == 0
    assert shop.git("log", "-1", "--format=%B%an") == "Release 1.3.0\nJo Doe"
    assert shop.git("cat-file", "-t", "v1.3.0") == "tag"
    assert shop.git("tag", "--list", "--format=%(contents)", "v1.3.0") == "Release 1.3.0\n\n### Added\n\n- A thing.\n"


def test_without_a_changelog_the_tag_says_the_version(shop: Workshop) -> None:
    assert shop.cut("1.3.0-rc.1", "--no-changelog") == 0
    assert shop.is_released("1.3.0-rc.1")
    assert shop.git("tag", "--list", "--format=%(contents)", "v1.3.0-rc.1") == "Release 1.3.0-rc.1\n"


def test_a_hotfix_that_skips_staging_says_so_in_its_commit(shop: Workshop) -> None:
    assert shop.cut("patch", "--skip-staging") == 0
    message = shop.git("log", "-1", "--format=%B")
    assert message.startswith("Release 1.2.1 [skip-staging]\n\nThis release does not wait for staging: ")
    assert "[skip-staging]" not in shop.git("tag", "--list", "--format=%(contents)", "v1.2.1")


def test_another_release_says_nothing_of_staging_whatever_the_changelog_says(shop: Workshop) -> None:
    shop.write({"CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n- `[skip-staging]` is gone.\n"})
    shop.commit("change")
    assert shop.cut("1.3.0") == 0
    assert shop.git("log", "-1", "--format=%B").strip() == "Release 1.3.0"


def test_a_dry_run_shows_everything_and_writes_nothing(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    before = shop.snapshot()
    index = (shop.clone / ".git/index").read_bytes()
    assert shop.cut("1.3.0", "--dry-run", "--skip-staging") == 0
    assert shop.snapshot() == before
    assert (shop.clone / ".git/index").read_bytes() == index
    told = capsys.readouterr()
    for said in (
        "Release 1.3.0 [skip-staging]\n",
        "the tag v1.3.0 would say\n",
        "- A thing.",
        "main and v1.3.0 would be pushed to origin, both or none\n",
    ):
        assert said in told.err
    subprocess.run(["git", "apply", "-"], input=told.out.encode(), check=True)
    assert (shop.clone / "VERSION").read_text() == "1.3.0\n"


def test_a_dry_run_refuses_what_the_cut_would_refuse(shop: Workshop) -> None:
    shop.push_from_elsewhere()
    assert shop.cut("1.3.0", "--dry-run") == 1


def test_commits_that_the_remote_lacks_go_along_and_are_told(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.write({"new": "x"})
    shop.commit("not pushed")
    assert shop.cut("1.3.0", "--dry-run") == 0
    assert "commits that origin does not have go along: " in capsys.readouterr().err
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()


def test_without_a_push_the_commands_that_are_told_push_it_or_take_it_back(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shop.snapshot()
    assert shop.cut("1.3.0", "--no-push") == 0
    assert refs(shop.bare) == before.remote
    told = [line.strip() for line in capsys.readouterr().err.splitlines()]
    (push,) = (line for line in told if line.startswith("git push"))
    (back,) = (line for line in told if line.startswith("git tag -d"))
    subprocess.run(back, shell=True, check=True, capture_output=True)
    assert shop.snapshot() == before
    assert shop.cut("1.3.0", "--no-push") == 0
    subprocess.run(push, shell=True, check=True, capture_output=True)
    assert shop.is_released()


def test_hooks_of_the_user_run_and_may_add_to_the_commit(shop: Workshop) -> None:
    shop.hook("pre-commit", "cp VERSION notes && git add notes\n")
    shop.hook("commit-msg", 'echo "Ticket: 7" >> "$1"\n')
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()
    assert shop.git("show", "HEAD:notes") == "1.3.0"
    assert shop.git("log", "-1", "--format=%B").strip().endswith("Ticket: 7")


def test_tags_of_the_user_do_not_go_along(shop: Workshop) -> None:
    shop.git("config", "push.followTags", "true")
    shop.git("tag", "--annotate", "mine", "--message", "mine")
    assert shop.cut("1.3.0") == 0
    assert "refs/tags/mine" not in refs(shop.bare)


def test_a_folder_below_the_top_can_be_cut_by_its_own_files(shop: Workshop) -> None:
    shop.write({f"part [1]/{name}": text for name, text in FILES.items()})
    shop.commit("a part")
    assert shop.cut("1.4.0", "--root", "part [1]") == 0
    assert shop.git("show", "HEAD:part [1]/VERSION") == "1.4.0"
    assert shop.git("show", "HEAD:VERSION") == "1.2.0"
    assert not shop.git("status", "--porcelain")


def test_an_older_line_goes_on_by_its_own_tags(shop: Workshop) -> None:
    shop.cut("1.3.0")
    shop.git("switch", "--quiet", "--create", "release/1.2", "v1.2.0")
    assert shop.cut("1.2.1") == 1, "it is not the release branch"
    assert shop.cut("1.2.1", "--branch", "release/1.2") == 0
    assert refs(shop.bare)["refs/heads/release/1.2"] == shop.git("rev-parse", "v1.2.1^{commit}")


def test_a_remote_of_another_name_is_taken_if_it_is_the_only_one(shop: Workshop) -> None:
    shop.git("remote", "rename", "origin", "upstream")
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()


def test_the_default_branch_of_the_remote_is_the_release_branch(shop: Workshop) -> None:
    shop.git("switch", "--quiet", "--create", "trunk")
    shop.git("push", "--quiet", "origin", "trunk")
    shop.git("remote", "set-head", "origin", "trunk")
    assert shop.cut("1.3.0") == 0
    assert refs(shop.bare)["refs/heads/trunk"] == shop.git("rev-parse", "v1.3.0^{commit}")


def test_what_is_pushed_elsewhere_than_it_is_read_is_looked_at_where_it_is_pushed(
    shop: Workshop, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--mirror", str(shop.bare), "mirror.git")
    shop.git("remote", "set-url", "origin", str(tmp_path / "mirror.git"))
    shop.git("remote", "set-url", "--push", "origin", str(shop.bare))
    shop.push_from_elsewhere("someone")
    assert shop.cut("1.3.0") == 1
    shop.git("pull", "--quiet", "--ff-only", str(shop.bare), "main")
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()
    shop.git("remote", "set-url", "--add", "--push", "origin", str(tmp_path / "mirror.git"))
    assert shop.cut("1.4.0", "--allow-empty-changelog") == 1


def dirty(shop: Workshop) -> None:
    shop.write({"helm/shop/Chart.yaml": "changed"})


def untracked(shop: Workshop) -> None:
    shop.git("config", "status.showUntrackedFiles", "no")
    shop.write({"new file": ""})


def staged(shop: Workshop) -> None:
    shop.write({"VERSION": "1.2.1\n"})
    shop.git("add", "VERSION")
    shop.write({"VERSION": "1.2.0\n"})


def other_branch(shop: Workshop) -> None:
    shop.git("switch", "--quiet", "--create", "feature")


def detached(shop: Workshop) -> None:
    shop.git("switch", "--quiet", "--detach")


def behind(shop: Workshop) -> None:
    shop.push_from_elsewhere()


def fetched_and_behind(shop: Workshop) -> None:
    shop.push_from_elsewhere()
    shop.git("fetch", "--quiet")


def diverged(shop: Workshop) -> None:
    shop.push_from_elsewhere()
    shop.write({"mine": ""})
    shop.commit("mine")


def merging(shop: Workshop) -> None:
    shop.git("switch", "--quiet", "--create", "side")
    shop.write({"side": ""})
    shop.commit("side")
    shop.git("switch", "--quiet", "main")
    shop.git("merge", "--quiet", "--no-ff", "--no-commit", "side")


def rebasing(shop: Workshop) -> None:
    shop.write({"side": ""})
    shop.commit("side")
    shop.git("-c", "sequence.editor=sed -i 1ibreak", "rebase", "--quiet", "--interactive", "HEAD^")


def tagged_here(shop: Workshop) -> None:
    shop.git("tag", "v1.3.0")


def tagged_there(shop: Workshop) -> None:
    git(shop.bare, "tag", "v1.3.0", "main")


def higher_released(shop: Workshop) -> None:
    shop.git("tag", "v1.4.0")


def higher_released_there(shop: Workshop) -> None:
    git(shop.bare, "tag", "--annotate", "--message", "x", "v1.3.1", "main")


def ignored_version(shop: Workshop) -> None:
    shop.git("rm", "--quiet", "--cached", "VERSION")
    shop.write({".gitignore": "VERSION\n"})
    shop.commit("ignored")


def nobody(shop: Workshop) -> None:
    (shop.folder / "gitconfig").write_text("[user]\nuseConfigOnly = true\n")


def silent(shop: Workshop) -> None:
    shop.git("remote", "set-url", "origin", str(shop.folder / "nowhere"))


def shallow(shop: Workshop) -> None:
    shop.git("commit", "--quiet", "--allow-empty", "--message", "second")
    shop.git("push", "--quiet", "origin", "main")
    shop.git("fetch", "--quiet", "--depth=1", "--update-shallow", f"file://{shop.bare}", "main")
    shop.git("tag", "-d", "v1.2.0")


@pytest.mark.parametrize(
    ("spoil", "message", "remedy"),
    [
        (dirty, "the work tree is not clean: helm/shop/Chart.yaml", "git stash"),
        (untracked, "the work tree is not clean: new file", ".gitignore"),
        (staged, "the work tree is not clean: VERSION", "commit it"),
        (other_branch, "this is the branch feature, expected the release branch main", "--branch feature"),
        (detached, "HEAD is detached, expected the release branch main", "git switch main"),
        (behind, "main is behind origin's", "git pull --rebase origin main"),
        (fetched_and_behind, "main is behind origin's", "git pull --rebase origin main"),
        (diverged, "main is behind origin's, or has gone another way", "git pull --rebase origin main"),
        (merging, "a merge is going on", "git status"),
        (rebasing, "a rebase is going on", "git status"),
        (tagged_here, "the tag v1.3.0 is taken: it is here, and not on the remote", "git tag -d v1.3.0"),
        (tagged_there, "the tag v1.3.0 is taken: the remote has it", "higher version"),
        (higher_released, "1.3.0 is not higher than 1.4.0, which is released", "higher one"),
        (higher_released_there, "1.3.0 is not higher than 1.3.1, which is released", "higher one"),
        (ignored_version, "git does not keep VERSION", "add and commit"),
        (nobody, "git does not know who commits", "git config user.name"),
        (silent, "git ls-remote: ", "run the same command again"),
        (shallow, "a part of the history is not here", "git fetch --unshallow"),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
def test_what_must_not_be_released_is_refused_and_left_alone(
    shop: Workshop,
    spoil: Callable[[Workshop], None],
    message: str,
    remedy: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(shop)
    before = shop.snapshot()
    assert shop.cut("1.3.0") == 1
    assert shop.snapshot() == before
    told = capsys.readouterr().err
    assert f"ERROR {message}" in told
    assert remedy in told.partition("\ntry ")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("1.3.0", "--remote", "upstream"), "--remote: this repository has no 'upstream'; it has origin"),
        (("1.3.0", "--chart", "../elsewhere/Chart.yaml"), "is not in the work tree"),
        (("1.2.0",), "1.2.0 is not higher than 1.2.0, the present version"),
        (("1.3.0", "--files-only", "--skip-staging"), "--files-only and --skip-staging exclude each other"),
        (("1.3.0", "--files-only", "--no-push"), "--files-only and --no-push exclude each other"),
    ],
)
def test_bad_input_is_refused(
    shop: Workshop, arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.folder / "elsewhere").mkdir()
    (shop.folder / "elsewhere/Chart.yaml").write_text("version: 1.2.0\n")
    before = shop.snapshot()
    assert shop.cut(*arguments) == 2
    assert shop.snapshot() == before
    assert message in capsys.readouterr().err


def test_a_repository_without_a_remote_is_told_how_to_go_on(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.git("remote", "remove", "origin")
    assert shop.cut("1.3.0") == 2
    assert "this repository has no remote" in capsys.readouterr().err


def test_outside_of_git_only_the_files_can_be_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cutting.own_settings(tmp_path, monkeypatch)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "VERSION").write_text("1.2.0\n")
    (tmp_path / "CHANGELOG.md").write_text(FILES["CHANGELOG.md"])
    assert cutting.cut("1.3.0") == 2
    assert "--files-only" in capsys.readouterr().err
    assert cutting.cut("1.3.0", "--files-only") == 0
    assert (tmp_path / "VERSION").read_text() == "1.3.0\n"


def test_the_repository_of_a_hook_that_calls_is_not_taken(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, str(shop.folder / "foreign"))
    assert shop.cut("1.3.0") == 0
    assert shop.is_released()


def test_a_linked_work_tree_can_be_cut_in(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.git("switch", "--quiet", "--detach")
    shop.git("worktree", "add", "--quiet", str(shop.folder / "linked"), "main")
    monkeypatch.chdir(shop.folder / "linked")
    assert shop.cut("1.3.0") == 0
    assert refs(shop.bare)["refs/heads/main"] == shop.git("rev-parse", "v1.3.0^{commit}")
