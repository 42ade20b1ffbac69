"""A clone in which releases are cut, its remote, and a git on PATH that fails or kills where a test wants it to."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from rehearsal.git_server import git, refs
from release_kit.cli.app import main

FILES = {
    "VERSION": "1.2.0\n",
    "helm/shop/Chart.yaml": 'name: shop   # the name\nversion: 1.2.0\nappVersion: "1.2.0"\n',
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 1.2.0 - 2025-12-01\n\n- First.\n",
    ".gitignore": "ignored\n",
}
RELEASED = ["refs/heads/main", "refs/tags/v1.3.0"]

_GIT = """\
#!/bin/sh
number=$(($(cat '{folder}/count') + 1))
echo $number > '{folder}/count'
echo "$*" >> '{folder}/calls'
if [ $number = "$(cat '{folder}/at')" ]; then
  case $(cat '{folder}/what') in
    fail) echo 'fatal: it failed' >&2; exit 1 ;;
    fail-after) '{git}' "$@"; echo 'fatal: it failed' >&2; exit 1 ;;
    kill) exec {kill} ;;
    kill-after) '{git}' "$@"; exec {kill} ;;
    interrupt) kill -INT $PPID ;;
    terminate) kill -TERM $PPID ;;
  esac
fi
if [ $(cat '{folder}/what') = storm ] && [ $number -ge "$(cat '{folder}/at')" ]; then kill -INT $PPID; fi
exec '{git}' "$@"
"""
_KILL = "import os, signal; os.closerange(3, 1024); os.kill(os.getppid(), signal.SIGKILL)"
"""Without what the killed process left it: its lock would be held until this one has ended, too."""


class Snapshot(NamedTuple):
    """All that a cut may change."""

    refs: dict[str, str]
    head: str
    status: str
    staged: str
    files: dict[str, tuple[bytes, int]]
    """Content and mode of each, by its path."""
    own: set[str]
    """The files of release-kit in git's folder."""
    remote: dict[str, str]


class Workshop:
    """A clone at 1.2.0 that is the working directory, and its remote."""

    def __init__(self, folder: Path, url: str, bare: Path) -> None:
        """Makes the clone of an empty remote, and its first commit."""
        self.folder, self.bare, self.clone = folder, bare, folder / "clone"
        git(folder, "clone", "--quiet", url, str(self.clone))
        self.write(FILES)
        self.commit("first")
        self.git("tag", "--annotate", "v1.2.0", "--message", "Release 1.2.0")
        self.git("push", "--quiet", "origin", "main", "v1.2.0")
        self.git("remote", "set-head", "origin", "main")

    def git(self, *arguments: str) -> str:
        """Runs git in the clone, as its user."""
        return git(self.clone, *arguments)

    def write(self, files: dict[str, str]) -> None:
        """Writes files of the clone."""
        for name, text in files.items():
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            (self.clone / name).write_bytes(text.encode())

    def commit(self, message: str) -> None:
        """Commits all files."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--message", message)

    def push_from_elsewhere(self, name: str = "other", *refs: str) -> None:
        """Lets somebody else commit to main, and push it."""
        other = self.folder / name
        git(self.folder, "clone", "--quiet", str(self.bare), str(other))
        git(other, "commit", "--quiet", "--allow-empty", "--message", name)
        git(other, "push", "--quiet", "origin", "main", *refs)

    def hook(self, name: str, text: str) -> None:
        """Adds a hook to the clone."""
        hooks = self.clone / ".git/hooks"
        hooks.mkdir(exist_ok=True)
        (hooks / name).write_text(f"#!/bin/sh\n{text}")
        (hooks / name).chmod(0o755)

    def cut(self, *arguments: str) -> int:
        """Cuts a release in this process."""
        return cut(*arguments)

    def snapshot(self) -> Snapshot:
        """Looks at all that a cut may change."""
        paths = [path for path in self.clone.rglob("*") if ".git" not in path.parts and path.is_file()]
        own = (self.clone / ".git").glob("release-kit*")
        return Snapshot(
            {name: sha for name, sha in refs(self.clone).items() if not name.startswith("refs/remotes/")},
            (self.clone / ".git/HEAD").read_text(),
            self.git("--no-optional-locks", "status", "--porcelain"),
            self.git("ls-files", "--stage"),
            {str(path.relative_to(self.clone)): (path.read_bytes(), path.stat().st_mode) for path in paths},
            {path.name for path in own},
            refs(self.bare),
        )

    def is_released(self, version: str = "1.3.0") -> bool:
        """Tells whether the remote and the clone have a release, and nothing else is to be seen."""
        now = self.snapshot()
        commit = now.refs["refs/heads/main"]
        assert not now.own
        assert not now.status
        is_here = self.git("rev-parse", f"v{version}^{{commit}}") == commit
        is_there = now.remote == {**now.remote, "refs/heads/main": commit, **_tags(now, version)}
        return is_here and is_there and self.git("show", "HEAD:VERSION") == version


def _tags(snapshot: Snapshot, version: str) -> dict[str, str]:
    name = f"refs/tags/v{version}"
    return {name: snapshot.refs[name]}


class FaultyGit:
    """A git that comes first on PATH."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Writes it; it does nothing but count, as yet."""
        self.folder = folder / "faulty"
        self.folder.mkdir()
        program = self.folder / "git"
        program.write_text(
            _GIT.format(folder=self.folder, git=shutil.which("git"), kill=shlex.join([sys.executable, "-c", _KILL]))
        )
        program.chmod(0o755)
        self.set("", 0)
        self._path = f"{self.folder}{os.pathsep}{os.environ['PATH']}"
        self._monkeypatch = monkeypatch

    def set(self, what: str, at: int) -> None:
        """Lets something happen at a call from now on, 1 for the first; 0: at none."""
        for name, text in {"count": "0", "at": str(at), "what": what, "calls": ""}.items():
            (self.folder / name).write_text(text)

    @property
    def calls(self) -> list[str]:
        """The calls since then."""
        return (self.folder / "calls").read_text().splitlines()

    def cut(self, *arguments: str) -> int:
        """Cuts a release in this process."""
        with self._monkeypatch.context() as patch:
            patch.setenv("PATH", self._path)
            return main(["cut", *arguments])

    def process(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Cuts a release in a process of its own, which may be killed."""
        code = "import sys; from release_kit.cli.app import command; sys.exit(command())"
        environment = {**os.environ, "PATH": self._path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        return subprocess.run(
            [sys.executable, "-c", code, "cut", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


def cut(*arguments: str) -> int:
    """Cuts a release in this process."""
    return main(["cut", *arguments])


def own_settings(folder: Path, monkeypatch: pytest.MonkeyPatch, more: str = "") -> None:
    """Lets git know nothing of this machine's user; who commits is Jo Doe."""
    settings = folder / "gitconfig"
    settings.write_text(f"[user]\nname = Jo Doe\nemail = jo@example.com\n{more}")
    for name in [key for key in os.environ if key.startswith(("GIT_", "BUILD_W"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def workshop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Returns a clone of a remote in a folder."""
    own_settings(folder, monkeypatch)
    bare = folder / "remote.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    made = Workshop(folder, str(bare), bare)
    monkeypatch.chdir(made.clone)
    return made
