"""Parts of a text in Markdown: commands and tables."""

import re
import textwrap
from collections.abc import Iterator, Sequence

_DOCUMENTS = {
    "argocd-wait": "argocd wait ENVIRONMENTS.json",
    "e2e": "e2e SUITE.json --environments ENVIRONMENTS.json",
}
"""How the program has the commands that are not called as they are, or take other documents than the declaration."""


def code(*lines: str) -> str:
    """Returns commands as a block."""
    return "\n".join(("```sh", *lines, "```", ""))


def both(way: str, command: str, arguments: str = "") -> str:
    """Returns a command as people run it, and as the program has it.

    Args:
        way: the declaration's `command`; empty where people run the program.
        command: of release-kit, with hyphens for spaces.
        arguments: what follows the declaration.
    """
    return code(*calls(way, command, arguments))


def calls(way: str, command: str, arguments: str = "") -> Iterator[str]:
    """Yields the lines of `both`."""
    program = f"release-kit {_DOCUMENTS.get(command, f'{command} ENVIRONMENTS.json')}"
    for each in filter(None, (way.format(command=command), program)):
        yield f"{each} {arguments}".rstrip().removesuffix(" --")


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
