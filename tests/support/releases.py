"""Makes release sets and status files for tests."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TAGS: dict[str, Any] = {
    "immutable": ["sha-{{STABLE_COMMIT_SHA}}", "v{{STABLE_VERSION}}"],
    "moving": ["latest"],
    "digest_prefix": "sha-",
    "short_length": 12,
}


def write_set(folder: Path, layouts: Mapping[str, Path], tags: Mapping[str, Any] = TAGS, **more: Any) -> Path:
    """Writes a release set of `layouts`, whose keys are repositories, and returns its path."""
    images = [
        {"name": repository.split("/")[-1], "repository": repository, "layout": str(layout)}
        for repository, layout in layouts.items()
    ]
    document = {"schema": "rules_release/release-set/v1", "name": "shop", "images": images, "tags": dict(tags), **more}
    path = folder / "set.json"
    path.write_text(json.dumps(document))
    return path


def write_status(
    folder: Path, version: str = "1.2.3", commit: str = COMMIT, dirty: str = "false", epoch: str = ""
) -> Path:
    """Writes a status file and returns its path; without an epoch it is one that tells none."""
    path = folder / "stable-status.txt"
    text = f"BUILD_USER me\nSTABLE_VERSION {version}\nSTABLE_COMMIT_SHA {commit}\nSTABLE_DIRTY {dirty}\n"
    path.write_text(text + (f"STABLE_COMMIT_EPOCH {epoch}\n" if epoch else ""))
    return path
