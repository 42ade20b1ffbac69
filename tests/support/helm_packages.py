"""Small charts on disk, and what is packed of them: by the real `helm package`, and by us."""

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from release_kit.adapters import chart_folder
from release_kit.engines.chart.package import pack
from release_kit.errors import InputError
from tests.support.helm import helm

CHART = "apiVersion: v2\nname: shop\nversion: 1.2.3\n"
Files = Mapping[str, str | bytes]


class Entry(NamedTuple):
    """One entry of an archive."""

    name: str
    mode: int
    kind: bytes
    content: bytes


class Packed(NamedTuple):
    """A package: its name and entries in their order."""

    name: str
    entries: list[Entry]


REFUSED = Packed("refused", [])


def chart(more: str = "", name: str = "shop") -> str:
    """Returns a Chart.yaml of that name with more in it."""
    return CHART.replace("shop", name) + more


def write(folder: Path, files: Files) -> Path:
    """Writes files, and Chart.yaml where they have none of their own; returns the folder."""
    for path, content in {"Chart.yaml": CHART, **files}.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def archived(files: Files, top: str = "inner/", form: int = tarfile.PAX_FORMAT) -> bytes:
    """Returns files as a .tgz, as any other program might make it; `top` goes before each path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=form) as archive:
        for path, text in files.items():
            content = text if isinstance(text, bytes) else text.encode()
            entry = tarfile.TarInfo(top + path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def entries(archive: bytes) -> list[Entry]:
    """Reads an archive with Python's own reader."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return [Entry(entry.name, entry.mode, entry.type, _content(opened, entry)) for entry in opened]


def packed_by_helm(major: str, folder: Path, *options: str) -> Packed:
    """Runs `helm package`."""
    with tempfile.TemporaryDirectory() as out:
        command = [str(helm(major)), "package", str(folder), "--destination", out, *options]
        done = subprocess.run(command, capture_output=True, text=True, env={"HOME": out, "PATH": os.environ["PATH"]})
        if done.returncode:
            return REFUSED
        (archive,) = Path(out).glob("*.tgz")
        return Packed(archive.name, entries(archive.read_bytes()))


def packed_by_us(folder: Path, version: str | None = None, app_version: str | None = None) -> Packed:
    """Packs with release_kit."""
    try:
        package = pack(chart_folder.load(folder).files, version, app_version, str(folder))
    except InputError:
        return REFUSED
    return Packed(package.file_name, entries(package.archive))


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(entry)
    return b"" if file is None else file.read()
