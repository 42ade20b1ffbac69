"""The registry client against real registries of each kind."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rehearsal.real_registry import CRANE, DISTRIBUTION_2, DISTRIBUTION_3
from release_kit.adapters import layout
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.patience import Patience
from release_kit.errors import RegistryError
from release_kit.values.image import Arrival, Blob
from tests.support import layouts
from tests.support.narrators import nobody

# crane's registry takes single POSTs; it has one store for all repositories, refuses mounts, and takes manifests
# without their blobs. The distributions are the other way round.
distributions = pytest.mark.parametrize("registry_host", [DISTRIBUTION_2, DISTRIBUTION_3], indirect=True)
crane = pytest.mark.parametrize("registry_host", [CRANE], indirect=True)


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


def test_what_is_not_there_is_not_there(registry: HttpRegistry) -> None:
    assert registry.manifest_digest("shop/core", "v1") is None
    assert not registry.has_blob("shop/core", "sha256:" + "0" * 64)
    assert registry.tags("shop/core") == frozenset()


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_an_uploaded_blob_is_there(registry: HttpRegistry, tmp_path: Path, size: int) -> None:
    content = blob(tmp_path, b"x" * size)
    assert registry.upload_blob("shop/core", content, None, nobody) is Arrival.UPLOADED
    assert registry.has_blob("shop/core", content.digest)


@distributions
def test_an_uploaded_blob_is_in_one_repository_only(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    registry.upload_blob("shop/core", content, None, nobody)
    assert not registry.has_blob("shop/web", content.digest)


@crane
def test_a_small_blob_travels_in_one_request_where_it_may(registry: HttpRegistry, tmp_path: Path) -> None:
    requests: list[str] = []
    registry.trace(requests.append)
    for content in (b"one", b"two"):
        assert registry.upload_blob("shop/core", blob(tmp_path, content), None, nobody) is Arrival.UPLOADED
    assert [request.split()[0] for request in requests] == ["POST", "POST"]


@distributions
def test_a_blob_is_mounted_from_another_repository(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    registry.upload_blob("shop/core", content, None, nobody)
    (tmp_path / content.digest[7:]).unlink()
    assert registry.upload_blob("shop/web", content, "shop/core", nobody) is Arrival.MOUNTED
    assert registry.has_blob("shop/web", content.digest)


@crane
def test_where_mounts_are_refused_the_bytes_travel(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    registry.upload_blob("shop/core", content, None, nobody)
    assert registry.upload_blob("shop/web", content, "shop/core", nobody) is Arrival.UPLOADED
    assert registry.has_blob("shop/web", content.digest)


@distributions
def test_a_blob_that_is_there_does_not_travel_again(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    registry.upload_blob("shop/core", content, None, nobody)
    (tmp_path / content.digest[7:]).unlink()
    assert registry.upload_blob("shop/core", content, None, nobody) is Arrival.PRESENT


def test_a_mount_from_where_nothing_is_becomes_an_upload(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    assert registry.upload_blob("shop/web", content, "shop/core", nobody) is Arrival.UPLOADED
    assert registry.has_blob("shop/web", content.digest)


def test_a_blob_with_another_digest_is_refused(registry: HttpRegistry, tmp_path: Path) -> None:
    content = blob(tmp_path, b"content")
    (tmp_path / content.digest[7:]).write_bytes(b"CONTENT")
    with pytest.raises(RegistryError, match="was answered 400 .*DIGEST_INVALID"):
        registry.upload_blob("shop/core", content, None, nobody)


def test_a_manifest_is_stored_by_digest_and_by_tag(registry: HttpRegistry, tmp_path: Path) -> None:
    image = layout.load(layouts.image(tmp_path / "a", b"layer"))
    for content in image.blobs:
        registry.upload_blob("shop/core", content, None, nobody)
    registry.put_manifest("shop/core", image.root.digest, image.manifests[-1])
    registry.put_manifest("shop/core", "v1", image.manifests[-1])
    assert registry.manifest_digest("shop/core", image.root.digest) == image.root.digest
    assert registry.manifest_digest("shop/core", "v1") == image.root.digest
    assert registry.tags("shop/core") == frozenset({"v1"})


@distributions
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
        registry.manifest_digest("shop/core", "v1")
    assert "check the registry's name and port" in caught.value.remedy
