"""What `bazel query` says of a workspace: images, what pushes them, charts and release sets."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from release_kit.errors import InputError

IMAGES = ("oci_image", "oci_image_index", "image_manifest", "image_index")
"""Rules whose output is an OCI layout: of rules_oci, then of rules_img."""
_PUSHES = ("oci_push", "image_push")
_SET, _CHART = "release_set", "chart_folder"
KINDS = (*IMAGES, *_PUSHES, _SET, _CHART)
ATTRIBUTES = (
    "base",
    "image",
    "images",
    "manifests",
    "registry",
    "repository",
    "remote_tags",
    "tag",
    "tag_list",
    "testonly",
    "visibility",
)
_PARTS = ("base", "images", "manifests")
"""What names the images that another one stands on, or consists of."""
_TAGS = ("remote_tags", "tag", "tag_list")


class Image(NamedTuple):
    """An image that is not a part of another one."""

    label: str
    visibility: tuple[str, ...]

    @property
    def package(self) -> str:
        """Its package, such as `docker/images`; empty for the workspace's root."""
        return self.label[2:].partition(":")[0]

    @property
    def name(self) -> str:
        """The name of the target."""
        return self.label.partition(":")[2]


class Push(NamedTuple):
    """A target that pushes one image."""

    label: str
    image: str
    address: str
    """`HOST/REPOSITORY`; empty where it is only known when it runs."""
    has_tags: bool


class Targets(NamedTuple):
    """What there is to release, and what releases it."""

    images: tuple[Image, ...]
    pushes: tuple[Push, ...]
    charts: Mapping[str, str]
    """The package of each `helm_chart`, and its label."""
    sets: Mapping[str, frozenset[str]]
    """The label of each release set, and those of what is in it."""


class _Rule(NamedTuple):
    kind: str
    label: str
    values: Mapping[str, Sequence[str]]
    inputs: tuple[str, ...]

    def text(self, name: str) -> str:
        """Returns an attribute's only value; empty where it has none, or several."""
        found = self.values.get(name, ())
        return found[0] if len(found) == 1 else ""


def expression() -> str:
    """Returns the query for what `read` reads."""
    return f'kind("^({"|".join(KINDS)}) rule$", //...)'


def read(output: str) -> Targets:
    """Reads what `bazel query --output=streamed_jsonproto` printed.

    Raises:
        InputError: it is something else.
    """
    rules = list(_rules(output))
    parts = {label for rule in rules if rule.kind in IMAGES for name in _PARTS for label in rule.values.get(name, ())}
    images = (
        Image(rule.label, tuple(rule.values.get("visibility", ())))
        for rule in rules
        if rule.kind in IMAGES and rule.label not in parts and rule.text("testonly") != "true"
    )
    return Targets(
        tuple(sorted(images)),
        tuple(sorted(_push(rule) for rule in rules if rule.kind in _PUSHES)),
        {rule.label[2:].partition(":")[0]: rule.label for rule in rules if rule.kind == _CHART},
        {rule.label: frozenset(rule.inputs) for rule in rules if rule.kind == _SET},
    )


def _push(rule: _Rule) -> Push:
    parts = (rule.text("registry"), rule.text("repository"))
    address = "/".join(part.strip("/") for part in parts if part)
    return Push(rule.label, rule.text("image"), address, any(rule.values.get(name) for name in _TAGS))


def _rules(output: str) -> Iterator[_Rule]:
    for number, line in enumerate(filter(None, output.split("\n")), 1):
        try:
            target = json.loads(line)
            if target["type"] == "RULE":
                yield _rule(target["rule"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(
                f"bazel query: line {number}: expected a target as JSON, found {line!r:.100}",
                "use Bazel 7 or newer, and name it with --bazel",
            ) from error


def _rule(said: Mapping[str, object]) -> _Rule:
    values = {str(each["name"]): _values(each) for each in _mappings(said.get("attribute"))}
    inputs = said.get("ruleInput")
    labels = [_label(str(each)) for each in inputs] if isinstance(inputs, list) else []
    return _Rule(str(said["ruleClass"]), _label(str(said["name"])), values, tuple(labels))


def _mappings(said: object) -> Iterator[Mapping[str, object]]:
    yield from (each for each in said if isinstance(each, dict)) if isinstance(said, list) else ()


def _values(attribute: Mapping[str, object]) -> tuple[str, ...]:
    several = attribute.get("stringListValue")
    found = several if isinstance(several, list) else [attribute.get("stringValue") or ""]
    return tuple(_label(str(text)) for text in found if text)


def _label(text: str) -> str:
    """Returns a label of the main repository as its own packages write it; any other text as it is."""
    bare = text.removeprefix("@@").removeprefix("@")
    return bare if bare.startswith("//") else text
