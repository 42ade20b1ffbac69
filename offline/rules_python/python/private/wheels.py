"""Downloads the wheels of a requirements lock and writes a Bazel package for each: wheels.py LOCK FOLDER."""

import compileall
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path
from py_compile import PycInvalidationMode

from pip._vendor.packaging.requirements import Requirement

_PACKAGE = """\
load("@rules_python//python:py_library.bzl", "py_library")

package(default_visibility = ["//visibility:public"])

py_library(
    name = "_files",
    data = ["site-packages"],
    imports = ["site-packages"],
)

py_library(
    name = "pkg",
    deps = {deps},
)

alias(
    name = "{name}",
    actual = ":pkg",
)
"""
_REQUIREMENTS = """\
\"\"\"Labels of the packages of this hub.\"\"\"

all_requirements = [str(Label("//" + name)) for name in {names}]

def requirement(name):
    return str(Label("//" + name.lower().replace("-", "_").replace(".", "_")))
"""
_LOCKED = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?:==|@)", re.MULTILINE)


@dataclass(frozen=True)
class Distribution:
    """One unpacked wheel."""

    name: str
    requires: tuple[Requirement, ...]

    def needs(self, extras: Iterable[str]) -> Iterator[Requirement]:
        """Yields what this distribution needs on this machine when it is asked for with `extras`."""
        for need in self.requires:
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                yield need


def main(lock: Path, folder: Path) -> None:
    """Fills `folder`, which is a Bazel repository."""
    wheels = _download(lock, folder / ".wheels")
    with ThreadPoolExecutor() as pool:
        found = {found.name: found for found in pool.map(lambda wheel: _unpack(wheel, folder), wheels)}
    shutil.rmtree(folder / ".wheels")
    _compile(folder)
    extras = _extras(lock, found)
    for name in found:
        deps = [f"//{dep}:_files" for dep in sorted(_closure(name, found, extras))]
        (folder / name / "BUILD.bazel").write_text(_PACKAGE.format(name=name, deps=json.dumps(deps)))
    (folder / "requirements.bzl").write_text(_REQUIREMENTS.format(names=json.dumps(sorted(found))))
    (folder / "BUILD.bazel").write_text('exports_files(["requirements.bzl"])\n')


def normalised(name: str) -> str:
    """Returns the package name that rules_python gives a distribution."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _download(lock: Path, folder: Path) -> list[Path]:
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--quiet", "--no-cache-dir"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), "--requirement", str(lock)]
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(1)  # pip has said why
    return sorted(folder.glob("*.whl"))


def _unpack(wheel: Path, folder: Path) -> Distribution:
    name = normalised(wheel.name.split("-")[0])
    site = folder / name / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for data in site.glob("*.data"):
        for part in (data / "purelib", data / "platlib"):
            if part.is_dir():
                shutil.copytree(part, site, dirs_exist_ok=True)
        shutil.rmtree(data)
    # A BUILD file of a wheel would make its folder a Bazel package of its own.
    for build in (*site.rglob("BUILD"), *site.rglob("BUILD.bazel")):
        if build.is_file():
            build.unlink()
    (metadata,) = site.glob("*.dist-info/METADATA")
    lines = Parser().parsestr(metadata.read_text(encoding="utf-8"), headersonly=True).get_all("Requires-Dist", [])
    return Distribution(name, tuple(Requirement(line) for line in lines))


def _compile(folder: Path) -> None:
    """Compiles all modules; else the first program to import one would write into its own inputs."""
    compileall.compile_dir(
        folder, maxlevels=30, quiet=2, workers=os.cpu_count() or 1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )


def _extras(lock: Path, found: dict[str, Distribution]) -> dict[str, set[str]]:
    """Returns which extras of each distribution anything asks for: the lock, or what another one needs."""
    extras: dict[str, set[str]] = {name: set() for name in found}
    for match in _LOCKED.finditer(lock.read_text(encoding="utf-8")):
        words = (match["extras"] or "").split(",")
        extras.get(normalised(match["name"]), set()).update(word.strip() for word in words if word.strip())
    before = -1
    while before != (before := sum(map(len, extras.values()))):
        for name, distribution in found.items():
            for need in distribution.needs(extras[name]):
                extras.get(normalised(need.name), set()).update(need.extras)
    return extras


def _closure(name: str, found: dict[str, Distribution], extras: dict[str, set[str]]) -> set[str]:
    """Returns the names of `name` and all it needs, which may be a circle."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        here = waiting.pop()
        if here in found and here not in reached:
            reached.add(here)
            waiting.extend(normalised(need.name) for need in found[here].needs(extras[here]))
    return reached


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
