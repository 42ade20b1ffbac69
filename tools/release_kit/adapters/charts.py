"""Reads the charts of a release set: folders and packed charts."""

from collections.abc import Mapping
from pathlib import Path

from release_kit.adapters import chart_folder
from release_kit.errors import InputError
from release_kit.values.chart_archive import MAX_CHART_BYTES

SHOWN = 300
"""Characters of a path that an error shows: one that is too long for the system is as long as it likes."""


def load(source: Path) -> tuple[Mapping[str, bytes], bytes | None]:
    """Reads a chart; no file of a folder may be larger than Helm 3 can read, those of a packed chart may.

    Args:
        source: its folder, or a packed chart (.tgz).

    Returns:
        Its files, and the archive's bytes; None of a folder.

    Raises:
        InputError: it is no chart, or can't be read.
    """
    try:
        if source.name.endswith(".tgz") and not source.is_dir():
            packed = chart_folder.load_archive(source, MAX_CHART_BYTES)
            return packed.files, packed.archive
        return chart_folder.load(source).files, None
    except OSError as error:
        raise InputError(f"{str(source)[:SHOWN]}: can't be read: {error.strerror}") from error
