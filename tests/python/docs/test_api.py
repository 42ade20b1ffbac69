"""Every public Starlark file has a library and a page; the pages leave nothing out, and their examples are right."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

API, BAZEL = Path("docs/api"), Path("bazel")
FILES = sorted(path.stem for path in BAZEL.glob("*.bzl"))
PAGES = {file: (API / f"{file}.md").read_text() for file in FILES if (API / f"{file}.md").exists()}
INDEX = (API / "README.md").read_text()


def symbols(page: str) -> list[str]:
    """Returns what a page describes, as it is written in a BUILD file."""
    return re.findall(r"^## (\S+)$", page, re.M)


def examples(page: str) -> list[str]:
    return re.findall(r"^ *```starlark\n(.*?)^ *```", page, re.M | re.S)


def parameters(page: str, symbol: str) -> set[str]:
    """Returns the names that a symbol takes; those of the tags, too, where it is a module extension."""
    return set(re.findall(rf'<a id="{re.escape(symbol)}(?:\.\w+)?-(\w+)">', page))


ALL = [(file, symbol) for file, page in PAGES.items() for symbol in symbols(page)]
CALLABLE = [(file, symbol) for file, symbol in ALL if file != "providers"]


def calls(page: str) -> Iterator[tuple[str, set[str]]]:
    """Yields the calls in a page's examples, which are Python as far as Starlark is: names, and keywords."""
    for example in examples(page):
        for node in ast.walk(ast.parse(example)):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), {str(each.arg) for each in node.keywords}


def test_there_are_public_files() -> None:
    assert {"container_tags", "gitops", "helm", "push_targets"} <= {*FILES}


@pytest.mark.parametrize("file", FILES)
def test_a_public_file_has_a_page_a_library_and_a_place_in_the_index(file: str) -> None:
    libraries = re.findall(r'name = "(\w+)_bzl",\n\s+srcs = \["(\w+)\.bzl"\]', (BAZEL / "BUILD.bazel").read_text())
    assert (file, file) in libraries
    assert file in PAGES
    assert f"[{file}.bzl]({file}.md)" in INDEX


def test_a_page_is_of_a_public_file() -> None:
    assert {path.stem for path in API.glob("*.md")} == {*FILES, "README"}


def test_the_index_names_each_symbol_once_and_no_other() -> None:
    named = re.findall(r"\[([\w.]+)\]\((\w+)\.md#([\w.]+)\) \| \S", INDEX)
    assert sorted((file, name) for name, file, _ in named) == sorted(ALL)
    assert all(name == anchor for name, _, anchor in named)


@pytest.mark.parametrize("file", FILES)
def test_every_argument_and_field_is_described(file: str) -> None:
    rows = re.findall(r'^\| <a id="([^"]+)"></a>\w+ \|\s*(.*?)\s*\|', PAGES[file], re.M)
    assert [name for name, text in rows if not text or "<p align" in text or text == "string"] == []


@pytest.mark.parametrize(("file", "symbol"), ALL, ids=lambda value: value)
def test_what_is_public_says_what_it_is(file: str, symbol: str) -> None:
    text = PAGES[file].partition(f"## {symbol}\n")[2].partition("</pre>")[2]
    assert re.match(r"\n\n[A-Z].*[^\s]", text), symbol


@pytest.mark.parametrize(("file", "symbol"), CALLABLE, ids=lambda value: value)
def test_what_can_be_called_is_called_in_an_example_of_its_page(file: str, symbol: str) -> None:
    called = {name for name, _ in calls(PAGES[file])}
    assert symbol in called or {f"{symbol}.local", f"{symbol}.toolchain"} <= called


@pytest.mark.parametrize("file", FILES)
def test_an_example_passes_what_there_is(file: str) -> None:
    known = {symbol: parameters(page, symbol) for page in PAGES.values() for symbol in symbols(page)}
    for name, keywords in calls(PAGES[file]):
        owner = name if name in known else name.partition(".")[0]
        assert keywords <= known.get(owner, keywords), name


@pytest.mark.parametrize("file", FILES)
def test_an_example_loads_what_there_is_and_what_it_calls(file: str) -> None:
    for example in examples(PAGES[file]):
        tree = ast.parse(example)
        loads = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "load"]
        loaded = set()
        for load in loads:
            label, *names = (ast.literal_eval(each) for each in load.args)
            target = label.removeprefix("@rules_release//bazel:").removesuffix(".bzl")
            public = {symbol.partition(".")[0] for symbol in symbols(PAGES[target])}
            assert {*names} <= public
            loaded |= {*names}
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert loaded <= used, "loads what it does not use"
        assert {symbol.partition(".")[0] for _, symbol in CALLABLE} & used <= loaded | {"helm"}


@pytest.mark.parametrize("page", sorted(API.glob("*.md")), ids=lambda path: path.name)
def test_a_link_to_a_page_beside_it_has_its_place_there(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([\w-]+\.md)?(?:#([\w.-]+))?\)", page.read_text()):
        there = (API / target if target else page).read_text()
        assert not anchor or f'<a id="{anchor}"></a>' in there, f"{target}#{anchor}"
