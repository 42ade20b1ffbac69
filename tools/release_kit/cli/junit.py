"""Reports as JUnit has them, in which continuous integration shows tests."""

from collections.abc import Sequence
from typing import NamedTuple


class Case(NamedTuple):
    """One test case: it passed, unless it says otherwise."""

    name: str
    failure: str = ""
    """What failed, in one line."""
    details: str = ""
    skipped: str = ""
    """Why it was not run."""
    seconds: float | None = None
    """How long it took; None where nobody has measured it."""


def document(suite: str, classname: str, cases: Sequence[Case]) -> str:
    """Returns the report of one suite."""
    failures = sum(bool(case.failure) for case in cases)
    skipped = sum(bool(case.skipped) for case in cases)
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="{skipped}"'
    lines = "\n".join(_case(classname, case) for case in cases)
    text = f"<testsuite name={_quoted(suite)} {counts}>\n{lines}\n</testsuite>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites {counts}>\n{text}\n</testsuites>\n'


def _case(classname: str, case: Case) -> str:
    start = f"<testcase classname={_quoted(classname)} name={_quoted(case.name)}"
    if case.seconds is not None:
        start += f' time="{case.seconds:.3f}"'
    if case.failure:
        return f"{start}><failure message={_quoted(case.failure)}>{_escaped(case.details)}</failure></testcase>"
    if case.skipped:
        return f"{start}><skipped message={_quoted(case.skipped)}/></testcase>"
    return f"{start}/>"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Escapes what XML has a meaning for; the module that does so imports all of HTTP."""
    text = _printable(text)
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\n", "&#10;")):
        text = text.replace(character, entity)
    return text


def _printable(text: str) -> str:
    """Takes out what no XML document may hold."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t")
