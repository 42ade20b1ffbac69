"""The archive: the same bytes everywhere, readable by all, and read as hostile input."""

import contextlib
import gzip
import hashlib
import io
import random
import tarfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release_kit.adapters import chart_folder
from release_kit.engines.chart import archive
from release_kit.engines.chart.deflate import BLOCK_BYTES, _code_sizes, deflate
from release_kit.engines.chart.package import pack, packed
from release_kit.errors import InputError
from release_kit.values import chart_archive
from release_kit.values.chart_archive import MAX_CHART_BYTES, MAX_FILE_BYTES, unpack
from tests.support.helm_packages import CHART, archived, entries

FILES = {
    "Chart.yaml": CHART.encode(),
    "templates/a.yaml": b"a: 1\n" * 50,
    "x" * 95: b"",
    "\u00e9": b"1",
    "y/" * 60 + "z": b"2",
}
PACKED = pack(FILES).archive
BOMB = gzip.compress(bytes(MAX_CHART_BYTES), 1)


def inflated(content: bytes) -> bytes:
    return zlib.decompressobj(-15).decompress(content)


def test_the_bytes_of_an_archive_stay_what_they_are() -> None:
    # Another digest here means that every chart of every user gets another one.
    small = pack(
        {"Chart.yaml": CHART.encode(), "templates/a.yaml": b"a: {{ .Values.a }}\n" * 9, "x": bytes(range(256))}
    )
    assert (
        hashlib.sha256(small.archive).hexdigest() == "da3e3e9a8a9e214f026b54efe5b992f1de3dbafbd55482099e221a19e47cf9cf"
    )


def test_entries_have_no_owner_and_one_time() -> None:
    with tarfile.open(fileobj=io.BytesIO(PACKED)) as opened:
        seen = {(entry.uid, entry.gid, entry.uname, entry.gname, entry.mtime, entry.mode) for entry in opened}
    assert seen == {(0, 0, "", "", archive.MTIME, 0o644)}


def test_long_names_and_names_beyond_ascii_are_kept() -> None:
    assert [entry.name for entry in entries(PACKED)] == [f"shop/{name}" for name in pack(FILES).files]
    assert unpack(PACKED, "here") == pack(FILES).files


@pytest.mark.parametrize("length", [1, 2, 88, 89, 90, 91, 988, 989, 990, 991])
def test_names_of_any_length_are_kept(length: int) -> None:
    name = "\u00fc" * (length // 2) + "x" * (length % 2)
    assert [entry.name for entry in entries(archive.archive("f", {name: b""}))] == [f"f/{name}"]


def test_the_header_of_gzip_says_nothing() -> None:
    assert PACKED[:10] == b"\x1f\x8b\x08" + bytes(6) + b"\xff"


@pytest.mark.parametrize("size", [0, 1, 4, 5, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES])
@pytest.mark.parametrize("kind", ["zeros", "noise", "text"])
def test_content_of_any_size_is_compressed_and_comes_back(size: int, kind: str) -> None:
    noise = random.Random(size).randbytes(size)
    content = {"zeros": bytes(size), "noise": noise, "text": noise.hex().encode()[:size]}[kind]
    compressed = deflate(content)
    assert inflated(compressed) == content
    assert len(compressed) <= size + 5 * (1 + size // BLOCK_BYTES) + 1


def test_blocks_that_are_stored_and_compressed_follow_each_other() -> None:
    noise = random.Random(1).randbytes(2 * BLOCK_BYTES)
    content = b"text " * BLOCK_BYTES + noise + b"text " * 1000 + noise[:5000]
    assert inflated(deflate(content)) == content


def test_codes_are_never_longer_than_allowed() -> None:
    # With the numbers of Fibonacci as counts, Huffman's codes are as long as they can be.
    counts = [1, 1]
    while len(counts) < 30:
        counts.append(counts[-1] + counts[-2])
    sizes = _code_sizes(dict(enumerate(counts)))
    assert max(sizes.values()) == 15
    assert sum(2.0**-size for size in sizes.values()) == 1


def test_text_is_packed_to_not_much_more_than_zlib_packs_it() -> None:
    text = b"".join(path.read_bytes() for path in sorted(Path(chart_archive.__file__).parent.glob("*.py")))
    assert len(deflate(text)) < 1.4 * len(zlib.compress(text))


small = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@small
@given(
    st.lists(st.one_of(st.binary(max_size=300), st.sampled_from([bytes(700), b"ab" * 400, b"x"])), max_size=8),
    st.data(),
)
def test_any_content_comes_back(parts: list[bytes], data: st.DataObject) -> None:
    repeated = data.draw(st.lists(st.sampled_from(parts or [b""]), max_size=20))
    content = b"".join([*parts, *repeated])
    assert inflated(deflate(content)) == content


def tar(*members: tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as opened:
        for entry in members:
            opened.addfile(entry, io.BytesIO(bytes(entry.size)))
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, **more: object) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.size = size
    for key, value in more.items():
        setattr(entry, key, value)
    return entry


def with_byte(content: bytes, position: int, byte: int) -> bytes:
    return content[:position] + bytes((byte,)) + content[position + 1 :]


GOOD = tar(member("shop/Chart.yaml", size=3))
HOSTILE = {
    "nothing": (b"", "ends too early"),
    "text": (b"apiVersion: v2\n", "expected a packed chart"),
    "plain tar": (GOOD, "expected a packed chart"),
    "no end": (gzip.compress(GOOD)[:-9], "ends too early"),
    "a wrong sum": (with_byte(gzip.compress(GOOD), -8, 0), "found no gzip file"),
    "more after its end": (gzip.compress(GOOD) * 2, "bytes after its end"),
    "a bomb": (BOMB, "unpacks to 104857600 bytes or more"),
    "no tar": (gzip.compress(b"x" * 1024), "expected an octal number"),
    "an empty tar": (gzip.compress(bytes(1024)), "there is no file in it"),
    "a tar that ends early": (gzip.compress(GOOD[:514]), "ends too early"),
    "a wrong checksum": (gzip.compress(with_byte(GOOD, 3, ord("x"))), "has a wrong checksum"),
    "a symbolic link": (
        gzip.compress(tar(member("a/b", tarfile.SYMTYPE, linkname="/etc/passwd"))),
        "is a symbolic link",
    ),
    "a hard link": (gzip.compress(tar(member("a/b", tarfile.LNKTYPE, linkname="a/c"))), "is a hard link"),
    "a device": (gzip.compress(tar(member("a/b", tarfile.CHRTYPE))), "is a device"),
    "a pipe": (gzip.compress(tar(member("a/b", tarfile.FIFOTYPE))), "is a pipe"),
    "an unknown type": (gzip.compress(tar(member("a/b", b"Z"))), "unknown type"),
    "a sparse file": (
        gzip.compress(tar(member("a/b", pax_headers={"GNU.sparse.major": "1"}))),
        "holds a sparse file",
    ),
    "an absolute name": (gzip.compress(tar(member("a//etc/passwd"))), "expected CHART/FILE"),
    "a name further up": (gzip.compress(tar(member("a/../../x"))), "expected CHART/FILE"),
    "a name further up in Windows' way": (gzip.compress(tar(member("a\\..\\x"))), "expected CHART/FILE"),
    "a name of another drive": (gzip.compress(tar(member("a/c:/x"))), "expected CHART/FILE"),
    "a name with NUL": (gzip.compress(tar(member("a", pax_headers={"path": "a/b\0c"}))), "expected CHART/FILE"),
    "a name of nothing": (gzip.compress(tar(member("a"))), "expected CHART/FILE"),
    "a chart without a folder": (gzip.compress(tar(member("Chart.yaml"))), "expected CHART/FILE"),
    "a name that is no UTF-8": (
        gzip.compress(tar(member("a/\udcff"), form=tarfile.GNU_FORMAT)),
        "expected names in UTF-8",
    ),
    "a file that is there twice": (gzip.compress(tar(member("a/b"), member("a/./b"))), "'b' is in it twice"),
    "a large file": (gzip.compress(tar(member("a/b", size=MAX_FILE_BYTES + 1))), "expected at most 5242880"),
    "a record without a length": (gzip.compress(archive._member(b"x", b"path=a/b\n", b"x")), "expected pax records"),
    "a record that is too long": (gzip.compress(archive._member(b"x", b"99 path=a/b\n", b"x")), "expected pax records"),
    "a size that is none": (gzip.compress(archive._member(b"x", b"12 size=-1x\n", b"x")), "expected a size"),
    "a huge size": (gzip.compress(tar(member("a/b"))[:512].replace(b"00000000000", b"77777777777", 1)), ""),
    "a negative size": (gzip.compress(with_byte(GOOD, 124, 0xFF)), ""),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_is_refused(case: str, tmp_path: Path) -> None:
    content, message = HOSTILE[case]
    path = tmp_path / "x.tgz"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        chart_folder.load_archive(path)
    assert caught.value.message.startswith(str(path))
    assert message in caught.value.message


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_of_other_programs_are_read(form: int) -> None:
    files = {"Chart.yaml": CHART, "a/" * 30 + "b" * 60: "long", "c": "\ufeffcut"}
    assert unpack(archived(files, form=form), "here") == {
        path: text.removeprefix("\ufeff").encode() for path, text in files.items()
    }


def test_folders_and_what_is_about_the_whole_archive_are_passed_over() -> None:
    about = archive._member(b"pax_global_header", b"12 comment=\n", b"g")
    folder, old_folder = member("a/", tarfile.DIRTYPE), member("a/d/", tarfile.AREGTYPE)
    content = about + tar(folder, old_folder, member("a/b", size=2))
    assert unpack(gzip.compress(content), "here") == {"b": b"\0\0"}


def test_a_packed_chart_keeps_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.tgz"
    path.write_bytes(archived({"Chart.yaml": f"# as it is\n{CHART}", "x": "1"}, "shop/"))
    loaded = chart_folder.load_archive(path)
    package = packed(loaded.archive, loaded.files, str(path))
    assert (package.archive, package.name, package.version) == (path.read_bytes(), "shop", "1.2.3")
    assert package.files == loaded.files == {"Chart.yaml": f"# as it is\n{CHART}".encode(), "x": b"1"}


def test_a_packed_chart_that_helm_would_not_load_is_refused() -> None:
    with pytest.raises(InputError, match="x.tgz/Chart.yaml: version: expected a version"):
        packed(b"", {"Chart.yaml": b"apiVersion: v2\nname: shop\nversion: none\n"}, "x.tgz")


@small
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_broken_archive_is_refused_or_read_and_nothing_else(changes: list[tuple[int, int]]) -> None:
    content = GOOD
    for position, byte in changes:
        content = with_byte(content, position, byte)
    header = content[:148] + b" " * 8 + content[156:512]
    summed = content[:148] + b"%06o\0 " % sum(header) + content[156:]
    try:
        files = unpack(gzip.compress(summed), "here")
    except InputError:
        return
    assert all(not path.startswith(("/", "..")) for path in files)


@small
@given(st.binary(max_size=200))
def test_records_of_noise_are_refused_or_read_and_nothing_else(noise: bytes) -> None:
    content = gzip.compress(archive._member(b"x", noise, b"x") + GOOD)
    with contextlib.suppress(InputError):
        assert len(unpack(content, "here")) == 1
