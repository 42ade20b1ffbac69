"""Lays out a chart's folder from files that stand anywhere, and finds the links that lead out of the source tree's."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from release_kit.documents.chart_files import StagedFile
from release_kit.errors import InputError

MODE = 0o644


class LeavingLink(NamedTuple):
    """A link in the source tree that leads out of the chart's folder."""

    path: str
    """Relative to the chart's folder."""
    target: str
    """What it leads to: relative to the chart's folder if it is in the same source tree, absolute otherwise."""


def stage(files: Sequence[StagedFile], output: Path) -> None:
    """Copies files to their places; links become what they lead to.

    Args:
        files: in any order.
        output: the chart's folder; it is made where it is missing.

    Raises:
        InputError: two files have one place, or a source can't be read.
    """
    places: dict[PurePosixPath, Path] = {}
    contents = (pair for file in files for pair in _contents(file.source, file.place))
    for source, place in sorted(contents, key=lambda pair: pair[1]):
        _claim(places, source, place)
        target = output / place
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise InputError(f"{place}: can't be copied from {source}: {error.strerror}") from error
        target.chmod(MODE)


def leaving_links(files: Sequence[StagedFile]) -> list[LeavingLink]:
    """Returns the source files that are links, themselves or by a folder above them, and lead out of the chart.

    A build may hand files over as links of its own. What a file really is shows in the end of its real path: that of a
    source file ends as the file is named in its source tree.
    """
    sources = [(file, Path(os.path.realpath(file.source))) for file in files if file.source_place]
    root = _source_folder(sources)
    if root is None:
        return []
    folder, tree = root
    leaving = [(file, real) for file, real in sources if not real.is_relative_to(folder)]
    return sorted(LeavingLink(str(file.place), _target(real, folder, tree)) for file, real in leaving)


def _contents(source: Path, place: PurePosixPath, above: tuple[str, ...] = ()) -> Iterator[tuple[Path, PurePosixPath]]:
    """Yields a file with its place, or each one in a folder; folders may be links, too."""
    if not source.is_dir():
        yield source, place
        return
    real = os.path.realpath(source)
    if real in above:
        raise InputError(f"{place}: a link to a folder that it is in itself", "remove the link")
    for entry in source.iterdir():
        yield from _contents(entry, place / entry.name, (*above, real))


def _claim(places: dict[PurePosixPath, Path], source: Path, place: PurePosixPath) -> None:
    """Notes who has a place; a file's place can be no other's, nor a folder."""
    for taken in (place, *place.parents):
        if taken in places:
            raise InputError(
                f"{place}: {source} and {places[taken]} have this place in the chart",
                "take one of them out of the chart's files or dependencies",
            )
    places[place] = source


def _source_folder(sources: Sequence[tuple[StagedFile, Path]]) -> tuple[Path, Path] | None:
    """Returns the real folder of the chart in its source tree, and the tree's; None where all files are links."""
    for file, real in sources:
        ends = [PurePosixPath(file.source_place).parts, file.place.parts]
        if all(real.parts[-len(end) :] == end for end in ends):
            folder, tree = (real.parents[len(end) - 1] for end in reversed(ends))
            return folder, tree
    return None


def _target(real: Path, folder: Path, tree: Path) -> str:
    return os.path.relpath(real, folder) if real.is_relative_to(tree) else str(real)
