"""The graphs of the page: which part names which, and how often."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.support.architecture.sources import KIT, folders, imports, loads, module_of, python

LAYERS = ("errors", "values", "documents", "ports", "adapters", "engines", "cli")
Arrows = Mapping[tuple[str, str], int]


def layer(module: str) -> str:
    return module.split(".")[1] if module.count(".") else ""


def sizes(files: Sequence[Path]) -> Counter[str]:
    """Returns how many modules each layer has."""
    return Counter(layer(module_of(path)) for path in python(files, KIT) if path.name != "__init__.py")


def between_layers(files: Sequence[Path]) -> Arrows:
    """Returns how many modules of one layer import another one."""
    return _counted(
        (layer(module_of(path)), {layer(name) for name in imports(path) if name.startswith("release_kit.")})
        for path in python(files, KIT)
        if layer(module_of(path)) in LAYERS
    )


def package(module: str) -> str:
    """Returns the package that a module of the engines is in: its first two levels at most, or its own name."""
    return ".".join(module.split(".")[2:4])


def between_engines(files: Sequence[Path]) -> tuple[Counter[str], Arrows]:
    """Returns the packages of the engines with their sizes, and the arrows between them; a module alone is one, too."""
    inside = {path: _engine(path) for path in python(files, KIT / "engines") if path.name != "__init__.py"}
    names = {*inside.values()}
    arrows = _counted((own, {_of_import(name, names) for name in imports(path)}) for path, own in inside.items())
    return Counter(inside.values()), arrows


def _engine(path: Path) -> str:
    return path.relative_to(KIT / "engines").parts[0].removesuffix(".py")


def _of_import(name: str, names: set[str]) -> str:
    parts = name.split(".")
    return parts[2] if parts[:2] == ["release_kit", "engines"] and len(parts) > 2 and parts[2] in names else ""


def between_packages(files: Sequence[Path]) -> tuple[Counter[str], Arrows]:
    """Returns the Starlark packages below bazel/ with their sizes, and which loads from which."""
    inside = [path for path in files if path.suffix == ".bzl" and path.is_relative_to("bazel")]
    arrows = _counted((str(path.parent), {*loads(path)}) for path in inside)
    return Counter(str(path.parent) for path in inside), arrows


def between_folders(files: Sequence[Path]) -> Arrows:
    """Returns which top-level folder names targets or packages of which, and in how many files."""
    parts = {path.parts[0] for path in files if len(path.parts) > 1}
    inside = [path for path in files if len(path.parts) > 1 and path.parts[0] not in (".github", "offline")]
    return _counted((path.parts[0], {name for name in folders(path) if name in parts}) for path in inside)


def _counted(named: Iterable[tuple[str, set[str]]]) -> Arrows:
    arrows = Counter((own, other) for own, others in named for other in others if other and other != own)
    return dict(sorted(arrows.items()))
