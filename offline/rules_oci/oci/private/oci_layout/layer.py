"""What a manifest and a config say about a layer tar."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from oci_layout.layout import EPOCH, LAYER, Document, LayoutError

_CHUNK = 1 << 20


def describe(tar: Path, label: str) -> Document:
    """Describes a plain, gzip or zstd tar.

    Args:
        tar: the layer's file.
        label: the target that made it, named in the image's history.

    Returns:
        `{"descriptor": ..., "diff_id": ..., "history": ...}`; the diff id is the digest of the unpacked tar.
    """
    suffix, unpack = _compression(tar)
    digest = _digest(tar.open("rb"))
    return {
        "descriptor": {"mediaType": LAYER + suffix, "size": tar.stat().st_size, "digest": digest},
        "diff_id": _digest(unpack(tar)) if unpack else digest,
        "history": {"created": EPOCH, "created_by": f"bazel build {label}"},
    }


def _compression(tar: Path) -> tuple[str, Callable[[Path], IO[bytes]] | None]:
    with tar.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(b"\x1f\x8b"):
        return "+gzip", lambda path: gzip.open(path, "rb")
    if magic == b"\x28\xb5\x2f\xfd":
        return "+zstd", _open_zstd
    return "", None


def _open_zstd(path: Path) -> Any:
    try:
        from compression import zstd
    except ImportError as error:
        raise LayoutError(f"{path}: a zstd layer needs Python 3.14 or newer to find its diff id") from error
    return zstd.open(path, "rb")


def _digest(stream: IO[bytes]) -> str:
    sha256 = hashlib.sha256()
    with stream:
        while chunk := stream.read(_CHUNK):
            sha256.update(chunk)
    return "sha256:" + sha256.hexdigest()
