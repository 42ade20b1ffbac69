"""Written YAML is read back as what was written, by readers of YAML 1.1 as Kubernetes has it, and as Python has it."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release_kit.engines.gitops.yaml_text import Noted, document
from release_kit.values.yaml_source import read_one

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "yes",
        "~",
        "1_0",
        "0o7",
        "1e5",
        "12:30:45",
        "2026-11-23",
        "- a",
        "a: b",
        "#",
        "a #b",
        "%",
        "@x",
        "`",
        "?",
        "!x",
        "&a",
    ]
)
LINES = st.lists(TEXTS, max_size=4).map("\n".join) | st.lists(
    st.sampled_from(["word", "a", "#b", "- c"]), min_size=30
).map(" ".join)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS | TEXTS | LINES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4), TEXTS)
def test_what_is_written_is_read_back(values: dict[str, Any], comment: str) -> None:
    text = document(comment, {"a": 1, "b": Noted(comment, values)})
    assert read_one(text).value == {"a": 1, "b": values}
    assert all(line.isprintable() for line in text.split("\n"))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_python_reads_it_too(values: dict[str, Any]) -> None:
    assert yaml.safe_load(document("", {"b": values})) == {"b": values}


def test_a_comment_stands_above_what_it_is_about() -> None:
    text = document(
        "Of it all.\n  a command that is not wrapped", {"a": Noted("Of a.", [Noted("Of the first.", {"b": 1})])}
    )
    assert text == ("# Of it all.\n#   a command that is not wrapped\n---\n# Of a.\na:\n  # Of the first.\n  - b: 1\n")


def test_what_an_elements_first_key_is_about_stands_between_the_dash_and_the_key() -> None:
    text = document("", {"a": [{"b": Noted("Of b.", 1)}]})
    assert read_one(text).value == {"a": [{"b": 1}]}
    assert "  -\n    # Of b.\n    b: 1\n" in text


@pytest.mark.parametrize("hostile", ["x\ny: 1", "x\r\ny: 1", "x\u2028y: 1", "x\x85y: 1", "\x00"])
def test_a_comment_can_not_become_content(hostile: str) -> None:
    text = document(hostile, {"a": Noted(hostile, 1)})
    assert read_one(text).value == {"a": 1}


@pytest.mark.parametrize("text", [f"a{' word' * 40}  two spaces", f"{'word ' * 40}", f"{'word ' * 40}\n"])
def test_long_texts_keep_their_spaces(text: str) -> None:
    assert read_one(document("x", {"a": text})).value == {"a": text}


def test_what_is_half_a_letter_is_none() -> None:
    assert read_one(document("x", {"a": "b\ud800c"})).value == {"a": "b\ufffdc"}
