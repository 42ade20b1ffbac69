"""The README and the documents' page say what the code does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from release_kit.documents import e2e_suite, environments, release_set
from release_kit.values.stamp import Stamp
from release_kit.values.tags import digest_tag, release_tags
from tests.support.pages import Snippet, snippets, statements

README = Path("README.md").read_text()
COMMIT = "c" * 40
PAGES = ["README.md", *map(str, sorted(Path("docs").glob("*.md")))]
SECTIONS = [(page, snippet) for page in PAGES for snippet in snippets(f"../{page}", "from")]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


@pytest.mark.parametrize(("page", "snippet"), SECTIONS, ids=[f"{page}-{snippet.what}" for page, snippet in SECTIONS])
def test_a_snippet_is_a_section_of_the_file_that_it_names(page: str, snippet: Snippet) -> None:
    file = Path(snippet.what).read_text()
    if snippet.language == "starlark":
        assert [each for each in statements(snippet.text) if each not in statements(file)] == []
        assert [line for line in snippet.text.splitlines() if line.startswith("#") and line not in file] == []
    else:
        assert snippet.text in file


def test_the_readme_shows_examples() -> None:
    shown = {snippet.what for page, snippet in SECTIONS if page == "README.md"}
    assert shown >= {"examples/images/BUILD.bazel", "examples/container_tags/BUILD.bazel", "examples/chart/BUILD.bazel"}


def test_the_consumer_has_the_script_that_the_readme_tells_to_copy() -> None:
    assert Path("tests/consumer/workspace_status.sh").read_text() == Path("workspace_status.sh").read_text()


def documented(schema: str) -> str:
    """Returns the document of a schema that docs/documents.md shows."""
    (document,) = (each for each in blocks(Path("docs/documents.md").read_text(), "json") if f'"{schema}"' in each)
    return document


def rows() -> list[list[str]]:
    table = README.partition("## Which tags an image gets")[2].partition("##")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if "STABLE" in line]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_the_tag_table_holds(row: list[str], tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(documented(release_set.SCHEMA))
    policy = release_set.load(path).tags
    key, value = re.findall(r"`(STABLE_\w+) (\S+)`", row[0])[0]
    version = value if key == "STABLE_VERSION" else "1.2.3"
    stamp: dict[str, Any] = {
        "STABLE_COMMIT_SHA": COMMIT,
        "STABLE_VERSION": version,
        "STABLE_DIRTY": "false",
        key: value,
    }
    tags = release_tags(policy, Stamp(stamp))
    found = [f"sha-{COMMIT}" in tags.immutable, f"v{version}" in tags.immutable]
    found += [bool(digest_tag(policy, "sha256:" + "0" * 64)), "latest" in tags.moving]
    assert found == [cell in ("yes", "moves") for cell in row[1:]]


def test_the_documented_set_is_one(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(document := documented(release_set.SCHEMA))
    assert json.loads(document)["name"] == release_set.load(path).name


def test_the_documented_declaration_is_one() -> None:
    declared = environments.parse(documented(environments.SCHEMA).encode(), "docs/documents.md", Path())
    assert [each.name for each in declared.environments] == ["demo-staging", "demo", "release"]


def test_the_documented_end_to_end_suite_is_one(tmp_path: Path) -> None:
    (tmp_path / "test_login.py").touch()
    path = tmp_path / "suite.json"
    path.write_text(documented(e2e_suite.SCHEMA))
    assert e2e_suite.load(path).criteria.required[0].budget == 2


@pytest.mark.parametrize("page", [*PAGES, *map(str, sorted(Path("examples").glob("**/README.md")))])
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", Path(page).read_text()):
        if "://" not in target:
            assert (Path(page).parent / target).exists(), target
