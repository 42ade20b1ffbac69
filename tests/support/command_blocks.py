"""The blocks of commands in the documentation, and what a line above each says of it.

<!-- run: tests/e2e/test_page_commands.py -->     a test takes the block's commands from the page and runs them
<!-- not run: it needs a cluster -->              nothing runs them, and why
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(r"(?:^<!-- (?P<mark>[^\n]*) -->\n)?^```(?:console|sh|bash|shell)\n(?P<body>.*?)^```$", re.M | re.S)
_COMMENT = re.compile(r"\s{2,}# .*")


class Command(NamedTuple):
    """A command of a page."""

    text: str
    shown: tuple[str, ...]
    """What the page says that one sees."""


class Block(NamedTuple):
    """A block of commands, and where it is."""

    page: str
    line: int
    heading: str
    """The heading of the second level that it is below."""
    body: str
    mark: str
    """What the comment above says; empty where there is none."""

    @property
    def run_by(self) -> str:
        """The path of what runs it; empty if nothing does."""
        return self.mark.removeprefix("run: ") if self.mark.startswith("run: ") else ""

    @property
    def reason(self) -> str:
        """Why nothing runs it; empty if something does."""
        return self.mark.removeprefix("not run: ") if self.mark.startswith("not run: ") else ""

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands without their comments; in a block without prompts, every line is one."""
        body = self.body.replace("\\\n", "")
        if "$ " not in body:
            lines = (line for line in body.splitlines() if line.strip() and not line.startswith("#"))
            return tuple(Command(_COMMENT.sub("", line), ()) for line in lines)
        _, *said = re.split(r"^\$ ", body, flags=re.MULTILINE)
        return tuple(Command(_COMMENT.sub("", first), tuple(shown)) for first, *shown in map(str.splitlines, said))


def blocks(page: str, text: str) -> Iterator[Block]:
    """Yields the blocks of a page, in order."""
    for found in _BLOCK.finditer(text):
        before = text[: found.start("body")]
        _, _, heading = before.rpartition("\n## ")
        yield Block(page, before.count("\n"), heading.splitlines()[0], found["body"], found["mark"] or "")


def of_page(root: Path, page: str) -> list[Block]:
    """Returns the blocks of a page of the repository."""
    return list(blocks(page, (root / page).read_text()))


def is_shown(line: str, said: str) -> bool:
    """Tells whether a line has been said, but for what differs (`...`) and for the width of columns."""
    pattern = ".*".join(re.escape(" ".join(piece.split())) for piece in line.split("..."))
    told = (" ".join(each.split()) for each in said.splitlines())
    return any(re.fullmatch(pattern, each) for each in told)
