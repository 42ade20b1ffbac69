"""YAML files of folders, read as hostile input: sizes and numbers are capped, links to folders are not followed."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from release_kit.errors import InputError

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_FILES = 20_000
_SUFFIXES = (".yaml", ".yml")
_CHART = "Chart.yaml"


class YamlFiles(NamedTuple):
    """What was found."""

    texts: dict[str, str]
    """Contents by name, in the order of the names; a name is the path that the file was found at."""
    unreadable: dict[str, str]
    """Why a file could not be read."""
    templates: tuple[str, ...]
    """Folders of Helm templates, which are no YAML: they were left out."""


def read(paths: Sequence[Path]) -> YamlFiles:
    """Reads files, and all YAML files in folders and the folders below them.

    Raises:
        InputError: there is no such path, or there are too many files.
    """
    texts: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    templates: list[str] = []
    for file in _files(paths, templates):
        name = str(file)
        if name in texts or name in unreadable:
            continue
        if len(texts) + len(unreadable) == MAX_FILES:
            raise InputError(f"{name}: more than {MAX_FILES} YAML files", "name the folder that is deployed")
        found, fault = _text(file)
        if fault:
            unreadable[name] = fault
        else:
            texts[name] = found
    return YamlFiles(texts, unreadable, tuple(templates))


def _files(paths: Sequence[Path], templates: list[str]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from _below(path, templates)
        elif path.is_file():
            yield path
        else:
            raise InputError(f"{path}: there is no such file or folder")


def _below(folder: Path, templates: list[str]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        if _CHART in names and "templates" in folders:
            templates.append(str(Path(place, "templates")))
            folders.remove("templates")
        folders[:] = sorted(name for name in folders if name != ".git" and not Path(place, name).is_symlink())
        for name in sorted(names):
            path = Path(place, name)
            if name.endswith(_SUFFIXES) and path.is_file():
                yield path


def _text(file: Path) -> tuple[str, str]:
    """Returns the content of a file, or why there is none."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        return "", f"can't be read: {error.strerror}"
    if len(content) > MAX_FILE_BYTES:
        return "", f"is larger than {MAX_FILE_BYTES} bytes"
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        return "", f"is no UTF-8 text: byte {error.start + 1} is {content[error.start]:#04x}"
