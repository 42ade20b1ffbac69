"""A signer for tests: signs the statement by Ed25519, as a DSSE envelope, and pushes that beside what it signs.

DSSE is secure-systems-lab/dsse (protocol.md, 1.0.0); the artifact names what is signed as its subject.
"""

import base64
import json
import os
import stat
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey, VerifyKey

from release_kit.adapters import layout
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.values.image import Image
from release_kit.values.reference import Reference, parse_reference
from tests.support import artifacts, layouts

PAYLOAD_TYPE = "application/vnd.in-toto+json"
ENVELOPE = "application/vnd.dsse.envelope.v1+json"
KEY = "SIGNER_KEY"
"""The variable that names the file of the key's 32 bytes."""


def script(folder: Path, name: str, body: str) -> Path:
    """Writes a Python program that finds what this process finds."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys\nsys.path[:0] = {list(filter(None, sys.path))!r}\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def signer(folder: Path) -> Path:
    """Writes this signer as a program."""
    return script(folder, "dsse-signer", "from tests.support.signing import main\nmain()")


def new_key(folder: Path) -> tuple[Path, VerifyKey]:
    """Makes a key; returns its file, and what verifies."""
    key = SigningKey.generate()
    path = folder / "key"
    path.write_bytes(bytes(key))
    return path, key.verify_key


def main() -> None:
    """Signs what the command line names."""
    where = parse_reference(sys.argv[1], "reference")
    envelope = _envelope(sys.stdin.buffer.read(), SigningKey(Path(os.environ[KEY]).read_bytes()))
    with tempfile.TemporaryDirectory() as folder, _client(where) as registry:
        artifact = _artifact(Path(folder), where, registry.manifest(where.repository, where.name), envelope)
        if registry.manifest_digest(where.repository, artifact.root.digest):
            sys.stderr.write("is signed already\n")
            return
        for blob in artifact.blobs:
            registry.upload_blob(where.repository, blob, None, lambda _: None)
        registry.put_manifest(where.repository, artifact.root.digest, artifact.manifests[-1])


def verified(reference: str, key: VerifyKey) -> list[dict[str, Any]]:
    """Returns the statements that are signed by a key and say something of what they lie beside.

    Raises:
        BadSignatureError: one is signed by another key, or not as it is.
    """
    where = parse_reference(reference, "reference")
    listed = artifacts.get(where.host, f"{where.repository}/manifests/{where.name.replace(':', '-')}")
    found = json.loads(listed.body)["manifests"] if listed.status == 200 else []
    return [_verified(where, entry["digest"], key) for entry in found if entry["artifactType"] == ENVELOPE]


def _verified(where: Reference, digest: str, key: VerifyKey) -> dict[str, Any]:
    manifest = json.loads(artifacts.get(where.host, f"{where.repository}/manifests/{digest}").body)
    blob = artifacts.get(where.host, f"{where.repository}/blobs/{manifest['layers'][0]['digest']}")
    envelope = json.loads(blob.body)
    payload = base64.b64decode(envelope["payload"])
    key.verify(_encoded(payload), base64.b64decode(envelope["signatures"][0]["sig"]))
    statement: dict[str, Any] = json.loads(payload)
    return statement


def _envelope(payload: bytes, key: SigningKey) -> bytes:
    signature = base64.b64encode(key.sign(_encoded(payload)).signature).decode()
    envelope = {"payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD_TYPE}
    return json.dumps({**envelope, "signatures": [{"sig": signature}]}).encode()


def _encoded(payload: bytes) -> bytes:
    """Returns what is signed: the pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def _artifact(folder: Path, where: Reference, subject: bytes, envelope: bytes) -> Image:
    made = layouts.Layout(folder)
    media_type = json.loads(subject).get("mediaType", layouts.MANIFEST)
    about = {"mediaType": media_type, "digest": where.name, "size": len(subject)}
    layer = made.blob(envelope, ENVELOPE)
    return layout.load(made.finish(artifacts.artifact(made, artifactType=ENVELOPE, layers=[layer], subject=about)))


def _client(where: Reference) -> "closing[HttpRegistry]":
    return closing(HttpRegistry(where.host, Credentials(), plain_http=True))
