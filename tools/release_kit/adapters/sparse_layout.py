"""Writes image layouts that have all but their layers, which the build's remote cache has."""

import shutil
from pathlib import Path

from release_kit.adapters.layout import verify_blob
from release_kit.errors import InputError
from release_kit.values.image import Blob, Image, Manifest

MODE = 0o644


def write(image: Image, source: Path, target: Path) -> None:
    """Writes a layout without its layers: the same bytes for the same image.

    Args:
        image: what `layout.load` has read, its layers taken for remote ones.
        source: the folder that it was read from.
        target: an empty folder, or none yet.

    Raises:
        InputError: a blob is not what its name says, or the folder can't be written to.
    """
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise InputError(f"{target}: expected an empty folder", "name a new one")
        for name in ("oci-layout", "index.json"):
            _write(target / name, (source / name).read_bytes())
        for manifest in image.manifests:
            _write_manifest(manifest, source, target)
        for blob in image.blobs:
            if not blob.remote:
                _copy(blob, target)
    except OSError as error:
        raise InputError(f"{error.filename or target}: {error.strerror}") from error


def _write_manifest(manifest: Manifest, source: Path, target: Path) -> None:
    """Writes a manifest where the source has it; index.json may itself be the root."""
    if _place(source, manifest.descriptor.digest).exists():
        _write(_place(target, manifest.descriptor.digest), manifest.content)


def _copy(blob: Blob, target: Path) -> None:
    verify_blob(blob)
    if blob.path:
        place = _place(target, blob.digest)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(blob.path, place)
        place.chmod(MODE)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(MODE)


def _place(folder: Path, digest: str) -> Path:
    algorithm, _, name = digest.partition(":")
    return folder / "blobs" / algorithm / name
