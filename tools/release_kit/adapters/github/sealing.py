"""Secrets for GitHub (docs.github.com/rest/guides/encrypting-secrets-for-the-rest-api): libsodium's sealed boxes."""

import base64
import binascii

from release_kit.errors import InputError, ReleaseError

_KEY_BYTES = 32


def sealed(value: str, key: str) -> str:
    """Seals a value, so that only GitHub can read it.

    Args:
        value: of the secret.
        key: GitHub's public key, in base64.

    Returns:
        The sealed box, in base64; another one each time.

    Raises:
        InputError: PyNaCl is not there.
        ReleaseError: the key is none.
    """
    try:
        from nacl.public import PublicKey, SealedBox
    except ImportError as error:
        remedy = "install the package PyNaCl, or set secrets with the lines `gh secret set` of the plan"
        raise InputError("--set-secret: needs the package PyNaCl, which is not installed", remedy) from error
    return base64.b64encode(SealedBox(PublicKey(_public(key))).encrypt(value.encode())).decode()


def _public(key: str) -> bytes:
    try:
        found = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != _KEY_BYTES:
        raise ReleaseError(f"GitHub answered with a public key of {len(found)} bytes, expected {_KEY_BYTES}")
    return found
