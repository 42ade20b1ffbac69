"""A lazy push: layers stay in the remote cache, and those alone are fetched that the registry lacks."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.http_cache import HttpCache
from tests.workspace.clones import Clone, private_registry, tags

CONSUMER = "tests/consumer"
LAZY = "--@rules_release//bazel/settings:push_strategy=lazy"


@pytest.fixture
def alone(clone: Clone, tmp_path: Path) -> Iterator[Clone]:
    """The clone with a private registry of its own: others bring the same layers to the one that all tests share."""
    made = Clone(clone.folder, tmp_path)
    made.push()  # starts it, with images of other layers
    yield made
    made.bazel("run", "//release:registry", "--", "--stop")


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


def test_a_lazy_push_fetches_the_layers_that_the_registry_lacks_and_no_other(alone: Clone) -> None:
    alone.git("commit", "--quiet", "--allow-empty", "--message", "one")
    host = private_registry(alone.state)
    with HttpCache() as cache:
        assert "* layers: 1 of" in lazy_push(alone, cache, host)
        (layer,) = layers(host, "hello/greeting")
        assert layer in cache.fetched()
        cache.seen.clear()
        alone.git("commit", "--quiet", "--allow-empty", "--message", "another")
        assert "* layers:" not in lazy_push(alone, cache, host)
    assert cache.fetched()
    assert layer not in cache.fetched()
    assert f"sha-{alone.git('rev-parse', 'HEAD')}" in tags(host, "hello/greeting")
