"""Takes back what a cut has begun, and tells what is left where it can't."""

import shlex
from collections.abc import Collection, Iterator
from typing import NamedTuple

from release_kit.documents.cut_journal import Begun, Written
from release_kit.engines.cut.checks import shown
from release_kit.engines.cut.work_tree import WorkTree
from release_kit.errors import ReleaseError
from release_kit.ports import Narrator
from release_kit.values.commit import Change


class Remains(NamedTuple):
    """What of a cut is there."""

    commit: str
    """The release's commit; empty where there is none."""
    tag: str
    """The tag's object; empty where there is none of this cut."""
    written: tuple[str, ...]
    """The files that are not as they were, by their paths."""
    changed: tuple[str, ...]
    """Those of them that somebody else has written since."""
    gone_on: str
    """Why the cut can't be taken back; empty: it can."""

    def __str__(self) -> str:
        """Returns all of it, in one line."""
        said = [f"the commit {self.commit:.12}" if self.commit else "", "the tag" if self.tag else "", *self.written]
        return ", ".join(filter(None, said)) or "nothing"


def remains(tree: WorkTree, begun: Begun) -> Remains:
    """Looks at what of a cut is there."""
    tip = tree.ref(begun.branch_ref)
    commit = tip if is_release(tree, begun, tip) else ""
    tag = tree.ref(begun.tag_ref) if commit and tree.commit_of(begun.tag_ref) == commit else ""
    now = {file: tree.content(file.path) for file in begun.files}
    written = [file for file, content in now.items() if content != file.before.encode()]
    changed = [file for file in written if now[file] not in _known(tree, commit, file)]
    gone_on = _gone_on(tree, begun, begun.before if commit else tip)
    return Remains(commit, tag, _paths(written), _paths(changed), gone_on)


def _paths(files: Collection[Written]) -> tuple[str, ...]:
    return tuple(file.path for file in files)


def _known(tree: WorkTree, commit: str, file: Written) -> Collection[bytes]:
    """Returns what a file may be that only the cut has written; hooks may have a say in what is committed."""
    return (file.after.encode(), *([tree.committed(commit, file.path)] if commit else []))


def _gone_on(tree: WorkTree, begun: Begun, tip: str) -> str:
    state = tree.state()
    if state.branch != begun.branch_ref:
        return f"{begun.branch} is not checked out"
    if tip != begun.before:
        return f"{begun.branch} is at {tip[:12] or 'nothing'}, expected {begun.before:.12} or the release after it"
    return f"{state.busy} is going on" if state.busy else ""


def is_release(tree: WorkTree, begun: Begun, commit: str) -> bool:
    """Tells whether a commit is the one that the cut makes: right after the one before, with the version in it."""
    if not commit or tree.parents(commit) != (begun.before,):
        return False
    version = begun.files[0]
    return tree.committed(commit, version.path).split() == version.after.encode().split()


def undo(tree: WorkTree, begun: Begun, narrator: Narrator) -> None:
    """Lets branch, tag, index and files be as they were; done twice, it does nothing more.

    A file that somebody has changed meanwhile is as it was, too; what it was in between is kept among git's objects.

    Raises:
        ReleaseError: the branch has gone on meanwhile; says what is left.
    """
    left = remains(tree, begun)
    if left.gone_on:
        raise stuck(tree, begun, left)
    if left.tag:
        tree.move(Change(begun.tag_ref, left.tag, ""))
    paths = [*begun.paths]
    if left.commit:
        paths += tree.changed(begun.before, left.commit)
        tree.move(Change(begun.branch_ref, left.commit, begun.before))
    tree.unstage(begun.before, paths)
    for path, content in _unknown(tree, begun):
        narrator.note(f"{path} was changed meanwhile; git cat-file -p {tree.keep(content)} tells what it was")
    tree.write({file.path: file.before.encode() for file in begun.files if file.path in left.written})
    tree.remove_drafts(begun.paths, begun.process)
    if others := tree.state().dirty:
        narrator.note(f"changed meanwhile, by a hook or by somebody, and left as it is: {shown(others)}")
    tree.end()


def _unknown(tree: WorkTree, begun: Begun) -> Iterator[tuple[str, bytes]]:
    for file in begun.files:
        now = tree.content(file.path)
        if now is not None and now not in (file.before.encode(), file.after.encode()):
            yield file.path, now


def stuck(tree: WorkTree, begun: Begun, left: Remains) -> ReleaseError:
    """Returns the error that says what is left of a cut, how to finish it and how to take it back."""
    why = left.gone_on or f"somebody has changed {', '.join(left.changed)} since"
    push = shlex.join(["git", "push", "--atomic", begun.remote, begun.branch, begun.tag])
    back = [f"git tag -d {begun.tag}"] if left.tag else []
    back += [f"git reset --keep {begun.before:.12}"] if left.commit else []
    source = f"--source={begun.before:.12}"
    back += [shlex.join(["git", "restore", source, "--staged", "--worktree", *left.written])] if left.written else []
    ways = [f"finish it: {push}"] if left.tag else []
    ways += [f"take it back: {' && '.join(back)}"] if back else []
    return ReleaseError(
        f"a cut of {begun.version} was stopped here and can't be taken back: {why}; left of it: {left}",
        "; or ".join([*ways, f"forget it: rm {shlex.quote(str(tree.journal_file))}"]),
    )
