"""Combines single-platform images into one index."""

from __future__ import annotations

from pathlib import Path

from oci_layout.layout import INDEX, Document, Layout, Writer
from oci_layout.settings import pairs

_PLATFORM = ("os", "architecture", "variant", "os.version", "os.features")


def combine(images: list[Layout], output: Path, annotations: Path | None) -> None:
    """Writes an index layout with every blob of every image as a file.

    Args:
        images: layouts of single-platform images, in the order of the index.
        output: the layout directory to write.
        annotations: `key=value` lines for the index; None for none.
    """
    writer = Writer(output)
    index: Document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": []}
    for image in images:
        manifest = image.manifest()
        config = image.document(manifest["config"]["digest"])
        platform = {key: config[key] for key in _PLATFORM if config.get(key)}
        index["manifests"].append(image.descriptor() | {"platform": platform})
        for descriptor in (image.descriptor(), manifest["config"], *manifest["layers"]):
            writer.copy(descriptor["digest"], image.blob(descriptor["digest"]))
    if annotations:
        index["annotations"] = pairs(annotations.read_text())
    # The real rule leaves out schemaVersion and mediaType; readers must cope with it here as there.
    writer.write_index({"manifests": [writer.write_document(index, INDEX)]})
