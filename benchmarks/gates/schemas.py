"""Kubernetes' schemas for kubeconform, from the Python package kubernetes-validate: nothing is fetched.

The package has them as `TYPE-GROUP-VERSION.json` with references into one file of definitions, which kubeconform reads
and checks again for every kind. What it fetches by default has the same names, and each file stands alone: definitions
are written in where they are referred to. That is many times faster.
"""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

STANDALONE, BUNDLED = "standalone", "bundled"
LAYOUTS = (STANDALONE, BUNDLED)
_DEFINITIONS = "_definitions.json"
_REFERENCE = f"/api/{_DEFINITIONS}#/$defs/"
_GROUPS = "x-kubernetes-group-version-kind"


def bundled(kube_version: str) -> Path:
    """Returns the folder of the strict schemas of a release such as 1.31.0.

    Raises:
        ValueError: the package is not there, or has no such release.
    """
    spec = find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise ValueError("the Python package kubernetes-validate is missing: kubeconform's schemas are made from it")
    minor = ".".join(kube_version.removeprefix("v").split(".")[:2])
    folders = list((Path(spec.origin).parent / "kubernetes-json-schema").glob(f"v{minor}.*-local-strict"))
    if not folders:
        raise ValueError(f"kubernetes-validate has no schemas of Kubernetes {kube_version}")
    return folders[0]


def make(layout: str, kube_version: str, folder: Path) -> str:
    """Writes the schemas in a layout to a folder; returns kubeconform's `-schema-location`."""
    source = bundled(kube_version)
    definitions = _read(source / _DEFINITIONS)["$defs"]
    folder.mkdir(parents=True)
    for name in sorted(_of_objects(definitions)):
        if (source / name).is_file():
            schema = _read(source / name)
            written_out = _inlined(schema, definitions, ()) if layout == STANDALONE else _relative(schema)
            (folder / name).write_text(json.dumps(written_out))
    if layout == BUNDLED:
        (folder / _DEFINITIONS).write_text(json.dumps(_read(source / _DEFINITIONS)))
    return location(folder)


def location(folder: Path) -> str:
    """Returns the `-schema-location` for a folder that `make` has filled."""
    return str(folder / "{{ .ResourceKind }}{{ .KindSuffix }}.json")


def _read(file: Path) -> dict[str, Any]:
    """Reads a schema, without what says where on the network it is: kubeconform would look there."""
    content: dict[str, Any] = json.loads(file.read_bytes())
    content.pop("$id", None)
    return content


def _of_objects(definitions: Mapping[str, Any]) -> set[str]:
    """Returns the names of the files that are about objects, and not about parts of them."""
    kinds = [kind for definition in definitions.values() for kind in definition.get(_GROUPS, ())]
    parts = ((kind["kind"].lower(), kind["group"].partition(".")[0], kind["version"]) for kind in kinds)
    return {"-".join(filter(None, part)) + ".json" for part in parts}


def _inlined(value: Any, definitions: Mapping[str, Any], within: tuple[str, ...]) -> Any:
    """Writes definitions in; one that is within itself allows anything there, as published schemas do."""
    if isinstance(value, list):
        return [_inlined(item, definitions, within) for item in value]
    if not isinstance(value, dict):
        return value
    rest = {key: _inlined(item, definitions, within) for key, item in value.items() if key != "$ref"}
    if not isinstance(value.get("$ref"), str):
        # A property that is called $ref.
        return {**rest, **{key: _inlined(item, definitions, within) for key, item in value.items() if key == "$ref"}}
    # As it is in a file, or among the definitions: /api/_definitions.json#/$defs/NAME, #/$defs/NAME.
    name = value["$ref"].rpartition("/")[2]
    return {} if name in within else {**_inlined(definitions[name], definitions, (*within, name)), **rest}


def _relative(value: Any) -> Any:
    """Lets references lead to the file of definitions beside."""
    if isinstance(value, list):
        return [_relative(item) for item in value]
    if isinstance(value, dict):
        return {key: _relative(item) for key, item in value.items()}
    return value.replace(_REFERENCE, f"{_DEFINITIONS}#/$defs/") if isinstance(value, str) else value
