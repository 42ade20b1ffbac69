"""Where the values of a chart name the images of a release."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from release_kit.engines.chart.image_places import repositories
from release_kit.errors import InputError
from release_kit.values.reference import known_as, parse_registry
from release_kit.values.yaml_source import YamlError, read_one

_PLAIN = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
MAX_PLACES = 1000


class Repositories(NamedTuple):
    """Where the images of a release are."""

    images: Mapping[str, str]
    """The label of each image, and its repository."""
    registries: tuple[str, ...]
    """The `HOST[/PREFIX]` that these may be below; where none is known, any host may be theirs."""


def places(values_text: str, known: Repositories, note: Callable[[str], None]) -> dict[str, list[str]]:
    """Returns the places of images in values: mappings whose repository ends as the repository of one image does.

    What another host has is somebody else's.

    Args:
        values_text: the content of a values.yaml.
        known: the images.
        note: takes what the user should know of a place that is left as it is.

    Returns:
        The places of each image that has some, such as `images.core`.
    """
    try:
        values = read_one(values_text).value
    except YamlError:
        return {}
    ends = {repository.rpartition("/")[2] for repository in known.images.values()}
    found: dict[str, list[str]] = {}
    for number, (path, end) in enumerate(_mappings(values, "")):
        if number >= MAX_PLACES or end.rpartition("/")[2] not in ends:
            continue
        repository = _repository(values_text, path)
        labels = _labels(repository, known)
        if len(labels) == 1:
            found.setdefault(labels[0], []).append(path)
        elif labels or _is_at_home(repository, known):
            what = f"could be of {' or '.join(labels)}" if labels else "is the repository of no image here"
            note(f"{path} of values.yaml stays as it is: {repository} {what}")
    return dict(sorted(found.items()))


def _repository(values_text: str, path: str) -> str:
    """Returns the repository with its registry; empty where a release can't write an image there."""
    try:
        return repositories(values_text, [path])[path]
    except InputError:
        return ""


def _is_at_home(repository: str, known: Repositories) -> bool:
    """Tells whether a repository has a host where the release may go."""
    host, _ = _parts(repository)
    return bool(host) and host in {_parts(each)[0] for each in known.registries}


def _labels(repository: str, known: Repositories) -> list[str]:
    """Returns the images whose repository shares most components with another one, which has to be its end."""
    host, name = _parts(repository)
    if host and known.registries and not _is_at_home(repository, known):
        return []
    prefixes = [_parts(each)[1] for each in known.registries] or [""]
    alike = {
        label: max(_shared(name, "/".join(filter(None, (prefix, own)))) for prefix in prefixes)
        for label, own in known.images.items()
    }
    most = max(alike.values(), default=0)
    return sorted(label for label, count in alike.items() if most and count == most)


def _shared(one: str, other: str) -> int:
    """Returns how many components the shorter name has, if the longer one ends in it; else 0."""
    short, long = sorted((one.split("/"), other.split("/")), key=len)
    return len(short) if long[-len(short) :] == short else 0


def _parts(repository: str) -> tuple[str, str]:
    """Returns the host, empty where there is none, and what is behind it."""
    host, _, path = repository.partition("/")
    try:
        known = known_as(parse_registry(host, "").host)
    except InputError:
        return "", repository
    return (known, path) if "." in known or ":" in known or known == "localhost" else ("", repository)


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
