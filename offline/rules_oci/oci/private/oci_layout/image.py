"""Assembles one image: base, layers and settings become a layout directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from oci_layout.layout import CONFIG, EPOCH, INDEX, MANIFEST, Document, Layout, LayoutError, Writer
from oci_layout.settings import Settings


@dataclass(frozen=True)
class Image:
    """What an image is made of.

    Attributes:
        output: the layout directory to write.
        base: the layout to start from; None starts from nothing.
        platform: `os`, `architecture` and perhaps `variant`; only without a base.
        layers: each layer's file and its description (`layer.describe`), lowest first.
        settings: changes to the config and the manifest.
        pulled: write it as a pulled image looks: blobs are files, and `index.json` names the platform.
    """

    output: Path
    base: Layout | None
    platform: dict[str, str]
    layers: list[tuple[Path, Document]]
    settings: Settings
    pulled: bool


def assemble(image: Image) -> None:
    """Writes the image's layout directory."""
    writer = Writer(image.output)
    place = writer.copy if image.pulled else writer.link
    manifest, config = _start(image)
    if image.base:
        for layer in manifest["layers"]:
            place(layer["digest"], image.base.blob(layer["digest"]))
    for tar, description in image.layers:
        manifest["layers"].append(description["descriptor"])
        config["rootfs"]["diff_ids"].append(description["diff_id"])
        config["history"].append(description["history"])
        place(description["descriptor"]["digest"], tar)
    image.settings.apply_to_config(config)
    image.settings.apply_to_manifest(manifest)
    manifest["config"] = writer.write_document(config, CONFIG)
    descriptor = writer.write_document(manifest, manifest["mediaType"])
    if image.pulled:
        descriptor["platform"] = image.platform
    writer.write_index({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]})


def _start(image: Image) -> tuple[Document, Document]:
    """Returns the manifest and the config to build on."""
    if not image.base:
        manifest: Document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {}, "layers": []}
        return manifest, {
            "created": EPOCH,
            "config": {},
            "history": [],
            "rootfs": {"type": "layers", "diff_ids": []},
        } | image.platform
    manifest = image.base.manifest()
    if manifest.get("mediaType", MANIFEST) != MANIFEST:
        raise LayoutError(f"{image.base.path}: expected a base with OCI media types, found {manifest['mediaType']}")
    manifest["mediaType"] = MANIFEST
    config = image.base.document(manifest["config"]["digest"])
    config.setdefault("history", [])
    return manifest, config
