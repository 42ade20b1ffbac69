"""What must hold of a work tree and its remote before a release is cut; a remedy for each fault."""

import shlex
from collections.abc import Mapping, Sequence

from release_kit.engines.cut.release import Cut
from release_kit.engines.cut.work_tree import WorkTree
from release_kit.errors import ReleaseError
from release_kit.values.branch import fault
from release_kit.values.commit import branch_ref
from release_kit.values.version import Version, parse
from release_kit.values.work_tree import Served, TreeState

_SHOWN = 5
"""How many files are named."""


def check_tree(tree: WorkTree, state: TreeState, branch: str) -> None:
    """Refuses a work tree that no release should be cut in.

    Args:
        tree: it.
        state: how it is.
        branch: the release branch, without `refs/heads/`.

    Raises:
        ReleaseError: it is not clean, not on the branch, or something is going on there.
    """
    if why := fault(branch):
        raise ReleaseError(f"--branch: {branch!r:.100} {why}", "name the branch that releases are cut on")
    if state.busy:
        raise ReleaseError(f"{state.busy} is going on in this work tree", "end it or give it up; `git status` says how")
    _check_branch(state, branch)
    if state.dirty:
        raise ReleaseError(
            f"the work tree is not clean: {shown(state.dirty)}",
            "commit it, stash it (`git stash --include-untracked`), or name it in .gitignore",
        )
    if state.shallow:
        raise ReleaseError(
            "a part of the history is not here, so earlier releases can't be seen", "git fetch --unshallow --tags"
        )
    tree.check_identity()


def _check_branch(state: TreeState, branch: str) -> None:
    switch = f"git switch {shlex.quote(branch)}"
    if not state.branch:
        raise ReleaseError(f"HEAD is detached, expected the release branch {branch}", switch)
    if state.branch != branch_ref(branch):
        here = state.branch.removeprefix("refs/heads/")
        raise ReleaseError(
            f"this is the branch {here}, expected the release branch {branch}",
            f"{switch}, or name this one with --branch {shlex.quote(here)}",
        )
    if not state.head:
        raise ReleaseError(f"{branch} has no commit yet", "commit what is to be released")


def check_files(tree: WorkTree, paths: Sequence[str]) -> None:
    """Refuses files that no commit would have in it.

    Raises:
        ReleaseError: git does not keep one of them.
    """
    if unknown := tree.unknown(paths):
        raise ReleaseError(
            f"git does not keep {shown(unknown)}", "add and commit it, or leave it out of what is raised"
        )


def check_remote(tree: WorkTree, state: TreeState, served: Served, remote: str) -> None:
    """Refuses a branch that lacks something which the remote's has.

    Raises:
        ReleaseError: it is behind, or both have gone different ways.
    """
    if not served.branch or served.branch in tree.within([served.branch], state.head):
        return
    branch = state.branch.removeprefix("refs/heads/")
    raise ReleaseError(
        f"{branch} is behind {remote}'s, or has gone another way: expected {served.branch:.12} in its history",
        f"git pull --rebase {shlex.quote(remote)} {shlex.quote(branch)}, then look at what came",
    )


def check_version(tree: WorkTree, state: TreeState, served: Served, cut: Cut) -> None:
    """Refuses a version that has a tag, or is not higher than an earlier release of the same line.

    Raises:
        ReleaseError: it is; says which.
    """
    here, name = tree.tags(), f"v{cut.version}"
    if name in served.tags:
        raise ReleaseError(f"the tag {name} is taken: the remote has it", "choose a higher version")
    if name in here:
        raise ReleaseError(
            f"the tag {name} is taken: it is here, and not on the remote",
            f"choose a higher version, or remove it: git tag -d {name}",
        )
    _check_line(tree, state, {**served.tags, **here}, parse(cut.version, ""))


def _check_line(tree: WorkTree, state: TreeState, tags: Mapping[str, str], version: Version) -> None:
    """Refuses a version that is not higher than those in the history of the commit."""
    line = tree.within(tags.values(), state.head)
    versions = [_version(name) for name, sha in tags.items() if sha in line]
    highest = max(filter(None, versions), key=Version.rank, default=None)
    if highest is not None and highest.rank() >= version.rank():
        raise ReleaseError(
            f"{version!s} is not higher than {highest!s}, which is released: v{highest!s} is in the history",
            f"write a higher one; if the version file still says an older one, raise all with {highest!s} in it",
        )


def _version(tag: str) -> Version | None:
    try:
        return parse(tag.removeprefix("v"), "")
    except ReleaseError:
        return None


def shown(names: Sequence[str]) -> str:
    """Returns names as a terminal may show them, the first of many."""
    text = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return "".join(letter if letter.isprintable() else "?" for letter in text)
