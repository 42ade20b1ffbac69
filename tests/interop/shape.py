"""The shape of an OCI image layout as data: what is in it and how, without digests, sizes and values.

Two layouts of the same image may differ in every byte, in white space and in the order of keys; what readers of layouts
rely on is the rest, and that is what a shape holds.
"""

import json
import os
from pathlib import Path
from typing import Any

Document = dict[str, Any]
Shape = dict[str, Any]

_INDEX_MARK = "manifests"


def describe(layout: Path) -> Shape:
    """Describes a layout.

    Returns:
        `oci_layout` (content of that file), `index` (of index.json: `keys`, and a shape of each entry), `images` (each
        manifest in order: `keys`, `config`, `layers`), `storage` (kind of blob -> how such blobs are stored), and
        `unreferenced` (the number of blobs that nothing names).

    Raises:
        OSError: a file is missing.
        ValueError: a file is no JSON document.
    """
    index = _read(layout / "index.json")
    seen: dict[str, str] = {}
    images: list[Shape] = []
    nested: list[Shape] = []
    for entry in index[_INDEX_MARK]:
        _visit(layout, entry, seen, images, nested)
    blobs = {f"{path.parent.name}:{path.name}" for path in (layout / "blobs").glob("*/*")}
    return {
        "oci_layout": _read(layout / "oci-layout"),
        "index": {"keys": sorted(index), "entries": [_entry(entry) for entry in index[_INDEX_MARK]]},
        "nested": nested,
        "images": images,
        "storage": _storage(layout, seen),
        "unreferenced": len(blobs - set(seen)),
    }


def differences(expected: Any, found: Any, place: str = "") -> list[str]:
    """Compares two shapes, and names the place of everything in which they differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        lines = []
        for key in sorted(expected | found):
            where = f"{place}.{key}".lstrip(".")
            lines += differences(expected.get(key, "nothing"), found.get(key, "nothing"), where)
        return lines
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for number, (one, other) in pairs for line in differences(one, other, f"{place}[{number}]")]
    return [] if expected == found else [f"{place}: expected {json.dumps(expected)}, found {json.dumps(found)}"]


def as_text(shapes: dict[str, Shape]) -> str:
    """Writes shapes by name as JSON, one part of a shape a line."""
    blocks = []
    for name, shape in sorted(shapes.items()):
        parts = [f"  {json.dumps(key)}: {json.dumps(shape[key], sort_keys=True)}" for key in sorted(shape)]
        blocks.append(f"{json.dumps(name)}: {{\n" + ",\n".join(parts) + "\n}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _visit(layout: Path, entry: Document, seen: dict[str, str], images: list[Shape], nested: list[Shape]) -> None:
    document = _read(_blob(layout, entry["digest"]))
    if _INDEX_MARK in document:
        seen[entry["digest"]] = "index"
        entries = [_entry(child) for child in document[_INDEX_MARK]]
        nested.append({"keys": sorted(document), "mediaType": document.get("mediaType"), "entries": entries})
        for child in document[_INDEX_MARK]:
            _visit(layout, child, seen, images, nested)
        return
    seen |= {entry["digest"]: "manifest", document["config"]["digest"]: "config"}
    seen |= {layer["digest"]: "layer" for layer in document["layers"]}
    images.append(_image(document, _read(_blob(layout, document["config"]["digest"]))))


def _image(manifest: Document, config: Document) -> Shape:
    return {
        "keys": sorted(manifest),
        "mediaType": manifest.get("mediaType"),
        "annotations": sorted(manifest.get("annotations") or {}),
        "config": _entry(manifest["config"]),
        "layers": [_entry(layer) for layer in manifest["layers"]],
        "config_keys": sorted(config),
        "process": config.get("config"),
        "diff_ids": len(config["rootfs"]["diff_ids"]),
        "history": [sorted(step) for step in config.get("history") or []],
    }


def _entry(descriptor: Document) -> Shape:
    shape: Shape = {"keys": sorted(descriptor), "mediaType": descriptor.get("mediaType")}
    return shape | ({"platform": descriptor["platform"]} if "platform" in descriptor else {})


def _storage(layout: Path, seen: dict[str, str]) -> dict[str, list[str]]:
    stored: dict[str, set[str]] = {}
    for digest, kind in seen.items():
        stored.setdefault(kind, set()).add(_how(layout, _blob(layout, digest)))
    return {kind: sorted(ways) for kind, ways in stored.items()}


def _how(layout: Path, blob: Path) -> str:
    """Says how a blob is stored; where a link leads is told without names of folders."""
    if not blob.is_symlink():
        return "file" if blob.is_file() else "missing"
    target = blob.readlink()
    if target.is_absolute():
        return "absolute link"
    reached = os.path.normpath(blob.parent / target)
    if reached.startswith(f"{layout}/"):
        return "link within the layout"
    return "link to a blob of another layout" if f"{os.sep}blobs{os.sep}" in reached else "link to a file outside"


def _blob(layout: Path, digest: str) -> Path:
    return layout / "blobs" / digest.replace(":", "/")


def _read(path: Path) -> Document:
    document: Document = json.loads(path.read_bytes())
    return document
