"""yamllint's comments that switch rules off: `# yamllint disable-line rule:colons`, and the like."""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence

from release_kit.engines.gates.chart_rules.style_comments import Comment, Gap, comments
from release_kit.engines.gates.chart_rules.style_tokens import SYNTAX, Problem

RULES = (
    "braces",
    "brackets",
    "colons",
    "commas",
    "comments",
    "empty-lines",
    "hyphens",
    "indentation",
    "key-duplicates",
    "new-line-at-end-of-file",
    "new-lines",
    "trailing-spaces",
)
_FILE = re.compile(r"#\s*yamllint disable-file\s*(?:\n|$)")
_SWITCH = re.compile(r"# yamllint (disable|enable|disable-line)((?: rule:\S+)*)\s*")


def is_off(text: str) -> bool:
    """Tells whether the first line switches the whole file off."""
    return _FILE.match(text) is not None


def left_on(found: Iterable[Problem], text: str, places: Sequence[Gap]) -> Iterator[Problem]:
    """Yields the problems that no comment switches off, by line."""
    there = comments(text, places) if "# yamllint " in text else ()
    switches = deque((comment, match) for comment in there if (match := _SWITCH.fullmatch(comment.text)))
    lines = _single_lines(switches)
    off: set[str] = set()
    for problem in sorted(found):
        while switches and switches[0][0].line <= problem.line:
            off = _switched(off, switches.popleft()[1])
        if problem.rule == SYNTAX or problem.rule not in off | lines.get(problem.line, set()):
            yield problem


def _single_lines(switches: Iterable[tuple[Comment, re.Match[str]]]) -> dict[int, set[str]]:
    """Returns the rules that are off in single lines: the comment's own, or the one after it."""
    lines: dict[int, set[str]] = defaultdict(set)
    for comment, match in switches:
        if match[1] == "disable-line":
            lines[comment.line + (comment.spaces is None)] |= _rules(match)
    return lines


def _switched(off: set[str], match: re.Match[str]) -> set[str]:
    if match[1] == "disable":
        return off | _rules(match)
    return off - _rules(match) if match[1] == "enable" else off


def _rules(match: re.Match[str]) -> set[str]:
    return {name.removeprefix("rule:") for name in match[2].split()} or set(RULES)
