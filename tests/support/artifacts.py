"""Makes artifacts and images of every kind, pushes them as a user does, and reads them back over plain HTTP."""

import http.client
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from release_kit.cli.app import main
from tests.support import releases
from tests.support.layouts import CONFIG, INDEX, LAYER, MANIFEST, Layout

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
FOREIGN_LAYERS = (
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
)
EMPTY = "application/vnd.oci.empty.v1+json"
HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
HELM_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
SBOM = "application/spdx+json"
SIGNATURE = "application/vnd.example.signature"
ZSTD_FRAME = bytes.fromhex("28b52ffd2000010000")
"""Of nothing (RFC 8878)."""


class Answer(NamedTuple):
    """What a registry says."""

    status: int
    media_type: str
    body: bytes


def get(host: str, path: str) -> Answer:
    """Reads below /v2/, with every media type of manifests accepted."""
    return ask("GET", host, path)


def ask(method: str, host: str, path: str) -> Answer:
    """Sends a request without a body below /v2/."""
    accepted = ", ".join((MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_LIST))
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(method, f"/v2/{path}", headers={"Accept": accepted})
        with connection.getresponse() as answer:
            return Answer(answer.status, answer.getheader("Content-Type", ""), answer.read())
    finally:
        connection.close()


def document(made: Layout, media_type: str, algorithm: str = "sha256", **fields: Any) -> dict[str, Any]:
    """Stores a manifest or index of any type and returns its descriptor."""
    content = {"schemaVersion": 2, "mediaType": media_type, **fields}
    return made.blob(json.dumps(content).encode(), media_type, algorithm)


def image(made: Layout, *layers: dict[str, Any]) -> dict[str, Any]:
    """Stores an image of these layers."""
    return document(made, MANIFEST, config=made.blob(b'{"architecture": "amd64"}', CONFIG), layers=layers)


def artifact(made: Layout, content: bytes = b'{"spdxVersion": "SPDX-2.3"}', **fields: Any) -> dict[str, Any]:
    """Stores an artifact of one layer and an empty config, with more fields."""
    layer, config = made.blob(content, SBOM), made.blob(b"{}", EMPTY)
    return document(made, MANIFEST, **{"artifactType": SBOM, "config": config, "layers": [layer], **fields})


def platforms(made: Layout) -> dict[str, Any]:
    """Stores an index of two platforms that share a layer."""
    children = []
    for architecture in ("amd64", "arm64"):
        child = made.manifest(b"shared", architecture.encode(), architecture=architecture)
        children.append(child | {"platform": {"architecture": architecture, "os": "linux"}})
    return made.index(*children)


def nested(made: Layout) -> dict[str, Any]:
    """Stores an index of indexes, one of them of nothing."""
    return made.index(platforms(made), made.manifest(b"outer"), made.index(made.index()))


def zstd(made: Layout) -> dict[str, Any]:
    """Stores an image whose layer is packed with zstd."""
    return image(made, made.blob(ZSTD_FRAME, f"{LAYER}+zstd"))


def docker_image(made: Layout, content: bytes = b"layer") -> dict[str, Any]:
    """Stores an image of Docker's types (image manifest v2, schema 2)."""
    config = made.blob(b'{"os": "linux"}', DOCKER_CONFIG)
    return document(made, DOCKER_MANIFEST, config=config, layers=[made.blob(content, DOCKER_LAYER)])


def docker_list(made: Layout) -> dict[str, Any]:
    """Stores a list of two platforms of Docker's types."""
    children = [
        docker_image(made, name.encode()) | {"platform": {"architecture": name, "os": "linux"}}
        for name in ("amd64", "arm64")
    ]
    return document(made, DOCKER_LIST, manifests=children)


def foreign(made: Layout, media_type: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Stores an image whose only layer must not be distributed; returns both."""
    layer = made.blob(b"theirs", media_type) | {"urls": ["https://vendor.example/layer"]}
    docker = "docker" in media_type
    config = made.blob(b'{"os": "windows"}', DOCKER_CONFIG if docker else CONFIG)
    return document(made, DOCKER_MANIFEST if docker else MANIFEST, config=config, layers=[layer]), layer


def mixed(made: Layout) -> dict[str, Any]:
    """Stores an OCI index of what has Docker's types and what has not."""
    return made.index(docker_list(made), docker_image(made), made.manifest(b"layer"))


def annotated(made: Layout) -> dict[str, Any]:
    """Stores an artifact whose annotations are no ASCII."""
    return artifact(made, annotations={"org.example.made.by": "b\u00fcild \u2713"})


def bare(made: Layout) -> dict[str, Any]:
    """Stores an artifact that is nothing but its type: config and only layer are the same two bytes."""
    empty = made.blob(b"{}", EMPTY)
    return document(made, MANIFEST, artifactType="application/vnd.example+type", config=empty, layers=[empty])


def helm_chart(made: Layout) -> dict[str, Any]:
    """Stores a Helm chart: an artifact that has its type from its config."""
    config = made.blob(b'{"name": "shop"}', HELM_CONFIG)
    return document(made, MANIFEST, config=config, layers=[made.blob(b"chart", HELM_LAYER)])


def push(folder: Path, host: str, roots: Mapping[str, tuple[Layout, dict[str, Any]]], *more: str) -> int:
    """Pushes layouts as one release by the command line; returns its exit code.

    Args:
        folder: for the documents.
        host: of the registry.
        roots: by repository: a layout, and the descriptor of its root.
        more: arguments.
    """
    chosen = releases.write_set(folder, {name: made.finish(root) for name, (made, root) in roots.items()})
    status = folder / "stable-status.txt"
    status = status if status.exists() else releases.write_status(folder)
    common = ["--registry", host, "--status-file", str(status), "--record", str(folder / "record.json")]
    return main(["push", str(chosen), *common, *more])
