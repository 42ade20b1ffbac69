"""Environments of the sample release `shop`, a real registry, and the repository at GitHub that releases are made in.

with publications(tmp_path, monkeypatch, hub) as shop:
shop.come_through("1.0.0")
assert shop.publish("1.0.0") == 0
assert shop.latest() == shop.of("1.0.0")
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from rehearsal.git_server import GitServer
from rehearsal.github_server import TOKEN, GitHubServer
from rehearsal.real_registry import DISTRIBUTION_2, real_registry
from release_kit.adapters.github import api
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.adapters.registry.messages import Times
from release_kit.adapters.registry.patience import Patience
from release_kit.cli.app import main
from release_kit.documents import release_record
from release_kit.documents.fields import read_document
from release_kit.documents.release_record import ReleaseRecord
from tests.support import layouts, releases
from tests.support.promotions import Promotions, settle

QUICK = Patience(times=Times(connect=2.0, idle=2.0, total=5.0), sleep=lambda _: None)
FLOW = ({"name": "staging"}, {"name": "release", "gates": [{"kind": "e2e"}]})
IMAGES = ("shop/core", "shop/web")
RECORDS = "shop/release"
SOURCE = "acme/shop"
WRITES = ("POST", "PATCH", "DELETE", "PUT")
FILE = "release-record.json"


class Publications(Promotions):
    """Environments, a registry, and the repository at GitHub that releases are made in."""

    def __init__(self, folder: Path, host: str, server: GitServer, hub: GitHubServer) -> None:
        """Declares all of it."""
        self.hub = hub
        self.pipeline = {"provider": "github", "owner": "acme", "name": "shop", "domain": hub.host}
        super().__init__(folder, host, server, FLOW, record_repository=RECORDS, pipeline=self.pipeline)

    def declare(self, flow: Any, **document: Any) -> None:
        """Writes the declaration; each environment has the secret that a pipeline wants."""
        secrets = {"github": {"secrets": ["DEPLOY_TOKEN"]}} if "pipeline" in document else {}
        super().declare([{**each, **secrets} for each in flow], **document)

    def push(self, version: str, skip_staging: bool = False, hold: bool = True) -> ReleaseRecord:
        """Pushes two images as a version, its moving tags held back; the source has its tag."""
        folder = self.folder / f"release-{version}"
        folder.mkdir(exist_ok=True)
        commit = hashlib.sha1(version.encode(), usedforsecurity=False).hexdigest()
        made = {name: layouts.image(folder / name, name.encode(), version.encode()) for name in IMAGES}
        chosen = releases.write_set(folder, made, record_repository=RECORDS)
        self.records[version] = folder / "record.json"
        command = ["push", str(chosen), "--registry", self.host, "--quiet", "--record", str(self.records[version])]
        status = ["--status-file", str(releases.write_status(folder, version, commit))]
        assert main([*command, *status, *(["--hold-moving-tags"] if hold else [])]) == 0
        self.hub.releases.tags[SOURCE, f"v{version}"] = commit
        return read_document(self.records[version], release_record.from_fields)

    def come_through(self, version: str) -> None:
        """Pushes a version and promotes it to the last environment."""
        self.release(version)
        for name in ("staging", "release"):
            assert self.promote("--to", name) == 0
        self.forget()

    def forget(self) -> None:
        """Lets all journals be empty."""
        self.hub.journal.clear()

    def publish(self, version: str = "1.0.0", *more: str) -> int:
        """Runs `release-kit publish`."""
        return self.run("publish", "--record", str(self.records[version]), *more)

    def digest(self, place: str) -> str | None:
        """Returns what a tag points at."""
        repository, _, tag = place.partition(":")
        with self.registry() as registry:
            return registry.manifest_digest(repository, tag)

    def latest(self) -> list[str | None]:
        """Returns what `latest` points at: of the images, and of the records."""
        return [self.digest(f"{name}:latest") for name in (*IMAGES, RECORDS)]

    def of(self, version: str) -> list[str | None]:
        """Returns what `latest` is to point at."""
        return [self.digest(f"{name}:v{version}") for name in (*IMAGES, RECORDS)]

    def content(self, version: str) -> bytes:
        """Returns the published form of a record."""
        record = read_document(self.records[version], release_record.from_fields)
        return record._replace(registry="").to_json().encode()

    def pages(self) -> list[dict[str, Any]]:
        """Returns the releases that everybody sees."""
        return self.hub.releases.published(SOURCE)

    def writes(self) -> list[str]:
        """Returns the requests to GitHub that write, and forgets them."""
        made = [f"{method} {target.partition(SOURCE)[2]}" for method, target in self.hub.journal if method in WRITES]
        self.forget()
        return made

    def registry(self) -> "closing[HttpRegistry]":
        """Gives access to the registry."""
        return closing(HttpRegistry(self.host, Credentials(), plain_http=True))

    def withdraw(self) -> None:
        """Lets nothing be published."""
        self.hub.releases.all.clear()
        repositories = self.folder / "registry" / "storage" / "docker/registry/v2/repositories"
        for name in (*IMAGES, RECORDS):
            shutil.rmtree(repositories / name / "_manifests/tags/latest", ignore_errors=True)
        assert self.latest() == [None] * 3
        self.forget()


@contextmanager
def publications(
    folder: Path, monkeypatch: pytest.MonkeyPatch, hub: GitHubServer, host: str = ""
) -> Iterator[Publications]:
    """Makes all of it; 1.0.0 has come through, and the working directory is a folder of its own.

    Args:
        folder: an empty one.
        monkeypatch: of the test.
        hub: GitHub.
        host: of a registry; empty: a real one is started.
    """
    settle(folder, monkeypatch)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setattr(api, "Patience", lambda: QUICK)
    for name in ("work", "registry"):
        (folder / name).mkdir()
    monkeypatch.chdir(folder / "work")
    registry = nullcontext(host) if host else real_registry(DISTRIBUTION_2, folder / "registry")
    with registry as at, GitServer(folder / "git") as server:
        shop = Publications(folder, at, server, hub)
        shop.come_through("1.0.0")
        yield shop
