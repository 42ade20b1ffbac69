"""Which files a chart's folder is made of: the document that Starlark writes and `release-kit chart stage` reads."""

from pathlib import Path, PurePosixPath
from typing import NamedTuple

from release_kit.documents.fields import Fields, read_document
from release_kit.errors import InputError

SCHEMA = "rules_release/chart-files/v1"


class StagedFile(NamedTuple):
    """A file, or a folder with all that is in it, and its place in the chart."""

    source: Path
    place: PurePosixPath
    """Relative to the chart; `.` for a folder that is the chart's."""
    source_place: str
    """Where the file stands in the source tree that it comes from; empty for one that was made by the build."""


class BuiltImage(NamedTuple):
    """An image that was built, and the place in the chart's values that names it."""

    values: str
    """Such as `images.core`."""
    layout: Path
    """The folder of an OCI image layout."""
    descriptor: Path | None
    """A file with the descriptor of the image's root, where the layout's index.json does not tell it."""


class ChartFiles(NamedTuple):
    """All of a chart's files."""

    name: str
    """The chart's, as its Chart.yaml must have it."""
    files: tuple[StagedFile, ...]
    images: tuple[BuiltImage, ...] = ()
    """Those whose digests are to be written into the values."""


def load(path: Path) -> ChartFiles:
    """Reads and checks a document; sources in it are relative to the working directory.

    Raises:
        InputError: it is no such document, or a place lies outside the chart.
    """
    return read_document(path, _from_fields)


def _from_fields(fields: Fields) -> ChartFiles:
    fields.schema(SCHEMA)
    return ChartFiles(
        name=fields.string("name"),
        files=fields.objects("files", _staged_file, required=True),
        images=fields.objects("images", _image),
    )


def _staged_file(fields: Fields) -> StagedFile:
    text = fields.string("place")
    place = PurePosixPath(text)
    if not text or place.is_absolute() or ".." in place.parts:
        raise InputError(f"{fields.path('place')}: expected a path within the chart, found {text!r:.200}")
    return StagedFile(Path(fields.string("source")), place, fields.string("workspace_path", ""))


def _image(fields: Fields) -> BuiltImage:
    descriptor = fields.optional_string("descriptor")
    return BuiltImage(
        fields.string("values"), Path(fields.string("layout")), None if descriptor is None else Path(descriptor)
    )
