"""What git takes from its user: settings, names, logins; and what it must not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.git_server import GitServer, refs
from release_kit.adapters.git import GitRepository
from release_kit.errors import GitError, InputError
from release_kit.values.commit import NOTES, Change
from tests.support import secret_search

ONE, TWO = "refs/heads/one", "refs/heads/deep/two"


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


def configure(folder: Path, text: str) -> None:
    """Writes what git reads as the user's settings."""
    (folder / "gitconfig").write_text(text)


def test_time_and_author_are_those_of_the_commit(copy: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Jö Doe")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "jo@example.com")
    configured = GitRepository(copy.url, _folder(copy, "configured"), [ONE])
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0100")
    dated = GitRepository(copy.url, _folder(copy, "dated"), [ONE])
    assert configured.commit(configured.make_commit({}, [], "x")).author == "Jö Doe <jo@example.com>"
    assert dated.commit(dated.make_commit({}, [], "x")).time == 1700000000


def _folder(copy: GitRepository, name: str) -> Path:
    folder = copy._folder.parent / name
    folder.mkdir()
    return folder


def test_who_is_nobody_commits_as_release_kit(copy: GitRepository, tmp_path: Path) -> None:
    configure(tmp_path, "[user]\nuseConfigOnly = true\n")
    nobody = GitRepository(copy.url, _folder(copy, "nobody"), [ONE])
    assert nobody.commit(nobody.make_commit({}, [], "x")).author == "release-kit <release-kit@localhost>"


def test_settings_of_the_user_change_nothing(copy: GitRepository, tmp_path: Path, server: GitServer) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "reference-transaction", "commit-msg"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    configure(
        tmp_path,
        f"[core]\nhooksPath = {hooks}\n[commit]\ngpgSign = true\n[push]\ngpgSign = true\nfollowTags = true\n"
        "[color]\nui = always\n[diff]\nnoprefix = true\nexternal = false\n[log]\nshowSignature = true\n"
        "[init]\ndefaultObjectFormat = sha256\n[fetch]\nprune = true\n[notes]\ndisplayRef = refs/notes/*\n"
        "[i18n]\nlogOutputEncoding = ISO-8859-1\n",
    )
    own = fresh(tmp_path, server, "own")
    first = own.make_commit({"a": b"1\n"}, [], "ü")
    own.fetch()
    assert own.push([Change(ONE, "", first)])
    assert (len(first), own.commit(first).message) == (40, "ü")
    assert own.diff("", first) == copy_of(copy, first)


def copy_of(copy: GitRepository, sha: str) -> str:
    """Returns the same patch from a copy that was made without such settings."""
    copy.fetch()
    return copy.diff("", sha)


def test_another_repository_of_the_environment_is_left_alone(
    tmp_path: Path, server: GitServer, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = server.create("foreign")
    before = sorted(path.name for path in foreign.rglob("*"))
    for name, value in {"GIT_DIR": foreign, "GIT_INDEX_FILE": foreign / "index", "GIT_NAMESPACE": "x"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    copy = fresh(tmp_path, server)
    copy.fetch()
    assert copy.push([Change(ONE, "", copy.make_commit({"a": b""}, [], "x"))])
    assert sorted(path.name for path in foreign.rglob("*")) == before
    assert [*refs(bare)] == [ONE]


@pytest.mark.parametrize("address", ["ext::sh -c touch% {}", "--upload-pack=touch {}"])
def test_an_address_runs_no_program(tmp_path: Path, address: str) -> None:
    (tmp_path / "copy").mkdir()
    victim = tmp_path / "victim"
    copy = GitRepository(address.format(victim), tmp_path / "copy", [ONE])
    with pytest.raises(GitError, match="git ls-remote: "):
        copy.fetch()
    assert not victim.exists()


def test_without_git_the_error_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="git is not on PATH"):
        GitRepository("file:///nowhere", tmp_path, [ONE])


def test_a_server_that_is_not_there_is_an_error(copy: GitRepository, tmp_path: Path) -> None:
    with GitServer(tmp_path / "gone") as server:
        address = server.url("shop")
    gone = GitRepository(address, _folder(copy, "gone-copy"), [ONE])
    with pytest.raises(GitError, match="git ls-remote: .*Failed to connect|git ls-remote: .*Couldn't connect"):
        gone.fetch()


PASSWORD = secret_search.secret("git")


@pytest.fixture(name="closed")
def closed_fixture(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "closed", PASSWORD) as server:
        server.create("shop")
        yield server


def test_a_credential_helper_is_asked(tmp_path: Path, closed: GitServer) -> None:
    configure(tmp_path, f'[credential]\nhelper = "!f() {{ echo username=git; echo password={PASSWORD}; }}; f"\n')
    copy = fresh(tmp_path, closed)
    copy.fetch()
    assert copy.push([Change(ONE, "", copy.make_commit({}, [], "x"))])


@pytest.mark.parametrize("wrong", ["", "x"], ids=["no-password", "a-wrong-one"])
def test_a_refused_login_tells_no_secret_and_asks_nobody(
    tmp_path: Path, closed: GitServer, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = tmp_path / "asker"
    asker.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n")
    asker.chmod(0o755)
    monkeypatch.setenv("SSH_ASKPASS", str(asker))
    known = f'[credential]\nhelper = "!f() {{ echo username=git; echo password={PASSWORD}{wrong}; }}; f"\n'
    configure(tmp_path, known if wrong else "")
    copy = fresh(tmp_path, closed)
    with pytest.raises(GitError, match="git ls-remote: ") as caught:
        copy.fetch()
    assert not secret_search.found(f"{caught.value} {caught.value.remedy}")
    assert not closed.journal


def test_a_password_in_a_rewritten_address_is_not_told(tmp_path: Path, closed: GitServer) -> None:
    base = closed.url("shop").removesuffix("shop.git")
    inside = base.replace("//", f"//git:{PASSWORD}x/@/")
    for form in (inside, base.replace("//", f"//git:{PASSWORD}x@"), f"http://git:{PASSWORD}@127.0.0.1:1/"):
        configure(tmp_path, f'[url "{form}"]\ninsteadOf = {base}\n')
        copy = fresh(tmp_path, closed, f"copy{len(form)}{form[-2]}")
        with pytest.raises(GitError) as caught:
            copy.fetch()
        assert not secret_search.found(str(caught.value)), caught.value


def test_traces_of_git_are_not_part_of_errors(
    tmp_path: Path, closed: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TRACE_CURL", "1")
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    configure(tmp_path, f"[http]\nextraHeader = X-Token: {PASSWORD}x\n")
    with pytest.raises(GitError) as caught:
        fresh(tmp_path, closed).fetch()
    assert not secret_search.found(str(caught.value))
    assert os.environ["GIT_TRACE_CURL"] == "1"
