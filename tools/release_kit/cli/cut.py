"""`release-kit cut`: raises the version of everything that is released together, commits, tags and pushes it."""

import argparse
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from release_kit.cli import cut_files
from release_kit.cli.console import Console
from release_kit.engines.cut.release import Cut, plan
from release_kit.errors import InputError

_OF_GIT = ("skip_staging", "branch", "remote", "sign", "no_push")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("version", metavar="VERSION", help="such as 1.2.3 or 1.3.0-rc.1; or major, minor or patch")
    parser.add_argument("--skip-staging", action="store_true", help="a hotfix, which does not wait for staging")
    parser.add_argument("--dry-run", action="store_true", help="show what would change as a diff, and write nothing")
    parser.add_argument("--branch", metavar="NAME", help="the release branch; the remote's default unless given")
    parser.add_argument("--remote", metavar="NAME", help="where to push; origin, or the only one, unless given")
    parser.add_argument(
        "--sign", action="store_true", help="sign commit and tag, also where git's settings don't say so"
    )
    parser.add_argument("--no-push", action="store_true", help="commit and tag here, and tell how to push")
    parser.add_argument("--files-only", action="store_true", help="raise the files and nothing else; git is not asked")
    cut_files.add_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Cuts the release; returns the exit code."""
    if not arguments.files_only:
        from release_kit.cli.cut_in_git import run as run_in_git

        return run_in_git(arguments, console)
    for name in _OF_GIT:
        if getattr(arguments, name):
            raise InputError(f"--files-only and --{name.replace('_', '-')} exclude each other", "leave one out")
    cut = plan(cut_files.sources(arguments), arguments.version, cut_files.choices(arguments))
    if arguments.dry_run:
        console.step(f"{cut.previous} would become {cut.version}; nothing is written")
        console.result(cut_files.difference(cut.changes))
        return 0
    _write(cut, cut_files.root(arguments), console)
    console.result(cut.version)
    return 0


def _write(cut: Cut, root: Path, console: Console) -> None:
    from release_kit.adapters.file_set import write_all

    write_all({change.source.path: change.text.encode() for change in cut.changes})
    names = [change.source.name for change in cut.changes]
    console.step(f"{cut.previous} became {cut.version} in {', '.join(names)}")
    for line in _next_steps(cut.version, names, root):
        console.note(line)


def _next_steps(version: str, names: Sequence[str], root: Path) -> Iterator[str]:
    """Returns the commands that publish the release."""
    message = shlex.quote(f"Release {version}")
    yield "next:"
    if root != cut_files.here():
        yield f"  cd {shlex.quote(str(root))}"
    yield f"  git add -- {shlex.join(names)}"
    yield f"  git commit -m {message}"
    yield f"  git tag -a v{version} -m {message}"
    yield f"  git push --atomic origin HEAD v{version}"
