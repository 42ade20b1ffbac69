"""What a remote cache gives: checked while it comes, and kept in private files until the end."""

import os
from pathlib import Path
from threading import Lock

from release_kit.adapters.interrupts import undisturbed
from release_kit.documents.release_set import EAGER
from release_kit.errors import InputError, ReleaseError
from release_kit.values import digest as digests
from release_kit.values.image import Blob


def wrong_content(blob: Blob, place: str, found: str) -> ReleaseError:
    """Returns the error of a cache that has something else under a digest."""
    said = f"{blob.digest}: the remote cache {place} has {found} under this name, expected its {blob.size} bytes"
    return ReleaseError(said, f"never push from this cache before it is emptied; run the same with {EAGER}")


class Download:
    """One blob on its way into a file; nothing beyond its size is kept."""

    def __init__(self, blob: Blob, place: str, path: Path, descriptor: int) -> None:
        """Takes over an open, empty file."""
        self._blob = blob
        self._place = place
        self._path = path
        self._descriptor = descriptor
        self._hasher = digests.hasher(blob.digest)
        self._size = 0

    def begin(self) -> None:
        """Forgets what has come: it comes again."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        self._hasher = digests.hasher(self._blob.digest)
        self._size = 0

    def write(self, piece: bytes) -> None:
        """Keeps what has come.

        Raises:
            ReleaseError: it is too much, or can't be kept.
        """
        self._size += len(piece)
        if self._size > self._blob.size:
            raise wrong_content(self._blob, self._place, "more bytes")
        self._hasher.update(piece)
        try:
            while piece:
                piece = piece[os.write(self._descriptor, piece) :]
        except OSError as error:
            raise ReleaseError(f"{self._path}: can't be written: {error.strerror}", _remedy()) from error

    def finish(self) -> Blob:
        """Returns the blob with its file.

        Raises:
            ReleaseError: what has come is something else.
        """
        if self._size != self._blob.size:
            raise wrong_content(self._blob, self._place, f"{self._size} bytes")
        if self._hasher.hexdigest() != digests.hexadecimal(self._blob.digest):
            raise wrong_content(self._blob, self._place, f"content of the digest sha256:{self._hasher.hexdigest()}")
        return self._blob._replace(path=self._path, remote=False)


class PrivateFiles:
    """Files that only this user can read, in a folder that is made for the first and gone at the end."""

    def __init__(self) -> None:
        """Makes nothing yet."""
        self._folder: Path | None = None
        self._closed = False
        self._lock = Lock()

    def make_room(self, size: int) -> None:
        """See the port `RemoteCache`.

        Raises:
            InputError: so much is not free.
        """
        parent = _parent()
        try:
            found = os.statvfs(parent)
        except OSError as error:
            raise InputError(f"{parent}: can't be looked at: {error.strerror}", _remedy()) from error
        free = found.f_bavail * found.f_frsize
        if size > free:
            needed = f"layers of {size / 1e6:.1f} MB are to be kept there for a while, and {free / 1e6:.1f} MB are free"
            raise InputError(f"{parent}: {needed}", _remedy())

    def create(self, name: str) -> tuple[Path, int]:
        """Makes a file that was not there; returns its path and its descriptor, open for writing.

        Raises:
            ReleaseError: it can't be made.
        """
        import tempfile

        with self._lock:
            if self._closed:
                raise ReleaseError("interrupted")
            try:
                if self._folder is None:
                    self._folder = Path(tempfile.mkdtemp(prefix="release-kit-layers-", dir=_parent()))
                path = self._folder / name
                return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except OSError as error:
                raise ReleaseError(f"{_parent()}: can't be written to: {error.strerror}", _remedy()) from error

    def remove(self, path: Path) -> None:
        """Removes one file."""
        with self._lock:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Removes all; no more can be made. An interrupt does not stop it half way."""
        import shutil

        with undisturbed(), self._lock:
            self._closed = True
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)


def _parent() -> str:
    import tempfile

    return tempfile.gettempdir()


def _remedy() -> str:
    return f"name a folder with more room in TMPDIR, or run the same with {EAGER}"
