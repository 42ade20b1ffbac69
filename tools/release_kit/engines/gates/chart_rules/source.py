"""A YAML file of a chart, and findings in it."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from release_kit.values.finding import Finding, Gate
from release_kit.values.yaml_source import Document, Path, read_one, shown

MAX_SHOWN = 80


class Source(NamedTuple):
    """A file that was read."""

    file: str
    text: str
    document: Document

    @property
    def values(self) -> Mapping[str, Any]:
        """The mapping that the file holds; empty where it holds something else."""
        value = self.document.value
        return value if isinstance(value, dict) else {}

    def finding(self, path: Path, message: str, remedy: str) -> Finding:
        """Returns a finding at a path of the file; its message starts with the path."""
        thing = shown(path)
        start = f"{thing}: " if thing else ""
        return fault(start + message, remedy, self.file, self.document.line(path), thing)


def read(files: Mapping[str, bytes], file: str) -> Source:
    """Reads a file of the chart.

    Raises:
        YamlError: it is no YAML of one document.
        UnicodeDecodeError: it is no UTF-8.
    """
    text = files[file].decode("utf-8-sig")
    return Source(file, text, read_one(text))


def fault(message: str, remedy: str, file: str, line: int = 0, thing: str = "") -> Finding:
    """Returns a finding of this gate."""
    return Finding(Gate.CHART_RULES, message, remedy, file, line, thing=thing)


def described(value: Any) -> str:
    """Returns how a message names a value of YAML: `the number 1.2`, `a list`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return quoted(value)
    return "a list" if isinstance(value, list) else "a mapping"


def quoted(text: str) -> str:
    """Returns a text as a message shows it: in quotes, without control characters, and not too long."""
    return repr(text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "...")


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns the known name that a misspelled one is most like; empty where there is none."""
    names = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), names, 1, 0.6)
    return names[found[0]] if found else ""
