"""Content digests, `algorithm:hex` (OCI image-spec, descriptor.md, "Digests")."""

import re
from typing import TYPE_CHECKING

from release_kit.errors import InputError

if TYPE_CHECKING:
    import hashlib

HEX_LENGTH = {"sha256": 64, "sha512": 128}
_DIGEST = re.compile(r"(sha256):[0-9a-f]{64}|(sha512):[0-9a-f]{128}")


def parse(text: object, place: str) -> str:
    """Returns `text` if it is a digest of a supported algorithm.

    Args:
        text: what was found.
        place: where it was found, for the error.

    Raises:
        InputError: it is not `sha256:` and 64, or `sha512:` and 128, lowercase hexadecimal digits.
    """
    if isinstance(text, str) and is_digest(text):
        return text
    raise InputError(f"{place}: expected a digest such as sha256:<64 hexadecimal digits>, found {text!r:.100}")


def is_digest(text: str) -> bool:
    """Tells whether `text` is a digest of a supported algorithm."""
    return bool(_DIGEST.fullmatch(text))


def hasher(digest: str) -> "hashlib._Hash":
    """Returns a fresh hash object of the digest's algorithm."""
    import hashlib

    return hashlib.new(digest.partition(":")[0], usedforsecurity=False)


def of_bytes(content: bytes, algorithm: str = "sha256") -> str:
    """Returns the digest of `content`."""
    digest = hasher(algorithm)
    digest.update(content)
    return f"{algorithm}:{digest.hexdigest()}"


def matches(content: bytes, digest: str) -> bool:
    """Tells whether `content` has that digest."""
    return of_bytes(content, digest.partition(":")[0]) == digest


def hexadecimal(digest: str) -> str:
    """Returns the part after the algorithm."""
    return digest.partition(":")[2]
