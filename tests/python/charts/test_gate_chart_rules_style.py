"""The YAML style that is asked for is the one of yamllint as ct configures it: the same lines, the same rules."""

import textwrap
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from yamllint import linter  # type: ignore[import-untyped]
from yamllint.config import YamlLintConfig  # type: ignore[import-untyped]

from release_kit.engines.gates.chart_rules.style_switches import RULES
from release_kit.engines.gates.chart_rules.style_tokens import SYNTAX
from release_kit.engines.gates.chart_rules.yaml_style import problems

CONFIGURATION = """\
rules:
  braces: {min-spaces-inside: 0, max-spaces-inside: 0, min-spaces-inside-empty: -1, max-spaces-inside-empty: -1}
  brackets: {min-spaces-inside: 0, max-spaces-inside: 0, min-spaces-inside-empty: -1, max-spaces-inside-empty: -1}
  colons: {max-spaces-before: 0, max-spaces-after: 1}
  commas: {max-spaces-before: 0, min-spaces-after: 1, max-spaces-after: 1}
  comments: {require-starting-space: true, min-spaces-from-content: 2}
  document-end: disable
  document-start: disable
  empty-lines: {max: 2, max-start: 0, max-end: 0}
  hyphens: {max-spaces-after: 1}
  indentation: {spaces: consistent, indent-sequences: whatever, check-multi-line-strings: false}
  key-duplicates: enable
  line-length: disable
  new-line-at-end-of-file: enable
  new-lines: {type: unix}
  trailing-spaces: enable
  truthy: {level: warning}
"""
YAMLLINT = YamlLintConfig(CONFIGURATION)
CLAIM = settings(max_examples=300, deadline=None, derandomize=True, database=None)
Found = list[tuple[int, str]]


def theirs(text: str) -> Found:
    return sorted((each.line, each.rule or SYNTAX) for each in linter.run(text, YAMLLINT) if each.level == "error")


def ours(text: str) -> Found:
    return sorted((line, rule) for line, rule, _ in problems(text))


FAULTS = {
    "braces": [
        "a: { b: 1}",
        "a: {b: 1 }",
        "a: { }",
        "a: {  }",
        "a: {\n  b: 1\n}",
        "a: {b: {c: 1} }",
        "a: {  # c\n  b: 1}",
    ],
    "brackets": ["a: [ b]", "a: [b ]", "a: [ ]", "- [a, [ b]]", "a: [\n  b,\n  c\n]", "a: []", "a: [b: 1]"],
    "colons": [
        "a : 1",
        "a:  1",
        "{a : 1}",
        "? a\n:   b",
        "?  a\n: b",
        '"a" : b',
        "x: &a b\n*a : 1",
        "x: &a b\n*a  : 1",
    ],
    "commas": ["[a , b]", "[a,b]", "[a,  b]", "[a\n , b]", "[a,\n b]", "{a: 1,b: 2}", "[a, ]", "[a,]", "{a: , b: 1}"],
    "comments": [
        "#a",
        "a: 1 # b",
        "a: 1  #b",
        "a: 1  # b",
        "##a",
        "#!a",
        "# a\n#!b",
        "a: '#b'  # c",
        "#",
        "#\n##\na: 1",
    ],
    "comments in texts": ["a: |\n  #b\n  c # d\n", "a: >-  # b\n  #c\n\n#d\n", "a: b\n  c#d\n  e", 'a: "b\n  #c"'],
    "empty-lines": ["\na: 1", "a: 1\n", "a: 1\n\n\nb: 2", "a: 1\n\n\n\nb: 2", "\n", "\n\n", "a: |\n  b\n\n\n\n  c"],
    "hyphens": ["-  a", "- a", "-   - a", "-\n  a", "a:\n  -  b: 1\n     c: 2", "-"],
    "indentation": [
        "a:\n  b:\n     c: 1",
        "a:\n    b:\n      c: 1",
        "a:\n- b\n- c\nd:\n  - e",
        "a:\n   - b\nc:\n  - d",
        "  a: 1",
        "a:\n  b: {\n    c: 1,\n   d: 2\n  }",
        "a: [\n  b,\n  c\n  ]",
        "a: [b,\n    c]",
        "a: [b,\n  c]",
        "a:\n  'b\n c'",
        "a:\n    b",
        "a:\n  b:\n    c\nd:\n   e",
        "- a:\n    b: 1\n-\n  c: 1\n-\n    d: 1",
        "- - a\n  - b\n- - - c",
        "a: &x\n  b: 1\nc: !!map\n    d: 1",
        "a: !!map &x\n  b: 1",
        "? a\n: b\n? - c\n: - d\n? e",
        "a: |\n   b\nc:\n  d: |\n        e\n  f: 1",
        "a: ''\nb:\n   ''",
        "a:\n- b:\n  - c\n-\nd: 1",
        "---\na: 1\n...\n---\n b: 1",
        "a: {\n}\nb:\n  c: 1",
        "a:\n  b:\n  - &x\n  - !!str\n  - *x\nc: &y\nd: 1",
    ],
    "key-duplicates": [
        "a: 1\na: 2",
        "a:\n  b: 1\nb: 2",
        "a: {b: 1, b: 2}",
        "- a: 1\n- a: 2",
        "a: 1\nb: 2\na: 3\na: 4",
        "x: &x {}\ny: &y {}\nz:\n  <<: *x\n  <<: *y",
        "'a': 1\na: 2",
        "a:\n- b: 1\n- b: 2\nc: 1",
        "[a: 1, a: 2]",
    ],
    "new-lines": ["a: 1\r\nb: 2\r\n", "a: 1\nb: 2\r\n", "a: 1\r\n\r\n\r\n\r\nb: 2\r\n", "a: 1\r\nb: 2 \r\n"],
    "trailing-spaces": ["a: 1 ", "a: 1\n  \nb: 2", "a: |\n  b \n  c", "a: 1  # b ", "a: 1 \n\n\n\nb: 2"],
}
CASES = [(rule, text) for rule, texts in FAULTS.items() for text in texts]


@pytest.mark.parametrize(("rule", "text"), CASES)
def test_the_same_is_found_as_yamllint_finds(rule: str, text: str) -> None:
    assert ours(text + "\n") == theirs(text + "\n")


@pytest.mark.parametrize(("rule", "text"), [case for case in CASES if case[0] != "comments"])
def test_the_same_is_found_without_a_last_line_feed(rule: str, text: str) -> None:
    assert ours(text) == theirs(text)


def test_a_comment_in_a_last_line_without_line_feed_is_found_too() -> None:
    assert ours("a: 1 # b") == [(1, "comments"), (1, "new-line-at-end-of-file")]


def test_the_table_has_faults_of_every_rule() -> None:
    assert {rule for texts in FAULTS.values() for text in texts for _, rule in ours(text)} == {*RULES}


SWITCHES = [
    "# yamllint disable-file\na:   1 \n",
    "#yamllint disable-file\na:   1 \n",
    "a: 1\n# yamllint disable-file\nb:   1\n",
    "a:   1  # yamllint disable-line\nb:   1\n",
    "a:   1  # yamllint disable-line rule:colons\nb:   1\n",
    "a:   1  # yamllint disable-line rule:hyphens rule:colons\n",
    "a:   1  # yamllint disable-line rule:hyphens\n",
    "# yamllint disable-line rule:colons\na:   1\nb:   1\n",
    "a:   1\n# yamllint disable rule:colons\nb:   1 \n# yamllint enable rule:colons\nc:   1\n",
    "# yamllint disable\na:   1 \n# yamllint enable rule:colons\nb:   1 \n# yamllint enable\nc:   1 \n",
    "a: 1 # yamllint disable\nb:   1\n",
    "# yamllint disable rule:nothing\na:   1\n",
    "# yamllint disable, please\na:   1\n",
    "#  yamllint disable\na:   1\n",
    "a: '# yamllint disable'\nb:   1\n",
    "a: |\n  # yamllint disable\nb:   1\n",
]


@pytest.mark.parametrize("text", SWITCHES)
def test_comments_of_yamllint_switch_rules_off(text: str) -> None:
    assert ours(text) == theirs(text)


BROKEN = [
    "a: [1\n",
    "a: b: c\n",
    "a:\n  b: 1\n c: 2\n",
    'a: "b\n',
    "a: 1\n- b\n",
    "{a\n",
    "a: *\n",
    "a: @b\n",
    "a: 'b''\n",
]


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_yaml_is_found_where_yamllint_finds_it(text: str) -> None:
    assert [each for each in ours(text) if each[1] == SYNTAX] == [each for each in theirs(text) if each[1] == SYNTAX]


@pytest.mark.parametrize(
    "text", ["a:\tb\n", "a: b\t\n", "\ta: b\n", "a: b\t# c\n", "a: b\tc\n", "a:\n  - b\n  -\tc\n", "[a,\tb]\n"]
)
def test_a_tab_outside_of_quotes_and_comments_is_found(text: str) -> None:
    assert SYNTAX in {rule for _, rule in ours(text)}
    assert SYNTAX in {rule for _, rule in theirs(text)}


@pytest.mark.parametrize("text", ["a: 'b\tc'\n", "a: |\n  b\tc\n", "# a\tb\n", "a: b  # c\td\n"])
def test_a_tab_in_quotes_texts_and_comments_is_fine(text: str) -> None:
    assert ours(text) == theirs(text) == []


def test_a_strange_character_is_found_with_its_line() -> None:
    assert problems("a: 1\nb: \x07\n") == [(2, SYNTAX, "is no YAML: the character U+0007 is not allowed")]


def test_an_error_of_yaml_says_what_it_belongs_to() -> None:
    (error,) = problems("a: {b: 1\nc: 2\nd: 3\n")
    assert error.message.endswith("while parsing a flow mapping that starts in line 1")


GOOD = textwrap.dedent("""\
    # The shop.
    global:
      imageTag: "1.2.3"  # of all images
      hosts: [a.example, "b", {c: 1, d: [2, 3]}]
      none: {}
      multi: {
        a: 1,
        b: [
          x,
          y
        ]
      }

    text: |
      #!/bin/sh
      echo  x

        more
    folded: >-
      a
      b
    "quoted key": 'it''s'
    plain: a
      continued
    items:
    - name: a
      ports:
        - 80
        - 443
    -
      name: b
    base: &base
      k: v
    use:
      <<: *base
      tagged: !!str
        value
    ? complex
    : value
    empty: ""
    nested:
      - - a
        - b
      - c: 1
        # of d
        d: 2
    last:
    """)
PIECES = [
    " ",
    "  ",
    "\n",
    "\n\n",
    ":",
    ": ",
    "-",
    "- ",
    ",",
    ", ",
    "{",
    "}",
    "[",
    "]",
    "#",
    "# ",
    " # c",
    "  #c",
    '"',
    "\r",
]
PIECES += [
    "&a ",
    "!!str ",
    "é",
    "\U0001f600",
    "k: v\n",
    "- x\n",
    "{ a : 1 ,b }",
    "# yamllint disable-line\n",
    '""',
    "? ",
]


def inserted(text: str, place: float, piece: str) -> str:
    position = round(place * len(text))
    return text[:position] + piece + text[position:]


def removed(text: str, place: float, count: int) -> str:
    position = round(place * len(text))
    return text[:position] + text[position + count :]


def with_line(text: str, place: float, change: str) -> str:
    """Changes one line: twice, gone, further in or out, or with something at its end."""
    lines = text.split("\n")
    position = min(round(place * len(lines)), len(lines) - 1)
    line = lines[position]
    changed = {"twice": f"{line}\n{line}", "in": f"  {line}", "in by one": f" {line}", "out": line.removeprefix("  ")}
    ends = {"end": f"{line} ", "comment": f"{line} #c", "colon": line.replace(": ", ":  "), "gone": None}
    new = {**changed, **ends}[change]
    return "\n".join([*lines[:position], *([] if new is None else [new]), *lines[position + 1 :]])


def indented(text: str, place: float, count: int, by: int) -> str:
    """Moves some lines to the right."""
    lines = text.split("\n")
    start = min(round(place * len(lines)), len(lines) - 1)
    moved = [" " * by + line for line in lines[start : start + count]]
    return "\n".join([*lines[:start], *moved, *lines[start + count :]])


PLACE = st.floats(0, 1)
CHANGES = ["twice", "in", "in by one", "out", "end", "comment", "colon", "gone"]
MUTATION = st.one_of(
    st.builds(lambda place, piece: lambda text: inserted(text, place, piece), PLACE, st.sampled_from(PIECES)),
    st.builds(lambda place, count: lambda text: removed(text, place, count), PLACE, st.integers(1, 4)),
    st.builds(lambda place, change: lambda text: with_line(text, place, change), PLACE, st.sampled_from(CHANGES)),
    st.builds(
        lambda place, count, by: lambda text: indented(text, place, count, by),
        PLACE,
        st.integers(1, 8),
        st.integers(1, 4),
    ),
)


def test_nothing_is_found_in_good_yaml() -> None:
    assert ours(GOOD) == theirs(GOOD) == []


def is_yaml(text: str) -> bool:
    """Tells whether PyYAML's own reader takes it; libyaml, and Helm's reader after it, refuse a little more."""
    try:
        list(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return False
    return True


@settings(CLAIM, max_examples=400)
@given(st.lists(MUTATION, min_size=1, max_size=3))
def test_the_same_is_found_as_yamllint_finds_in_changed_yaml(mutations: list[Callable[[str], str]]) -> None:
    text = GOOD
    for mutation in mutations:
        text = mutation(text)
    text += "" if text.endswith("\n") else "\n"
    found = ours(text)
    if is_yaml(text):
        assert SYNTAX in {rule for _, rule in found} or found == theirs(text)
    else:
        assert SYNTAX in {rule for _, rule in found}


@CLAIM
@given(st.text(alphabet=" \n\t-:#{}[],'\"&*!|>?%@a1\r\x85\u2028é", max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert all(1 <= line <= len(f"{text}.".splitlines()) + 1 for line, _ in ours(text))
