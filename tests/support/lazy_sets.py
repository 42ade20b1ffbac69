"""A release set whose layers are in a remote cache."""

import json
from pathlib import Path

from release_kit.cli.app import main
from tests.support import layouts, releases
from tests.support.fault_registry import FaultRegistry
from tests.support.http_cache import HttpCache

SHARED = b"shared" * 20_000
NAMES = ("core", "web")


class Lazy:
    """A set of two images that share a layer; their layouts have no layers, which a remote cache has."""

    def __init__(self, folder: Path, registry: FaultRegistry, cache: HttpCache) -> None:
        self.folder = folder
        self.registry = registry
        self.cache = cache
        self.layers = {name: cache.put(name.encode() * 9) for name in NAMES}
        self.shared = cache.put(SHARED)
        self.set = self.write({name: name.encode() * 9 for name in NAMES})

    def write(self, own: dict[str, bytes]) -> Path:
        """Writes the set and its layouts, and takes the layers out."""
        made = {}
        for name, content in own.items():
            full = layouts.image(self.folder / "full" / name, SHARED, content)
            sparse = self.folder / f"sparse-{len(list(self.folder.iterdir()))}"
            assert main(["layout", "sparse", str(full), "--output", str(sparse)]) == 0
            made[f"shop/{name}"] = sparse
        path = releases.write_set(self.folder, made)
        document = json.loads(path.read_text())
        document["images"] = [{**image, "layers": "remote-cache"} for image in document["images"]]
        path.write_text(json.dumps(document))
        return path

    def push(self, *more: str, version: str = "1.2.3", commit: str = releases.COMMIT, cache: str = "") -> int:
        """Runs `release-kit push`; `cache` is another address, or `none`; returns the exit code."""
        status = releases.write_status(self.folder, version, commit)
        command = ["push", str(self.set), "--registry", self.registry.host, "--status-file", str(status)]
        command += ["--record", str(self.folder / "record.json"), "--jobs", "4", *more]
        return main(command + ([] if cache == "none" else ["--remote-cache", cache or self.cache.url]))

    def writes(self) -> list[str]:
        """Returns what the registry was asked to write."""
        return [f"{record.method} {record.path}" for record in self.registry.journal.writes()]

    def is_complete(self) -> bool:
        """Tells whether `latest` points at images that are all there."""
        return {change.tag for change in self.registry.state.changes("latest") if change.complete} == {"latest"}
