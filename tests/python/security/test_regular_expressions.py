"""Threat: a pattern that takes for ever on a text that was made for it."""

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import release_kit
from release_kit.adapters.registry import auth, patience, urls
from release_kit.adapters.registry.http1 import _headers
from tests.support.patterns import Automaton

ROOT = Path(release_kit.__file__).parent
RUN = {"match", "fullmatch", "search", "sub", "split", "findall", "finditer", "compile"}


def compiled() -> Iterator[tuple[str, "re.Pattern[str]"]]:
    """Yields the patterns that modules keep."""
    for found in pkgutil.walk_packages([str(ROOT)], "release_kit."):
        if found.name.endswith((".__main__", ".e2e.plugin", ".e2e.deployed")):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield f"{found.name}.{name}", value


def written() -> Iterator[tuple[str, "re.Pattern[str]"]]:
    """Yields the patterns that calls have as a constant."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and (node.func.value.id, node.func.attr in RUN) == ("re", True)
                and isinstance(node.args[0], ast.Constant)
            ):
                text = node.args[0].value
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield place, re.compile(text.decode("latin-1") if isinstance(text, bytes) else str(text))


ALL = dict([*compiled(), *written()])
PATTERNS = {
    place: pattern
    for pattern, place in {(found.pattern, found.flags): (found, place) for place, found in ALL.items()}.values()
}


def test_all_patterns_are_looked_at() -> None:
    assert len(ALL) > 300
    assert len(PATTERNS) > 150


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_no_pattern_is_ambiguous_in_a_loop(pattern: "re.Pattern[str]") -> None:
    assert not Automaton(pattern).is_ambiguous(), pattern.pattern


AMBIGUOUS = (
    *(r"(a+)+b", r"(?:a|aa)+b", r"(a|ab|b)*c", r"(?:\d+\d*s)+"),
    *(r"(?:a*)*b", r"(\s*,?\s*)*x", r"([^,]+,?)*;", r"(.*)*="),
)
UNAMBIGUOUS = (
    *(r"a+b", r"(a+b)+c", r"(?:a|b)*c", r"\s*#\s*"),
    *(r"(?:[^\"\\]|\\.)*", r"(?:,\s*\w+)*", r"(?:#[^\n]*)*+x"),
)


@pytest.mark.parametrize("pattern", AMBIGUOUS)
def test_an_ambiguous_pattern_is_found(pattern: str) -> None:
    assert Automaton(re.compile(pattern)).is_ambiguous()


@pytest.mark.parametrize("pattern", UNAMBIGUOUS)
def test_an_unambiguous_pattern_is_not(pattern: str) -> None:
    assert not Automaton(re.compile(pattern)).is_ambiguous()


READERS: dict[str, tuple[Callable[[str], object], str]] = {
    "challenges": (auth.parse_challenges, 'a="\\'),
    "challenges in spaces": (auth.parse_challenges, "a " + " "),
    "challenges in words": (auth.parse_challenges, "a-"),
    "addresses": (urls.parse, "http://a:"),
    "pauses": (lambda text: patience._seconds(text), "1 "),
    "heads": (lambda text: _headers([text.encode()]), "a:"),
}


@pytest.mark.parametrize(("read", "piece"), READERS.values(), ids=READERS)
def test_what_reads_answers_grows_with_them(read: Callable[[str], object], piece: str) -> None:
    """Steps of the interpreter are counted, not seconds; what a pattern does in one step is held by the test above."""
    steps = [_steps(lambda size=size: read(piece * size)) for size in (4000, 8000)]  # type: ignore[misc]
    assert steps[1] <= 2.5 * steps[0] + 1000


def _steps(call: Callable[[], object]) -> int:
    count = 0

    def traced(*_: object) -> object:
        nonlocal count
        count += 1
        return traced

    before = sys.gettrace()
    sys.settrace(traced)  # type: ignore[arg-type]
    try:
        call()
    finally:
        sys.settrace(before)
    return count
