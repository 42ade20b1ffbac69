"""The release set: images and charts that ship together at one version. Starlark writes it, `push` reads it."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from release_kit.documents.fields import Fields, read_document
from release_kit.errors import InputError
from release_kit.values import reference
from release_kit.values.tags import SHORT_LENGTHS, TagPolicy

SCHEMA = "rules_release/release-set/v1"
REMOTE_LAYERS = "remote-cache"
EAGER = "--@rules_release//bazel/settings:push_strategy=eager"
"""What tells Bazel to bring all layers, for remedies."""


class ImageEntry(NamedTuple):
    """One image of the set."""

    name: str
    """Unique in the set; what `--only` selects."""
    repository: str
    """The repository below the registry's prefix."""
    layout: Path
    """The folder of an OCI image layout."""
    descriptor: Path | None = None
    """A file with the descriptor of the image's root, where the layout's index.json does not tell it (rules_img)."""
    remote_layers: bool = False
    """Whether the layout has no layers: they are in the build's remote cache."""


class ChartImage(NamedTuple):
    """An image of the set, and the place in a chart's values that names it."""

    image: str
    """The image's name in the set."""
    values: str
    """Such as `images.core`: where repository, tag and digest are written."""


class ChartEntry(NamedTuple):
    """One Helm chart of the set."""

    name: str
    """Unique among the set's charts; what `--only` selects. The chart's own name is in its Chart.yaml."""
    repository: str
    """The repository below the registry's prefix that the chart's own is in: `charts` for `charts/<chart name>`."""
    source: Path
    """A chart's folder, or a packed chart (.tgz)."""
    images: tuple[ChartImage, ...] = ()


class ReleaseSet(NamedTuple):
    """A whole release set; paths are absolute or relative to the working directory."""

    name: str
    registry: str | None
    images: tuple[ImageEntry, ...]
    tags: TagPolicy
    record_repository: str | None = None
    """The repository below the registry's prefix that each release's record is pushed to; None for nowhere."""
    charts: tuple[ChartEntry, ...] = ()

    @property
    def has_remote_layers(self) -> bool:
        """Whether layers of any image are in the build's remote cache."""
        return any(image.remote_layers for image in self.images)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all images and charts, each once, in the set's order."""
        return tuple(dict.fromkeys([*(image.name for image in self.images), *(chart.name for chart in self.charts)]))

    def part(self, names: Iterable[str]) -> "ReleaseSet":
        """Returns the images and charts of these names, as a set that publishes no record."""
        chosen = frozenset(names)
        images = tuple(image for image in self.images if image.name in chosen)
        charts = tuple(chart for chart in self.charts if chart.name in chosen)
        return self._replace(images=images, charts=charts, record_repository=None)


def load(path: Path) -> ReleaseSet:
    """Reads and checks a release-set document.

    Raises:
        InputError: the document is not a release set, or its images or charts get in each other's way.
    """
    return read_document(path, lambda fields: _from_fields(fields, path.parent))


def _from_fields(fields: Fields, folder: Path) -> ReleaseSet:
    fields.schema(SCHEMA)
    registry = fields.optional_string("registry")
    if registry is not None:
        reference.parse_registry(registry, "registry")
    images = fields.objects("images", lambda item: _image(item, folder))
    _distinct("images", [image.name for image in images], "name")
    remedy = "two images can't share a repository: they would fight over its tags"
    _distinct("images", [image.repository for image in images], "repository", remedy)
    names = [image.name for image in images]
    charts = fields.objects("charts", lambda item: _chart(item, folder, names))
    _distinct("charts", [chart.name for chart in charts], "name")
    tags = fields.nested("tags", tag_policy)
    return ReleaseSet(_name(fields), registry, images, tags, _record_repository(fields, images), charts)


def _record_repository(fields: Fields, images: tuple[ImageEntry, ...]) -> str | None:
    repository = fields.optional_string("record_repository")
    if repository is None:
        return None
    reference.parse_repository(repository, "record_repository")
    for position, image in enumerate(images):
        if image.repository == repository:
            remedy = "give the release records a repository of their own, such as shop/release"
            raise InputError(f"record_repository: {repository!r} is taken by images[{position}]", remedy)
    return repository


def _image(fields: Fields, folder: Path) -> ImageEntry:
    descriptor = fields.optional_string("descriptor")
    repository = fields.string("repository")
    return ImageEntry(
        name=_name(fields),
        repository=reference.parse_repository(repository, fields.path("repository")),
        layout=folder / _path(fields.string("layout"), fields.path("layout")),
        descriptor=None if descriptor is None else folder / _path(descriptor, fields.path("descriptor")),
        remote_layers=_has_remote_layers(fields),
    )


def _has_remote_layers(fields: Fields) -> bool:
    layers = fields.optional_string("layers")
    if layers not in (None, REMOTE_LAYERS):
        raise InputError(f"{fields.path('layers')}: expected {REMOTE_LAYERS!r} or nothing, found {layers!r:.200}")
    return layers is not None


def _chart(fields: Fields, folder: Path, known: Sequence[str]) -> ChartEntry:
    images = fields.objects("images", lambda item: _chart_image(item, known))
    remedy = "a place in the values names one image"
    _distinct(fields.path("images"), [image.values for image in images], "values", remedy)
    return ChartEntry(
        name=_name(fields),
        repository=reference.parse_repository(fields.string("repository"), fields.path("repository")),
        source=folder / _path(fields.string("source"), fields.path("source")),
        images=images,
    )


def _chart_image(fields: Fields, known: Sequence[str]) -> ChartImage:
    image = fields.string("image")
    if image not in known:
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise InputError(f"{fields.path('image')}: expected the name of an image of the set, found {image!r:.200}", has)
    return ChartImage(image, fields.string("values"))


def _name(fields: Fields) -> str:
    """Takes the field `name`, which is shown to users and becomes a part of the record's path."""
    name = fields.string("name")
    if not name.isprintable() or any(part in ("", ".", "..") for part in name.split("/")):
        raise InputError(f"{fields.path('name')}: expected a name such as shop or acme/shop, found {name!r:.200}")
    return name


def _path(text: str, place: str) -> str:
    """Returns `text` if the system takes it for a path; of others it says a ValueError and no OSError."""
    try:
        legal = b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        legal = False
    if not legal:
        raise InputError(f"{place}: expected a path, found {text!r:.200}")
    return text


def tag_policy(fields: Fields) -> TagPolicy:
    """Reads the object `tags` of a release set."""
    length = fields.integer("short_length", 12)
    if length not in SHORT_LENGTHS:
        limits = f"{SHORT_LENGTHS.start} to {SHORT_LENGTHS.stop - 1}"
        raise InputError(f"{fields.path('short_length')}: expected {limits} digits, found {length}")
    return TagPolicy(
        fields.strings("immutable"), fields.strings("moving"), fields.optional_string("digest_prefix"), length
    )


def _distinct(place: str, values: Sequence[str], what: str, remedy: str = "") -> None:
    seen: dict[str, int] = {}
    for position, value in enumerate(values):
        if value in seen:
            raise InputError(f"{place}[{position}].{what}: {value!r:.300} is taken by {place}[{seen[value]}]", remedy)
        seen[value] = position
