"""Reads OCI image layouts (OCI image-spec, image-layout.md).

A layout is hostile until checked: names come from checked digests, sizes are capped, and a blob counts only as a
regular file of the named size and digest. It may be a symbolic link to anywhere, which is what Bazel makes.
"""

import json
import stat
from pathlib import Path

from release_kit.documents.fields import Fields
from release_kit.errors import InputError
from release_kit.values import digest as digests
from release_kit.values.image import (
    FOREIGN_LAYER_MARKS,
    INDEX_TYPES,
    MANIFEST_TYPES,
    Blob,
    Descriptor,
    Image,
    Manifest,
    Referrer,
)

MAX_MANIFEST_BYTES = 4 * 1024 * 1024
MAX_MANIFESTS = 1000
MAX_DEPTH = 8
CHUNK_BYTES = 256 * 1024
_REMEDY = "name a target whose output is an OCI image layout, such as oci_image or oci_image_index of rules_oci"


def load(folder: Path, descriptor: Path | None = None, remote_layers: bool = False) -> Image:
    """Reads all manifests of a layout and finds its blobs; the blobs' content is left to `verify_blob`.

    Args:
        folder: the layout.
        descriptor: a JSON file with the root's descriptor, for layouts whose index.json may itself be the root.
        remote_layers: take the layers for remote ones, whatever the layout has; but for those that no cache of Bazel's
            knows, because their digests are not of sha256.

    Raises:
        InputError: it is no layout, or a manifest or blob is not what its descriptor says.
    """
    _check_version(folder)
    index = _read(folder / "index.json", MAX_MANIFEST_BYTES)
    reader = _Reader(folder, remote_layers)
    if descriptor is None:
        reader.visit(_only_entry(folder, index))
    else:
        root = _descriptor(_fields(_read(descriptor, MAX_MANIFEST_BYTES), str(descriptor)))
        if digests.matches(index, root.digest):
            _check_size(folder / "index.json", len(index), root)
            reader.visit(root, index)
        else:
            reader.visit(root)
    return Image(tuple(reader.manifests.values()), tuple(reader.blobs.values()))


def verify_blob(blob: Blob) -> None:
    """Reads a blob's file, if it has one, from end to end and compares its digest.

    Raises:
        InputError: the content has another digest, or the file can't be read.
    """
    if blob.path is None:
        return
    hasher = digests.hasher(blob.digest)
    chunk = memoryview(bytearray(CHUNK_BYTES))
    try:
        with blob.path.open("rb", buffering=0) as file:
            while size := file.readinto(chunk):
                hasher.update(chunk[:size])
    except OSError as error:
        raise InputError(f"{blob.path}: can't be read: {error.strerror}") from error
    if hasher.hexdigest() != digests.hexadecimal(blob.digest):
        algorithm = blob.digest.partition(":")[0]
        raise InputError(f"{blob.path}: its content has the digest {algorithm}:{hasher.hexdigest()}", "build it again")


class _Reader:
    """Walks from the root through all manifests of one layout."""

    def __init__(self, folder: Path, remote_layers: bool) -> None:
        self.folder = folder
        self.remote_layers = remote_layers
        self.manifests: dict[str, Manifest] = {}
        self.blobs: dict[str, Blob] = {}

    def visit(self, descriptor: Descriptor, content: bytes | None = None, depth: int = 1) -> None:
        """Takes in a manifest and all that it points at, what is pointed at first."""
        if descriptor.digest in self.manifests:
            return
        if depth > MAX_DEPTH:
            raise InputError(f"{self.folder}: {descriptor.digest}: more than {MAX_DEPTH} indexes within each other")
        if content is None:
            content = self._manifest_content(descriptor)
        place = f"{self.folder}: {descriptor.digest}"
        fields = _fields(content, place)
        config_type = ""
        if descriptor.media_type in INDEX_TYPES:
            for child in fields.objects("manifests", _loose_descriptor, required=True):
                self.visit(child, depth=depth + 1)
        elif descriptor.media_type in MANIFEST_TYPES:
            config_type = self._visit_blobs(fields)
        else:
            known = ", ".join(sorted(INDEX_TYPES | MANIFEST_TYPES))
            raise InputError(f"{place}: expected one of the media types {known}; found {descriptor.media_type!r:.200}")
        if fields.optional_string("mediaType") not in (None, descriptor.media_type):
            raise InputError(f"{place}: its own mediaType is not {descriptor.media_type!r:.200}")
        self.manifests[descriptor.digest] = Manifest(descriptor, content, _referrer(fields, config_type))
        if len(self.manifests) > MAX_MANIFESTS:
            raise InputError(f"{self.folder}: more than {MAX_MANIFESTS} manifests")

    def _visit_blobs(self, manifest: Fields) -> str:
        """Takes in a manifest's blobs; returns the media type of its config."""
        config = manifest.nested("config", _loose_descriptor)
        self._add_blob(config)
        for layer in manifest.objects("layers", _loose_descriptor):
            if not any(mark in layer.media_type for mark in FOREIGN_LAYER_MARKS):
                self._add_layer(layer)
        return config.media_type

    def _add_layer(self, layer: Descriptor) -> None:
        if not self.remote_layers or not layer.digest.startswith("sha256:"):
            self._add_blob(layer)
            return
        # What is a config, too, is here.
        known = self.blobs.setdefault(layer.digest, Blob(layer.digest, layer.size, None, remote=True))
        if known.size != layer.size:
            sizes = f"expected {known.size} bytes as said elsewhere in the image, found {layer.size}"
            raise InputError(f"{self.folder}: {layer.digest}: {sizes}", "build it again")
        if _is_there(self._path(layer.digest)):  # In a sparse layout it is not.
            self._blob_path(layer)

    def _add_blob(self, descriptor: Descriptor) -> None:
        path = self._blob_path(descriptor)
        self.blobs[descriptor.digest] = Blob(descriptor.digest, descriptor.size, path)

    def _manifest_content(self, descriptor: Descriptor) -> bytes:
        if descriptor.size > MAX_MANIFEST_BYTES:
            raise InputError(f"{self.folder}: {descriptor.digest}: a manifest of {descriptor.size} bytes is too large")
        path = self._blob_path(descriptor)
        content = _read(path, MAX_MANIFEST_BYTES)
        if not digests.matches(content, descriptor.digest):
            found = digests.of_bytes(content, descriptor.digest.partition(":")[0])
            raise InputError(f"{path}: its content has the digest {found}", "build it again")
        return content

    def _blob_path(self, descriptor: Descriptor) -> Path:
        path = self._path(descriptor.digest)
        _check_size(path, _regular_file_size(path), descriptor)
        return path

    def _path(self, digest: str) -> Path:
        algorithm, _, name = digest.partition(":")
        return self.folder / "blobs" / algorithm / name


def _check_size(path: Path, size: int, descriptor: Descriptor) -> None:
    if size != descriptor.size:
        raise InputError(f"{path}: expected {descriptor.size} bytes, found {size}", "build it again")


def _check_version(folder: Path) -> None:
    try:
        is_folder = folder.is_dir()
    except OSError:
        is_folder = False
    if not is_folder:
        raise InputError(f"{folder}: expected the folder of an OCI image layout, found none", _REMEDY)
    try:
        marker = _read(folder / "oci-layout", 4096)
    except InputError as error:
        raise InputError(f"{folder}: is no OCI image layout: {error.message}", _REMEDY) from error
    version = _fields(marker, f"{folder}/oci-layout").string("imageLayoutVersion")
    if version != "1.0.0":
        raise InputError(f"{folder}/oci-layout: expected imageLayoutVersion 1.0.0, found {version!r:.100}")


def _only_entry(folder: Path, index: bytes) -> Descriptor:
    entries = _fields(index, f"{folder}/index.json").objects("manifests", _loose_descriptor)
    if len(entries) != 1:
        raise InputError(
            f"{folder}/index.json: expected exactly one manifest, found {len(entries)}",
            "wrap several platforms in one image index, or name the root with a descriptor",
        )
    return entries[0]


def _fields(content: bytes, place: str) -> Fields:
    try:
        return Fields(json.loads(content), place)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: expected a JSON object: {error}") from error


def _referrer(manifest: Fields, config_type: str) -> Referrer | None:
    subject = manifest.nested("subject", _subject)
    if subject is None:
        return None
    artifact_type = manifest.string("artifactType", "") or config_type
    return Referrer(subject, artifact_type, manifest.strings_by_name("annotations"))


def _subject(fields: Fields) -> str | None:
    digest = fields.optional_string("digest")
    fields.ignore_rest()
    return None if digest is None else digests.parse(digest, fields.path("digest"))


def _loose_descriptor(fields: Fields) -> Descriptor:
    descriptor = _descriptor(fields)
    fields.ignore_rest()
    return descriptor


def _descriptor(fields: Fields) -> Descriptor:
    size = fields.integer("size")
    if size < 0:
        raise InputError(f"{fields.path('size')}: expected bytes, found {size}")
    digest = digests.parse(fields.string("digest"), fields.path("digest"))
    return Descriptor(fields.string("mediaType"), digest, size)


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        pass  # Whoever reads it says so.
    return True


def _regular_file_size(path: Path) -> int:
    try:
        status = path.stat()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path}: expected a regular file")
    return status.st_size


def _read(path: Path, limit: int) -> bytes:
    size = _regular_file_size(path)
    if size > limit:
        raise InputError(f"{path}: expected at most {limit} bytes, found {size}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
