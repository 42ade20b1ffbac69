"""What a line alone shows: its end, and the blank lines around it."""

from collections.abc import Iterator, Sequence

from release_kit.engines.gates.chart_rules.style_tokens import Problem

MAX_BLANK_LINES = 2
_WHITESPACE = " \t\r\v\f"
_ENDS = tuple(f"{space}\n" for space in _WHITESPACE)


def check(text: str) -> Iterator[Problem]:
    """Yields trailing spaces, blank lines that are too many, and wrong or missing ends of lines.

    A file is split into lines only if a look at the whole text finds something.
    """
    if text.endswith(tuple(_WHITESPACE)) or any(end in text for end in _ENDS):
        yield from _trailing_spaces(text.split("\n"))
    if "\n" * (MAX_BLANK_LINES + 2) in text or "\r" in text or text.startswith("\n") or text.endswith("\n\n"):
        yield from _blank_lines(text.split("\n"))
    if text and not text.endswith("\n"):
        message = "the last line has no end: expected a line feed"
        yield Problem(text.count("\n") + 1, "new-line-at-end-of-file", message)
    first_end = text.find("\n")
    if first_end > 0 and text[first_end - 1] == "\r":
        yield Problem(1, "new-lines", "the line ends with CR LF: expected LF alone")


def _trailing_spaces(lines: Sequence[str]) -> Iterator[Problem]:
    last = len(lines)
    for number, line in enumerate(lines, 1):
        if line and line[-1] in _WHITESPACE:
            content = line.removesuffix("\r") if number < last else line
            tail = content[len(content.rstrip(_WHITESPACE)) :]
            if tail.startswith((" ", "\t")):
                yield Problem(number, "trailing-spaces", f"{len(tail)} after the last character: expected none")


def _blank_lines(lines: Sequence[str]) -> Iterator[Problem]:
    """Yields each run of blank lines that is too long, at its last line."""
    *ended, rest = lines
    run = 0
    for number, line in enumerate(ended, 1):
        if line in ("", "\r"):
            run += 1
        elif run:
            yield from _run(number - 1, run, at_edge=number - 1 == run)
            run = 0
    if run and (rest or len(ended) > 1):
        yield from _run(len(ended), run, at_edge=not rest or len(ended) == run)


def _run(last: int, run: int, at_edge: bool) -> Iterator[Problem]:
    allowed = 0 if at_edge else MAX_BLANK_LINES
    if run > allowed:
        where = "at the start or end of the file" if at_edge else "in a row"
        yield Problem(last, "empty-lines", f"{run} {where}: expected at most {allowed}")
