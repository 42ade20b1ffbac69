"""Parts of a text in Markdown: commands and tables."""

import re
import textwrap
from collections.abc import Sequence

_PROGRAM = "release-kit {command} ENVIRONMENTS.json"


def code(*lines: str) -> str:
    """Returns commands as a block."""
    return "\n".join(("```sh", *lines, "```", ""))


def both(way: str, command: str, arguments: str = "") -> str:
    """Returns a command as people run it, and as the program has it.

    Args:
        way: the declaration's `command`; empty where people run the program.
        command: of release-kit.
        arguments: what follows the declaration.
    """
    lines = (f"{each.format(command=command)} {arguments}".rstrip() for each in (way, _PROGRAM) if each)
    return code(*(line.removesuffix(" --") for line in lines))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table, whose cells may hold anything of one line."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def prose(text: str) -> str:
    """Returns paragraphs with lines of one width; those that begin with `-` are items of a list."""
    return "\n".join(map(_paragraph, text.strip().split("\n\n")))


def _paragraph(text: str) -> str:
    parts = re.split(r"\n(?=- )", text)
    return "".join(f"{_filled(part)}\n" for part in parts)


def _filled(text: str) -> str:
    indent = "  " if text.startswith("- ") else ""
    words = " ".join(text.split())
    return textwrap.fill(words, 110, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
