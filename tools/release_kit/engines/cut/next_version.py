"""The version that comes next."""

from release_kit.errors import InputError
from release_kit.values.reference import tag_fault
from release_kit.values.version import Version, parse

PLACE = "the version to cut"
WORDS = ("major", "minor", "patch")


def next_version(wanted: str, present: Version) -> Version:
    """Returns the version to cut.

    Args:
        wanted: a version, or `major`, `minor` or `patch`. A word ends a row of pre-releases: `minor` is 1.3.0 after
            both 1.2.7 and 1.3.0-rc.1.
        present: the version before.

    Raises:
        InputError: it is no version that a release can have.
    """
    if wanted in WORDS:
        return _raised(wanted, present)
    if wanted[:1] in ("v", "V") and wanted[1:2].isdigit():
        raise InputError(
            f"{PLACE}: expected a version without a leading v, found {wanted!r:.100}", f"write {wanted[1:]}"
        )
    try:
        version = parse(wanted, PLACE)
    except InputError as error:
        raise InputError(
            error.message,
            f"write a version such as {_raised('patch', present)!s}, or a word of {', '.join(WORDS)}",
        ) from error
    if version.build:
        plain = str(version._replace(build=""))
        raise InputError(
            f"{PLACE}: expected a version without build metadata, found {wanted!r:.100}",
            f"write {plain}: versions that differ in their build alone have the same rank, and no tag can have a +",
        )
    if fault := tag_fault(f"v{wanted}"):
        raise InputError(f"{PLACE}: the tag v{wanted:.200} {fault}", "write a shorter version")
    return version


def _raised(word: str, present: Version) -> Version:
    numbers = [present.major, present.minor, present.patch]
    at = WORDS.index(word)
    if not present.prerelease or any(numbers[at + 1 :]):
        numbers = [*numbers[:at], numbers[at] + 1, *[0] * (2 - at)]
    major, minor, patch = numbers
    return Version(major, minor, patch, prerelease="", build="")
