"""Downloads one wheel of a requirements lock and makes a Bazel repository of it: wheel.py LOCK NAME FOLDER HUB."""

import compileall
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path
from py_compile import PycInvalidationMode

from pip._vendor.packaging.requirements import Requirement

_PACKAGE = """\
load("@rules_python//python:py_library.bzl", "py_library")

package(default_visibility = ["//visibility:public"])
"""
_LIBRARY = """
py_library(
    name = "{name}",
    data = {data},
    imports = {data},
    deps = {deps},
)
"""
_ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[(?P<extras>[^\]]*)\])?[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE
)


def main(lock: Path, name: str, folder: Path, hub: str) -> None:
    """Fills `folder`, which is the Bazel repository of the distribution `name`."""
    text = lock.read_text(encoding="utf-8") + "\n"
    names = {normalised(entry["name"]) for entry in _ENTRY.finditer(text)}
    entries = [entry for entry in _ENTRY.finditer(text) if normalised(entry["name"]) == name]
    extras = {extra.strip() for entry in entries for extra in (entry["extras"] or "").split(",")}
    wheels = _download("".join(entry[0] for entry in entries), folder / ".wheels")
    libraries = [_LIBRARY.format(name="pkg", data=[], deps=[])]  # of what this machine has no use for
    if wheels:
        metadata = _unpack(wheels[0], folder / "site-packages")
        _compile(folder)
        libraries = list(_libraries(metadata, extras, names, hub))
    shutil.rmtree(folder / ".wheels", ignore_errors=True)
    (folder / "BUILD.bazel").write_text(_PACKAGE + "".join(libraries))


def normalised(name: str) -> str:
    """Returns the package name that rules_python gives a distribution."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _download(locked: str, folder: Path) -> list[Path]:
    folder.mkdir()
    requirements = folder / "requirements.txt"
    requirements.write_text(locked, encoding="utf-8")
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--quiet"]
    options += ["--disable-pip-version-check", "--dest", str(folder), "--requirement", str(requirements)]
    if subprocess.run([sys.executable, "-m", "pip", "download", *options], check=False).returncode != 0:
        sys.exit(1)  # pip has said why
    return sorted(folder.glob("*.whl"))


def _unpack(wheel: Path, site: Path) -> Message:
    """Unpacks a wheel and returns its metadata."""
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
    return Parser().parsestr(metadata.read_text(encoding="utf-8"), headersonly=True)


def _compile(folder: Path) -> None:
    """Compiles all modules; else the first program to import one would write into its own inputs."""
    compileall.compile_dir(
        folder, maxlevels=30, quiet=2, workers=os.cpu_count() or 1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )


def _libraries(metadata: Message, extras: set[str], names: set[str], hub: str) -> Iterator[str]:
    """Yields the distribution as the lock has it, with `extras`, and what each of its extras needs besides."""
    requires = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]

    def library(name: str, data: list[str], wanted: Iterable[str]) -> str:
        deps = sorted({label for need in requires if _applies(need, wanted) for label in _labels(need, names, hub)})
        return _LIBRARY.format(name=name, data=json.dumps(data), deps=json.dumps(deps))

    yield library("pkg", ["site-packages"], ("", *extras))
    for extra in metadata.get_all("Provides-Extra", []):
        yield library(f"extra_{normalised(extra)}", [], (extra,))


def _applies(need: Requirement, extras: Iterable[str]) -> bool:
    """Tells whether this machine needs it for one of some extras, of which the empty one is for who asks for none."""
    if need.marker is None:
        return "" in extras
    return any(need.marker.evaluate({"extra": extra}) for extra in extras)


def _labels(need: Requirement, names: set[str], hub: str) -> Iterator[str]:
    """Yields the labels of a requirement and of the extras it is asked for with, where the lock has it."""
    name = normalised(need.name)
    if name in names:
        yield f"@{hub}_{name}//:pkg"
        yield from (f"@{hub}_{name}//:extra_{normalised(extra)}" for extra in need.extras)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4])
