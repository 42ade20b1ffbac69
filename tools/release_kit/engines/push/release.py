"""What is to be released: a release set with its layouts read and its tags worked out."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from release_kit.documents.release_set import ImageEntry, ReleaseSet
from release_kit.errors import InputError
from release_kit.values.image import Image
from release_kit.values.reference import Registry
from release_kit.values.stamp import Stamp
from release_kit.values.tags import ReleaseTags, TagPolicy, digest_tag, release_tags

LoadImage = Callable[[Path, Path | None], Image]


class ImageRelease(NamedTuple):
    """One image with the tags it gets in its repository (a whole name, with the registry's prefix)."""

    name: str
    repository: str
    image: Image
    immutable_tags: tuple[str, ...]
    moving_tags: tuple[str, ...]


class Release(NamedTuple):
    """A set of images and the stamp they are released with."""

    name: str
    stamp: Stamp
    images: tuple[ImageRelease, ...]
    withheld: str
    """Why version or moving tags are withheld; empty for a release."""


def assemble(release_set: ReleaseSet, registry: Registry, stamp: Stamp, load: LoadImage) -> Release:
    """Reads the layouts of a set and works out every tag; asks no registry.

    Raises:
        InputError: a template, a tag or a layout is not what it should be; names the image.
    """
    tags = release_tags(release_set.tags, stamp)
    images = (_image(entry, registry, release_set.tags, tags, load) for entry in release_set.images)
    return Release(release_set.name, stamp, tuple(images), tags.withheld)


def _image(
    entry: ImageEntry, registry: Registry, policy: TagPolicy, tags: ReleaseTags, load: LoadImage
) -> ImageRelease:
    try:
        image = load(entry.layout, entry.descriptor)
        by_digest = digest_tag(policy, image.root.digest)
    except InputError as error:
        raise InputError(f"image {entry.name}: {error.message}", error.remedy) from error
    immutable = tuple(dict.fromkeys((*tags.immutable, *by_digest)))
    moving = tuple(tag for tag in tags.moving if tag not in immutable)
    repository = registry.repository(entry.repository)
    return ImageRelease(entry.name, repository, image, immutable, moving)
