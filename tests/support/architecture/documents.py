"""Which commands write and read which documents, as far as the code says it without being run."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.architecture.sources import KIT, imports, module_of, python, tree

_SCHEMA = re.compile(r"\"rules_release/([a-z0-9-]+)/v\d+\"")
_READS = frozenset({"load", "parse", "from_fields", "from_json", "_policy"})
"""What the parsers of documents are called."""


def commands(files: Sequence[Path], group: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Yields the commands of release-kit with the modules that they begin in, groups resolved."""
    place = KIT / "cli" / ("_".join(group) + ".py" if group else "app.py")
    for node in tree(place).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "COMMANDS":
            for name in ast.literal_eval(node.value):
                inner = [*group, name]
                here = KIT / "cli" / f"{'_'.join(inner)}.py"
                is_group = "\nCOMMANDS" in here.read_text()
                yield from commands(files, inner) if is_group else [(" ".join(inner), module_of(here))]


def modules(files: Sequence[Path]) -> dict[str, Path]:
    return {module_of(path): path for path in python(files, KIT)}


def reach(start: str, known: dict[str, Path]) -> set[str]:
    """Returns the modules that one imports, at once or later, itself or through others."""
    found, ahead = {start}, [start]
    while ahead:
        for name in imports(known[ahead.pop()]):
            module = name if name in known else name.rpartition(".")[0]
            if module in known and module not in found:
                found.add(module)
                ahead.append(module)
    return found


def schemas(files: Sequence[Path]) -> dict[str, Path]:
    """Returns the documents, each with the module that has the constant with its name."""
    return {
        match: path
        for path in python(files, KIT)
        for match in _SCHEMA.findall("\n".join(re.findall(r"^\w*SCHEMA = .*", path.read_text(), re.M)))
    }


def read_by(document: Path, known: dict[str, Path]) -> set[str]:
    """Returns the modules that call what reads a document."""
    name, own = document.stem, module_of(document)
    if own.split(".")[1] == "cli" and "fields.schema(SCHEMA)" in document.read_text():
        return {own}
    return {module for module, path in known.items() if module != own and name in _called(path, own)}


def _called(path: Path, module: str) -> Iterator[str]:
    """Yields the document's name where a file names one of its readers, under whatever name it imports it."""
    name = module.rpartition(".")[2]
    if {f"{module}.{reader}" for reader in _READS} & imports(path):
        yield name
    if module not in imports(path):
        return
    pairs = (
        (alias.asname or alias.name, f"{node.module}.{alias.name}")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    )
    aliases = {alias for alias, full in pairs if full == module}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and node.attr in _READS and ast.unparse(node.value) in aliases:
            yield name


def starlark_writers(files: Sequence[Path], document: str) -> list[str]:
    """Returns the Starlark files that write a document."""
    found = [path for path in files if path.suffix == ".bzl" and path.is_relative_to("bazel")]
    return [str(path) for path in found if f'"rules_release/{document}/v1"' in path.read_text()]


def flow(files: Sequence[Path]) -> Iterator[tuple[str, list[str], list[str], list[str]]]:
    """Yields each document with the Starlark files that write it, the commands that print it, and its readers."""
    known = modules(files)
    reached = {command: reach(module, known) for command, module in commands(files)}
    for document, owner in sorted(schemas(files).items()):
        own, readers = module_of(owner), read_by(owner, known)
        printers = {own} if own.split(".")[1] != "documents" and own not in readers else set()
        by = [[command for command, seen in reached.items() if seen & some] for some in (printers, readers)]
        yield document, starlark_writers(files, document), by[0], by[1]
