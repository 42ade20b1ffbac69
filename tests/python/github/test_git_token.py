"""git with the token in GITHUB_TOKEN: at the declared repository on GitHub, and at no other place, and nowhere told."""

import base64
import shutil
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rehearsal.git_server import GitServer
from release_kit.adapters.git import GitRepository
from release_kit.adapters.git_login import Login
from release_kit.cli.github_access import git_login
from release_kit.documents.scm import ScmRepository
from release_kit.errors import GitError, InputError
from release_kit.values.commit import Change
from tests.support.fault_registry import FaultRegistry
from tests.support.promotions import FLOW, Promotions, settle
from tests.support.secret_search import found as told_secret
from tests.support.secret_search import secret

REF = "refs/heads/one"
TOKEN = secret("git-token")
HEADER = f"Basic {base64.b64encode(f'x-access-token:{TOKEN}'.encode()).decode()}"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(tmp_path, monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(name="closed")
def closed_fixture(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "closed", TOKEN) as server:
        server.create("acme/deploy")
        yield server


def copy(tmp_path: Path, url: str, token: str = TOKEN, at: str = "") -> GitRepository:
    """Returns a copy whose git has the token for its address, or for the one in `at`."""
    folder = tmp_path / f"copy-{len([*tmp_path.iterdir()])}"
    folder.mkdir()
    return GitRepository(url, folder, [REF], Login(at or url, token))


def failure(repository: GitRepository) -> str:
    """Returns what is told of a server that refuses, which has no secret in it."""
    with pytest.raises(GitError) as caught:
        repository.fetch()
    text = f"{caught.value.message} {caught.value.remedy}"
    assert not told_secret(text + "".join(traceback.format_exception(caught.value)))
    return text


def test_the_token_reads_and_writes(tmp_path: Path, closed: GitServer) -> None:
    repository = copy(tmp_path, closed.url("acme/deploy"))
    repository.fetch()
    made = repository.make_commit({"a": b"1"}, [], "x")
    assert repository.push([Change(REF, "", made)])
    again = copy(tmp_path, closed.url("acme/deploy"))
    again.fetch()
    assert again.ref(REF) == made


def test_a_wrong_token_is_refused_and_not_told(
    tmp_path: Path, closed: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_CURL_VERBOSE", "GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE2"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    assert "git ls-remote: " in failure(copy(tmp_path, closed.url("acme/deploy"), secret("wrong")))
    assert not closed.journal


def shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Puts a program of this text in the place of git."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_no_command_line_has_the_token(tmp_path: Path, closed: GitServer, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = tmp_path / "lines"
    shim(tmp_path, monkeypatch, f'printf "%s\\n" "$*" >> {lines}\nexec {shutil.which("git")} "$@"')
    repository = copy(tmp_path, closed.url("acme/deploy"))
    repository.fetch()
    assert repository.push([Change(REF, "", repository.make_commit({}, [], "x"))])
    assert "ls-remote" in lines.read_text()
    assert not told_secret(lines.read_text())


def test_no_file_has_the_token(tmp_path: Path, closed: GitServer) -> None:
    repository = copy(tmp_path, closed.url("acme/deploy"))
    repository.fetch()
    assert repository.push([Change(REF, "", repository.make_commit({}, [], "x"))])
    files = [path for path in repository._folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if told_secret(path.read_text(errors="replace"))]


@pytest.mark.parametrize("stream", [1, 2])
def test_what_git_prints_is_told_without_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: int
) -> None:
    told = f'echo "fatal: tell $GIT_CONFIG_VALUE_1 and {TOKEN}" >&{stream}; exit 128'
    listed = f'for each in "$@"; do case "$each" in push) {told};; ls-remote) exit 0;; esac; done'
    shim(tmp_path, monkeypatch, f'{listed}\nexec {shutil.which("git")} "$@"')
    repository = copy(tmp_path, "http://127.0.0.1:1/acme/deploy.git")
    with pytest.raises(GitError) as caught:
        repository.push([Change(REF, "", repository.make_commit({}, [], "x"))])
    assert "fatal: tell Authorization: Basic *** and ***" in caught.value.message
    assert not told_secret("".join(traceback.format_exception(caught.value)))


class Recorder:
    """A server that takes down what it is asked, and sends whoever asks elsewhere or away."""

    def __init__(self, location: str, status: int) -> None:
        """Serves nothing yet."""
        self.seen: list[Message] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                """Says nothing."""

            def __getattr__(self, name: str) -> Callable[[], None]:
                """Answers requests of all methods alike."""
                if name.startswith("do_"):
                    return self._answer
                raise AttributeError(name)

            def _answer(self) -> None:
                recorder.seen.append(self.headers)
                self.send_response(status)
                if location:
                    self.send_header("Location", location + self.path)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.http.server_address[1]}"


@contextmanager
def recorder(location: str = "", status: int = 404) -> Iterator[Recorder]:
    """Serves as long as the context lasts."""
    made = Recorder(location, status)
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.http.shutdown()
        made.http.server_close()
        thread.join()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_takes_the_token_along(tmp_path: Path, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gitconfig").write_text("[http]\nfollowRedirects = true\n")
    with recorder() as other, recorder(other.url, status) as first:
        failure(copy(tmp_path, f"{first.url}/acme/deploy.git"))
    assert [each["Authorization"] for each in first.seen] == [HEADER]
    assert not other.seen


@pytest.mark.parametrize("path", ["/acme/deploy-2.git", "/acme", "/acme/deploy.git.evil/x"])
def test_another_repository_of_the_host_gets_no_token(tmp_path: Path, path: str) -> None:
    with recorder() as server:
        failure(copy(tmp_path, server.url + path, at=f"{server.url}/acme/deploy.git"))
    assert server.seen
    assert all(each["Authorization"] is None for each in server.seen)


def test_another_host_gets_no_token(tmp_path: Path) -> None:
    with recorder() as server, recorder() as other:
        failure(copy(tmp_path, f"{other.url}/acme/deploy.git", at=f"{server.url}/acme/deploy.git"))
    assert other.seen
    assert all(each["Authorization"] is None for each in other.seen)


def test_no_proxy_gets_the_token_in_plain_text(
    tmp_path: Path, closed: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recorder() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        (tmp_path / "gitconfig").write_text(f"[http]\nproxy = {proxy.url}\n")
        copy(tmp_path, closed.url("acme/deploy")).fetch()
    assert not proxy.seen


def test_there_is_one_login(tmp_path: Path) -> None:
    with recorder() as server:
        url = f"{server.url}/acme/deploy.git"
        (tmp_path / "gitconfig").write_text(
            f'[http "{server.url}/"]\nextraHeader = Authorization: Basic other\n'
            f'[http "{url}"]\nextraHeader = Authorization: Basic another\n'
        )
        failure(copy(tmp_path, url))
    assert [each.get_all("Authorization") for each in server.seen] == [[HEADER]]


@pytest.mark.parametrize("count", ["1", "", "many"])
def test_settings_in_the_environment_stay(
    tmp_path: Path, closed: GitServer, monkeypatch: pytest.MonkeyPatch, count: str
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", count)
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Ann")
    repository = copy(tmp_path, closed.url("acme/deploy"))
    repository.fetch()
    author = repository.commit(repository.make_commit({}, [], "x")).author
    assert author == ("Ann" if count == "1" else "Jo Doe") + " <jo@example.com>"


def scm(domain: str = "", provider: str = "github") -> ScmRepository:
    return ScmRepository(provider, "https://github.com/acme/deploy.git", "scm", "acme", "deploy", domain=domain)


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("", "https://github.com/acme/deploy.git"),
        ("", "https://github.com/acme/deploy"),
        ("", "https://github.com/acme/deploy/"),
        ("", "https://GitHub.com/Acme/Deploy.git"),
        ("git.acme.example", "https://git.acme.example/acme/deploy.git"),
        ("git.acme.example:8443", "https://git.acme.example:8443/acme/deploy.git"),
        ("127.0.0.1:4711", "http://127.0.0.1:4712/acme/deploy.git"),
    ],
)
def test_the_declared_repository_gets_the_token(monkeypatch: pytest.MonkeyPatch, domain: str, url: str) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert git_login(scm(domain), url) == Login(url, TOKEN)


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("", "http://github.com/acme/deploy.git"),
        ("", "ssh://git@github.com/acme/deploy.git"),
        ("", "file:///acme/deploy.git"),
        ("", "https://github.com/acme/other.git"),
        ("", "https://github.com/acme/deploy.git/more"),
        ("", "https://github.com/evil/acme/deploy.git"),
        ("", "https://github.com.evil.example/acme/deploy.git"),
        ("", "https://evil.example/acme/deploy.git"),
        ("", "https://github.com:8443/acme/deploy.git"),
        ("", "https://jo@github.com/acme/deploy.git"),
        ("", "http://127.0.0.1:4711/acme/deploy.git"),
        ("", "https://github.com/acme/%64eploy.git"),
        ("git.acme.example", "https://github.com/acme/deploy.git"),
        ("git.acme.example", "http://git.acme.example/acme/deploy.git"),
        ("git.acme.example", "http://127.0.0.1:4711/acme/deploy.git"),
        ("127.0.0.1:4711", "http://git.acme.example/acme/deploy.git"),
        ("127.0.0.1:4711", "https://git.acme.example/acme/deploy.git"),
    ],
)
def test_another_address_gets_none(monkeypatch: pytest.MonkeyPatch, domain: str, url: str) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert git_login(scm(domain), url) is None


def test_another_host_than_github_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert git_login(scm(provider="gitea", domain="github.com"), "https://github.com/acme/deploy.git") is None


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_git_is_who_it_was(monkeypatch: pytest.MonkeyPatch, token: str | None) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", token) if token is not None else monkeypatch.delenv("GITHUB_TOKEN", False)
    assert git_login(scm(), "https://github.com/acme/deploy.git") is None


def test_what_is_no_token_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", f"{TOKEN}\nX: y")
    with pytest.raises(InputError, match="git: needs a token in GITHUB_TOKEN") as caught:
        git_login(scm(), "https://github.com/acme/deploy.git")
    assert not told_secret(f"{caught.value.message} {caught.value.remedy}")


@pytest.fixture(name="shop")
def shop_fixture(tmp_path: Path) -> Iterator[Promotions]:
    """Environments at a server that lets nobody in without the token, on a GitHub that nobody asks."""
    with FaultRegistry() as registry, GitServer(tmp_path / "git") as server:
        shop = Promotions(tmp_path, registry.host, server)
        shop.release("1.0.0")
        assert shop.promote() == 0
        on_github = {"owner": "acme", "name": "deploy", "app_id": 1, "domain": "127.0.0.1:1", "url": shop.url}
        shop.declare(FLOW, repository=on_github)
        server.password = TOKEN
        yield shop


def test_commands_use_the_token(
    shop: Promotions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert shop.report("staging", "e2e", "success", "--json") == 0
    assert shop.promote("--to", "demo") == 0
    assert shop.active("demo") == "1.0.0"
    assert shop.run("status") == 0
    out, err = capsys.readouterr()
    assert not told_secret(out + err)


def test_commands_that_get_no_token_are_refused(
    shop: Promotions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.report("staging", "e2e") == 1
    monkeypatch.setenv("GITHUB_TOKEN", secret("wrong"))
    assert shop.report("staging", "e2e") == 1
    out, err = capsys.readouterr()
    assert "git ls-remote: " in err
    assert not told_secret(out + err)


def test_a_login_of_the_users_own_is_used_where_there_is_no_token(shop: Promotions, tmp_path: Path) -> None:
    helper = f'[credential]\nhelper = "!f() {{ echo username=git; echo password={TOKEN}; }}; f"\n'
    (tmp_path / "gitconfig").write_text(helper)
    assert shop.report("staging", "e2e") == 0
