"""Makes a module of many images and charts: a package for each size, whose push_targets has them all.

An image gives what rules_oci's does: a directory with the layout, and its layers among the runfiles. The directory is
one of the sources, made by no action, so that what is measured is this module's own.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
SHARED_LAYERS, SHARED_BYTES, OWN_BYTES = 4, 100_000, 10_000

_MODULE = """\
module(name = "scale")

bazel_dep(name = "rules_release", version = "0.1.0")
local_path_override(
    module_name = "rules_release",
    path = "{top}",
)
"""
_RULE = '''\
"""An image of rules_oci's shape, out of a folder of the sources."""

def _image_impl(ctx):
    return [DefaultInfo(files = depset([ctx.file.layout]), runfiles = ctx.runfiles(ctx.files.layers))]

image = rule(
    implementation = _image_impl,
    attrs = {"layers": attr.label_list(allow_files = True), "layout": attr.label(allow_single_file = True)},
)
'''
_PACKAGE = """\
load("@rules_release//bazel:helm.bzl", "helm_chart")
load("@rules_release//bazel:push_targets.bzl", "push_targets")
load("//:image.bzl", "image")

SHARED = glob(["layers/shared-*.tar"])

[
    image(
        name = "app-%d" % i,
        layers = SHARED + ["layers/own-%d.tar" % i],
        layout = "layouts/app-%d" % i,
    )
    for i in range({images})
]

[
    helm_chart(
        name = "chart-%d" % i,
        srcs = glob(["charts/chart-%d/**" % i]),
        images = {{":app-%d" % i: "image"}},
        gates = [],
    )
    for i in range({charts})
]

push_targets(
    name = "push",
    charts = {{":chart-%d" % i: "charts" for i in range({charts})}},
    images = {{":app-%d" % i: "shop/app-%d" % i for i in range({images})}},
)
"""
_STATUS = """\
echo STABLE_VERSION "$(cat VERSION)"
echo STABLE_COMMIT_SHA 0123456789abcdef0123456789abcdef01234567
echo STABLE_DIRTY false
"""
_BAZELRC = """\
common --enable_bzlmod
common --incompatible_default_to_explicit_init_py
common --nolegacy_external_runfiles
common --workspace_status_command="bash status.sh"
"""
Descriptor = dict[str, Any]


def make(folder: Path, top: Path, sizes: Sequence[tuple[int, int]]) -> None:
    """Writes the module; a size is how many images and charts there are."""
    folder.mkdir(parents=True)
    texts = {"MODULE.bazel": _MODULE.format(top=top), "image.bzl": _RULE, "BUILD.bazel": "", "VERSION": "1.0.0\n"}
    for name, text in (texts | {"status.sh": _STATUS, ".bazelrc": _BAZELRC}).items():
        (folder / name).write_text(text)
    made = folder.parent / "made"
    shared = [_layer(made, f"shared-{i}", SHARED_BYTES) for i in range(SHARED_LAYERS)]
    for i in range(max(images for images, _ in sizes)):
        _layout(made, f"{i}", [*shared, _layer(made, f"own-{i}", OWN_BYTES)])
    for i in range(max(charts for _, charts in sizes)):
        _chart(made / "charts" / f"chart-{i}")
    for images, charts in sizes:
        package = folder / f"n{images}"
        package.mkdir()
        for name in ("layers", "layouts", "charts"):
            (package / name).symlink_to(made / name)
        (package / "BUILD.bazel").write_text(_PACKAGE.format(images=images, charts=charts))


def _layer(made: Path, name: str, size: int) -> Descriptor:
    content = hashlib.shake_128(name.encode()).digest(size)
    path = made / "layers" / f"{name}.tar"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return {"mediaType": LAYER, "digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": size, "name": name}


def _layout(made: Path, number: str, layers: Sequence[Descriptor]) -> None:
    folder = made / "layouts" / f"app-{number}"
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    for layer in layers:
        os.link(made / "layers" / f"{layer['name']}.tar", blobs / layer["digest"][7:])
    named = [{key: layer[key] for key in ("mediaType", "digest", "size")} for layer in layers]
    diff_ids = [layer["digest"] for layer in layers]
    rootfs = {"type": "layers", "diff_ids": diff_ids}
    config = _document(blobs, {"architecture": "amd64", "os": "linux", "rootfs": rootfs}, CONFIG)
    root = _document(blobs, {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": named}, MANIFEST)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [root]}))


def _document(blobs: Path, document: dict[str, Any], media_type: str) -> Descriptor:
    content = json.dumps(document).encode()
    name = hashlib.sha256(content).hexdigest()
    (blobs / name).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{name}", "size": len(content)}


def _chart(folder: Path) -> None:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {folder.name}\nversion: 0.1.0\n")
    (folder / "values.yaml").write_text('image:\n  repository: ""\n  tag: ""\n  digest: ""\n')
    (folder / "templates" / "map.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n")
