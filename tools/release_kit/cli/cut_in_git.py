"""`release-kit cut` in a git work tree."""

import argparse
import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from release_kit.adapters.git_work_tree import GitWorkTree, opened
from release_kit.cli import cut_files
from release_kit.cli.console import Console
from release_kit.documents.cut_journal import Begun, Written
from release_kit.engines.cut import checks
from release_kit.engines.cut.message import commit_message, tag_message
from release_kit.engines.cut.release import Change, Cut, plan
from release_kit.engines.cut.transaction import Order, carry_out, settle
from release_kit.engines.cut.undo import remains
from release_kit.errors import InputError, ReleaseError

_MAIN = "main"
_ORIGIN = "origin"


class _Planned(NamedTuple):
    cut: Cut
    order: Order


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Cuts the release: commits, tags and pushes it; returns the exit code."""
    with opened(cut_files.root(arguments), read_only=arguments.dry_run) as tree:
        if arguments.dry_run:
            _refuse_leftover(tree)
            return _show(_planned(tree, arguments), console)
        settled = settle(tree, console)
        if settled and settled.released and _tell_released(settled.begun, arguments.version, console):
            return 0
        planned = _planned(tree, arguments)
        names = ", ".join(change.source.name for change in planned.cut.changes)
        console.step(f"{planned.cut.previous} becomes {planned.cut.version} in {names}")
        carry_out(tree, planned.order, console)
        _tell(planned.order, console)
        console.result(planned.cut.version)
        return 0


def _tell_released(begun: Begun, wanted: str, console: Console) -> bool:
    """Says that the cut which was stopped is done; returns whether it is the one that is wanted now."""
    console.step(f"{begun.remote} has {begun.tag}: the cut that was stopped here is done")
    is_it = wanted in (begun.wanted, begun.version)
    if is_it:
        console.result(begun.version)
    return is_it


def _refuse_leftover(tree: GitWorkTree) -> None:
    begun = tree.journal()
    if begun is not None:
        raise ReleaseError(
            f"a cut of {begun.version} was stopped here; left of it: {remains(tree, begun)}",
            f"cut it again without --dry-run: what {begun.remote} does not have is undone first",
        )


def _planned(tree: GitWorkTree, arguments: argparse.Namespace) -> _Planned:
    """Checks everything; returns what is to be done."""
    remote = _remote(tree, arguments.remote)
    branch = arguments.branch or tree.default_branch(remote) or _MAIN
    state = tree.state()
    checks.check_tree(tree, state, branch)
    sources = cut_files.sources(arguments)
    cut = plan(sources, arguments.version, cut_files.choices(arguments))
    files = tuple(Written(_path(tree, change), change.source.text, change.text) for change in cut.changes)
    begun = Begun(arguments.version, cut.version, branch, remote, state.head, os.getpid(), files)
    checks.check_files(tree, begun.paths)
    served = tree.served(remote, state.branch)
    checks.check_remote(tree, state, served, remote)
    checks.check_version(tree, state, served, cut)
    messages = commit_message(cut.version, arguments.skip_staging), tag_message(cut, sources)
    return _Planned(cut, Order(begun, *messages, served, arguments.sign, not arguments.no_push))


def _remote(tree: GitWorkTree, wanted: str | None) -> str:
    names = tree.remotes()
    if not names:
        raise InputError(
            "this repository has no remote, expected one to push the release to",
            "git remote add origin URL, or raise the files and nothing else with --files-only",
        )
    chosen = wanted or (names[0] if len(names) == 1 else _ORIGIN)
    if chosen not in names:
        raise InputError(
            f"--remote: this repository has no {chosen!r:.100}; it has {', '.join(names):.300}", "name one of them"
        )
    return chosen


def _path(tree: GitWorkTree, change: Change) -> str:
    path: Path = change.source.path
    if not path.is_relative_to(tree.top):
        raise InputError(f"{change.source.name} is not in the work tree {tree.top}", "name the one that is in it")
    return path.relative_to(tree.top).as_posix()


def _show(planned: _Planned, console: Console) -> int:
    """Shows what would be done."""
    cut, order = planned
    begun = order.begun
    console.step(f"{cut.previous} would become {cut.version}; nothing is written")
    console.step(f"the commit on {begun.branch} would say")
    _note(order.commit_message.splitlines(), console)
    console.step(f"the {'signed ' if order.sign else ''}tag {begun.tag} would say")
    _note(order.tag_message.splitlines(), console)
    if order.push:
        console.step(f"{begun.branch} and {begun.tag} would be pushed to {begun.remote}, both or none")
        for line in _going_along(order):
            console.note(line)
    console.result(cut_files.difference(cut.changes))
    return 0


def _going_along(order: Order) -> Iterable[str]:
    """Tells what the remote would get besides the release."""
    before = order.served.branch
    if not before:
        yield f"{order.begun.remote} has no {order.begun.branch} yet"
    elif before != order.begun.before:
        yield f"commits that {order.begun.remote} does not have go along: {before:.12}..{order.begun.before:.12}"


def _note(lines: Iterable[str], console: Console) -> None:
    for line in lines:
        console.note("".join(letter if letter.isprintable() else "?" for letter in line))


def _tell(order: Order, console: Console) -> None:
    """Says what was done, and what comes next."""
    begun = order.begun
    if order.push:
        console.step(f"{begun.version} is released: {begun.remote} has {begun.branch} and {begun.tag}")
        return
    console.step(f"{begun.version} is not pushed; next:")
    console.note(shlex.join(["git", "push", "--atomic", begun.remote, begun.branch, begun.tag]))
    console.step("or take it back:")
    console.note(f"git tag -d {begun.tag} && git reset --keep {begun.before:.12}")
