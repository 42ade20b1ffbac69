"""The values of environments: what their values files say together."""

import json
from pathlib import Path
from typing import Any

from release_kit.adapters.files import read_text
from release_kit.documents.environments import Environments
from release_kit.errors import InputError
from release_kit.values.merged_values import overlaid
from release_kit.values.yaml_source import YamlError, read_one

MAX_BYTES = 4 * 1024 * 1024
"""Of one values file; an Application with its values has to fit into etcd, which takes 1.5 MiB."""


def load(declared: Environments) -> dict[str, dict[str, Any]]:
    """Returns the values of each environment by its name; without values files, they are empty.

    Raises:
        InputError: a file can't be read, or is no YAML mapping that JSON could hold.
    """
    return {environment.name: merged_files(environment.values) for environment in declared.environments}


def merged_files(paths: tuple[Path, ...]) -> dict[str, Any]:
    """Returns what values files say together, a later one on top of an earlier one; else as `load`."""
    values: dict[str, Any] = {}
    for path in paths:
        values = overlaid(values, _read(path))
    return values


def _read(path: Path) -> dict[str, Any]:
    text = read_text(path)
    if len(text) > MAX_BYTES:
        raise InputError(f"{path}: larger than {MAX_BYTES} bytes, which no values file is")
    return parse(text, str(path))


def parse(text: str, place: str) -> dict[str, Any]:
    """Reads the text of one values file; an empty one has no values.

    Raises:
        InputError: it is no YAML mapping, or has a number that JSON can't hold.
    """
    try:
        value = read_one(text).value
    except YamlError as error:
        raise InputError(f"{place}:{error.line}: expected YAML: {error.message}", "correct the values file") from error
    if not isinstance(value, dict | None):
        raise InputError(f"{place}: expected keys and values, found {json.dumps(value):.60}", "correct the values file")
    try:
        json.dumps(value, allow_nan=False)
    except ValueError as error:
        raise InputError(f"{place}: there is a number in it that JSON can't hold: infinite, or none") from error
    return value or {}
