"""A release as an in-toto statement, for who signs it (in-toto/attestation, spec/v1: statement.md, version 1.1)."""

import json

from release_kit.documents.release_record import ReleaseRecord
from release_kit.errors import InputError
from release_kit.values.reference import known_as

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://github.com/rules-release/rules_release/blob/main/docs/provenance.md#release-record-v1"
"""What says how the predicate is to be read: that page."""


def statement(record: ReleaseRecord) -> str:
    """Returns the statement that a release is what its record says: the same text for the same record.

    Its subjects are the images and charts, named HOST/REPOSITORY; its predicate is the record.

    Raises:
        InputError: the record names no registry, or nothing that was released, or one repository twice.
    """
    if not record.registry:
        raise InputError("the record names no registry", "say with --registry where the release is")
    images = [(image.repository, image.digest) for image in record.images]
    parts = images + [(chart.repository, chart.digest) for chart in record.charts]
    if not parts:
        raise InputError("the record names neither image nor chart: there is nothing to state")
    host = known_as(record.registry)
    subjects = {f"{host}/{repository}": digest for repository, digest in parts}
    if len(subjects) < len(parts):
        raise InputError("the record names a repository twice, and subjects of a statement have names of their own")
    document = {
        "_type": TYPE,
        "subject": [{"name": name, "digest": _digest_set(digest)} for name, digest in subjects.items()],
        "predicateType": PREDICATE_TYPE,
        "predicate": json.loads(record.to_json()),
    }
    return json.dumps(document, indent=2) + "\n"


def _digest_set(digest: str) -> dict[str, str]:
    """Returns a digest by its algorithm (spec/v1/digest_set.md)."""
    algorithm, _, digits = digest.partition(":")
    return {algorithm: digits}
