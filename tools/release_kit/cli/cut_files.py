"""The files that a cut raises: which they are, and what becomes of them."""

import argparse
import os
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from difflib import unified_diff
from pathlib import Path

from release_kit.adapters.files import read_text
from release_kit.engines.cut.release import Change, Choices, Mention, Source, Sources
from release_kit.errors import InputError

CHARTS = "helm/*/Chart.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that say which files are raised, and how."""
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
    parser.add_argument(
        "--mention",
        action="append",
        default=[],
        metavar="FILE=TEXT",
        help="a file that names the version within a text, which has {version} there; once for each file",
    )
    parser.add_argument("--allow-empty-changelog", action="store_true", help="cut a release that changes nothing")
    parser.add_argument("--align", action="store_true", help="raise files that are out of step, too")
    parser.add_argument("--date", metavar="YYYY-MM-DD", help="of the changelog's entry; today (UTC) unless given")


def here() -> Path:
    """Returns where the user called; `bazel run` calls a command elsewhere."""
    return Path(os.environ.get("BUILD_WORKING_DIRECTORY", ".")).resolve()


def root(arguments: argparse.Namespace) -> Path:
    """Returns what paths are relative to."""
    return (here() / str(arguments.root or os.environ.get("BUILD_WORKSPACE_DIRECTORY", "."))).resolve()


def choices(arguments: argparse.Namespace) -> Choices:
    """Returns what the user decides besides the version."""
    return Choices(_date(arguments.date), arguments.allow_empty_changelog, arguments.align)


def sources(arguments: argparse.Namespace) -> Sources:
    """Reads all files.

    Raises:
        InputError: one can't be read.
    """
    top = root(arguments)
    charts = sorted(top.glob(CHARTS))
    if arguments.chart:
        charts = [top / chart / "Chart.yaml" if (top / chart).is_dir() else top / chart for chart in arguments.chart]
    return Sources(
        _source(top / arguments.version_file, top, "write the present version into it, such as 0.0.0"),
        tuple(_source(path, top, "name a chart's folder or its Chart.yaml") for path in _distinct(charts)),
        None
        if arguments.no_changelog
        else _source(top / arguments.changelog, top, "add it, or do without one with --no-changelog"),
        tuple(_mention(text, top) for text in arguments.mention),
    )


def _mention(argument: str, top: Path) -> Mention:
    name, _, text = argument.partition("=")
    if not name or "{version}" not in text:
        raise InputError(
            f"--mention: expected FILE=TEXT with {{version}} in the text, found {argument!r:.200}",
            """write it such as --mention 'README.md=version = "{version}"'""",
        )
    return Mention(_source(top / name, top, "name a file that mentions the version"), text)


def _distinct(paths: Iterable[Path]) -> Iterable[Path]:
    return {path.resolve(): path for path in paths}.values()


def _source(path: Path, top: Path, remedy: str) -> Source:
    try:
        text = read_text(path)
    except InputError as error:
        raise InputError(error.message, remedy) from error
    name = path.relative_to(top).as_posix() if path.is_relative_to(top) else str(path)
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


def difference(changes: Iterable[Change]) -> str:
    """Returns what `git apply` and `patch -p1` take."""
    return "".join(map(_of_one, changes))


def _of_one(change: Change) -> str:
    name = change.source.name
    lines = unified_diff(_lines(change.source.text), _lines(change.text), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Returns the lines with their ends; other breaks than line feeds are inside of lines, as diff has it."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
