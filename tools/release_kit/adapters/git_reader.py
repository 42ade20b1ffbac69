"""Reads the objects of one git repository, by way of one `git cat-file --batch-command` (git 2.36 and newer)."""

import contextlib
import re
import subprocess
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from release_kit.errors import GitError
from release_kit.values.commit import Commit

MAX_BYTES = 64 * 1024 * 1024
"""Of all files of a commit that are read at once."""
_MAX_TREE_DEPTH = 100
_LATEST = 253_370_764_800
"""The beginning of the year 9999, the last that can be told in every time zone: a commit may have any time."""
_HEADER = re.compile(rb"(?P<who>.*) (?P<time>-?\d{1,18}) [-+]\d{4}", re.DOTALL)


class Entry(NamedTuple):
    """One entry of a tree."""

    mode: bytes
    """`40000` is a folder, `100...` a file; all else are links and submodules."""
    name: bytes
    sha: str

    @property
    def is_folder(self) -> bool:
        """Whether it is a tree."""
        return self.mode == b"40000"

    @property
    def is_file(self) -> bool:
        """Whether it is a file, and neither link nor submodule."""
        return self.mode.startswith(b"100")


class GitReader:
    """Reads objects by their names; what was read once is kept, for no object ever changes."""

    def __init__(self, url: str, start: Callable[[Sequence[str]], "subprocess.Popen[bytes]"]) -> None:
        """Starts nothing before the first question.

        Args:
            url: of the repository, for messages.
            start: starts git with these arguments.
        """
        self._url, self._start = url, start
        self._process: subprocess.Popen[bytes] | None = None
        self._trees: dict[str, tuple[Entry, ...]] = {}
        self._commits: dict[str, tuple[str, Commit]] = {}

    def size(self, name: str) -> int | None:
        """Returns how many bytes an object has; None where there is none of that name."""
        head = self._ask(f"info {name}")
        return None if head is None else int(head[2])

    def commit(self, sha: str) -> Commit:
        """Returns a commit."""
        return self._commit(sha)[1]

    def tree_of(self, commit: str) -> str:
        """Returns the sha of a commit's tree."""
        return self._commit(commit)[0]

    def entries(self, tree: str) -> tuple[Entry, ...]:
        """Returns what is in a tree."""
        if tree not in self._trees:
            self._trees[tree] = tuple(_entries(self._content(tree, "tree"), len(tree) // 2))
        return self._trees[tree]

    def entry(self, commit: str, path: str) -> Entry | None:
        """Returns what a commit has at a path; None where it has nothing there."""
        found = Entry(b"40000", b"", self.tree_of(commit))
        for step in path.encode(errors="surrogateescape").split(b"/"):
            inside = self.entries(found.sha) if found.is_folder else ()
            matching = [entry for entry in inside if entry.name == step]
            if not matching:
                return None
            found = matching[0]
        return found

    def walk(self, tree: str, before: bytes = b"", depth: int = 0) -> Iterator[tuple[bytes, Entry]]:
        """Yields all that is no folder in a tree and below, with its path."""
        if depth > _MAX_TREE_DEPTH:
            raise GitError(f"{self._url}: the folders of a commit are more than {_MAX_TREE_DEPTH} deep")
        for entry in self.entries(tree):
            if entry.is_folder:
                yield from self.walk(entry.sha, before + entry.name + b"/", depth + 1)
            else:
                yield before + entry.name, entry

    def blobs(self, blobs: Sequence[str]) -> list[bytes]:
        """Returns the contents of files.

        Raises:
            GitError: together they are too large.
        """
        sizes = {blob: self.size(blob) or 0 for blob in dict.fromkeys(blobs)}
        if sum(sizes[blob] for blob in blobs) > MAX_BYTES:
            raise GitError(
                f"{self._url}: {len(blobs)} files of one commit have more than {MAX_BYTES} bytes, the largest "
                f"{max(sizes.values())}",
                "let the branches of environments hold nothing but what `release-kit hydrate` writes",
            )
        contents = {blob: self._content(blob, "blob") for blob in sizes}
        return [contents[blob] for blob in blobs]

    def _commit(self, sha: str) -> tuple[str, Commit]:
        if sha not in self._commits:
            self._commits[sha] = _parsed(sha, self._content(sha, "commit"))
        return self._commits[sha]

    def _content(self, sha: str, kind: str) -> bytes:
        head = self._ask(f"info {sha}")
        if head is None or head[1] != kind:
            raise GitError(f"{self._url}: {sha} is no {kind}")
        if int(head[2]) > MAX_BYTES:
            raise GitError(f"{self._url}: the {kind} {sha} has {head[2]} bytes, more than {MAX_BYTES}")
        self._ask(f"contents {sha}")
        content = self._read(int(head[2]) + 1)
        return content[:-1]

    def _ask(self, command: str) -> list[str] | None:
        """Returns sha, kind and size that git answers with; None where it has no such object."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018
        try:
            process.stdin.write(f"{command}\n".encode())
            process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended() from error
        answer = process.stdout.readline().decode(errors="replace")
        if not answer:
            raise self._ended()
        words = answer.split()
        return words if len(words) == 3 and words[2].isdigit() else None

    def _read(self, size: int) -> bytes:
        process = self._running()
        assert process.stdout is not None
        content = process.stdout.read(size)
        if len(content) != size:
            raise self._ended()
        return content

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            self._process = self._start(("cat-file", "--batch-command"))
            weakref.finalize(self, _end, self._process)
        return self._process

    def _ended(self) -> GitError:
        return GitError(f"{self._url}: git cat-file ended before it answered", "run the same command again: it is safe")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Lets git come to its end, which it does once nobody can ask it anything."""
    for pipe in filter(None, (process.stdin, process.stdout)):
        with contextlib.suppress(OSError):
            pipe.close()
    process.wait()


def _entries(content: bytes, length: int) -> Iterator[Entry]:
    """Reads a tree: mode, space, name, zero, and the bytes of the sha, again and again (gitformat, tree objects)."""
    position = 0
    while position < len(content):
        end = content.index(b"\0", position)
        mode, _, name = content[position:end].partition(b" ")
        position = end + 1 + length
        yield Entry(mode, name, content[end + 1 : position].hex())


def _parsed(sha: str, content: bytes) -> tuple[str, Commit]:
    """Reads a commit: its tree, and the rest of it."""
    head, _, body = content.partition(b"\n\n")
    fields = [line.partition(b" ")[::2] for line in head.split(b"\n") if not line.startswith(b" ")]
    values = dict(reversed(fields))
    parents = tuple(value.decode() for key, value in fields if key == b"parent")
    author, committer = _HEADER.match(values.get(b"author", b"")), _HEADER.match(values.get(b"committer", b""))
    encoding = values.get(b"encoding", b"utf-8").decode(errors="replace")
    who = _text(author["who"], encoding) if author else ""
    when = min(max(int(committer["time"]), 0), _LATEST) if committer else 0
    return values[b"tree"].decode(), Commit(sha, parents, when, _text(body, encoding), who)


def _text(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding, errors="replace")
    except (LookupError, ValueError):  # Some codecs take no other errors than their own.
        return content.decode(errors="replace")
