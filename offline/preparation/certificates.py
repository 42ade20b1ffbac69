"""The certificate authorities of the root: the machine's, where it has some, for OpenSSL and for Java."""

import base64
import hashlib
import re
import struct
from pathlib import Path

_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_JAVA_STORE = "etc/ssl/certs/java/cacerts"
_BLOCK = re.compile("-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)

# The Java key store format: a magic number, a version, the entries, and a salted digest with the well-known password.
_HEADER = struct.pack(">II", 0xFEEDFEED, 2)
_TRUSTED = struct.pack(">I", 2)
_NO_DATE = struct.pack(">Q", 0)
_PASSWORD = "changeit".encode("utf-16-be")
_SALT = b"Mighty Aphrodite"


def write(root: Path) -> None:
    """Writes both stores below `root`."""
    machine = Path("/") / _BUNDLE
    authorities = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    bundle = machine.read_text() if machine.exists() else "".join(path.read_text() for path in authorities)
    (root / _BUNDLE).write_text(bundle)
    store = root / _JAVA_STORE
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_bytes(_java_store([base64.b64decode(block) for block in _BLOCK.findall(bundle)]))


def _java_store(certificates: list[bytes]) -> bytes:
    entries = [_entry(f"authority{number}", der) for number, der in enumerate(certificates)]
    data = b"".join([_HEADER, struct.pack(">I", len(entries)), *entries])
    return data + hashlib.sha1(_PASSWORD + _SALT + data).digest()


def _entry(alias: str, der: bytes) -> bytes:
    return b"".join([_TRUSTED, _text(alias), _NO_DATE, _text("X.509"), struct.pack(">I", len(der)), der])


def _text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode()
