"""Several files, all of them written and removed, or none."""

import re
import shutil
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack, suppress
from os import getpid, kill
from pathlib import Path
from typing import NamedTuple

from release_kit.errors import InputError, ReleaseError

_DRAFTS = ".release-kit-drafts."
"""And the number of the process that they are of."""


class _Step(NamedTuple):
    path: Path
    old: Path | None
    """A copy of the file; None where there is none yet."""
    new: Path | None
    """What is to be renamed into its place; None: the file is to go."""


class _Drafts(ExitStack):
    """Removes drafts in the end."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder, self._count = folder, 0

    def place(self, path: Path, suffix: str) -> Path:
        """Returns where a draft is written: beside its file, unless there is a folder for all."""
        if self._folder is None:
            return _draft(path, suffix, getpid())
        if not self._count:
            _make_folder(self._folder, self)
        self._count += 1
        return self._folder / f"{self._count}.{suffix}"


def write_all(
    contents: Mapping[Path, bytes],
    removed: Iterable[Path] = (),
    programs: Collection[Path] = (),
    folder: Path | None = None,
) -> None:
    """Writes files: all of them as drafts first, which then are renamed into place, in their order.

    Whatever stops it, an interrupt too, each file is as it was; only a process that is killed between two renames
    leaves some files new. Folders are made where missing, and go with their last file.

    Args:
        contents: of each file, by a path that is no symbolic link; a file that is there keeps its mode.
        removed: files that are to go.
        programs: those of the written files that may be executed.
        folder: a new one for the drafts, as `drafts_below` makes it; unless given, each is beside its file.

    Raises:
        InputError: one of them can't be written; all are as they were.
        ReleaseError: nor can one of them be put back; says where its old content is.
    """
    with _Drafts(folder) as drafts:
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


def _prepared(path: Path, content: bytes, drafts: _Drafts, is_program: bool) -> _Step:
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


def _to_remove(path: Path, drafts: _Drafts) -> _Step:
    try:
        drafts.callback(_remove_if_empty, path.parent)
        return _Step(path, _copy(path, drafts), None)
    except OSError as error:
        raise _unwritten(path, error) from error


def _copy(path: Path, drafts: _Drafts) -> Path:
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


def drafts_below(root: Path) -> Path:
    """Returns a folder for the drafts of this process."""
    return root / f"{_DRAFTS}{getpid()}"


def remove_abandoned(root: Path) -> None:
    """Removes the folders of drafts that processes have left which were killed; those of others stay.

    Raises:
        InputError: one can't be removed.
    """
    for folder in root.glob(f"{_DRAFTS}*"):
        number = folder.name.removeprefix(_DRAFTS)
        if folder.is_symlink() or not re.fullmatch("[1-9][0-9]{0,9}", number, re.ASCII) or _lives(int(number)):
            continue
        try:
            for draft in folder.iterdir():
                if re.fullmatch(r"[0-9]+\.(?:new|old)", draft.name, re.ASCII):
                    draft.unlink()
            _remove_if_empty(folder)
        except OSError as error:
            raise InputError(f"{folder}: can't be removed: {error.strerror}", "remove it") from error


def _lives(process: int) -> bool:
    try:
        kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _draft(path: Path, suffix: str, process: int) -> Path:
    return path.with_name(f".{path.name}.{process}.{suffix}")


def _beside(path: Path, suffix: str, content: bytes, drafts: _Drafts) -> Path:
    draft = drafts.place(path, suffix)
    with draft.open("xb") as file:
        drafts.callback(draft.unlink, missing_ok=True)
        file.write(content)
    return draft


def _put_back(begun: list[_Step], drafts: _Drafts) -> None:
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
