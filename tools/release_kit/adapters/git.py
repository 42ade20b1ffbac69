"""A git repository on a server, by way of the program git and a bare copy that lives as long as the command."""

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from release_kit.adapters.git_login import Login
from release_kit.adapters.git_program import GitProgram, failed
from release_kit.adapters.git_reader import GitReader
from release_kit.errors import GitError
from release_kit.values.commit import Change, Commit

_CONTENDED = re.compile(
    rb"cannot lock ref|failed to (?:lock|update ref)|Unable to create '[^']*\.lock'|incorrect old value"
)
"""What a server says when somebody else moves a ref at the same moment (git, refs.c and builtin/receive-pack.c)."""
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHA256_LENGTH = 64
_HERE = "refs/here/"
_FETCH_TRIES = 3


class GitRepository:
    """Implements the port Repository."""

    def __init__(self, url: str, folder: Path, refs: Sequence[str], login: Login | None = None) -> None:
        """Makes an empty copy; nothing is asked of the server before `fetch`.

        Args:
            url: the server's address, or a folder.
            folder: an empty one, for the copy.
            refs: the whole names of all refs that will be read or moved, such as `refs/heads/main`.
            login: who git is at the server; None: git's own settings say it.
        """
        self._url, self._folder, self._refs = url, folder, tuple(dict.fromkeys(refs))
        self._heads: dict[str, str] = {}
        self._git = GitProgram(folder, login)
        self._form = ""
        self._start("sha1")

    @property
    def url(self) -> str:
        """The server's address."""
        return self._url

    def fetch(self) -> None:
        """Brings the copy in step with the server."""
        for tries_left in reversed(range(_FETCH_TRIES)):
            heads = self._list()
            missing = {*heads.values()} - self._known([*heads.values()])
            if not (wanted := [f"+{name}:{_here(name)}" for name, sha in heads.items() if sha in missing]):
                break
            done = self._git.run(("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", self._url, *wanted))
            if not done.returncode:
                break
            # A ref that was listed may be gone by now.
            if not tries_left or heads == self._list():
                raise failed("fetch", done)
        # What was fetched may be newer than what was listed.
        fetched = self._fetched() if missing else {}
        if partial := [name for name, sha in heads.items() if sha in missing and _here(name) not in fetched]:
            raise GitError(
                f"{self._url}: git does not take {partial[0]}: a part of its history is not there",
                "name the repository that this one is a shallow clone of, or complete it: git fetch --unshallow",
            )
        self._heads = {name: fetched[_here(name)] if sha in missing else sha for name, sha in heads.items()}

    def ref(self, name: str) -> str:
        """Returns the commit that a ref points at; empty where the server has none."""
        if name not in self._refs:
            raise ValueError(f"{name} is none of the refs of this copy")
        return self._heads.get(name, "")

    def commit(self, sha: str) -> Commit:
        """Returns one commit."""
        return self._reader.commit(_sha(sha))

    def history(self, sha: str, limit: int) -> Sequence[Commit]:
        """Returns a commit and its first parents, newest first."""
        found = [self.commit(sha)] if limit > 0 else []
        while found and found[-1].parents and len(found) < limit:
            found.append(self.commit(found[-1].parents[0]))
        return found

    def files(self, sha: str, under: str = "") -> Mapping[str, bytes]:
        """Returns all files of a commit, or of a folder in it, by their paths; links and submodules are no files."""
        if under:
            folder = self._reader.entry(_sha(sha), under)
            top = folder.sha if folder is not None and folder.is_folder else ""
        else:
            top = self._reader.tree_of(_sha(sha))
        before = f"{under}/".encode() if under else b""
        found = {path: entry.sha for path, entry in self._reader.walk(top, before) if entry.is_file} if top else {}
        paths = [path.decode(errors="surrogateescape") for path in found]
        return dict(zip(paths, self._reader.blobs([*found.values()]), strict=True))

    def file(self, sha: str, path: str) -> bytes | None:
        """Returns one file of a commit; None where it has none of that path."""
        entry = self._reader.entry(_sha(sha), path)
        return self._reader.blobs([entry.sha])[0] if entry is not None and entry.is_file else None

    def file_of_each(self, shas: Sequence[str], path: str) -> Mapping[str, bytes]:
        """Returns one file of several commits, by their shas; those that have none of that path are left out."""
        entries = {sha: self._reader.entry(_sha(sha), path) for sha in shas}
        blobs = {sha: entry.sha for sha, entry in entries.items() if entry is not None and entry.is_file}
        unique = [*dict.fromkeys(blobs.values())]
        contents = dict(zip(unique, self._reader.blobs(unique), strict=True))
        return {sha: contents[blob] for sha, blob in blobs.items()}

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Tells whether a commit is the other one, or in its history."""
        return self.merge_base(older, newer) == older

    def merge_base(self, one: str, other: str) -> str:
        """Returns the newest commit in the history of both; empty where there is none."""
        if _sha(one) == _sha(other):
            return one
        return self._git.read("merge-base", one, other, check=False).decode().strip()

    def has_same_content(self, one: str, other: str) -> bool:
        """Tells whether two commits have the same content: files, links, submodules, and who may execute them."""
        return self._reader.tree_of(_sha(one)) == self._reader.tree_of(_sha(other))

    def make_commit(self, files: Mapping[str, bytes], parents: Sequence[str], message: str) -> str:
        """Makes a commit that has these files and no others."""
        return self._imported(files, parents, message, b"deleteall")

    def add_files(self, files: Mapping[str, bytes], parent: str, message: str) -> str:
        """Makes a commit that has these files besides those of its parent."""
        return self._imported(files, (parent,) if parent else (), message)

    def copy_commit(self, content: str, parents: Sequence[str], message: str) -> str:
        """Makes a commit that has exactly the content of another one."""
        of_parents = [part for parent in parents for part in ("-p", _sha(parent))]
        tree = self._reader.tree_of(_sha(content))
        self._git.name_people()
        return self._git.read("commit-tree", tree, *of_parents, input_=message.encode()).decode().strip()

    def _imported(self, files: Mapping[str, bytes], parents: Sequence[str], message: str, *first: bytes) -> str:
        who = {role: self._git.identity(role) for role in ("AUTHOR", "COMMITTER")}
        text = message.encode()
        lines = [b"commit refs/made/commit", b"mark :1"]
        lines += [b"author " + who["AUTHOR"], b"committer " + who["COMMITTER"], b"data %d" % len(text), text]
        lines += [f"{'merge' if i else 'from'} {_sha(parent)}".encode() for i, parent in enumerate(parents)]
        lines += first
        for path, content in sorted(files.items()):
            lines += [b"M 100644 inline " + _quoted(path), b"data %d" % len(content), content]
        stream = b"\n".join([b"reset refs/made/commit", b"", *lines, b"get-mark :1", b"done", b""])
        made = self._git.read("fast-import", "--quiet", "--done", "--force", input_=stream).decode().strip()
        return _sha(made)

    def note(self, ref: str, sha: str) -> bytes | None:
        """Returns the note on a commit; None where it has none."""
        head, rest = self.ref(ref), _sha(sha).encode()
        # git keeps notes in folders of two digits each, once they are many (git-notes, "NOTES MERGE STRATEGIES").
        tree = self._reader.tree_of(head) if head else ""
        while tree:
            inside = {entry.name: entry for entry in self._reader.entries(tree)}
            if (found := inside.get(rest)) is not None:
                return self._reader.blobs([found.sha])[0] if found.is_file else None
            folder = inside.get(rest[:2])
            tree, rest = (folder.sha, rest[2:]) if folder is not None and folder.is_folder else ("", b"")
        return None

    def make_notes(self, ref: str, notes: Mapping[str, bytes]) -> str:
        """Makes the commit of `ref` that has these notes besides those that it had."""
        self._start_notes(ref)
        self._git.name_people()
        for sha, content in notes.items():
            blob = self._git.read("hash-object", "-w", "--stdin", input_=content).decode().strip()
            self._git.read("notes", "--ref", _notes(ref), "add", "--force", "-C", blob, _sha(sha))
        return self._parsed(_notes(ref))

    def diff(self, old: str, new: str) -> str:
        """Returns the changes of files from one commit to another, as a patch."""
        before = _sha(old) if old else self._git.read("hash-object", "-t", "tree", "--stdin").decode().strip()
        patch = self._git.read("diff", "--no-color", "--no-ext-diff", "--no-textconv", before, _sha(new), "--")
        return patch.decode(errors="replace")

    def push(self, changes: Sequence[Change]) -> bool:
        """Moves all refs, or none; False if one of them is not where it has to be."""
        leases = [f"--force-with-lease={change.ref}:{change.old}" for change in changes]
        moves = [f"{_sha(change.new)}:{change.ref}" for change in changes]
        done = self._git.run(
            ("push", "--porcelain", "--quiet", "--atomic", "--no-verify", *leases, "--", self._url, *moves)
        )
        if not done.returncode:
            self._heads |= {change.ref: change.new for change in changes}
            return True
        self.fetch()
        # Where the answer got lost, what the server has now is the truth.
        if all(self.ref(change.ref) == change.new for change in changes):
            return True
        if any(self.ref(change.ref) != change.old for change in changes):
            return False
        if _CONTENDED.search(done.stderr + done.stdout):
            return False
        raise failed("push", done)

    def _list(self) -> dict[str, str]:
        """Asks the server where the refs are; the copy takes the kind of shas that it has."""
        listed = self._git.read("ls-remote", "--", self._url, *self._refs).decode(errors="replace")
        heads = {name: sha for sha, _, name in (line.partition("\t") for line in listed.splitlines())}
        if self._form == "sha1" and any(len(sha) == _SHA256_LENGTH for sha in heads.values()):
            shutil.rmtree(self._folder)
            self._folder.mkdir()
            self._start("sha256")
        return {name: _sha(heads[name]) for name in self._refs if name in heads}

    def _start(self, form: str) -> None:
        """Makes the copy, empty, for one kind of shas."""
        self._form = form
        self._git.read("init", "--bare", "--quiet", "--template=", f"--object-format={form}", ".")
        self._reader = GitReader(self._url, self._git.start)

    def _fetched(self) -> dict[str, str]:
        """Returns what was fetched last, by the names that it has in the copy."""
        listed = self._git.read("for-each-ref", "--format=%(objectname) %(refname)", _HERE).decode(errors="replace")
        return {name: sha for sha, _, name in (line.partition(" ") for line in listed.splitlines())}

    def _parsed(self, name: str) -> str:
        """Returns the sha of a ref of the copy."""
        return self._git.read("rev-parse", "--verify", "--quiet", name).decode().strip()

    def _known(self, shas: Sequence[str]) -> set[str]:
        """Returns which commits the copy has, with all of their history."""
        return {sha for sha in shas if self._heads and self._reader.size(_sha(sha)) is not None}

    def _start_notes(self, ref: str) -> str:
        """Lets notes begin where the server's are."""
        found = self.ref(ref)
        if found:
            self._git.read("update-ref", _notes(ref), found)
        else:
            self._git.read("update-ref", "-d", _notes(ref))
        return found


def _sha(text: str) -> str:
    if not _SHA.fullmatch(text):
        raise GitError(f"expected the sha of a commit, found {text!r:.100}")
    return text


def _here(ref: str) -> str:
    return _HERE + ref.removeprefix("refs/")


def _notes(ref: str) -> str:
    """Returns where the notes of a ref are made: git notes takes nothing outside of refs/notes/."""
    return f"refs/notes/made/{ref.removeprefix('refs/notes/')}"


def _quoted(path: str) -> bytes:
    if not path or "\0" in path or any(part in ("", ".", "..", ".git") for part in path.split("/")):
        raise GitError(f"there can be no file {path!r:.200} in a commit")
    escaped = "".join(f"\\{letter}" if letter in '"\\' else "\\n" if letter == "\n" else letter for letter in path)
    return f'"{escaped}"'.encode(errors="surrogateescape")
