"""Makes small OCI image layouts for tests."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


@dataclass
class Layout:
    """A layout folder under construction."""

    folder: Path
    entries: list[dict[str, Any]] = field(default_factory=list)

    def path(self, digest: str) -> Path:
        """Returns where a blob is, or would be."""
        return self.folder / "blobs" / digest.replace(":", "/")

    def blob(self, content: bytes, media_type: str, algorithm: str = "sha256") -> dict[str, Any]:
        """Stores a blob and returns its descriptor."""
        name = hashlib.new(algorithm, content).hexdigest()
        path = self.path(f"{algorithm}:{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return {"mediaType": media_type, "digest": f"{algorithm}:{name}", "size": len(content)}

    def manifest(self, *layers: bytes, architecture: str = "amd64", **more: Any) -> dict[str, Any]:
        """Stores a manifest with its config and layers and returns its descriptor."""
        diff_ids = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
        config = {"architecture": architecture, "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}}
        document = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.blob(json.dumps(config).encode(), CONFIG),
            "layers": [self.blob(layer, LAYER) for layer in layers],
            **more,
        }
        return self.blob(json.dumps(document).encode(), MANIFEST)

    def index(self, *children: dict[str, Any]) -> dict[str, Any]:
        """Stores an index and returns its descriptor."""
        document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(children)}
        return self.blob(json.dumps(document).encode(), INDEX)

    def finish(self, *roots: dict[str, Any]) -> Path:
        """Writes oci-layout and index.json, and returns the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        (self.folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": list(roots)}))
        return self.folder


def image(folder: Path, *layers: bytes) -> Path:
    """Makes the layout of a single-platform image."""
    layout = Layout(folder)
    return layout.finish(layout.manifest(*layers))


def root_digest(folder: Path) -> str:
    """Returns the digest of a layout's only root."""
    return str(json.loads((folder / "index.json").read_text())["manifests"][0]["digest"])
