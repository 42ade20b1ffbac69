"""What is to be released: a release set with its layouts read and its tags worked out."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from release_kit.documents.release_set import ImageEntry, ReleaseSet
from release_kit.errors import InputError
from release_kit.ports import RemoteCache, Signer
from release_kit.values.image import Blob, Image
from release_kit.values.reference import Registry
from release_kit.values.stamp import Stamp
from release_kit.values.tags import ReleaseTags, TagPolicy, digest_tag, release_tags

LoadImage = Callable[[Path, Path | None, bool], Image]
"""Reads a layout, with the root's descriptor where that is a file, and without its layers where they are remote."""


class Kind(StrEnum):
    """What an item of a release is."""

    IMAGE = "image"
    CHART = "chart"
    RECORD = "record"


class Item(NamedTuple):
    """One thing that is released, with its repository (a whole name, with the registry's prefix) and tags there."""

    kind: Kind
    name: str
    repository: str
    image: Image
    immutable_tags: tuple[str, ...]
    moving_tags: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The digest of its root."""
        return self.image.root.digest


class Release(NamedTuple):
    """A set of images and charts, and the stamp they are released with."""

    name: str
    stamp: Stamp
    items: tuple[Item, ...]
    withheld: str
    """Why charts, version tags or moving tags are withheld; empty for a release."""
    relied_on: tuple[Item, ...] = ()
    """Images that are no part of this push and must be in the registry before its charts are."""
    held_tags: frozenset[str] = frozenset()
    """Moving tags that stay where they are: `publish` moves them."""
    signer: Signer | None = None
    """Signs everything before anything moves; None where nobody does."""
    remote_cache: RemoteCache | None = None
    """Has the layers that are not here; None where none is named."""

    @property
    def images(self) -> tuple[Item, ...]:
        """The images, in the set's order."""
        return tuple(item for item in self.items if item.kind is Kind.IMAGE)

    @property
    def charts(self) -> tuple[Item, ...]:
        """The charts, in the set's order."""
        return tuple(item for item in self.items if item.kind is Kind.CHART)

    @property
    def repositories(self) -> tuple[str, ...]:
        """Which repositories will be asked about."""
        return tuple(item.repository for item in (*self.items, *self.relied_on))

    def without_moving_tags(self) -> "Release":
        """Returns the release with the tags held back that images move, wherever they are."""
        return self._replace(held_tags=frozenset(tag for image in self.images for tag in image.moving_tags))

    def name_of(self, item: Item) -> str:
        """Returns the immutable tag that others name an item by, with the version in it if one has; else its digest."""
        version = self.stamp.version_text
        return (*(tag for tag in item.immutable_tags if version in tag), *item.immutable_tags, item.digest)[0]

    def place_of(self, item: Item) -> str:
        """Returns such as `shop/core:v1.2.3`."""
        name = self.name_of(item)
        return f"{item.repository}{'@' if ':' in name else ':'}{name}"


def assemble(release_set: ReleaseSet, registry: Registry, stamp: Stamp, load: LoadImage) -> Release:
    """Reads the image layouts of a set and works out every tag; asks no registry. Charts come later: `with_charts`.

    Raises:
        InputError: a template, a tag or a layout is not what it should be; names the image.
    """
    tags = release_tags(release_set.tags, stamp)
    items = (_image(entry, registry, release_set.tags, tags, load) for entry in release_set.images)
    return Release(release_set.name, stamp, with_one_file_a_blob(items), tags.withheld)


def _image(entry: ImageEntry, registry: Registry, policy: TagPolicy, tags: ReleaseTags, load: LoadImage) -> Item:
    try:
        image = load(entry.layout, entry.descriptor, entry.remote_layers)
        by_digest = digest_tag(policy, image.root.digest)
    except InputError as error:
        raise InputError(f"image {entry.name}: {error.message}", error.remedy) from error
    immutable = tuple(dict.fromkeys((*tags.immutable, *by_digest)))
    moving = tuple(tag for tag in tags.moving if tag not in immutable)
    return Item(Kind.IMAGE, entry.name, registry.repository(entry.repository), image, immutable, moving)


def with_one_file_a_blob(items: Iterable[Item]) -> tuple[Item, ...]:
    """Lets all items name the same file for the same digest: the one that is checked is the one that travels.

    What is a file anywhere is none to be fetched.
    """
    listed = tuple(items)
    files: dict[str, Blob] = {}
    for blob in (blob for item in listed for blob in item.image.blobs):
        if files.setdefault(blob.digest, blob).remote and not blob.remote:
            files[blob.digest] = blob
    shared = []
    for item in listed:
        blobs = tuple(_same(blob, files[blob.digest], item.name) for blob in item.image.blobs)
        shared.append(item._replace(image=item.image._replace(blobs=blobs)))
    return tuple(shared)


def _same(blob: Blob, first: Blob, name: str) -> Blob:
    if blob.size != first.size:
        sizes = f"expected {first.size} bytes as in another image, found {blob.size}"
        raise InputError(f"image {name}: {blob.digest}: {sizes}", "build it again")
    return first
