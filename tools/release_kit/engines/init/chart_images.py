"""Where the values of a chart name the images of a release."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from release_kit.engines.chart.image_places import repositories
from release_kit.errors import InputError
from release_kit.values.yaml_source import YamlError, read_one

_PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
MAX_PLACES = 1000


def places(values_text: str, images: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns the places of images in values: mappings whose `repository` ends in what an image's repository ends in.

    Args:
        values_text: the content of a values.yaml.
        images: the label of each image, and its repository.

    Returns:
        The places of each image that has some, such as `images.core`.
    """
    try:
        values = read_one(values_text).value
    except YamlError:
        return {}
    by_name = {repository.rpartition("/")[2]: label for label, repository in images.items()}
    found: dict[str, list[str]] = {}
    for number, (path, repository) in enumerate(_mappings(values, "")):
        label = by_name.get(repository.rpartition("/")[2])
        if label and number < MAX_PLACES and _takes(values_text, path):
            found.setdefault(label, []).append(path)
    return dict(sorted(found.items()))


def _takes(values_text: str, path: str) -> bool:
    """Tells whether a release can write an image there."""
    try:
        repositories(values_text, [path])
    except InputError:
        return False
    return True


def _mappings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yields the path of each mapping with a repository, and that."""
    if isinstance(value, dict):
        repository = value.get("repository")
        if path and isinstance(repository, str) and repository:
            yield path, repository
        for key, each in value.items():
            if isinstance(key, str) and _PLAIN.fullmatch(key):
                yield from _mappings(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _mappings(each, f"{path}[{index}]")
