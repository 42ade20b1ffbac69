"""Files that appear whole or not at all."""

import os
import tempfile
from pathlib import Path

from release_kit.errors import InputError


def write_atomically(path: Path, text: str) -> None:
    """Writes a file beside its place and renames it into place; its folder is made where missing.

    Raises:
        InputError: the place can't be written to; the file that was there stands as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except OSError as error:
        os.unlink(draft)
        raise InputError(f"{path}: can't be written: {error.strerror}") from error


def read_text(path: Path) -> str:
    """Returns a file's text.

    Raises:
        InputError: it can't be read, or is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: can't be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}") from error
