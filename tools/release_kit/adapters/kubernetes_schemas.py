"""The JSON schemas of Kubernetes, from the package kubernetes-validate: no network."""

import json
import re
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from release_kit.errors import InputError

_OF_EVERY_GROUP = frozenset({"DeleteOptions", "WatchEvent"})
"""Kinds that every API version has, those without objects too."""
_FOLDER = re.compile(r"v(\d+)\.(\d+)\.\d+-local-strict")


class BundledSchemas:
    """The strict schemas of one release: unknown fields are errors, as for `kubectl apply --validate=strict`."""

    def __init__(self, kube_version: str) -> None:
        """Finds the schemas of a release such as `1.31.0`.

        Raises:
            InputError: there are none.
        """
        folders = _folders()
        found = re.match(r"v?(\d+)\.(\d+)", kube_version)
        minor = (int(found[1]), int(found[2])) if found else None
        if minor is None or minor not in folders:
            known = f"{_text(min(folders))} to {_text(max(folders))}"
            raise InputError(
                f"kube_version: no schemas of Kubernetes {kube_version!r:.50}", f"there are those of {known}"
            )
        self.version = _text(minor)
        self._folder = folders[minor]

    def definitions(self) -> dict[str, Any]:
        """Returns the document that the schemas point into."""
        return self._definitions

    def of(self, api_version: str, kind: str) -> dict[str, Any] | None:
        """Returns the schema of a kind of object."""
        if kind not in self.kinds().get(api_version, ()):
            return None
        group, _, version = api_version.rpartition("/")
        name = "-".join(part for part in (kind.lower(), group.partition(".")[0], version) if part)
        path = self._folder / f"{name}.json"
        return self._read(path) if path.is_file() else None

    def kinds(self) -> dict[str, frozenset[str]]:
        """Returns the kinds of each API version."""
        return self._kinds

    @cached_property
    def _definitions(self) -> dict[str, Any]:
        return self._read(self._folder / "_definitions.json")

    @cached_property
    def _kinds(self) -> dict[str, frozenset[str]]:
        kinds: dict[str, set[str]] = {}
        for definition in self.definitions()["$defs"].values():
            for entry in definition.get("x-kubernetes-group-version-kind", ()):
                version = f"{entry['group']}/{entry['version']}" if entry["group"] else entry["version"]
                if entry["kind"] not in _OF_EVERY_GROUP:
                    kinds.setdefault(version, set()).add(entry["kind"])
        return {version: frozenset(names) for version, names in kinds.items()}

    def _read(self, path: Path) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(path.read_bytes())
        return content


def _folders() -> dict[tuple[int, int], Path]:
    spec = find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise InputError(
            "the Python package kubernetes-validate is missing", "install release-kit with its dependencies"
        )
    folders = (Path(spec.origin).parent / "kubernetes-json-schema").iterdir()
    found = ((_FOLDER.fullmatch(folder.name), folder) for folder in folders)
    return {(int(match[1]), int(match[2])): folder for match, folder in found if match}


def _text(minor: tuple[int, int]) -> str:
    return f"{minor[0]}.{minor[1]}"
