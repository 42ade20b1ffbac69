"""A registry behind TLS 1.3, whose session tickets arrive when nobody waits for an answer."""

from contextlib import closing
from pathlib import Path

import pytest

from release_kit.adapters import layout
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.patience import Patience
from release_kit.engines.parallel import Workers
from release_kit.engines.push.run import push_release
from release_kit.errors import RegistryError
from tests.support import pushing
from tests.support.fault_registry import FaultRegistry
from tests.support.narrators import Kept
from tests.support.tls import over_tls

LARGE = b"large" * 1_000_000


def never(seconds: float) -> None:
    assert not seconds, f"waited {seconds} s where nothing is worth waiting for"


def test_large_blobs_arrive_with_the_first_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = pushing.release(tmp_path, shared=LARGE)
    with FaultRegistry() as registry, over_tls(registry.host, tmp_path) as (host, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with closing(HttpRegistry(host, Credentials(), patience=Patience(sleep=never))) as client:
            push_release(wanted, client, Workers(8), layout.verify_blob, Kept())
        for item in wanted.items:
            assert registry.state.tags(item.repository)["latest"] == item.digest
        assert not registry.journal.repeated()


def test_a_certificate_that_nobody_vouches_for_is_one_clear_error(tmp_path: Path) -> None:
    with FaultRegistry() as registry, over_tls(registry.host, tmp_path) as (host, _):
        client = HttpRegistry(host, Credentials(), patience=Patience(sleep=never))
        with closing(client), pytest.raises(RegistryError, match="its TLS certificate is not trusted") as caught:
            client.manifest_digest("shop/core", "v1")
        assert "SSL_CERT_FILE" in caught.value.remedy
        assert not registry.journal.records
