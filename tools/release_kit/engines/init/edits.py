"""What is to be written into a workspace: new files, and lines that get into those that are there."""

from collections.abc import Callable
from typing import NamedTuple

from release_kit.engines.init.starlark import Insertion, Source, inserted
from release_kit.errors import InputError

BUILD_FILES = ("BUILD.bazel", "BUILD")


class Change(NamedTuple):
    """A file that is written."""

    path: str
    """Below the workspace."""
    before: str | None
    """None: it is not there."""
    after: str
    is_program: bool = False


class Edits:
    """Collects what is to be written, and what its user should know."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        """Takes what returns the text of a file, None for one that is not there."""
        self._read = read
        self._sources: dict[str, Source] = {}
        self._insertions: dict[str, list[Insertion]] = {}
        self._new: dict[str, Change] = {}
        self.notes: list[str] = []

    def text(self, path: str) -> str | None:
        """Returns the text of a file as it is; None where it is not there."""
        return self._read(path)

    def build_file(self, package: str) -> str:
        """Returns the path of a package's BUILD file, or of the one that it is to get."""
        names = [f"{package}/{name}" if package else name for name in BUILD_FILES]
        return next((name for name in names if self.text(name) is not None), names[0])

    def source(self, path: str) -> Source:
        """Returns a file as Starlark; an empty one where it is not there.

        Raises:
            InputError: it is none.
        """
        if path not in self._sources:
            self._sources[path] = Source(path, self.text(path) or "")
        return self._sources[path]

    def add(self, path: str, text: str, is_program: bool = False) -> None:
        """Adds a file.

        Raises:
            InputError: it is there.
        """
        if self.text(path) is not None:
            raise InputError(f"{path}: is there already", "move it away, or add by hand what it lacks")
        self._new[path] = Change(path, None, text, is_program)

    def insert(self, path: str, *insertions: Insertion) -> None:
        """Adds lines to a file, which is made where it is not there."""
        self._insertions.setdefault(path, []).extend(insertions)

    def note(self, text: str) -> None:
        """Keeps something that the user should know, in one line."""
        self.notes.append(text)

    def changes(self) -> list[Change]:
        """Returns what is to be written, by path."""
        found = dict(self._new)
        for path, insertions in self._insertions.items():
            before = self.text(path)
            found[path] = Change(path, before, inserted(before or "", insertions))
        return [found[path] for path in sorted(found)]
