"""A lazy push: layers stay in the remote cache, and those alone are fetched that the registry lacks."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.real_registry import PROGRAMS, real_registry
from tests.support.http_cache import HttpCache
from tests.workspace.clones import Clone, tags

CONSUMER = "tests/consumer"
LAZY = "--@rules_release//bazel/settings:push_strategy=lazy"


@pytest.fixture(name="empty_host")
def empty_host_fixture(tmp_path: Path) -> Iterator[str]:
    """A registry of its own: others bring the same layers to the one that all tests share."""
    with real_registry(next(iter(PROGRAMS)), tmp_path) as host:
        yield host


def layers(host: str, repository: str) -> list[str]:
    """Asks a registry for the layers of the only image of a repository."""
    (digest,) = set(tags(host, repository).values())
    kind = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
    asked = urllib.request.Request(f"http://{host}/v2/{repository}/manifests/{digest}", headers=kind)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return [layer["digest"] for layer in json.load(answer)["layers"]]


def lazy_push(clone: Clone, cache: HttpCache, host: str) -> str:
    """Pushes the consumer's image where nothing is built yet; returns what was said."""
    clone.bazel("clean", folder=CONSUMER)
    build = ("run", f"--remote_cache={cache.url}", "--remote_download_minimal", LAZY, "//:push")
    return clone.bazel(*build, "--", "--registry", host, "--remote-cache", cache.url, folder=CONSUMER).err


def test_a_lazy_push_fetches_the_layers_that_the_registry_lacks_and_no_other(clone: Clone, empty_host: str) -> None:
    clone.git("commit", "--quiet", "--allow-empty", "--message", "one")
    with HttpCache() as cache:
        assert "* layers: 1 of" in lazy_push(clone, cache, empty_host)
        (layer,) = layers(empty_host, "hello/greeting")
        assert layer in cache.fetched()
        cache.seen.clear()
        clone.git("commit", "--quiet", "--allow-empty", "--message", "another")
        assert "* layers:" not in lazy_push(clone, cache, empty_host)
    assert cache.fetched()
    assert layer not in cache.fetched()
    assert f"sha-{clone.git('rev-parse', 'HEAD')}" in tags(empty_host, "hello/greeting")
