"""Changes of a chart's folder, of which mutants are made."""

import shutil
from collections.abc import Callable
from pathlib import Path

from release_kit.engines.chart import values_table

Edit = Callable[[Path], None]

VALUES, DEMO, CHART, SCHEMA, README = (
    "values.yaml",
    "values-demo.yaml",
    "Chart.yaml",
    "values.schema.json",
    "README.md",
)


def swap(file: str, old: str, new: str, count: int = 1) -> Edit:
    """Replaces a text, which must be there; the first `count` times."""

    def edit(folder: Path) -> None:
        text = (folder / file).read_bytes().decode()
        assert old in text, f"{old!r} is not in {file}"
        (folder / file).write_bytes(text.replace(old, new, count).encode())

    return edit


def after(file: str, mark: str, lines: str) -> Edit:
    """Puts lines after the first one that holds a mark."""

    def edit(folder: Path) -> None:
        found = (folder / file).read_text().split("\n")
        number = next(number for number, line in enumerate(found, 1) if mark in line)
        (folder / file).write_text("\n".join([*found[:number], lines.rstrip("\n"), *found[number:]]))

    return edit


def append(file: str, text: str) -> Edit:
    """Puts a text at the end of a file, which need not be there."""

    def edit(folder: Path) -> None:
        place = folder / file
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a") as stream:
            stream.write(text)

    return edit


def large(file: str, size: int) -> Edit:
    """Makes a file of zeros."""

    def edit(folder: Path) -> None:
        with (folder / file).open("wb") as stream:
            stream.truncate(size)

    return edit


def link(path: str, target: str) -> Edit:
    """Makes a symbolic link."""
    return lambda folder: (folder / path).symlink_to(target)


def copy(path: str, to: str) -> Edit:
    """Copies a file within the chart."""

    def edit(folder: Path) -> None:
        shutil.copyfile(folder / path, folder / to)

    return edit


def remove(path: str) -> Edit:
    """Removes a file, or a folder with all that is in it."""

    def edit(folder: Path) -> None:
        shutil.rmtree(folder / path) if (folder / path).is_dir() else (folder / path).unlink()

    return edit


def documented(folder: Path) -> None:
    """Brings the README in step with the values."""
    readme = (folder / README).read_text()
    (folder / README).write_text(values_table.documented(readme, (folder / VALUES).read_text()))
