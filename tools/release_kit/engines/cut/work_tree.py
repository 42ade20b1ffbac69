"""The port of a cut to the git work tree that it is made in."""

from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from release_kit.documents.cut_journal import Begun
from release_kit.values.commit import Change
from release_kit.values.work_tree import Served, Tagged, TreeState


class WorkTree(Protocol):
    """A git work tree, with its user's own settings, hooks, keys and logins, in which a release is cut.

    Every method raises GitError when git fails; paths of files are counted from `top`.
    """

    @property
    def top(self) -> Path:
        """The work tree's folder."""

    @property
    def journal_file(self) -> Path:
        """Where the journal is kept."""

    def state(self) -> TreeState:
        """Looks at the work tree; writes nothing."""

    def unknown(self, paths: Sequence[str]) -> Sequence[str]:
        """Returns those of the files that git does not keep."""

    def check_identity(self) -> None:
        """Raises GitError where git does not know who commits."""

    def served(self, remote: str, branch: str) -> Served:
        """Asks a remote where a branch and its tags `v*` are; writes nothing."""

    def tags(self) -> Mapping[str, str]:
        """Returns the commit that each tag `v*` of this repository stands for."""

    def within(self, shas: Iterable[str], head: str) -> Set[str]:
        """Returns those commits that are `head`, or in its history."""

    def ref(self, name: str) -> str:
        """Returns what a ref points at, a commit or a tag; empty where there is none."""

    def commit_of(self, name: str) -> str:
        """Returns the commit that a tag or branch stands for; empty where there is none."""

    def parents(self, commit: str) -> tuple[str, ...]:
        """Returns the parents of a commit; of one that is not here, none."""

    def committed(self, commit: str, path: str) -> bytes:
        """Returns a file of a commit; empty where it has none of that path."""

    def changed(self, old: str, new: str) -> Sequence[str]:
        """Returns the paths of the files that are different in two commits."""

    def content(self, path: str) -> bytes | None:
        """Returns a file of the work tree; None where there is none."""

    def write(self, contents: Mapping[str, bytes]) -> None:
        """Writes all files of the work tree, or none."""

    def remove_drafts(self, paths: Iterable[str], process: int) -> None:
        """Removes what a process that was killed in `write` has left beside the files."""

    def keep(self, content: bytes) -> str:
        """Keeps a content among git's objects, of which `git cat-file -p` tells it for two weeks; returns its name."""

    def stage(self, paths: Sequence[str]) -> None:
        """Takes changed files up into the index."""

    def unstage(self, commit: str, paths: Sequence[str]) -> None:
        """Lets the index have files as a commit has them."""

    def commit(self, message: str, sign: bool) -> str:
        """Commits the index; returns the commit."""

    def tag(self, tag: Tagged, sign: bool) -> str:
        """Makes an annotated tag; returns its object."""

    def move(self, change: Change) -> None:
        """Moves a ref if it is where it has to be; no hook is asked. Without `new`, the ref goes."""

    def push(self, remote: str, changes: Sequence[Change]) -> None:
        """Lets the remote move all refs, or none; each has to be where it was."""

    def journal(self) -> Begun | None:
        """Returns what a cut that was stopped in this work tree had begun; None where none was."""

    def begin(self, begun: Begun) -> None:
        """Writes down what a cut begins."""

    def end(self) -> None:
        """Forgets what was begun."""

    def undisturbed(self) -> AbstractContextManager[None]:
        """Lets no interrupt stop what is done inside."""
