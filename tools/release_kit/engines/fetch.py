"""Fetches a release record that was published beside its images."""

from release_kit.documents import release_record
from release_kit.documents.fields import Fields, parse_document
from release_kit.documents.release_record import MEDIA_TYPE, ReleaseRecord
from release_kit.errors import InputError, RegistryError
from release_kit.ports import Registry
from release_kit.values import digest as digests
from release_kit.values.reference import Reference


def fetch_record(registry: Registry, reference: Reference) -> ReleaseRecord:
    """Reads a record, the only layer of an artifact; each digest on the way is checked.

    Raises:
        InputError: the artifact is no release record.
        RegistryError: there is none, or its content is not what its digest says.
    """
    place = str(reference)
    registry.announce([reference.repository])
    manifest = registry.manifest(reference.repository, reference.name)
    if ":" in reference.name:
        check(manifest, reference.name, place)
    digest = parse_document(manifest, place, _layer)
    content = registry.blob(reference.repository, digest)
    check(content, digest, place)
    return parse_document(content, f"{place}: {digest}", release_record.from_fields)


def check(content: bytes, digest: str, place: str) -> None:
    """Holds what a registry answered to its digest.

    Raises:
        RegistryError: it is something else.
    """
    if not digests.matches(content, digest):
        found = digests.of_bytes(content, digest.partition(":")[0])
        raise RegistryError(f"{place}: expected content with the digest {digest}, found {found}")


def _layer(manifest: Fields) -> str:
    """Returns the digest of a record artifact's layer."""
    kind = manifest.optional_string("artifactType")
    if kind != MEDIA_TYPE:
        remedy = "name what `release-kit push` said of the record: a set publishes one where it has a record_repository"
        raise InputError(f"artifactType: expected {MEDIA_TYPE!r}, found {kind!r:.200}", remedy)
    layers = manifest.objects("layers", _digest)
    manifest.ignore_rest()
    if len(layers) != 1:
        raise InputError(f"layers: expected one, found {len(layers)}")
    return layers[0]


def _digest(layer: Fields) -> str:
    digest = digests.parse(layer.string("digest"), layer.path("digest"))
    layer.ignore_rest()
    return digest
