"""The folder of a `--disk_cache` of Bazel's: content is in `cas/`, in folders by the first two digits of its sha256."""

from pathlib import Path

from release_kit.adapters.layout import verify_blob
from release_kit.adapters.remote_cache.content import wrong_content
from release_kit.errors import InputError, ReleaseError
from release_kit.values import digest as digests
from release_kit.values.image import Blob


class DiskCache:
    """Implements the port `RemoteCache`: layers are read where they are."""

    def __init__(self, folder: Path) -> None:
        """Looks at nothing yet."""
        self.place = str(folder)
        self._folder = folder

    def close(self) -> None:
        """Leaves everything as it is."""

    def has(self, blob: Blob) -> bool:
        """See the port."""
        return self._path(blob).is_file()

    def make_room(self, size: int) -> None:
        """See the port; nothing is copied."""

    def fetch(self, blob: Blob) -> Blob | None:
        """See the port."""
        path = self._path(blob)
        if not path.is_file():
            return None
        here = blob._replace(path=path, remote=False)
        try:
            size = path.stat().st_size
            if size == blob.size:
                verify_blob(here)
        except OSError as error:
            raise ReleaseError(f"{path}: can't be read: {error.strerror}") from error
        except InputError as error:
            raise wrong_content(blob, self.place, "other content") from error
        if size != blob.size:
            raise wrong_content(blob, self.place, f"{size} bytes")
        return here

    def _path(self, blob: Blob) -> Path:
        name = digests.hexadecimal(blob.digest)
        return self._folder / "cas" / name[:2] / name
