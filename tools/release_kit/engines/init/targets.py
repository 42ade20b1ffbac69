"""What `bazel query` says of a workspace: images, what pushes them, charts and release sets."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from release_kit.errors import InputError

IMAGES = ("oci_image", "oci_image_index", "image_manifest", "image_index")
"""Rules whose output is an OCI layout: of rules_oci, then of rules_img."""
_PUSHES = ("oci_push", "image_push")
_SET, _CHART, _ALIAS = "release_set", "chart_folder", "alias"
KINDS = (*IMAGES, *_PUSHES, _SET, _CHART, _ALIAS)
ATTRIBUTES = (
    "actual",
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
_BASE, _PARTS = ("base",), ("images", "manifests")
"""What names the images that another one stands on, and those that it consists of."""
_MAX_ALIASES = 20
"""So many aliases may stand one behind another."""
_TAGS = ("remote_tags", "tag", "tag_list")


class Target(NamedTuple):
    """An image that is not a part of another one, or a chart."""

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

    images: tuple[Target, ...]
    bases: tuple[str, ...]
    """The labels of images that are left out, as others stand on them."""
    pushes: tuple[Push, ...]
    charts: Mapping[str, Target]
    """The package of each `helm_chart`, and that."""
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
    rules = _without_aliases(list(_rules(output)))
    shipped = [rule for rule in rules if rule.kind in IMAGES and rule.text("testonly") != "true"]
    pushes = sorted(_push(rule) for rule in rules if rule.kind in _PUSHES)
    alone = {rule.label for rule in shipped} - _named(shipped, _PARTS)
    bases = _named(shipped, _BASE) & alone
    released = alone - (bases - {push.image for push in pushes})
    return Targets(
        tuple(sorted(_target(rule) for rule in shipped if rule.label in released)),
        tuple(sorted(bases - released)),
        tuple(pushes),
        {rule.label[2:].partition(":")[0]: _target(rule) for rule in rules if rule.kind == _CHART},
        {rule.label: frozenset(rule.inputs) for rule in rules if rule.kind == _SET},
    )


def _without_aliases(rules: Sequence[_Rule]) -> list[_Rule]:
    """Returns the other rules, which name what the aliases stand for."""
    aliases = {rule.label: rule.text("actual") for rule in rules if rule.kind == _ALIAS}

    def actual(label: str) -> str:
        for _ in range(_MAX_ALIASES):
            label = aliases.get(label) or label
        return label

    return [
        rule._replace(
            values={
                name: tuple(map(actual, found)) if name in (*_BASE, *_PARTS, "image") else found
                for name, found in rule.values.items()
            },
            inputs=tuple(map(actual, rule.inputs)),
        )
        for rule in rules
        if rule.kind != _ALIAS
    ]


def _named(rules: Sequence[_Rule], attributes: Sequence[str]) -> set[str]:
    return {label for rule in rules for name in attributes for label in rule.values.get(name, ())}


def _target(rule: _Rule) -> Target:
    return Target(rule.label, tuple(rule.values.get("visibility", ())))


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
