"""The registry client against a real CNCF distribution registry."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from release_kit.adapters import layout
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.patience import Patience
from release_kit.errors import RegistryError
from release_kit.values.image import Arrival, Blob
from tests.support import layouts


def never(seconds: float) -> None:
    raise AssertionError(f"waited {seconds} s where nothing is worth waiting for")


@pytest.fixture(name="registry")
def registry_fixture(registry_host: str) -> Iterator[HttpRegistry]:
    with closing(
        HttpRegistry(registry_host, Credentials(), plain_http=True, patience=Patience(sleep=never))
    ) as registry:
        yield registry


def blob(folder: Path, content: bytes) -> Blob:
    path = folder / hashlib.sha256(content).hexdigest()
    path.write_bytes(content)
    return Blob(f"sha256:{path.name}", len(content), path)


def test_a_registry_answers(registry: HttpRegistry) -> None:
    registry.open(["shop/core"])


def test_what_is_not_there_is_not_there(registry: HttpRegistry) -> None:
    assert registry.manifest_digest("shop/core", "v1") is None
    assert not registry.has_blob("shop/core", "sha256:" + "0" * 64)
    assert registry.tags("shop/core") == frozenset()


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_an_uploaded_blob_is_there(registry: HttpRegistry, tmp_path: Path, size: int) -> None:
    content = blob(tmp_path, b"x" * size)
    assert registry.upload_blob("shop/core", content, None) is Arrival.UPLOADED
    assert registry.has_blob("shop/core", content.digest)
    assert not registry.has_blob("shop/web", content.digest)


def test_a_blob_is_mounted_from_another_repository(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    registry.upload_blob("shop/core", content, None)
    content.path.unlink()
    assert registry.upload_blob("shop/web", content, "shop/core") is Arrival.MOUNTED
    assert registry.has_blob("shop/web", content.digest)


def test_a_blob_that_is_there_does_not_travel_again(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    registry.upload_blob("shop/core", content, None)
    content.path.unlink()
    assert registry.upload_blob("shop/core", content, None) is Arrival.PRESENT


def test_a_mount_from_where_nothing_is_becomes_an_upload(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    assert registry.upload_blob("shop/web", content, "shop/core") is Arrival.UPLOADED
    assert registry.has_blob("shop/web", content.digest)


def test_a_blob_with_another_digest_is_refused(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    content.path.write_bytes(b"CONTENT")
    with pytest.raises(RegistryError, match="was answered 400 .*DIGEST_INVALID"):
        registry.upload_blob("shop/core", content, None)


def test_a_manifest_is_stored_by_digest_and_by_tag(registry: HttpRegistry, tmp_path: Path) -> None:
    image = layout.load(layouts.image(tmp_path / "a", b"layer"))
    for content in image.blobs:
        registry.upload_blob("shop/core", content, None)
    registry.put_manifest("shop/core", image.root.digest, image.manifests[-1])
    registry.put_manifest("shop/core", "v1", image.manifests[-1])
    assert registry.manifest_digest("shop/core", image.root.digest) == image.root.digest
    assert registry.manifest_digest("shop/core", "v1") == image.root.digest
    assert registry.tags("shop/core") == frozenset({"v1"})


def test_a_manifest_without_its_blobs_is_refused(registry_host: str, tmp_path: Path) -> None:
    image = layout.load(layouts.image(tmp_path / "a", b"layer"))
    patience = Patience(sleep=lambda _: None)
    refused = pytest.raises(
        RegistryError, match=r"PUT /v2/shop/core/manifests/v1 was answered 40\d \(MANIFEST_BLOB_UNKNOWN"
    )
    with closing(HttpRegistry(registry_host, Credentials(), plain_http=True, patience=patience)) as registry, refused:
        registry.put_manifest("shop/core", "v1", image.manifests[-1])


def test_a_port_where_nobody_listens_is_one_clear_error() -> None:
    registry = HttpRegistry("127.0.0.1:1", Credentials(), plain_http=True, patience=Patience(sleep=never))
    with pytest.raises(RegistryError, match="http://127.0.0.1:1: can't be reached: Connection refused") as caught:
        registry.open(["shop/core"])
    assert "check the registry's name and port" in caught.value.remedy
