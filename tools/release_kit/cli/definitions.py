"""Definitions of custom resources, as files that a user names."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from release_kit.engines.gates import crd_schemas
from release_kit.errors import InputError
from release_kit.values.yaml_source import YamlError


def texts(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yields the names and contents of files, and of the YAML files in folders."""
    for named in paths:
        for file in sorted(named.rglob("*.y*ml")) if named.is_dir() else [named]:
            yield str(file), file.read_text(errors="replace")


def schemas(found: Iterable[tuple[str, str]]) -> dict[tuple[str, str], dict[str, object]]:
    """Returns the schemas that files define, by API version and kind.

    Raises:
        InputError: one of them is no YAML.
    """
    try:
        return crd_schemas.schemas(found)
    except YamlError as error:
        remedy = "correct the CustomResourceDefinitions"
        raise InputError(f"{error.message} (line {error.line})", remedy) from error
