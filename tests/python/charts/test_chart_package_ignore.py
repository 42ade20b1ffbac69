"""Which files .helmignore leaves out: the same that Helm leaves out."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release_kit.errors import InputError
from release_kit.values import helm_ignore
from tests.support.helm import BOTH, HELM_4
from tests.support.helm_packages import Files, packed_by_helm, packed_by_us, write

TREE: Files = dict.fromkeys(
    (
        "a",
        "ab",
        "b/a",
        "b/ab",
        "b/c/a",
        "b/c.md",
        "c.md",
        ".env",
        ".git/x",
        "*",
        "[",
        "d e",
        "x]",
        "é/a",
        "templates/a",
    ),
    "x",
)
RULES = {
    "nothing": "",
    "a name": "a",
    "comments and blank lines": "# a\n\n  \n  # b\n",
    "spaces round a name": "  a \t\r\n",
    "a name with a space": "d e",
    "no comment": "a # not a comment",
    "a star": "*.md",
    "a question mark": "?b",
    "a folder": "b/",
    "a file as a folder": "a/",
    "a path": "b/a",
    "a path with a star": "b/*",
    "a star for a folder": "*/a",
    "a rooted name": "/a",
    "a rooted star": "/*.md",
    "a rooted folder": "/b/c/",
    "a negation": "!a",
    "a negation after a rule": "*.md\n!c.md",
    "a negated star": "!*",
    "a negated folder": "!b/",
    "a negation of nothing": "!",
    "a slash": "/",
    "two stars": "b/**",
    "three stars": "***",
    "everything": "*",
    "what is hidden": ".*",
    "itself": ".helmignore",
    "the chart": "Chart.yaml",
    "the templates": "templates/",
    "a class": "[ab]",
    "a range": "[a-c]*",
    "a range in a path": "b/[a-c]",
    "a negated class": "[^a]",
    "a class with a bracket": "[x\\]]]",
    "a class that matches a slash": "b[^x]a",
    "an open class": "[a",
    "an empty class": "[]",
    "a class that starts with a bracket": "[]a]",
    "a range without an end": "[a-]",
    "a range the wrong way round": "[c-a]",
    "an escaped star": "\\*",
    "an escaped bracket": "\\[",
    "an escape of nothing": "a\\",
    "an escaped slash at the end": "b\\/",
    "beyond ASCII": "é/",
    "any character beyond ASCII": "?/a",
    "a byte order mark": "\ufeffa",
    "a long line": "x" * 70000,
    "a form feed and a wide space": "\f\u3000a\u2003",
}

both = pytest.mark.parametrize("major", BOTH)


@both
@pytest.mark.parametrize("case", RULES)
def test_the_same_files_are_left_out_as_by_helm(case: str, major: str, tmp_path: Path) -> None:
    folder = write(tmp_path, {**TREE, ".helmignore": RULES[case]})
    assert packed_by_us(folder) == packed_by_helm(major, folder)


def test_a_slash_more_is_one_too_many() -> None:
    # Helm 3 cuts a further slash each time that it looks at the rule; Helm 4 does not.
    rules = helm_ignore.parse(b"//a", "here")
    assert not rules.ignores("a", is_folder=False)


@pytest.mark.parametrize(
    ("rule", "message"), [("x/**", "here:2: 'x/**': Helm refuses"), ("[a", "here:2: '[a' is no pattern")]
)
def test_what_is_refused_is_named_with_its_line(rule: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        helm_ignore.parse(f"# first\n{rule}\n".encode(), "here")
    assert caught.value.message.startswith(message)
    assert caught.value.remedy


SIGNS = st.sampled_from([*"ab/!*?[]^-\\. #", ".md", "templates", "c", "é"])
IGNORE_FILES = st.lists(st.lists(SIGNS, max_size=6).map("".join), min_size=1, max_size=3).map("\n".join)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=IGNORE_FILES)
def test_any_ignore_file_leaves_out_what_helm_leaves_out(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = write(tmp_path_factory.mktemp("chart"), {**TREE, ".helmignore": text})
    assert packed_by_us(folder) == packed_by_helm(HELM_4, folder)
