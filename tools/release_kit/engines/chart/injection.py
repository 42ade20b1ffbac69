"""Writes released images into a chart's values, at typed paths; nothing else of the text changes.

A path leads to a mapping with `repository` (its keys `registry`, `repository`, `tag` and `digest` are set where they
are there), or to a string or an empty value, which becomes the whole reference.
"""

import json
import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import combinations
from typing import NamedTuple

from release_kit.errors import InputError
from release_kit.values import reference
from release_kit.values.yaml_edit import EditableText, Path
from release_kit.values.yaml_nodes import Node
from release_kit.values.yaml_source import shown

SHOWN_PLACES = 5
"""How many of the nearest places an error shows."""
_PARTS = ("registry", "repository", "tag", "digest")
_PINS = ("tag", "digest")
_STEP = re.compile(
    r"""(?:^|(?<=.)\.)(?P<plain>[^.\[\]"']+)
    |(?:^|(?<=.)\.)(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |\[(?P<item>\d{1,9})\]
    |\[(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\]""",
    re.VERBOSE,
)
_IMAGE = re.compile(r"[a-z0-9][a-z0-9.:-]*(?:/[a-z0-9._-]+)*(?::[\w.-]+)?(?:@sha\d+:[0-9a-f]+)?", re.ASCII)
_PINNED = re.compile(r"/[^/:@]+[:@][^/]+$")
_NO_IMAGE = re.compile(r"polic|secret|tag$|digest$|registry$", re.IGNORECASE)


class Injection(NamedTuple):
    """An image and the place in the values that names it."""

    path: str
    """Such as `images.core`, `workers[1].image` or `"a.b".image`."""
    repository: str
    """With the registry, such as `ghcr.io/acme/core`."""
    tag: str
    """May be empty where there is a digest."""
    digest: str
    """Such as `sha256:...`; may be empty where there is a tag."""

    @property
    def reference(self) -> str:
        """Such as `ghcr.io/acme/core:v1.2.3@sha256:...`."""
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def inject(values_text: str, injections: Sequence[Injection], place: str = "values.yaml") -> str:
    """Returns the text of a values file with images written into it.

    An alias (`*name`) at such a place becomes a scalar of its own; the anchor and its other aliases stay.

    Args:
        values_text: the content of a values.yaml.
        injections: what to write where.
        place: the file's name, for errors.

    Raises:
        InputError: a path leads to no place for an image, or a change there would change other places, too.
    """
    if not injections:
        return values_text
    source = EditableText(values_text, place)
    paths = [parse_path(injection.path, place) for injection in injections]
    _check_apart(paths, place)
    changes: dict[Path, str] = {}
    for injection, path in zip(injections, paths, strict=True):
        changes |= _changes(source, injection, path)
    return source.with_strings(changes)


def parse_path(text: str, place: str) -> Path:
    """Reads the path of a value.

    Args:
        text: keys joined by dots, quoted where they have dots in them, and positions in lists: `workers[1].image`.
        place: the file's name, for the error.

    Raises:
        InputError: it is no such path.
    """
    steps: list[str | int] = []
    end = 0
    while match := _STEP.match(text, end):
        steps.append(_step(match))
        end = match.end()
    if steps and end == len(text):
        return tuple(steps)
    raise InputError(
        f"{place}: expected the path of a value, found {text!r:.200}",
        'write keys joined by dots and positions in brackets, such as images.core, workers[1].image or "a.b".image',
    )


def _step(match: re.Match[str]) -> str | int:
    if match["item"]:
        return int(match["item"])
    quoted = match["quoted"] or match["key"]
    return re.sub(r"\\(.)", r"\1", quoted[1:-1]) if quoted else match["plain"]


def _check_apart(paths: Sequence[Path], place: str) -> None:
    for first, second in combinations(sorted(paths, key=len), 2):
        if first == second:
            raise InputError(f"{place}: {shown(first)}: two images are to be written here", "give each its own path")
        if second[: len(first)] == first:
            raise InputError(
                f"{place}: {shown(second)}: an image is to be written here and another to {shown(first)}, around it",
                "keep one of the two paths",
            )


def _changes(source: EditableText, injection: Injection, path: Path) -> dict[Path, str]:
    reference.parse_reference(injection.reference, f"the image for {shown(path)}")
    try:
        node = source.node(path)
    except InputError as error:
        raise InputError(error.message, error.remedy or _nearest(source, path)) from error
    if node.entries:
        return _mapping_changes(source, injection, path)
    _check_whole(source, injection, path, node)
    return {path: injection.reference}


def _check_whole(source: EditableText, injection: Injection, path: Path, node: Node) -> None:
    """Refuses to write a whole reference where no string is, or where only a part of an image is."""
    value = source.at(path)
    if not isinstance(value, str | None):
        found = f"a {node.kind}" if node.scalar is None else f"{json.dumps(value):.100}"
        raise source.fault(
            path, node, f"expected a string or a mapping with 'repository', found {found}", _nearest(source, path)
        )
    parent = source.at(path[:-1])
    if path[-1] in _PARTS and isinstance(parent, dict) and "repository" in parent:
        raise source.fault(path, node, "is only a part of an image", f"name the whole of it: {shown(path[:-1])}")
    if not injection.tag and not injection.digest:
        raise _nothing_to_set(source, path, "the image has neither tag nor digest")


def _mapping_changes(source: EditableText, injection: Injection, path: Path) -> dict[Path, str]:
    here = source.at(path)
    if "repository" not in here:
        keys = ", ".join(map(repr, here))
        found = f"expected a string or a mapping with 'repository', found one with {keys:.200}"
        raise source.fault(path, source.node(path), found, _nearest(source, path))
    parts = {"repository": injection.repository}
    if "registry" in here:
        parts = _split(injection.repository, here["registry"])
    parts |= {key: part for key, part in zip(_PINS, (injection.tag, injection.digest), strict=True) if key in here}
    _check_pinned(source, path, parts)
    for key in parts:
        source.node((*path, key))
    return {(*path, key): part for key, part in parts.items() if part or here[key]}


def _check_pinned(source: EditableText, path: Path, parts: dict[str, str]) -> None:
    """Refuses what would not name the one image: no tag and digest, or the tag of another image left."""
    if "tag" not in parts and "digest" not in parts:
        raise source.fault(
            path,
            source.node(path),
            "expected a key 'tag' or 'digest', found neither",
            "add `tag:` or `digest:` (or both) there, and use it in the templates",
        )
    if not parts.get("tag") and not parts.get("digest"):
        raise _nothing_to_set(source, path, f"the image has no {' and no '.join(key for key in _PINS if key in parts)}")
    if parts.get("tag") == "":
        raise _nothing_to_set(source, path, "the image has no tag, and the one of another image would stay here")


def _nothing_to_set(source: EditableText, path: Path, message: str) -> InputError:
    return source.fault(path, source.node(path), message, "name the image as REPOSITORY:TAG@DIGEST")


def _split(repository: str, old: object) -> dict[str, str]:
    """Splits off the registry: as far as the present value goes where that is the same, else its host."""
    old = old if isinstance(old, str) else ""
    prefix = old.rstrip("/")
    if not prefix or not repository.startswith(f"{prefix}/"):
        prefix = repository.partition("/")[0]
    slash = "/" if old.endswith("/") else ""
    return {"registry": prefix + slash, "repository": repository[len(prefix) + 1 :]}


def _nearest(source: EditableText, path: Path) -> str:
    wanted = shown(path)
    found = _places(source.root, ()) if source.root else ()
    places = [shown(place) for place in found if place != path and isinstance(source.at(place), str | dict | None)]
    if not places:
        return "add a place for it; nothing in this file could hold an image"
    places.sort(key=lambda place: -SequenceMatcher(None, place, wanted).ratio())
    return f"name a place for an image; the nearest are: {', '.join(places[:SHOWN_PLACES])}"


def _places(node: Node, path: Path) -> Iterator[Path]:
    """Returns the paths of all that could hold an image."""
    if node.scalar:
        if path and _may_be_image(node.scalar.value, path):
            yield path
    elif any(key == "repository" and child.scalar for key, child in node.entries):
        yield path
    else:
        children: list[tuple[str | int, Node]] = [*node.entries, *enumerate(node.items)]
        for step, child in children:
            yield from _places(child, (*path, step))


def _may_be_image(text: str, path: Path) -> bool:
    names = [step for step in path[-2:] if isinstance(step, str)]
    if not names or _NO_IMAGE.search(names[-1]) or (text and not _IMAGE.fullmatch(text)):
        return False
    return any("image" in name.lower() for name in names) or bool(_PINNED.search(text))
