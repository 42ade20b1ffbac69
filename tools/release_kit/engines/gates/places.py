"""Which file and line of a chart makes a line of what is rendered."""

from collections.abc import Mapping
from typing import NamedTuple

from release_kit.values.template_source import exact_lines, likeliest_line

Files = Mapping[str, bytes]


class Place(NamedTuple):
    """A file of the chart, and a line of it; 0 where that can't be told."""

    file: str
    line: int


def place(template: str, rendered: str, number: int, files: Files) -> Place:
    """Returns where a rendered line comes from: its template, or a helper that has it word by word.

    Args:
        template: the file that was rendered.
        rendered: the document that the line is in.
        number: the line of the document, from 1.
        files: the chart's files.
    """
    lines = rendered.split("\n")
    if template not in files or not 0 < number <= len(lines):
        return Place(template, 0)
    line, before = lines[number - 1], lines[: number - 1]
    own = _text(template, files)
    if not exact_lines(own, line):
        found = [(path, exact_lines(_text(path, files), line)) for path in _helpers(template, files)]
        exact = [Place(path, numbers[0]) for path, numbers in found if len(numbers) == 1]
        if len(exact) == 1 and ":" in line:
            return exact[0]
    if likeliest := likeliest_line(own, line, before):
        return Place(template, likeliest)
    others = [(path, likeliest_line(_text(path, files), line, before)) for path in _helpers(template, files)]
    named = [Place(path, number) for path, number in others if number]
    return named[0] if len(named) == 1 else Place(template, 0)


def _helpers(template: str, files: Files) -> list[str]:
    """Returns the files of the same chart that render nothing themselves."""
    folder = template.partition("templates/")[0] + "templates/"
    return [path for path in files if path.startswith(folder) and path.rpartition("/")[2].startswith("_")]


def _text(path: str, files: Files) -> str:
    return files[path].decode(errors="replace")
