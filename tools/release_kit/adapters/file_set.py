"""Several files, all of them written or none."""

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from os import getpid
from pathlib import Path
from typing import NamedTuple

from release_kit.errors import InputError, ReleaseError


class _Step(NamedTuple):
    path: Path
    old: Path
    """A copy of the file."""
    new: Path
    """What is to be renamed into its place."""


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Writes files that exist: all of them beside their places first, which then are renamed into place.

    Whatever stops it, an interrupt too, each file is as it was; only a process that is killed between two renames
    leaves some files new.

    Args:
        contents: of each file, by a path that is no symbolic link.

    Raises:
        InputError: one of them can't be written; all are as they were.
        ReleaseError: nor can one of them be put back; says where its old content is.
    """
    with ExitStack() as drafts:
        steps = [_prepared(path, content, drafts) for path, content in contents.items()]
        begun: list[_Step] = []
        try:
            for step in steps:
                begun.append(step)
                step.new.replace(step.path)
        except BaseException as error:
            _put_back(begun, drafts)
            if isinstance(error, OSError):
                raise _unwritten(begun[-1].path, error) from error
            raise


def _prepared(path: Path, content: bytes, drafts: ExitStack) -> _Step:
    try:
        old = _beside(path, "old", path.read_bytes(), drafts)
        shutil.copystat(path, old)
        new = _beside(path, "new", content, drafts)
        shutil.copymode(path, new)
    except OSError as error:
        raise _unwritten(path, error) from error
    return _Step(path, old, new)


def _beside(path: Path, suffix: str, content: bytes, drafts: ExitStack) -> Path:
    draft = path.with_name(f".{path.name}.{getpid()}.{suffix}")
    with draft.open("xb") as file:
        drafts.callback(draft.unlink, missing_ok=True)
        file.write(content)
    return draft


def _put_back(begun: list[_Step], drafts: ExitStack) -> None:
    """Renames the old files into place wherever a new one is."""
    for step in begun:
        try:
            if not step.new.exists():
                step.old.replace(step.path)
        except OSError as error:
            drafts.pop_all()
            raise ReleaseError(
                f"{step.path}: can't be put back: {error.strerror}",
                f"its old content is in {step.old}; the others' is in such files beside them",
            ) from error


def _unwritten(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: can't be written: {error.strerror}; no file was changed", "make its folder writable")
