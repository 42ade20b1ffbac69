"""What the runner is told on its command line, checked before anything is built."""

import argparse
import re
from pathlib import Path
from typing import NamedTuple

from release_kit.errors import InputError

RULE_SETS = ("rules_oci", "rules_img")
_MODULE_NAME = re.compile(r'^module\(\s*name\s*=\s*"(?P<name>[^"]+)"', re.MULTILINE)


class Options(NamedTuple):
    """What to build with what.

    Attributes:
        modules: name of a module -> its checkout; the rule sets, and what else the module graph takes from here.
        toolchains: targets to register before all others.
        bazel: the program that runs Bazel.
        bazel_flags: flags of each build.
        folder: where to build; empty for a temporary folder, which is removed at the end.
        shapes: a file to write the shapes of rules_oci's layouts to; empty for none.
    """

    modules: dict[str, Path]
    toolchains: tuple[str, ...] = ()
    bazel: str = ""
    bazel_flags: tuple[str, ...] = ()
    folder: str = ""
    shapes: str = ""

    @property
    def rule_sets(self) -> tuple[str, ...]:
        """The rule sets that are looked at."""
        return tuple(name for name in RULE_SETS if name in self.modules)


def parse(arguments: list[str], start: Path) -> Options:
    """Reads the command line; relative paths are relative to `start`.

    Raises:
        InputError: no checkout is named, or one is not there or is another module's.
    """
    given = _parser().parse_args(arguments)
    pairs = [_pair(pair) for pair in given.module]
    pairs += [(name, path) for name in RULE_SETS if (path := getattr(given, name))]
    modules = {name: _checkout(name, start / Path(path).expanduser()) for name, path in pairs}
    folder, shapes = (str(start / path) if path else "" for path in (given.folder, given.shapes))
    options = Options(modules, tuple(given.toolchains), given.bazel, tuple(given.bazel_flag), folder, shapes)
    if not options.rule_sets:
        raise InputError("no checkout of an image rule set is named", "name one: --rules_oci PATH or --rules_img PATH")
    return options


def _parser() -> argparse.ArgumentParser:
    about = "Releases images of real image rule sets and compares their layouts."
    parser = argparse.ArgumentParser(prog="interop", description=about, allow_abbrev=False)
    parser.add_argument("--rules_oci", metavar="PATH", help="a checkout of rules_oci")
    parser.add_argument("--rules_img", metavar="PATH", help="a checkout of rules_img")
    parser.add_argument(
        "--module", action="append", default=[], metavar="NAME=PATH", help="another module to take from a folder"
    )
    parser.add_argument(
        "--toolchains", action="append", default=[], metavar="TARGETS", help="toolchains to prefer, @NAME//:all"
    )
    parser.add_argument("--bazel", default="", metavar="PROGRAM", help="runs Bazel; the repository's bazelw")
    parser.add_argument("--bazel_flag", action="append", default=[], metavar="FLAG", help="a flag of each build")
    parser.add_argument("--folder", default="", metavar="PATH", help="where to build, and to leave what was built")
    parser.add_argument(
        "--shapes", default="", metavar="FILE", help="write the shapes of rules_oci's layouts to a file"
    )
    return parser


def _pair(pair: str) -> tuple[str, str]:
    name, sign, path = pair.partition("=")
    if not (name and sign and path):
        raise InputError(f"--module {pair}: expected NAME=PATH", "such as --module jq.bzl=../jq.bzl")
    return name, path


def _checkout(name: str, path: Path) -> Path:
    folder = path.resolve()
    declaration = folder / "MODULE.bazel"
    if not folder.is_dir():
        raise InputError(f"{name}: {folder} is no folder", f"check out {name} there, or name where it is")
    if not declaration.is_file():
        raise InputError(f"{name}: {folder} has no MODULE.bazel", f"name the folder of a checkout of {name}")
    found = _MODULE_NAME.search(declaration.read_text(encoding="utf-8", errors="replace"))
    if not found or found["name"] != name:
        what = f"the module {found['name']}" if found else "no module"
        raise InputError(f"{name}: {declaration} declares {what}", f"name the folder of a checkout of {name}")
    return folder
