"""The copy of a git repository, with a real git and a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.git_server import GitRequest, GitServer, RefusedError, git, refs
from release_kit.adapters import git_reader
from release_kit.adapters.git import GitRepository
from release_kit.errors import GitError
from release_kit.values.commit import NOTES, Change

ONE, TWO = "refs/heads/one", "refs/heads/deep/two"
MISSING = "0" * 39 + "1"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(name="server")
def server_fixture(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "git") as server:
        yield server


@pytest.fixture(name="bare")
def bare_fixture(server: GitServer) -> Path:
    return server.create("shop")


@pytest.fixture(name="copy")
def copy_fixture(tmp_path: Path, server: GitServer, bare: Path) -> GitRepository:
    assert bare.exists()
    return fresh(tmp_path, server)


def fresh(folder: Path, server: GitServer, name: str = "copy") -> GitRepository:
    """Returns an empty copy of the server's repository."""
    (folder / name).mkdir()
    return GitRepository(server.url("shop"), folder / name, [ONE, TWO, NOTES])


def test_nothing_is_asked_before_the_first_fetch(copy: GitRepository, server: GitServer) -> None:
    assert copy.url == server.url("shop")
    assert not server.journal
    copy.fetch()
    assert [copy.ref(name) for name in (ONE, TWO, NOTES)] == ["", "", ""]


def test_what_is_pushed_is_what_another_copy_reads(copy: GitRepository, tmp_path: Path, server: GitServer) -> None:
    files = {"a/b.txt": b"hi\n", 'odd "name"\t\\ü\n.txt': b"", "binary": bytes(range(256))}
    first = copy.make_commit(files, [], "First\n\nWhy: so\n")
    second = copy.make_commit({"c": b"1"}, [first], "Second")
    copy.fetch()
    assert copy.push([Change(ONE, "", second)])
    assert copy.ref(ONE) == second
    other = fresh(tmp_path, server, "other")
    other.fetch()
    assert other.ref(ONE) == second
    assert other.files(first) == files
    assert (other.file(first, "a/b.txt"), other.file(first, "a"), other.file(first, "x")) == (b"hi\n", None, None)
    assert [(each.sha, each.parents, each.message.strip()) for each in other.history(second, 5)] == [
        (second, (first,), "Second"),
        (first, (), "First\n\nWhy: so"),
    ]
    assert other.history(second, 1) == [other.commit(second)]


def test_links_and_submodules_are_no_files(copy: GitRepository, bare: Path) -> None:
    blob = git(bare, "hash-object", "-w", "--stdin", input_=b"/etc/passwd")
    entries = f"120000 blob {blob}\tlink\n160000 commit {MISSING}\tmodule\n100755 blob {blob}\trun\n"
    tree = git(bare, "mktree", "--missing", input_=entries.encode())
    git(bare, "update-ref", ONE, git(bare, "commit-tree", tree, "-m", "x"))
    copy.fetch()
    assert copy.files(copy.ref(ONE)) == {"run": b"/etc/passwd"}
    assert (copy.file(copy.ref(ONE), "link"), copy.file(copy.ref(ONE), "module")) == (None, None)


def test_links_and_submodules_are_content(copy: GitRepository, bare: Path) -> None:
    blob = git(bare, "hash-object", "-w", "--stdin", input_=b"1")
    plain = f"100644 blob {blob}\ta\n"
    others = [f"{plain}120000 blob {blob}\tb\n", f"{plain}160000 commit {MISSING}\tb\n", f"100755 blob {blob}\ta\n"]
    made = ""
    for entries in (*others, plain):
        tree = git(bare, "mktree", "--missing", input_=entries.encode())
        made = git(bare, "commit-tree", tree, "-m", "x", *(("-p", made) if made else ()))
    git(bare, "update-ref", ONE, made)
    copy.fetch()
    first, *before = [commit.sha for commit in copy.history(made, 4)]
    assert [copy.has_same_content(first, other) for other in before] == [False] * 3
    assert copy.has_same_content(first, copy.make_commit({"a": b"1"}, [], "another"))


def test_a_part_of_a_history_is_refused(tmp_path: Path, server: GitServer, bare: Path) -> None:
    tree = git(bare, "hash-object", "-w", "-t", "tree", "--stdin")
    first = git(bare, "commit-tree", tree, "-m", "a")
    git(bare, "update-ref", ONE, git(bare, "commit-tree", tree, "-p", first, "-m", "b"))
    shallow = server.folder / "shallow.git"
    git(bare, "clone", "--quiet", "--bare", "--depth=1", "--branch=one", f"file://{bare}", str(shallow))
    (tmp_path / "copy").mkdir()
    own = GitRepository(server.url("shallow"), tmp_path / "copy", [ONE])
    with pytest.raises(GitError, match=f"git does not take {ONE}: a part of its history is not there"):
        own.fetch()


def test_a_fetch_follows_moves_and_deletions(copy: GitRepository, bare: Path) -> None:
    tree = git(bare, "hash-object", "-w", "-t", "tree", "--stdin")
    first, second = (git(bare, "commit-tree", tree, "-m", text) for text in "ab")
    for made in (first, second, first):
        git(bare, "update-ref", ONE, made)
        copy.fetch()
        assert copy.ref(ONE) == made
        assert copy.commit(made).sha == made
    git(bare, "update-ref", "-d", ONE)
    copy.fetch()
    assert copy.ref(ONE) == ""


def test_a_ref_that_moves_or_goes_while_it_is_fetched_is_read_as_it_is_then(
    copy: GitRepository, bare: Path, server: GitServer
) -> None:
    tree = git(bare, "hash-object", "-w", "-t", "tree", "--stdin")
    first, second = (git(bare, "commit-tree", tree, "-m", text) for text in "ab")
    git(bare, "update-ref", ONE, first)
    git(bare, "update-ref", TWO, first)

    def hook(request: GitRequest) -> None:
        if request.number == 2:
            git(bare, "update-ref", ONE, second)
            git(bare, "update-ref", "-d", TWO)

    server.before = hook
    copy.fetch()
    assert (copy.ref(ONE), copy.ref(TWO)) == (second, "")


def test_only_refs_that_were_named_can_be_read(copy: GitRepository) -> None:
    with pytest.raises(ValueError, match="none of the refs"):
        copy.ref("refs/heads/other")


def test_histories_are_compared(copy: GitRepository) -> None:
    first = copy.make_commit({}, [], "1")
    left, right = (copy.make_commit({name: b""}, [first], name) for name in ("left", "right"))
    merged = copy.make_commit({}, [left, right], "merge")
    orphan = copy.make_commit({"o": b""}, [], "orphan")
    assert copy.commit(merged).parents == (left, right)
    assert copy.is_ancestor(first, merged)
    assert copy.is_ancestor(right, merged)
    assert not copy.is_ancestor(merged, right)
    assert not copy.is_ancestor(MISSING, merged)
    assert (copy.merge_base(left, right), copy.merge_base(left, orphan)) == (first, "")


def test_a_commit_can_add_files_to_another_or_copy_it(copy: GitRepository) -> None:
    first = copy.make_commit({"a": b"1", "b/c": b"2"}, [], "1")
    added = copy.add_files({"b/d": b"3"}, first, "2")
    assert copy.files(added) == {"a": b"1", "b/c": b"2", "b/d": b"3"}
    assert copy.files(added, "b") == {"b/c": b"2", "b/d": b"3"}
    assert copy.files(copy.add_files({"x": b""}, "", "begin")) == {"x": b""}
    copied = copy.copy_commit(first, [added], "back")
    assert (copy.files(copied), copy.commit(copied).parents) == (copy.files(first), (added,))
    assert copy.file_of_each([first, added, copied], "b/d") == {added: b"3"}


def test_all_refs_move_or_none(copy: GitRepository, bare: Path) -> None:
    first, second = (copy.make_commit({name: b""}, [], name) for name in "ab")
    copy.fetch()
    assert copy.push([Change(ONE, "", first)])
    assert not copy.push([Change(ONE, second, second), Change(TWO, "", second)])
    assert refs(bare) == {ONE: first}
    assert not copy.push([Change(ONE, "", second), Change(TWO, "", second)])
    assert copy.push([Change(ONE, first, second), Change(TWO, "", second)])
    assert refs(bare) == {ONE: second, TWO: second}


def test_a_lock_that_another_holds_is_a_lost_race(copy: GitRepository, bare: Path) -> None:
    made = copy.make_commit({}, [], "x")
    (bare / f"{ONE}.lock").write_text("")
    copy.fetch()
    assert copy.push([Change(ONE, "", made)]) is False
    (bare / f"{ONE}.lock").unlink()
    assert copy.push([Change(ONE, "", made)]) is True


def test_what_the_server_refuses_is_told_with_its_words(copy: GitRepository, bare: Path) -> None:
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nprintf 'not on \\033[31mfridays\\n' >&2\nexit 1\n")
    hook.chmod(0o755)
    made = copy.make_commit({}, [], "x")
    copy.fetch()
    with pytest.raises(GitError, match=r"not on \?\[31mfridays"):
        copy.push([Change(ONE, "", made)])


def test_of_many_refs_that_are_refused_the_servers_words_and_the_one_to_blame_are_told(
    copy: GitRepository, bare: Path
) -> None:
    hook = bare / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/deep/two ] || { echo "GH006: protected" >&2; exit 1; }\n')
    hook.chmod(0o755)
    made = copy.make_commit({}, [], "x")
    copy.fetch()
    with pytest.raises(GitError, match=r"GH006: protected; .*refs/heads/deep/two \[remote rejected\]") as caught:
        copy.push([Change(ref, "", made) for ref in (ONE, TWO, NOTES)])
    assert ONE not in caught.value.message
    assert made not in caught.value.message


def test_a_lost_answer_is_looked_up(copy: GitRepository, server: GitServer) -> None:
    def lose(request: GitRequest) -> None:
        if request.step == "push":
            raise RefusedError

    made = copy.make_commit({}, [], "x")
    copy.fetch()
    server.after = lose
    assert copy.push([Change(ONE, "", made)])


def test_notes_are_added_to_those_of_the_server(copy: GitRepository, bare: Path) -> None:
    first, second = (copy.make_commit({name: b""}, [], name) for name in "ab")
    copy.fetch()
    assert copy.note(NOTES, first) is None
    assert copy.push([Change(ONE, "", first), Change(TWO, "", second)])
    git(bare, "notes", "--ref", NOTES, "add", "-m", "theirs", first)
    copy.fetch()
    old = copy.ref(NOTES)
    made = copy.make_notes(NOTES, {second: b"ours \n\n"})
    assert copy.note(NOTES, second) is None, "it is not pushed"
    assert copy.push([Change(NOTES, old, made)])
    assert (copy.note(NOTES, first), copy.note(NOTES, second)) == (b"theirs\n", b"ours \n\n")
    assert copy.is_ancestor(old, made)


def test_a_patch_shows_what_changed(copy: GitRepository) -> None:
    first = copy.make_commit({"a": b"1\n"}, [], "1")
    second = copy.make_commit({"a": b"2\n"}, [first], "2")
    assert "-1\n+2\n" in copy.diff(first, second)
    assert "+++ b/a\n@@ -0,0 +1 @@\n+1\n" in copy.diff("", first)
    assert copy.diff(first, first) == ""


def test_repositories_of_long_shas_are_read_and_written(tmp_path: Path, server: GitServer) -> None:
    bare = server.folder / "shop.git"
    bare.mkdir(parents=True)
    git(bare, "init", "--quiet", "--bare", "--object-format=sha256", ".")
    git(bare, "config", "http.receivepack", "true")
    tree = git(bare, "hash-object", "-w", "-t", "tree", "--stdin")
    git(bare, "update-ref", ONE, git(bare, "commit-tree", tree, "-m", "x"))
    copy = fresh(tmp_path, server)
    copy.fetch()
    made = copy.make_commit({"a": b"1\n"}, [copy.ref(ONE)], "y")
    assert len(made) == 64
    assert copy.push([Change(ONE, copy.ref(ONE), made)])
    assert "+1" in copy.diff("", made)


def test_files_that_are_too_large_are_not_read(copy: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_reader, "MAX_BYTES", 1000)
    made = copy.make_commit({"a": bytes(600), "b": bytes(600)}, [], "x")
    assert copy.file(made, "a") == bytes(600)
    with pytest.raises(GitError, match="2 files of one commit have more than 1000 bytes, the largest 600"):
        copy.files(made)


@pytest.mark.parametrize("path", ["", "/a", "a/", "../a", "a/.git/x", "a\0b"])
def test_paths_that_lead_elsewhere_are_refused(copy: GitRepository, path: str) -> None:
    with pytest.raises(GitError, match="there can be no file"):
        copy.make_commit({path: b""}, [], "x")


@pytest.mark.parametrize("sha", ["", "HEAD", "--all", MISSING + "0", "main~1"])
def test_only_shas_are_taken_for_commits(copy: GitRepository, sha: str) -> None:
    with pytest.raises(GitError, match="expected the sha of a commit"):
        copy.files(sha)
