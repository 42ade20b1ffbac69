"""A cut in a git work tree: commit, tag and push, or nothing."""

import shlex
from typing import NamedTuple, NoReturn

from release_kit.documents.cut_journal import Begun
from release_kit.engines.cut.undo import is_release, remains, stuck, undo
from release_kit.engines.cut.work_tree import WorkTree
from release_kit.errors import GitError, ReleaseError
from release_kit.ports import Narrator
from release_kit.values.commit import Change
from release_kit.values.work_tree import Served, Tagged


class Order(NamedTuple):
    """What is to be done."""

    begun: Begun
    commit_message: str
    tag_message: str
    served: Served
    """What the remote has."""
    sign: bool = False
    push: bool = True


class Settled(NamedTuple):
    """What became of a cut that was stopped before its end."""

    begun: Begun
    released: bool
    """Whether the remote has it; if not, it was undone."""


def carry_out(tree: WorkTree, order: Order, narrator: Narrator) -> None:
    """Writes the files, commits and tags them, and pushes both at last; whatever stops it, all is as it was before.

    Raises:
        ReleaseError: it failed; what was done is undone, unless the error says what is left and why.
    """
    tree.begin(order.begun)
    try:
        _make(tree, order, narrator)
    except BaseException as error:
        with tree.undisturbed():
            _end_after(error, tree, order, narrator)
    tree.end()


def _make(tree: WorkTree, order: Order, narrator: Narrator) -> None:
    begun = order.begun
    tree.write({file.path: file.after.encode() for file in begun.files})
    tree.stage(begun.paths)
    commit = tree.commit(order.commit_message, order.sign)
    if not is_release(tree, begun, commit):
        raise ReleaseError(
            f"expected the commit {commit:.12} right after {begun.before:.12}, with {begun.version} in it",
            "let no hook change the version, and nobody commit meanwhile; then run it again",
        )
    narrator.step(f"committed {commit:.12} on {begun.branch}")
    tag = tree.tag(Tagged(begun.tag, commit, order.tag_message), order.sign)
    narrator.step(f"tagged {begun.tag}")
    if order.push:
        changes = [Change(begun.branch_ref, order.served.branch, commit), Change(begun.tag_ref, "", tag)]
        tree.push(begun.remote, changes)


def _end_after(error: BaseException, tree: WorkTree, order: Order, narrator: Narrator) -> None:
    """Undoes what was done, and raises the error; unless the remote has taken the release."""
    begun, served = order.begun, order.served
    if order.push and remains(tree, begun).tag:
        served = _asked_again(error, tree, order)
        if is_release(tree, begun, served.tags.get(begun.tag, "")):
            narrator.step(f"the answer of {begun.remote} got lost; it has taken {begun.tag}")
            return
    undo(tree, begun, narrator)
    narrator.step(f"undone: {begun.branch}, its files and tags are as they were")
    _raise(error, order, served)


def _asked_again(error: BaseException, tree: WorkTree, order: Order) -> Served:
    begun = order.begun
    try:
        return tree.served(begun.remote, begun.branch_ref)
    except GitError as silent:
        raise ReleaseError(
            f"the push failed, and whether {begun.remote} has taken {begun.tag} can't be told: {silent.message}",
            "nothing is undone; run the same command again once it answers: it says what became of the push",
        ) from error


def _raise(error: BaseException, order: Order, served: Served) -> NoReturn:
    """Raises the error, or what is behind it."""
    begun = order.begun
    if isinstance(error, GitError) and served.branch != order.served.branch:
        raise ReleaseError(
            f"somebody has pushed to {begun.branch} meanwhile: {begun.remote} has {served.branch[:12] or 'none'} now",
            f"{shlex.join(['git', 'pull', '--rebase', begun.remote, begun.branch])}, then run the same command again",
        ) from error
    if isinstance(error, GitError) and begun.tag in served.tags:
        raise ReleaseError(
            f"somebody has made the tag {begun.tag} on {begun.remote} meanwhile", "git fetch, and see what is released"
        ) from error
    raise error


def settle(tree: WorkTree, narrator: Narrator) -> Settled | None:
    """Ends a cut that was killed in this work tree, or whose push has an unknown end: what is not released is undone.

    Returns:
        What became of it; None where there is none.

    Raises:
        ReleaseError: it can't be told or undone; says what is left, and what to do about it.
    """
    begun = tree.journal()
    if begun is None:
        return None
    left = remains(tree, begun)
    if tree.ref(begun.branch_ref) != begun.before and is_release(tree, begun, _served_tag(tree, begun)):
        tree.end()
        return Settled(begun, released=True)
    if left.gone_on or left.changed:
        raise stuck(tree, begun, left)
    undo(tree, begun, narrator)
    narrator.step(f"a cut of {begun.version} was stopped here; undone is what was left of it: {left}")
    return Settled(begun, released=False)


def _served_tag(tree: WorkTree, begun: Begun) -> str:
    """Returns the commit that the remote's tag stands for; empty where it has none."""
    try:
        return tree.served(begun.remote, begun.branch_ref).tags.get(begun.tag, "")
    except GitError as error:
        raise ReleaseError(
            f"a cut of {begun.version} was stopped here, and whether {begun.remote} has taken it can't be told: "
            f"{error.message}",
            f"nothing is undone; run it again once {begun.remote} answers",
        ) from error
