"""The places in a chart's values where a release writes its images (`injection`), before there is a release.

Repositories and tags are known when a release is pushed; until then they stay, and only digests are written.
"""

from collections.abc import Iterable, Mapping

from release_kit.engines.chart.injection import Injection, inject, parse_path
from release_kit.values.yaml_edit import EditableText, Path

_ANY_REPOSITORY, _ANY_TAG, _ANY_DIGEST = "registry.invalid/image", "v0", f"sha256:{'0' * 64}"


def repositories(values_text: str, paths: Iterable[str], place: str = "values.yaml") -> dict[str, str]:
    """Returns the repository at each path, with its registry; empty where none is named yet.

    Args:
        values_text: the content of a values.yaml.
        paths: such as `images.core`, as for `injection`.
        place: the file's name, for errors.

    Raises:
        InputError: a release could not write an image there.
    """
    wanted = list(paths)
    source = _checked(values_text, wanted, place)
    return {path: _repository(source.at(parse_path(path, place))) for path in wanted}


def pin(values_text: str, digests: Mapping[str, str], place: str = "values.yaml") -> str:
    """Returns the text with digests where it has room for them: at a key `digest`, or in a whole reference.

    Args:
        values_text: the content of a values.yaml.
        digests: the path of each image, as for `injection`, and its digest.
        place: the file's name, for errors.

    Raises:
        InputError: a release could not write an image there.
    """
    source = _checked(values_text, digests, place)
    changes: dict[Path, str] = {}
    for text, digest in digests.items():
        path = parse_path(text, place)
        value = source.at(path)
        if isinstance(value, str) and value:
            changes[path] = f"{value.partition('@')[0]}@{digest}"
        elif isinstance(value, dict) and "digest" in value:
            changes[*path, "digest"] = digest
    return source.with_strings(changes)


def _checked(values_text: str, paths: Iterable[str], place: str) -> EditableText:
    """Reads the values; refuses what a release would refuse."""
    inject(values_text, [Injection(path, _ANY_REPOSITORY, _ANY_TAG, _ANY_DIGEST) for path in paths], place)
    return EditableText(values_text, place)


def _repository(value: object) -> str:
    if isinstance(value, dict):
        parts = (str(value.get(key) or "").rstrip("/") for key in ("registry", "repository"))
        return "/".join(part for part in parts if part)
    name = str(value or "").partition("@")[0]
    repository, colon, tag = name.rpartition(":")
    return repository if colon and "/" not in tag else name
