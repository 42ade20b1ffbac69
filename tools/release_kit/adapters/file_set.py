"""Several files, all of them written and removed, or none."""

import shutil
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack, suppress
from os import getpid
from pathlib import Path
from typing import NamedTuple

from release_kit.errors import InputError, ReleaseError


class _Step(NamedTuple):
    path: Path
    old: Path | None
    """A copy of the file; None where there is none yet."""
    new: Path | None
    """What is to be renamed into its place; None: the file is to go."""


def write_all(contents: Mapping[Path, bytes], removed: Iterable[Path] = (), programs: Collection[Path] = ()) -> None:
    """Writes files: all of them beside their places first, which then are renamed into place.

    Whatever stops it, an interrupt too, each file is as it was; only a process that is killed between two renames
    leaves some files new. Folders are made where missing, and go with their last file.

    Args:
        contents: of each file, by a path that is no symbolic link; a file that is there keeps its mode.
        removed: files that are to go.
        programs: those of the written files that may be executed.

    Raises:
        InputError: one of them can't be written; all are as they were.
        ReleaseError: nor can one of them be put back; says where its old content is.
    """
    with ExitStack() as drafts:
        steps = [_prepared(path, content, drafts, path in programs) for path, content in contents.items()]
        steps += [_to_remove(path, drafts) for path in removed]
        begun: list[_Step] = []
        try:
            for step in steps:
                begun.append(step)
                if step.new is None:
                    step.path.unlink()
                else:
                    step.new.replace(step.path)
        except BaseException as error:
            _put_back(begun, drafts)
            if isinstance(error, OSError):
                raise _unwritten(begun[-1].path, error) from error
            raise


def _prepared(path: Path, content: bytes, drafts: ExitStack, is_program: bool) -> _Step:
    try:
        old = _copy(path, drafts) if path.exists() else None
        _make_folder(path.parent, drafts)
        new = _beside(path, "new", content, drafts)
        if old is not None:
            shutil.copymode(path, new)
        if is_program:
            mode = new.stat().st_mode
            new.chmod(mode | (mode & 0o444) >> 2)
    except OSError as error:
        raise _unwritten(path, error) from error
    return _Step(path, old, new)


def _to_remove(path: Path, drafts: ExitStack) -> _Step:
    try:
        drafts.callback(_remove_if_empty, path.parent)
        return _Step(path, _copy(path, drafts), None)
    except OSError as error:
        raise _unwritten(path, error) from error


def _copy(path: Path, drafts: ExitStack) -> Path:
    old = _beside(path, "old", path.read_bytes(), drafts)
    shutil.copystat(path, old)
    return old


def _make_folder(folder: Path, drafts: ExitStack) -> None:
    """Makes a folder; whatever of it is empty in the end goes again."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir()
        drafts.callback(_remove_if_empty, each)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def remove_drafts(path: Path, process: int) -> None:
    """Removes what a process that was killed in `write_all` has left beside a file.

    Raises:
        InputError: it can't be removed.
    """
    for suffix in ("new", "old"):
        draft = _draft(path, suffix, process)
        try:
            draft.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"{draft}: can't be removed: {error.strerror}", "remove it") from error


def _draft(path: Path, suffix: str, process: int) -> Path:
    return path.with_name(f".{path.name}.{process}.{suffix}")


def _beside(path: Path, suffix: str, content: bytes, drafts: ExitStack) -> Path:
    draft = _draft(path, suffix, getpid())
    with draft.open("xb") as file:
        drafts.callback(draft.unlink, missing_ok=True)
        file.write(content)
    return draft


def _put_back(begun: list[_Step], drafts: ExitStack) -> None:
    """Renames the old files into place, and removes the new ones that had none."""
    for step in begun:
        try:
            if step.new is not None and step.new.exists():
                continue
            if step.old is None:
                step.path.unlink(missing_ok=True)
            else:
                step.old.replace(step.path)
        except OSError as error:
            drafts.pop_all()
            raise ReleaseError(
                f"{step.path}: can't be put back: {error.strerror}",
                f"its old content is in {step.old}; the others' is in such files beside them",
            ) from error


def _unwritten(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: can't be written: {error.strerror}; no file was changed", "make its folder writable")
