"""A git repository of its own, written in one stream by `git fast-import`: 30,000 commits take seconds.

The stream is that of git-fast-import(1). No setting of the machine or its user has a part in it, and all times are
given, so the same commits have the same names wherever they are made.
"""

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType

from release_kit.adapters import git_objects
from release_kit.errors import GitError, InputError
from release_kit.values.commit import NOTES, NewCommit

WHO = "release-kit simulate <simulate@release-kit.invalid>"
_IMPORT = ("git", "-c", "core.compression=1", "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet", "--done")
_BRANCHES_IN_MEMORY = 4096
_FIRST_COMMIT = 1 << 40
"""The mark of the first commit; those of blobs are below."""
_MARKS = "marks-of-release-kit"


class SimulatedRepository:
    """Implements the port CommitWriter; to be used as a context manager, which ends the stream."""

    def __init__(self, folder: Path, branch: str) -> None:
        """Takes a folder that is not there, or empty, and the branch that HEAD is to name.

        Raises:
            InputError: there is something in the folder.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{folder}: there is something already", "name a folder that is not there, or empty")
        self._folder, self._branch = folder, branch
        self._environment = {key: text for key, text in os.environ.items() if not key.startswith("GIT_")}
        self._environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
        self._blobs = [""]
        """By mark."""
        self._commits: dict[str, int] = {}

    def __enter__(self) -> "SimulatedRepository":
        """Makes the bare repository, and starts git.

        Raises:
            InputError: there is no git on PATH, or no way to make the folder.
            GitError: git failed.
        """
        self._initialize()
        self._errors = TemporaryFile()
        self._process = subprocess.Popen(
            [*_IMPORT, f"--active-branches={_BRANCHES_IN_MEMORY}", f"--export-marks={_MARKS}"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )
        assert self._process.stdin
        self._input = self._process.stdin
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Ends the stream, and with it makes all branches; after an error there will be none.

        Raises:
            GitError: git failed.
        """
        try:
            if kind is None:
                self._finish()
        finally:
            self._process.kill()
            self._process.wait()
            with suppress(BrokenPipeError):
                self._input.close()
            self._errors.close()

    def blob(self, content: bytes) -> int:
        """Keeps the content of a file; returns what commits know it by."""
        self._blobs.append(git_objects.blob(content))
        self._write(b"blob\nmark :%d\n" % (len(self._blobs) - 1) + _data(content))
        return len(self._blobs) - 1

    def commit(self, new: NewCommit) -> str:
        """Makes a commit on a branch; returns its sha.

        Its sha is not asked for: waiting for the answers would take longer than everything else.
        """
        who = f"{WHO} {new.time} +0000"
        parents = [f"{'merge' if i else 'from'} {self._mark(sha)}" for i, sha in enumerate(new.parents)]
        folder = git_objects.tree([(path, self._blobs[blob]) for path, blob in new.files])
        sha = git_objects.commit(folder, new.parents, who, new.message)
        self._commits.setdefault(sha, len(self._commits) + _FIRST_COMMIT)
        files = [f"M 100644 :{blob} {path}" for path, blob in new.files]
        head = f"commit {new.ref}\nmark {self._mark(sha)}\ncommitter {who}\n".encode()
        rest = "\n".join([*parents, "deleteall", *files, ""]).encode()
        self._write(head + _data(new.message.encode()) + rest + b"\n")
        return sha

    def branch(self, ref: str, sha: str) -> None:
        """Lets a branch begin at a commit."""
        self._write(f"reset {ref}\nfrom {self._mark(sha)}\n\n".encode())

    def note(self, sha: str, content: bytes, time: int) -> None:
        """Adds a hydrator's note to a commit, or puts it in the place of its older one."""
        head = f"commit {NOTES}\ncommitter {WHO} {time} +0000\n".encode()
        note = f"N inline {self._mark(sha)}\n".encode()
        self._write(head + _data(b"Notes added by release-kit simulate\n") + note + _data(content))

    def _initialize(self) -> None:
        settings = ("--quiet", "--bare", "--object-format=sha1", f"--initial-branch={self._branch}")
        command = ["git", "init", *settings, "--", "."]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(command, cwd=self._folder, env=self._environment, stderr=subprocess.PIPE, check=False)
        except FileNotFoundError as error:
            raise InputError("the program git is not on PATH", "install git, 2.39 or newer") from error
        except OSError as error:
            raise InputError(f"{self._folder}: can't be made: {error.strerror}") from error
        if done.returncode:
            raise GitError(f"git init: {done.stderr.decode(errors='replace').strip()!r:.300}")

    def _mark(self, sha: str) -> str:
        return f":{self._commits[sha]}"

    def _write(self, text: bytes) -> None:
        try:
            self._input.write(text)
        except BrokenPipeError:
            raise self._failed() from None

    def _finish(self) -> None:
        """Waits until git has written everything, and looks whether all commits are called as was worked out."""
        try:
            self._input.write(b"done\n")
            self._input.close()
        except BrokenPipeError:
            raise self._failed() from None
        if self._process.wait():
            raise self._failed()
        marks = self._folder / _MARKS
        found = {sha: int(mark[1:]) for mark, sha in (line.split() for line in marks.read_text().splitlines())}
        marks.unlink()
        if any(found.get(sha) != mark for sha, mark in self._commits.items()):
            raise GitError("git fast-import: commits are called otherwise than they have to be", "update git")

    def _failed(self) -> GitError:
        self._process.wait()
        self._errors.seek(0)
        told = self._errors.read(10_000).decode(errors="replace").strip().splitlines()
        return GitError(f"git fast-import: {told[:1]!r:.300}", "is there room left where the repository is written?")


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)
