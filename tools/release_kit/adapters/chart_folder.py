"""Reads charts from disk as Helm reads them: folders with their .helmignore and links, and packed archives."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from release_kit.errors import InputError
from release_kit.values import chart_archive, helm_ignore
from release_kit.values.chart_archive import BOM, MAX_CHART_BYTES, MAX_FILE_BYTES

CHART_FILE = "Chart.yaml"


class LeavingLink(NamedTuple):
    """A symbolic link of a chart folder that leads out of it."""

    path: str
    """Relative to the chart folder."""
    target: str
    """Where it leads in the end."""


class ChartFiles(NamedTuple):
    """What Helm would read of a chart."""

    place: str
    """Where the chart was found, for errors."""
    files: Mapping[str, bytes]
    """Path relative to the chart -> content, in Helm's order."""
    leaving: tuple[LeavingLink, ...]
    """Links among them that lead out of the chart folder."""
    archive: bytes = b""
    """The packed chart itself; empty for a folder."""


def load(folder: Path, max_file_bytes: int = MAX_FILE_BYTES) -> ChartFiles:
    """Reads a chart folder: what .helmignore leaves, links followed, byte order marks cut.

    Args:
        folder: the one that Chart.yaml is in.
        max_file_bytes: no file may be larger; Helm 3 can't read larger ones than the default.

    Raises:
        InputError: it is no chart folder, or Helm refuses something in it.
    """
    if not (folder / CHART_FILE).is_file():
        raise InputError(f"{folder}: expected a chart, found no {CHART_FILE} in it", "name the folder of a Helm chart")
    ignore_file = folder / helm_ignore.NAME
    content = _read(ignore_file, MAX_FILE_BYTES) if ignore_file.exists() else b""
    walk = _Walk(folder, helm_ignore.parse(content, str(ignore_file)), max_file_bytes)
    walk.enter("", ())
    return ChartFiles(str(folder), walk.files, tuple(walk.leaving))


def load_archive(path: Path, max_file_bytes: int = MAX_FILE_BYTES) -> ChartFiles:
    """Reads a packed chart (.tgz), trusting nothing in it.

    Raises:
        InputError: it is no packed chart, or one that no loader should touch.
    """
    archive = _read(path, MAX_CHART_BYTES)
    return ChartFiles(str(path), chart_archive.unpack(archive, str(path), max_file_bytes), (), archive)


class _Walk:
    """Goes through a chart folder in Helm's order: by name, folder by folder."""

    def __init__(self, folder: Path, rules: helm_ignore.IgnoreRules, max_file_bytes: int) -> None:
        self.files: dict[str, bytes] = {}
        self.leaving: list[LeavingLink] = []
        self._folder = folder
        self._root = folder.resolve()
        self._rules = rules
        self._max_file_bytes = max_file_bytes
        self._left = MAX_CHART_BYTES

    def enter(self, path: str, followed: tuple[tuple[int, int], ...]) -> None:
        """Takes in all of a folder; `followed` are the links on the way to it."""
        try:
            names = sorted(child.name for child in (self._folder / path).iterdir())
        except OSError as error:
            raise self._error(path, f"can't be read: {error.strerror}") from error
        for name in names:
            self._take(f"{path}/{name}" if path else name, followed)

    def _take(self, path: str, followed: tuple[tuple[int, int], ...]) -> None:
        status = self._status(path, follow=False)
        link = (status.st_dev, status.st_ino) if stat.S_ISLNK(status.st_mode) else None
        status = self._status(path) if link else status
        if self._rules.ignores(path, stat.S_ISDIR(status.st_mode)):
            return
        if link:
            if link in followed:
                raise self._error(path, "is a link that leads back to a folder it is in", "remove the link")
            followed = (*followed, link)
            self._note_leaving(path)
        if stat.S_ISDIR(status.st_mode):
            self.enter(path, followed)
        elif stat.S_ISREG(status.st_mode):
            self._keep(path)
        else:
            raise self._error(path, "expected a regular file", f"remove it, or name it in {helm_ignore.NAME}")

    def _status(self, path: str, *, follow: bool = True) -> os.stat_result:
        """Looks at a path; a link that leads nowhere is an error, even where it would be ignored, as it is for Helm."""
        try:
            return (self._folder / path).stat(follow_symlinks=follow)
        except OSError as error:
            message = "is a link that leads nowhere" if follow else "can't be read"
            raise self._error(path, f"{message}: {error.strerror}", "remove it" if follow else "") from error

    def _note_leaving(self, path: str) -> None:
        target = (self._folder / path).resolve()
        if not target.is_relative_to(self._root):
            self.leaving.append(LeavingLink(path, str(target)))

    def _keep(self, path: str) -> None:
        try:
            path.encode()
        except UnicodeEncodeError:
            raise self._error(path, "expected a name in UTF-8", "rename it") from None
        content = _read(self._folder / path, self._max_file_bytes)
        self._left -= len(content)
        if self._left <= 0:
            raise self._error("", f"has {MAX_CHART_BYTES} bytes or more, which Helm refuses")
        self.files[path] = content.removeprefix(BOM)

    def _error(self, path: str, message: str, remedy: str = "") -> InputError:
        shown = str(self._folder / path).encode(errors="backslashreplace").decode()
        return InputError(f"{shown}: {message}", remedy)


def _read(path: Path, limit: int) -> bytes:
    """Reads a regular file that may have no more than `limit` bytes, whatever its size was a moment ago."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path}: expected a regular file")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    if len(content) > limit:
        remedy = f"name it in {helm_ignore.NAME}, or allow larger files with --max-file-bytes"
        raise InputError(f"{path}: expected at most {limit} bytes, which is all that Helm 3 reads", remedy)
    return content
