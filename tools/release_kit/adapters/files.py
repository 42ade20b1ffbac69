"""Files that appear whole or not at all."""

import os
from pathlib import Path

from release_kit.errors import InputError


def write_atomically(path: Path, text: str) -> None:
    """Writes a file beside its place and renames it into place; its folder is made where missing.

    A file that was there leaves its mode behind, and a link to it stays a link.

    Raises:
        InputError: the place can't be written to; the file that was there stands as it was.
    """
    write_bytes_atomically(path, text.encode())


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Writes a file as `write_atomically` does.

    Raises:
        InputError: the place can't be written to; the file that was there stands as it was.
    """
    try:
        place = path.resolve()
        if place.exists() and not place.is_file():
            # A device or a pipe, which must not become a file.
            place.write_bytes(content)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.parent / f".{place.name}.{os.getpid()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except RuntimeError as error:  # What Python before 3.13 says of links in a circle.
        raise InputError(f"{path}: can't be written: it is a link to itself") from error
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if place.exists():
                os.fchmod(file.fileno(), place.stat().st_mode & 0o777)
        draft.replace(place)
    except OSError as error:
        draft.unlink()
        raise InputError(f"{path}: can't be written: {error.strerror}") from error


def append_text(path: Path, text: str) -> None:
    """Adds text to the end of a file.

    Raises:
        InputError: it can't be written to.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror}") from error


def read_text(path: Path) -> str:
    """Returns a file's text, its line ends as they are.

    Raises:
        InputError: it can't be read, or is no UTF-8.
    """
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: can't be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"
        ) from error
