"""What is to be released: a release set with its layouts read and its tags worked out."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from release_kit.documents.release_set import ImageEntry, ReleaseSet
from release_kit.errors import InputError
from release_kit.values.image import Blob, Image
from release_kit.values.reference import Registry
from release_kit.values.stamp import Stamp
from release_kit.values.tags import ReleaseTags, TagPolicy, digest_tag, release_tags

LoadImage = Callable[[Path, Path | None], Image]


class Kind(StrEnum):
    """What an item of a release is."""

    IMAGE = "image"
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
    """A set of images and the stamp they are released with."""

    name: str
    stamp: Stamp
    items: tuple[Item, ...]
    withheld: str
    """Why version or moving tags are withheld; empty for a release."""

    @property
    def images(self) -> tuple[Item, ...]:
        """The images, in the set's order."""
        return tuple(item for item in self.items if item.kind is Kind.IMAGE)


def assemble(release_set: ReleaseSet, registry: Registry, stamp: Stamp, load: LoadImage) -> Release:
    """Reads the layouts of a set and works out every tag; asks no registry.

    Raises:
        InputError: a template, a tag or a layout is not what it should be; names the image.
    """
    tags = release_tags(release_set.tags, stamp)
    items = (_image(entry, registry, release_set.tags, tags, load) for entry in release_set.images)
    return Release(release_set.name, stamp, with_one_file_a_blob(items), tags.withheld)


def _image(entry: ImageEntry, registry: Registry, policy: TagPolicy, tags: ReleaseTags, load: LoadImage) -> Item:
    try:
        image = load(entry.layout, entry.descriptor)
        by_digest = digest_tag(policy, image.root.digest)
    except InputError as error:
        raise InputError(f"image {entry.name}: {error.message}", error.remedy) from error
    immutable = tuple(dict.fromkeys((*tags.immutable, *by_digest)))
    moving = tuple(tag for tag in tags.moving if tag not in immutable)
    return Item(Kind.IMAGE, entry.name, registry.repository(entry.repository), image, immutable, moving)


def with_one_file_a_blob(items: Iterable[Item]) -> tuple[Item, ...]:
    """Lets all items name the same file for the same digest: the one that is checked is the one that travels."""
    files: dict[str, Blob] = {}
    shared = []
    for item in items:
        blobs = tuple(_same(blob, files.setdefault(blob.digest, blob), item.name) for blob in item.image.blobs)
        shared.append(item._replace(image=item.image._replace(blobs=blobs)))
    return tuple(shared)


def _same(blob: Blob, first: Blob, name: str) -> Blob:
    if blob.size != first.size:
        sizes = f"expected {first.size} bytes as in another image, found {blob.size}"
        raise InputError(f"image {name}: {blob.digest}: {sizes}", "build it again")
    return first
