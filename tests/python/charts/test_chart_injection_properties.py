"""Whatever a values file looks like, exactly the named scalars change and every other byte stays."""

import re
from typing import Any, NamedTuple

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release_kit.engines.chart.injection import Injection, inject
from release_kit.values.yaml_nodes import Composition, Node
from release_kit.values.yaml_source import read_one, shown

DIGEST = f"sha256:{'0e' * 32}"
BOM = "\ufeff"
ONE_LINE = ("old", "'it''s'", '"ö\\n"', "", "~", "&ANCHOR v", "!!str t")
NO_TEXT = ("1.20", "yes")
LINES = ("|-", ">2+", "|", "two\n  lines", "'two\n\n  lines'", "&ANCHOR", "!!str")
PARTS = ("tag", "digest", "registry", "pullPolicy")

Path = tuple[str | int, ...]


class Text(NamedTuple):
    """A place for a whole reference, and how it is written."""

    old: str


class Block(NamedTuple):
    """A mapping for an image, a key a line."""

    parts: dict[str, str]


class Flow(NamedTuple):
    """A mapping for an image, between braces."""

    parts: dict[str, str]


def mapping_of(old: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    keys = st.lists(st.sampled_from(PARTS), unique=True).filter(lambda names: bool({"tag", "digest"} & {*names}))
    return keys.flatmap(lambda names: st.fixed_dictionaries(dict.fromkeys((*names[:1], "repository", *names[1:]), old)))


IMAGES = (
    st.builds(Text, st.sampled_from(ONE_LINE + LINES))
    | st.builds(Block, mapping_of(st.sampled_from(ONE_LINE + NO_TEXT + LINES)))
    | st.builds(Flow, mapping_of(st.sampled_from(ONE_LINE + NO_TEXT)))
)
LEAVES = IMAGES | st.sampled_from(["plain", "3", "'q # no comment'", "|", "[a, {b: c}]", ""])
KEYS = st.sampled_from(["a", "images", "a.b", "on", "1", "größe", "x-y"])
TREES = st.recursive(
    st.dictionaries(KEYS, LEAVES, min_size=1, max_size=4),
    lambda inner: (
        st.dictionaries(KEYS, inner | LEAVES, min_size=1, max_size=3) | st.lists(inner | LEAVES, min_size=1, max_size=3)
    ),
    max_leaves=8,
)
TAGS = st.sampled_from(["v1.2.3", "1.20", "no", "0x1", "1e9", "latest", "2026-01-02"])


class Writer:
    """Writes a tree as YAML, with comments all over it."""

    def __init__(self) -> None:
        self.text = ""
        self.around = ""
        """A pattern: the text, with any one line where a scalar of an image is."""
        self.images: list[Path] = []
        self._number = 0

    def write(self, tree: Any, path: Path = ()) -> None:
        pad = "  " * len(path)
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            self._fixed(f"{pad}{self._comment()}\n\n{pad}" + ("-" if isinstance(key, int) else f"{key}:"))
            self._value(value, (*path, "true" if key == "on" else key))

    def _value(self, value: Any, path: Path) -> None:
        if isinstance(value, Text | Block | Flow):
            self.images.append(path)
        if isinstance(value, Text):
            self._scalar(value.old, len(path), True)
        elif isinstance(value, Block):
            self._fixed(f" {self._comment()}\n")
            for key, old in value.parts.items():
                self._fixed(f"{'  ' * len(path)}{key}:")
                self._scalar(old, len(path) + 1, key != "pullPolicy")
        elif isinstance(value, Flow):
            self._flow(value.parts)
        elif isinstance(value, str):
            self._scalar(value, len(path), False)
        else:
            self._fixed(f" {self._comment()}\n")
            self.write(value, path)

    def _flow(self, parts: dict[str, str]) -> None:
        self._fixed(" {")
        for key, old in parts.items():
            self._fixed(f" {key}:")
            self._old(f" {old}", key != "pullPolicy")
            self._fixed(",")
        self._fixed(f" }} {self._comment()}\n")

    def _scalar(self, old: str, depth: int, changes: bool) -> None:
        pad = "  " * depth
        self._old(f" {old}".replace("\n  ", f"\n{pad}"), changes)
        self._fixed(f" {self._comment()}")
        if old[:1] in ("|", ">"):
            self._old(f"\n{pad}text # text\n\n{pad}  more", changes)
            self._fixed("\n\n")
        else:
            self._fixed("\n")

    def _fixed(self, text: str) -> None:
        self.text += text
        self.around += re.escape(text)

    def _old(self, text: str, changes: bool) -> None:
        self._number += 1
        text = text.replace("ANCHOR", f"x{self._number}")
        self.text += text
        self.around += "[^\r\n]*" if changes else re.escape(text)

    def _comment(self) -> str:
        self._number += 1
        return f"# c{self._number}"


class Written(NamedTuple):
    """A values file, the places for images in it, and a pattern for all the rest."""

    text: str
    images: list[Path]
    around: str


@st.composite
def documents(draw: st.DrawFn) -> Written:
    writer = Writer()
    writer.write(draw(TREES))
    text, around = writer.text, writer.around
    if draw(st.booleans()):
        text, around = text.replace("\n", "\r\n"), around.replace("\\\n", "\\\r\\\n")
    bom = BOM if draw(st.booleans()) else ""
    return Written(bom + text, writer.images, bom + around)


def value_of(text: str) -> Any:
    return read_one(text.removeprefix(BOM)).value


def expected(before: Any, path: Path, image: Injection) -> Any:
    """Returns what is to stand at a path where `before` stood."""
    if not path:
        if not isinstance(before, dict):
            return image.reference
        registry, _, rest = image.repository.partition("/")
        new = {"repository": image.repository} | dict(zip(("tag", "digest"), (image.tag, image.digest), strict=True))
        if "registry" in before:
            new |= {"registry": registry, "repository": rest}
        return {key: new.get(key, old) for key, old in before.items()}
    step, *rest_of_path = path
    if isinstance(before, list):
        return [expected(old, (*rest_of_path,), image) if at == step else old for at, old in enumerate(before)]
    return {key: expected(old, (*rest_of_path,), image) if key == step else old for key, old in before.items()}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.data())
def test_exactly_the_named_values_change(written: Written, data: st.DataObject) -> None:
    value, injections = value_of(written.text), []
    for number, path in enumerate(written.images):
        if data.draw(st.booleans(), label=shown(path)):
            injections.append(Injection(shown(path), f"ghcr.io/acme/i{number}", data.draw(TAGS), DIGEST))
            value = expected(value, path, injections[-1])
    after = inject(written.text, injections)
    assert value_of(after) == value
    if not injections:
        assert after == written.text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_every_byte_around_the_named_scalars_stays(written: Written) -> None:
    after = inject(written.text, [Injection(shown(path), "ghcr.io/acme/core", "v1", DIGEST) for path in written.images])
    assert re.fullmatch(written.around, after), after
    assert re.findall(r"# c\d+", after) == re.findall(r"# c\d+", written.text)


def places(node: Node) -> list[tuple[int, int, int]]:
    own = [(node.start, node.end, node.line)] if node.scalar and node.start < node.end else []
    children = [*(child for _, child in node.entries), *node.items]
    return own + [found for child in children for found in places(child)]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_both_parsers_of_pyyaml_place_every_scalar_alike(written: Written) -> None:
    text = written.text.removeprefix(BOM)
    in_python, in_c = (Composition(text, loader).root for loader in (yaml.SafeLoader, yaml.CSafeLoader))
    assert in_python is not None
    assert in_c is not None
    assert places(in_python) == places(in_c)
