"""The pages of migrations: what they tell to write is built by Bazel, and what was before is at least legal."""

import ast
import re

import pytest

from tests.support.pages import ROOT, Snippet, page, snippets, statements

PAGES = ("migration-rules_oci.md", "migration-rules_img.md", "migration-rules_helm.md")
AFTER = [(name, each) for name in PAGES for each in snippets(name) if each.mark in ("from", "like")]
STARLARK = [(name, each) for name in PAGES for each in snippets(name) if each.language == "starlark"]
RULES = {
    "migration-rules_oci.md": {"@aspect_bazel_lib", "@rules_multirun", "@rules_oci"},
    "migration-rules_img.md": {"@rules_img"},
    "migration-rules_helm.md": {"@rules_helm"},
}


def label(value: object) -> str:
    return value.what if isinstance(value, Snippet) else str(value)


@pytest.mark.parametrize(("name", "snippet"), AFTER, ids=label)
def test_what_a_page_tells_to_write_is_built(name: str, snippet: Snippet) -> None:
    file = (ROOT / snippet.what).read_text()
    if snippet.language != "starlark":
        assert snippet.text in file
        return
    if snippet.mark == "like":
        file = file.replace("//tests/pages/rules_helm", "//shop")
    built = statements(file)
    assert [each for each in statements(snippet.text) if each not in built] == []


@pytest.mark.parametrize(("name", "snippet"), STARLARK, ids=label)
def test_every_snippet_is_built_or_of_the_rules_before(name: str, snippet: Snippet) -> None:
    assert snippet.mark in ("from", "like", "before")
    files = {re.split("//", node)[0] for node in loads(snippet.text)}
    assert files <= ({"@rules_release", "@rules_oci"} if snippet.mark != "before" else RULES[name])


def loads(starlark: str) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(starlark)) if isinstance(node, ast.Call)]
    return [ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "load"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_how_to_go_back_and_what_was_read(name: str) -> None:
    text = page(name)
    assert "\n## Going back\n" in text
    assert "Read for this page: " in text
    assert snippets(name, "before")
    assert snippets(name, "from")


def test_layout_does_not_count_and_content_does() -> None:
    assert statements('load("//a.bzl", "x", "y")\nx(\n    name = "n",\n)\n') == [
        "load('//a.bzl', 'x')",
        "load('//a.bzl', 'y')",
        "x(name='n')",
    ]
    assert statements('x(name = "n")') != statements('x(name = "m")')
