"""Writes the module in which a real rule set builds: the images, what releases them, and a version."""

import shutil
from pathlib import Path
from typing import NamedTuple

IMAGES = Path(__file__).with_name("images")

OCI_IMAGES = (
    "annotated_index",
    "arm",
    "based",
    "chained",
    "empty",
    "index",
    "mixed",
    "plain",
    "platform_index",
)
IMG_IMAGES = ("base", "based", "compressed", "index", "mixed", "single_index")
PACKAGES = {"rules_oci": ("images", OCI_IMAGES), "rules_img": ("img", IMG_IMAGES)}
PUSHED_BY_RULES_OCI = "index"
VERSION = "1.2.3"
_COMMIT = "0123456789abcdef0123456789abcdef01234567"

_MODULE = """\
module(name = "interop")

bazel_dep(name = "bazel_skylib", version = "1.9.0")
bazel_dep(name = "platforms", version = "1.0.0")
bazel_dep(name = "rules_python", version = "1.7.0")
bazel_dep(name = "rules_release", version = "0.1.0")
local_path_override(
    module_name = "rules_release",
    path = "{repository}",
)
"""
_BUILD = """\
load("@rules_release//bazel:push_targets.bzl", "push_targets")

push_targets(
    name = "push",
    testonly = True,
    images = {{
{images}    }},
    registry = "registry.example",
)
"""
_OCI_PUSH = """\
load("@rules_oci//oci:defs.bzl", "oci_push")
load("@rules_release//bazel:container_tags.bzl", "container_tags")

container_tags(
    name = "tags",
    testonly = True,
    image = "//{package}:{image}",
)

oci_push(
    name = "oci_push",
    testonly = True,
    image = "//{package}:{image}",
    remote_tags = ":tags",
    repository = "registry.example/oci",
)
"""
_STATUS = f"""\
echo STABLE_VERSION {VERSION}
echo STABLE_COMMIT_SHA {_COMMIT}
echo STABLE_DIRTY false
"""
_BAZELRC = """\
common --enable_bzlmod
common --workspace_status_command="bash workspace_status.sh"
"""


class Scratch(NamedTuple):
    """What the module is made of.

    Attributes:
        repository: the folder of rules_release.
        rule_sets: whose images it builds.
        modules: further modules that it depends on, by name.
        toolchains: targets to register first.
    """

    repository: Path
    rule_sets: tuple[str, ...]
    modules: tuple[str, ...] = ()
    toolchains: tuple[str, ...] = ()


def repository_of(rule_set: str, image: str) -> str:
    """Returns where an image is pushed to, below the registry."""
    return f"{rule_set.removeprefix('rules_')}/{image.replace('_', '-')}"


def module_text(scratch: Scratch) -> str:
    """Returns MODULE.bazel: that each module is taken from a folder is told by flags, as it differs between runs."""
    names = sorted({*scratch.rule_sets, *scratch.modules} - {"bazel_skylib", "platforms", "rules_python"})
    lines = [f'bazel_dep(name = "{name}", version = "0")\n' for name in names]
    lines += [f'register_toolchains("{target}")\n' for target in scratch.toolchains]
    return _MODULE.format(repository=scratch.repository) + "".join(lines)


def build_text(rule_sets: tuple[str, ...]) -> str:
    """Returns the BUILD file of the release: every image of each rule set in one set."""
    entries = [
        f'        "//{PACKAGES[rule_set][0]}:{image}": "{repository_of(rule_set, image)}",\n'
        for rule_set in rule_sets
        for image in PACKAGES[rule_set][1]
    ]
    text = _BUILD.format(images="".join(entries))
    return text + (_OCI_PUSH.format(package="images", image=PUSHED_BY_RULES_OCI) if "rules_oci" in rule_sets else "")


def write(folder: Path, scratch: Scratch) -> None:
    """Writes the module's files; the packages of images are those of this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "MODULE.bazel": module_text(scratch),
        "BUILD.bazel": build_text(scratch.rule_sets),
        "workspace_status.sh": _STATUS,
        ".bazelrc": _BAZELRC,
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    if "rules_oci" in scratch.rule_sets:
        _copy(folder / "images", {name: name for name in ("BUILD.bazel", "make_tar.py", "shape_test.bzl")})
    if "rules_img" in scratch.rule_sets:
        _copy(folder / "img", {"img.BUILD": "BUILD.bazel", "make_tar.py": "make_tar.py"})


def _copy(folder: Path, names: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for source, target in names.items():
        (folder / target).unlink(missing_ok=True)
        shutil.copyfile(IMAGES / source, folder / target)
