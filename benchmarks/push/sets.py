"""Makes sets of images as OCI layouts, with the documents that release them: the same bytes for the same name.

A set's folder holds `store/blobs/`, every blob once, and `images/NAME/`, one layout an image, hard-linked to the store
(crane refuses symbolic links). Layers are gzip streams of a tar with one file of random bytes, so nothing compresses.
"""

import hashlib
import json
import os
import random
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MB = 1_000_000
GIB = 1 << 30
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
REF_NAME = "image"

_CHUNK = 1 << 20

Descriptor = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """How many images, and how many layers of how many bytes all of them share and each has of its own."""

    images: int
    shared: int
    shared_bytes: int
    own: int
    own_bytes: int


SHAPES = {
    "real": Shape(17, 8, 4 * MB, 3, 2 * MB),
    "small": Shape(20, 4, 20 * MB, 1, 5 * MB),
    "wide": Shape(200, 4, MB, 2, MB // 10),
    "huge": Shape(1, 0, 0, 1, 2 * GIB),
    "tiny": Shape(3, 2, MB // 10, 1, MB // 100),
}
SCALE = "scale:"


def shape(name: str) -> Shape:
    """Returns the shape of a set: one of SHAPES, or `scale:N` for N images.

    Raises:
        ValueError: there is no such set.
    """
    number = name.removeprefix(SCALE)
    if name.startswith(SCALE) and number.isdecimal():
        return Shape(int(number), 4, MB // 10, 1, MB // 100)
    if name not in SHAPES:
        raise ValueError(f"no set {name!r}: expected one of {', '.join(SHAPES)}, {SCALE}N")
    return SHAPES[name]


@dataclass(frozen=True)
class Image:
    """One image: its layout and the descriptors of what is in it."""

    name: str
    repository: str
    layout: Path
    root: Descriptor
    config: Descriptor
    layers: tuple[Descriptor, ...]

    @property
    def digest(self) -> str:
        """The digest of the manifest."""
        return str(self.root["digest"])


@dataclass(frozen=True)
class Release:
    """A version of a set: the tags its images get, and the documents that say so."""

    commit: str
    version: str
    every_tag: bool
    set_file: Path
    status_file: Path

    def tags(self, image: Image) -> list[str]:
        """Returns the image's tags: four, or only the two that a new version adds."""
        named = [f"sha-{self.commit}", f"v{self.version}"]
        return [*named, f"sha-{image.digest[7:19]}", "latest"] if self.every_tag else named


@dataclass(frozen=True)
class ImageSet:
    """A set on disk: its images, its store of blobs, and its two releases."""

    name: str
    store: Path
    images: tuple[Image, ...]
    first: Release
    second: Release


def make(name: str, folder: Path) -> ImageSet:
    """Makes the named set in an empty folder."""
    form = shape(name)
    store = folder / "store"
    (store / "blobs/sha256").mkdir(parents=True)
    shared = [_layer(store, f"{name}/shared/{i}", form.shared_bytes) for i in range(form.shared)]
    images = tuple(_image(folder, f"{name}/{i:04}", form, shared) for i in range(form.images))
    first = _release(folder, name, images, "1.0.0", every_tag=True)
    second = _release(folder, name, images, "1.1.0", every_tag=False)
    return ImageSet(name, store, images, first, second)


def _image(folder: Path, seed: str, form: Shape, shared: list[Descriptor]) -> Image:
    store = folder / "store"
    layers = shared + [_layer(store, f"{seed}/own/{i}", form.own_bytes) for i in range(form.own)]
    diff_ids = [layer["diff_id"] for layer in layers]
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}}
    named = [{key: layer[key] for key in ("mediaType", "digest", "size")} for layer in layers]
    config_descriptor = _document(store, {**config, "config": {"Labels": {"seed": seed}}}, CONFIG)
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config_descriptor, "layers": named}
    root = _document(store, manifest, MANIFEST)
    name = f"app-{seed.rpartition('/')[2]}"
    layout = folder / "images" / name
    _layout(layout, store, root, [config_descriptor, *named])
    return Image(name, f"bench/{name}", layout, root, config_descriptor, tuple(named))


def _layout(layout: Path, store: Path, root: Descriptor, blobs: list[Descriptor]) -> None:
    blob_folder = layout / "blobs/sha256"
    blob_folder.mkdir(parents=True)
    for blob in [root, *blobs]:
        name = blob["digest"][7:]
        os.link(store / "blobs/sha256" / name, blob_folder / name)
    entry = {**root, "annotations": {"org.opencontainers.image.ref.name": REF_NAME}}
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))


def _document(store: Path, document: dict[str, Any], media_type: str) -> Descriptor:
    content = json.dumps(document).encode()
    name = hashlib.sha256(content).hexdigest()
    (store / "blobs/sha256" / name).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{name}", "size": len(content)}


def _layer(store: Path, seed: str, size: int) -> Descriptor:
    """Stores a layer with a file of `size` bytes, in constant memory; the descriptor also has its `diff_id`."""
    gzip, digest, diff_id, length = zlib.compressobj(0, wbits=31), hashlib.sha256(), hashlib.sha256(), 0
    unfinished = store / "unfinished"
    with unfinished.open("wb") as file:
        for chunk in _tar(seed, size):
            diff_id.update(chunk)
            packed = gzip.compress(chunk)
            digest.update(packed)
            length += file.write(packed)
        packed = gzip.flush()
        digest.update(packed)
        length += file.write(packed)
    unfinished.rename(store / "blobs/sha256" / digest.hexdigest())
    named = {"mediaType": LAYER, "digest": f"sha256:{digest.hexdigest()}", "size": length}
    return {**named, "diff_id": f"sha256:{diff_id.hexdigest()}"}


def _tar(seed: str, size: int) -> Iterator[bytes]:
    """Yields a tar archive of one file of `size` random bytes."""
    info = tarfile.TarInfo("data")
    info.size = size
    yield info.tobuf(tarfile.USTAR_FORMAT)
    for offset in range(0, size, _CHUNK):
        yield random.Random(f"{seed}/{offset}").randbytes(min(_CHUNK, size - offset))
    yield bytes(-size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def _release(folder: Path, name: str, images: tuple[Image, ...], version: str, *, every_tag: bool) -> Release:
    """Writes the release set and the status file of one version."""
    commit = hashlib.sha1(f"{name}/{version}".encode()).hexdigest()
    tags: dict[str, Any] = {"immutable": ["sha-{{STABLE_COMMIT_SHA}}", "v{{STABLE_VERSION}}"], "moving": []}
    if every_tag:
        tags |= {"moving": ["latest"], "digest_prefix": "sha-", "short_length": 12}
    document = {
        "schema": "rules_release/release-set/v1",
        "name": "bench",
        "images": [{"name": i.name, "repository": i.repository, "layout": str(i.layout)} for i in images],
        "tags": tags,
    }
    set_file, status_file = folder / f"set-{version}.json", folder / f"status-{version}.txt"
    set_file.write_text(json.dumps(document))
    stamp = {"STABLE_VERSION": version, "STABLE_COMMIT_SHA": commit, "STABLE_DIRTY": "false"}
    status_file.write_text("".join(f"{key} {value}\n" for key, value in stamp.items()))
    return Release(commit, version, every_tag, set_file, status_file)
