"""`release-kit cut`: raises the version of everything that is released together, and writes the changelog's entry."""

import argparse
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from difflib import unified_diff
from pathlib import Path

from release_kit.adapters.file_set import write_all
from release_kit.adapters.files import read_text
from release_kit.cli.console import Console
from release_kit.engines.cut.release import Change, Choices, Source, Sources, plan
from release_kit.errors import InputError

CHARTS = "helm/*/Chart.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("version", metavar="VERSION", help="such as 1.2.3 or 1.3.0-rc.1; or major, minor or patch")
    parser.add_argument("--root", metavar="DIR", help="what other paths are relative to; the workspace unless given")
    parser.add_argument("--version-file", default="VERSION", metavar="FILE", help="VERSION unless given")
    parser.add_argument(
        "--chart",
        action="append",
        metavar="DIR_OR_Chart.yaml",
        help=f"a chart to raise, once for each; {CHARTS} unless given",
    )
    changelog = parser.add_mutually_exclusive_group()
    changelog.add_argument("--changelog", default="CHANGELOG.md", metavar="FILE", help="CHANGELOG.md unless given")
    changelog.add_argument("--no-changelog", action="store_true", help="leave the changelog out")
    parser.add_argument("--allow-empty-changelog", action="store_true", help="cut a release that changes nothing")
    parser.add_argument("--align", action="store_true", help="raise files that are out of step, too")
    parser.add_argument("--date", metavar="YYYY-MM-DD", help="of the changelog's entry; today (UTC) unless given")
    parser.add_argument("--dry-run", action="store_true", help="show what would change as a diff, and write nothing")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Cuts the release; returns the exit code."""
    root = (_here() / _root(arguments)).resolve()
    choices = Choices(_date(arguments.date), arguments.allow_empty_changelog, arguments.align)
    cut = plan(_sources(arguments, root), arguments.version, choices)
    if arguments.dry_run:
        console.step(f"{cut.previous} would become {cut.version}; nothing is written")
        console.result("".join(map(_diff, cut.changes)))
        return 0
    write_all({change.source.path: change.text.encode() for change in cut.changes})
    names = [change.source.name for change in cut.changes]
    console.step(f"{cut.previous} became {cut.version} in {', '.join(names)}")
    for line in _next_steps(cut.version, names, root):
        console.note(line)
    console.result(cut.version)
    return 0


def _here() -> Path:
    """Returns where the user called; `bazel run` calls a command elsewhere."""
    return Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")).resolve()


def _root(arguments: argparse.Namespace) -> str:
    return str(arguments.root or os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))


def _sources(arguments: argparse.Namespace, root: Path) -> Sources:
    charts = sorted(root.glob(CHARTS))
    if arguments.chart:
        charts = [root / chart / "Chart.yaml" if (root / chart).is_dir() else root / chart for chart in arguments.chart]
    return Sources(
        _source(root / arguments.version_file, root, "write the present version into it, such as 0.0.0"),
        tuple(_source(path, root, "name a chart's folder or its Chart.yaml") for path in _distinct(charts)),
        None
        if arguments.no_changelog
        else _source(root / arguments.changelog, root, "add it, or do without one with --no-changelog"),
    )


def _distinct(paths: Iterable[Path]) -> Iterable[Path]:
    return {path.resolve(): path for path in paths}.values()


def _source(path: Path, root: Path, remedy: str) -> Source:
    try:
        text = read_text(path)
    except InputError as error:
        raise InputError(error.message, remedy) from error
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    return Source(path.resolve(), name, text)


def _date(text: str | None) -> str:
    if text is None:
        return datetime.now(UTC).date().isoformat()
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise InputError(f"--date: expected a day such as 2026-01-31, found {text!r:.100}")


def _diff(change: Change) -> str:
    """Returns what `git apply` and `patch -p1` take."""
    name = change.source.name
    lines = unified_diff(_lines(change.source.text), _lines(change.text), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Returns the lines with their ends; other breaks than line feeds are inside of lines, as diff has it."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _next_steps(version: str, names: Sequence[str], root: Path) -> Iterator[str]:
    """Returns the commands that publish the release."""
    message = shlex.quote(f"Release {version}")
    yield "next:"
    if root != _here():
        yield f"  cd {shlex.quote(str(root))}"
    yield f"  git add -- {shlex.join(names)}"
    yield f"  git commit -m {message}"
    yield f"  git tag -a v{version} -m {message}"
    yield f"  git push --atomic origin HEAD v{version}"
