"""Writes the archive of a packed chart: tar (POSIX ustar and pax) in gzip (RFC 1952), always the same bytes."""

import zlib
from collections.abc import Mapping

from release_kit.engines.chart.deflate import deflate

MTIME = 315532800
"""1980-01-01, the time of every entry: the oldest that all archive formats and tools take without a complaint."""
_BLOCK = 512
_MAX_NAME = 100
_GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""Deflate, no name, no time, of an unknown system."""


def archive(folder: str, files: Mapping[str, bytes]) -> bytes:
    """Packs files.

    Args:
        folder: the one that all entries are in.
        files: path in the folder -> content; their order is the entries'.
    """
    content = b"".join(_entry(f"{folder}/{path}", body) for path, body in files.items()) + bytes(2 * _BLOCK)
    trailer = zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")
    return _GZIP_HEADER + deflate(content) + trailer


def _entry(name: str, content: bytes) -> bytes:
    encoded = name.encode()
    if name.isascii() and len(encoded) <= _MAX_NAME:
        return _member(encoded, content, b"0")
    return _member(b"././@PaxHeader", _record(b"path", encoded), b"x") + _member(encoded[:_MAX_NAME], content, b"0")


def _member(name: bytes, content: bytes, kind: bytes) -> bytes:
    fields = (b"%07o\0" % number for number in (0o644, 0, 0))
    sizes = (b"%011o\0" % number for number in (len(content), MTIME))
    start = b"".join((name.ljust(_MAX_NAME, b"\0"), *fields, *sizes))
    end = (kind.ljust(101, b"\0") + b"ustar\x0000").ljust(_BLOCK - len(start) - 8, b"\0")
    checksum = sum(start) + 8 * ord(" ") + sum(end)
    return start + b"%06o\0 " % checksum + end + content.ljust(-(-len(content) // _BLOCK) * _BLOCK, b"\0")


def _record(key: bytes, value: bytes) -> bytes:
    """Returns a pax record, which starts with its own length."""
    rest = b" %s=%s\n" % (key, value)
    length = len(rest) + 1
    while length != len(rest) + len(str(length)):
        length = len(rest) + len(str(length))
    return str(length).encode() + rest
