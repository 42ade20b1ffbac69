"""The git work tree that a release is cut in."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from release_kit.adapters.file_set import remove_drafts, write_all
from release_kit.adapters.files import write_bytes_atomically
from release_kit.adapters.git_program import failed
from release_kit.adapters.interrupts import undisturbed
from release_kit.adapters.user_git import REMEDY, Call, UserGit
from release_kit.documents.cut_journal import Begun, from_json, to_json
from release_kit.errors import GitError, InputError, ReleaseError
from release_kit.values.commit import Change, branch_ref
from release_kit.values.work_tree import Served, Tagged, TreeState

JOURNAL = "release-kit-cut.json"
"""The name of the journal in git's own folder."""
_BUSY = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_LOG": "a bisect",
}
"""What is in git's folder while something is going on (git-status, wt-status.c)."""
_FIELDS = {"1": 8, "2": 8, "u": 10, "?": 1}
"""How many fields come before the path in a line of `git status --porcelain=v2`, by the line's first."""
_TAGS = "refs/tags/v*"
_PUSH_GRACE_SECONDS = 10


class GitWorkTree:
    """Implements the port WorkTree."""

    def __init__(self, top: Path, folder: Path, lock: int | None) -> None:
        """Takes the work tree's folder, git's own, and the file that is locked; None: nothing will be changed."""
        self._top, self._folder, self._git = top, folder, UserGit(top, lock)

    @property
    def top(self) -> Path:
        """The work tree's folder."""
        return self._top

    @property
    def journal_file(self) -> Path:
        """Where the journal is."""
        return self._folder / JOURNAL

    def state(self) -> TreeState:
        """Looks at the work tree; writes nothing."""
        told = self._git.read(
            *("--no-optional-locks", "status", "--porcelain=v2", "--branch", "-z", "--no-renames"),
            *("--untracked-files=normal", "--ignore-submodules=none"),
        )
        lines = told.decode(errors="replace").split("\0")
        said = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# "))
        head, branch = said["branch.oid"], said["branch.head"]
        changed = (line.split(" ", _FIELDS[line[0]])[-1] for line in lines if line[:1] in _FIELDS)
        busy = next((what for name, what in _BUSY.items() if (self._folder / name).exists()), "")
        return TreeState(
            "" if head == "(initial)" else head,
            "" if branch == "(detached)" else branch_ref(branch),
            tuple(changed),
            busy,
            self._git.read("rev-parse", "--is-shallow-repository").strip() == b"true",
        )

    def unknown(self, paths: Sequence[str]) -> Sequence[str]:
        """Returns those of the files that git does not keep."""
        kept = self._git.read("ls-files", "-z", "--", *_literal(paths)).decode(errors="surrogateescape").split("\0")
        return [path for path in paths if path not in kept]

    def check_identity(self) -> None:
        """Raises GitError where git does not know who commits."""
        for role in ("AUTHOR", "COMMITTER"):
            done = self._git.run(Call(("var", f"GIT_{role}_IDENT")))
            if done.returncode:
                raise GitError(
                    "git does not know who commits: it has no user.name or no user.email",
                    "git config user.name 'Jo Doe' && git config user.email jo@example.com",
                )

    def served(self, remote: str, branch: str) -> Served:
        """Asks a remote where a branch and its tags `v*` are; writes nothing."""
        told = self._git.read("ls-remote", "--", self._address(remote), branch, _TAGS).decode(errors="replace")
        refs = {name: sha for sha, _, name in (line.partition("\t") for line in told.splitlines())}
        tags = {name: refs.get(f"{name}^{{}}", sha) for name, sha in refs.items() if not name.endswith("^{}")}
        return Served(refs.get(branch, ""), _by_name(tags))

    def _address(self, remote: str) -> str:
        """Returns what a push goes to: the remote's name where it is read at the same address."""
        fetched, pushed = (
            self._git.read("remote", "get-url", *how, "--", remote).decode().splitlines()
            for how in (("--all",), ("--all", "--push"))
        )
        if len(pushed) > 1:
            raise GitError(
                f"the remote {remote} is pushed to {len(pushed)} addresses, expected one: no push does both or none",
                "name a remote with one address by --remote",
            )
        return remote if fetched[:1] == pushed else pushed[0]

    def remotes(self) -> Sequence[str]:
        """Returns the names of all remotes."""
        return self._git.read("remote").decode().splitlines()

    def default_branch(self, remote: str) -> str:
        """Returns the branch that the remote's clones start with, as far as is known here; else empty."""
        before = f"refs/remotes/{remote}/"
        done = self._git.run(Call(("symbolic-ref", "--quiet", f"{before}HEAD")))
        name = done.stdout.decode().strip()
        return name.removeprefix(before) if name.startswith(before) else ""

    def tags(self) -> Mapping[str, str]:
        """Returns the commit that each tag `v*` of this repository stands for."""
        told = self._git.read("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", _TAGS).decode()
        rows = (line.split(" ") for line in told.splitlines())
        return _by_name({name: commit or sha for name, sha, commit in rows})

    def within(self, shas: Iterable[str], head: str) -> Set[str]:
        """Returns those commits that are `head`, or in its history."""
        asked = "".join(f"{sha}\n" for sha in set(shas)).encode()
        told = self._git.read("cat-file", "--batch-check=%(objectname) %(objecttype)", input_=asked).decode()
        here = {sha for sha, _, kind in (line.partition(" ") for line in told.splitlines()) if kind == "commit"}
        outside = self._git.read("rev-list", "--stdin", input_="\n".join([*here, f"^{head}", ""]).encode()).decode()
        return here - {*outside.split()}

    def ref(self, name: str) -> str:
        """Returns what a ref points at, a commit or a tag; empty where there is none."""
        return self._parsed(name)

    def commit_of(self, name: str) -> str:
        """Returns the commit that a tag or branch stands for; empty where there is none."""
        return self._parsed(f"{name}^{{commit}}")

    def _made(self, name: str) -> str:
        """Returns what a ref points at that must be there."""
        return self._git.read("rev-parse", "--verify", name).decode().strip()

    def _parsed(self, name: str) -> str:
        done = self._git.run(Call(("rev-parse", "--verify", "--quiet", name)))
        return done.stdout.decode().strip() if not done.returncode else ""

    def parents(self, commit: str) -> tuple[str, ...]:
        """Returns the parents of a commit; of one that is not here, none."""
        done = self._git.run(Call(("rev-list", "--no-walk", "--parents", commit)))
        return tuple(done.stdout.decode().split()[1:])

    def committed(self, commit: str, path: str) -> bytes:
        """Returns a file of a commit; empty where it has none of that path."""
        return self._git.run(Call(("cat-file", "blob", f"{commit}:{path}"))).stdout

    def changed(self, old: str, new: str) -> Sequence[str]:
        """Returns the paths of the files that are different in two commits."""
        told = self._git.read("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
        return told.decode(errors="surrogateescape").split("\0")[:-1]

    def content(self, path: str) -> bytes | None:
        """Returns a file of the work tree; None where there is none."""
        try:
            return (self._top / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise InputError(f"{path}: can't be read: {error.strerror}") from error

    def write(self, contents: Mapping[str, bytes]) -> None:
        """Writes all files of the work tree, or none."""
        write_all({self._top / path: content for path, content in contents.items()})

    def remove_drafts(self, paths: Iterable[str], process: int) -> None:
        """Removes what a process that was killed in `write` has left beside the files."""
        for path in paths:
            remove_drafts(self._top / path, process)

    def keep(self, content: bytes) -> str:
        """Keeps a content among git's objects; returns its name."""
        return self._git.change("hash-object", "-w", "--stdin", input_=content).decode().strip()

    def stage(self, paths: Sequence[str]) -> None:
        """Takes changed files up into the index."""
        self._git.change("add", "--update", "--", *_literal(paths))

    def unstage(self, commit: str, paths: Sequence[str]) -> None:
        """Lets the index have files as a commit has them."""
        self._git.change("restore", "--staged", f"--source={commit}", "--", *_literal(paths))

    def commit(self, message: str, sign: bool) -> str:
        """Commits the index; returns the commit."""
        signed = ("--gpg-sign",) if sign else ()
        options = ("--quiet", "--cleanup=whitespace", *signed, "--file=-")
        self._git.change("commit", *options, input_=message.encode())
        return self._made("HEAD")

    def tag(self, tag: Tagged, sign: bool) -> str:
        """Makes an annotated tag; returns its object."""
        signed = ("--sign",) if sign else ()
        call = ("tag", "--cleanup=whitespace", *signed, "--file=-", "--", tag.name, tag.commit)
        done = self._git.done(Call(call, tag.message.encode(), changes=True))
        ref = f"refs/tags/{tag.name}"
        # git 2.39 makes a tag all the same where ssh-keygen fails to sign it.
        if (sign or self._signs_tags()) and not self._is_signed(ref):
            raise GitError(failed("tag", done).message, REMEDY)
        return self._made(ref)

    def _is_signed(self, ref: str) -> bool:
        return bool(self._git.read("for-each-ref", "--format=%(contents:signature)", ref).strip())

    def _signs_tags(self) -> bool:
        names = ("tag.gpgSign", "tag.forceSignAnnotated")
        return any(self._git.run(Call(("config", "--type=bool", name))).stdout == b"true\n" for name in names)

    def move(self, change: Change) -> None:
        """Moves a ref if it is where it has to be; no hook is asked. Without `new`, the ref goes."""
        how = (change.ref, change.new, change.old) if change.new else ("-d", change.ref, change.old)
        self._git.change("-c", "core.hooksPath=/dev/null", "update-ref", "-m", "release-kit cut: undone", *how)

    def push(self, remote: str, changes: Sequence[Change]) -> None:
        """Lets the remote move all refs, or none; each has to be where it was."""
        leases = [f"--force-with-lease={change.ref}:{change.old}" for change in changes]
        moves = [f"{change.new}:{change.ref}" for change in changes]
        options = ("--porcelain", "--atomic", "--no-follow-tags", *leases)
        self._git.change("push", *options, "--", remote, *moves, grace=_PUSH_GRACE_SECONDS)

    def journal(self) -> Begun | None:
        """Returns what a cut that was stopped in this work tree had begun; None where none was."""
        try:
            content = self.journal_file.read_bytes()
        except FileNotFoundError:
            return None
        return from_json(content, str(self.journal_file))

    def begin(self, begun: Begun) -> None:
        """Writes down what a cut begins."""
        write_bytes_atomically(self.journal_file, to_json(begun))

    def end(self) -> None:
        """Forgets what was begun."""
        self.journal_file.unlink(missing_ok=True)

    def undisturbed(self) -> AbstractContextManager[None]:
        """Lets no interrupt stop what is done inside."""
        return undisturbed()


@contextmanager
def opened(root: Path, read_only: bool = False) -> Iterator[GitWorkTree]:
    """Finds the work tree around a folder, and holds it against other cuts unless nothing is to be changed.

    Raises:
        InputError: there is none.
        ReleaseError: another cut holds it.
    """
    try:
        told = UserGit(root).read("rev-parse", "--show-toplevel", "--absolute-git-dir")
    except GitError as error:
        raise InputError(
            f"{root}: expected a git work tree, to commit and tag the release in: {error.message}",
            "go to one, or raise the files and nothing else with --files-only",
        ) from error
    top, folder = (Path(os.fsdecode(line)) for line in told.splitlines())
    if read_only:
        yield GitWorkTree(top.resolve(), folder, None)
        return
    with _held(folder) as lock:
        yield GitWorkTree(top.resolve(), folder, lock)


@contextmanager
def _held(folder: Path) -> Iterator[int]:
    """Locks git's folder; a git that this process starts and leaves behind holds it until its own end."""
    import fcntl

    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ReleaseError(
                "a cut is at work in this work tree, or a git that it has started", "run it again when that has ended"
            ) from error
        yield lock
    finally:
        # Also for what git has started and left behind, such as a daemon that knows logins.
        fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)


def _literal(paths: Iterable[str]) -> Iterator[str]:
    """Returns paths as git takes them whatever letters they have (gitglossary, pathspec)."""
    return (f":(literal){path}" for path in paths)


def _by_name(tags: Mapping[str, str]) -> Mapping[str, str]:
    return {name.removeprefix("refs/tags/"): sha for name, sha in tags.items()}
