"""Has everything of a release signed by its digest. A push without a signer does not import this."""

from collections.abc import Iterator

from release_kit.documents.statement import statement
from release_kit.engines.push.record import make_record
from release_kit.engines.push.release import Release
from release_kit.errors import ReleaseError
from release_kit.ports import Signer
from release_kit.values.reference import known_as


def signed(release: Release, host: str, signer: Signer) -> Iterator[str]:
    """Has images, charts and the published record signed, in this order, one after another; yields what is signed.

    All of them each time, whatever this push has written: an earlier one may have been killed between the two.

    Raises:
        ReleaseError: something is not signed; names it.
    """
    stated = statement(make_record(release, host))
    for reference in references(release, host):
        try:
            signer.sign(reference, stated)
        except ReleaseError as error:
            raise ReleaseError(f"{reference} is not signed: {error.message}", error.remedy) from error
        yield reference


def references(release: Release, host: str) -> list[str]:
    """Returns what is to be signed, each as HOST/REPOSITORY@DIGEST."""
    return [f"{known_as(host)}/{item.repository}@{item.digest}" for item in release.items]
