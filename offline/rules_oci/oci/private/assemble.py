"""Command line of the actions behind `oci_image`, `oci_image_index` and their digest targets."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from oci_layout.image import Image, assemble
from oci_layout.index import combine
from oci_layout.layer import describe
from oci_layout.layout import Layout, LayoutError
from oci_layout.settings import SETTING_FILES, Settings


def _layer(options: argparse.Namespace) -> None:
    options.output.write_text(json.dumps(describe(options.tar, options.label)) + "\n")


def _image(options: argparse.Namespace) -> None:
    platform = {"os": options.os, "architecture": options.architecture, "variant": options.variant}
    assemble(
        Image(
            output=options.output,
            base=Layout(options.base) if options.base else None,
            platform={key: value for key, value in platform.items() if value},
            layers=[(Path(tar), json.loads(Path(description).read_text())) for tar, description in options.layer],
            settings=Settings.read(
                {name: getattr(options, name) for name in SETTING_FILES}, options.user, options.workdir
            ),
            pulled=options.pulled,
        )
    )


def _index(options: argparse.Namespace) -> None:
    combine([Layout(path) for path in options.image], options.output, options.annotations)


def _digest(options: argparse.Namespace) -> None:
    options.output.write_text(Layout(options.layout).descriptor()["digest"] + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="assemble")
    commands = parser.add_subparsers(required=True)

    layer = commands.add_parser("layer", help="describe a layer tar")
    layer.add_argument("--tar", type=Path, required=True)
    layer.add_argument("--label", required=True)
    layer.set_defaults(run=_layer)

    image = commands.add_parser("image", help="assemble an image layout")
    image.add_argument("--base", type=Path)
    image.add_argument("--layer", nargs=2, action="append", default=[], metavar=("TAR", "DESCRIPTION"))
    image.add_argument("--pulled", action="store_true")
    for name in ("os", "architecture", "variant", "user", "workdir"):
        image.add_argument(f"--{name}", default="")
    for name in SETTING_FILES:
        image.add_argument("--" + name.replace("_", "-"), type=Path)
    image.set_defaults(run=_image)

    index = commands.add_parser("index", help="combine image layouts into an index layout")
    index.add_argument("--image", type=Path, action="append", required=True)
    index.add_argument("--annotations", type=Path)
    index.set_defaults(run=_index)

    digest = commands.add_parser("digest", help="write the digest of a layout")
    digest.add_argument("--layout", type=Path, required=True)
    digest.set_defaults(run=_digest)

    for command in (layer, image, index, digest):
        command.add_argument("--output", type=Path, required=True)
    return parser


def main(arguments: list[str]) -> int:
    """Runs one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except LayoutError as error:
        print(f"rules_oci: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
