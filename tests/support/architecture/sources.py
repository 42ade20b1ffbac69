"""The files of the work tree, and what each names of the others."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

KIT = Path("tools/release_kit")
_ROOTS = {"release_kit": "tools", "rehearsal": "rehearsal", "benchmarks": "benchmarks", "tests": "tests"}
"""Which folder a Python package is in."""
_LABEL = re.compile(r"\"@?//([\w.-]+)[/:\"]")
_FOREIGN = re.compile(r"\"@rules_release//([\w.-]+)[/:\"]")
_NO_CODE = re.compile(r"\"\"\".*?\"\"\"|visibility\(.*?\)|visibility = (?:\[.*?\]|\".*?\")|#[^\n]*", re.S)
"""Texts in which labels are for people, and labels that only name who may look."""


def tracked() -> list[Path]:
    """Returns the files that git knows, and those that it would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted({path for path in map(Path, listed) if path.is_file()})


def python(files: Iterable[Path], folder: Path) -> list[Path]:
    return [path for path in files if path.suffix == ".py" and path.is_relative_to(folder)]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def module_of(path: Path) -> str:
    """Returns the name that a file of tools/ is imported by."""
    return ".".join(path.relative_to("tools").with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(path: Path) -> frozenset[str]:
    """Returns the modules that a file imports, also those that only a function or a type checker does."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def loads(path: Path) -> Iterator[str]:
    """Yields the packages of this repository that a Starlark file loads from."""
    for label in re.findall(r"^load\(\s*\"([^\"]+)\"", path.read_text(), re.M):
        if label.startswith("//"):
            yield label[2:].partition(":")[0]
        elif label.startswith(":"):
            yield str(path.parent)


def folders(path: Path) -> Iterator[str]:
    """Yields the top-level folders whose targets or packages a file names; examples are modules of their own."""
    if path.suffix == ".py":
        yield from (_ROOTS[name.partition(".")[0]] for name in imports(path) if name.partition(".")[0] in _ROOTS)
    elif path.suffix in (".bzl", ".bazel"):
        code = _NO_CODE.sub("", path.read_text())
        yield from (_FOREIGN if path.parts[0] == "examples" else _LABEL).findall(code)
