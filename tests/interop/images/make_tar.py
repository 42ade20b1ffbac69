"""Writes a layer: a tar of one file, plain or compressed, the same bytes on every machine.

Usage: make_tar KIND TEXT OUTPUT, where KIND is plain, gzip or zstd.
"""

import gzip
import io
import struct
import sys
import tarfile
from pathlib import Path

# RFC 8878: the magic number; a header that says one segment with a size of eight bytes; blocks of at most 128 KiB.
_ZSTD_MAGIC = bytes.fromhex("28b52ffd")
_ZSTD_HEADER = bytes([0b11100000])
_ZSTD_BLOCK = 128 * 1024


def tar(text: str) -> bytes:
    """Packs one file, content.txt."""
    content = text.encode()
    member = tarfile.TarInfo("content.txt")
    member.size = len(content)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def zstd(content: bytes) -> bytes:
    """Makes a zstd frame of blocks that are stored as they are, which needs no library."""
    frame = _ZSTD_MAGIC + _ZSTD_HEADER + struct.pack("<Q", len(content))
    blocks = [content[start : start + _ZSTD_BLOCK] for start in range(0, len(content), _ZSTD_BLOCK)] or [b""]
    for number, block in enumerate(blocks, 1):
        last = number == len(blocks)
        frame += struct.pack("<I", len(block) << 3 | last)[:3] + block
    return frame


def layer(kind: str, text: str) -> bytes:
    """Makes a layer of one of the three kinds."""
    plain = tar(text)
    if kind == "gzip":
        return gzip.compress(plain, mtime=0)
    return zstd(plain) if kind == "zstd" else plain


if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(layer(sys.argv[1], sys.argv[2]))
