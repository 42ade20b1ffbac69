"""Packed charts (.tgz), read as hostile input: nothing is written, names stay inside, sizes are capped, links refused.

The formats are RFC 1952 (gzip) and POSIX pax (ustar headers, extended headers 'x' and 'g'), with GNU's long names.
"""

import posixpath
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from release_kit.errors import InputError

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_CHART_BYTES = 100 * 1024 * 1024
"""Helm refuses to load a chart that unpacks to as much as this."""
BOM = b"\xef\xbb\xbf"
_BLOCK = 512
_GZIP = 31
_REMEDY = "pack the chart again, with `release-kit chart package` or `helm package`"
_ODD = re.compile(r"^[a-zA-Z]:/|\0")
_OLD_FILE = b"\0"
_FILE_TYPES = frozenset({b"0", _OLD_FILE, b"7"})
_FOLDER, _PAX, _GLOBAL_PAX, _LONG_NAME, _LONG_LINK = b"5", b"x", b"g", b"L", b"K"
_KINDS = {b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"6": "a pipe"}


class _Entry(NamedTuple):
    kind: bytes
    name: bytes
    content: bytes


def unpack(archive: bytes, place: str, max_file_bytes: int = MAX_FILE_BYTES) -> dict[str, bytes]:
    """Returns the files of a packed chart, in their order.

    Args:
        archive: the bytes of a .tgz.
        place: where it was found, for the errors.
        max_file_bytes: no file may be larger.

    Returns:
        Path relative to the chart's folder in the archive -> content, byte order marks cut as Helm does.

    Raises:
        InputError: it is no chart archive, or one that no loader should touch.
    """
    files: dict[str, bytes] = {}
    for entry in _entries(_decompressed(archive, place), place):
        if entry.kind in _KINDS or entry.kind not in (*_FILE_TYPES, _FOLDER):
            kind = _KINDS.get(entry.kind, f"of the unknown type {entry.kind!r}")
            raise InputError(f"{place}: {entry.name!r:.200} is {kind}: expected files only", _REMEDY)
        if entry.kind == _FOLDER or (entry.kind == _OLD_FILE and entry.name.endswith(b"/")):
            continue
        path = _path(entry.name, place)
        if path in files:
            raise InputError(f"{place}: {path!r:.200} is in it twice", _REMEDY)
        if len(entry.content) > max_file_bytes:
            raise InputError(
                f"{place}: {path!r:.200} has {len(entry.content)} bytes, expected at most {max_file_bytes}"
            )
        files[path] = entry.content.removeprefix(BOM)
    if not files:
        raise InputError(f"{place}: there is no file in it", _REMEDY)
    return files


def _decompressed(archive: bytes, place: str) -> bytes:
    inflater = zlib.decompressobj(_GZIP)
    try:
        content = inflater.decompress(archive, MAX_CHART_BYTES)
    except zlib.error as error:
        raise InputError(f"{place}: expected a packed chart (.tgz), found no gzip file: {error}", _REMEDY) from error
    if len(content) >= MAX_CHART_BYTES:
        raise InputError(f"{place}: unpacks to {MAX_CHART_BYTES} bytes or more, which Helm refuses")
    if not inflater.eof:
        raise InputError(f"{place}: ends too early", _REMEDY)
    if inflater.unused_data:
        raise InputError(f"{place}: has {len(inflater.unused_data)} bytes after its end", _REMEDY)
    return content


def _entries(content: bytes, place: str) -> Iterator[_Entry]:
    """Reads the entries of a tar file, the names of extended headers put in."""
    position = 0
    name = b""
    size: int | None = None
    while header := content[position : position + _BLOCK].rstrip(b"\0"):
        kind, plain_name, plain_size = _header(header.ljust(_BLOCK, b"\0"), f"{place}: the header at {position}")
        if kind in _KINDS or kind == _FOLDER:
            plain_size = 0
        size = plain_size if size is None else size
        position += _BLOCK
        body = content[position : position + size]
        if len(body) < size:
            raise InputError(f"{place}: ends too early", _REMEDY)
        position += -(-size // _BLOCK) * _BLOCK
        if kind == _PAX:
            name, size = _extended(body, place)
        elif kind == _LONG_NAME:
            name, size = body.rstrip(b"\0"), None
        elif kind in (_GLOBAL_PAX, _LONG_LINK):
            size = None
        else:
            yield _Entry(kind, name or plain_name, body)
            name, size = b"", None


def _header(block: bytes, place: str) -> tuple[bytes, bytes, int]:
    """Returns type, name and size of a ustar header."""
    checksum = _number(block[148:156], place)
    if checksum != sum(block[:148]) + 8 * ord(" ") + sum(block[156:]):
        raise InputError(f"{place} has a wrong checksum", _REMEDY)
    name = block[:100].partition(b"\0")[0]
    if block[257:263] == b"ustar\0" and block[345] != 0:
        name = block[345:500].partition(b"\0")[0] + b"/" + name
    return block[156:157], name, _number(block[124:136], place)


def _number(field: bytes, place: str) -> int:
    if field[0] & 0x80:
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    digits = field.strip(b" \0")
    if re.fullmatch(rb"[0-7]*", digits) is None:
        raise InputError(f"{place}: expected an octal number, found {digits!r}", _REMEDY)
    return int(digits or b"0", 8)


_PAX_RECORD = re.compile(rb"([0-9]{1,9}) ([^=]{1,1000})=")


def _extended(body: bytes, place: str) -> tuple[bytes, int | None]:
    """Returns name and size of an extended header, where it has them; each record is a line `LENGTH KEY=VALUE`."""
    records = {}
    start = 0
    while start < len(body):
        record = _PAX_RECORD.match(body, start)
        end = start + int(record[1]) if record else 0
        if record is None or not record.end() < end <= len(body) or body[end - 1 : end] != b"\n":
            raise InputError(f"{place}: expected pax records, found {body[start : start + 40]!r}", _REMEDY)
        records[record[2]] = body[record.end() : end - 1]
        start = end
    if any(key.startswith(b"GNU.sparse") for key in records):
        raise InputError(f"{place}: holds a sparse file: expected plain ones", _REMEDY)
    size = records.get(b"size")
    if size is not None and not re.fullmatch(rb"[0-9]{1,19}", size):
        raise InputError(f"{place}: expected a size, found {size!r:.40}", _REMEDY)
    return records.get(b"path", b""), None if size is None else int(size)


def _path(name: bytes, place: str) -> str:
    """Returns a path without the folder that all files of a chart are in; backslashes are Windows' slashes."""
    try:
        text = name.decode()
    except UnicodeDecodeError:
        raise InputError(f"{place}: expected names in UTF-8, found {name!r:.200}", _REMEDY) from None
    top, *rest = text.split("\\" if "\\" in text else "/")
    joined = "/".join(rest)
    path = posixpath.normpath(joined)
    if top == "Chart.yaml" or joined.startswith("/") or path == "." or path.startswith("..") or _ODD.search(path):
        raise InputError(f"{place}: expected CHART/FILE, found {text!r:.200}", _REMEDY)
    return path
