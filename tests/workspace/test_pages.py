"""The README and the documents' page say what the code does."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from release_kit.documents import e2e_suite, environments, release_set
from release_kit.values.stamp import Stamp
from release_kit.values.tags import digest_tag, release_tags

README = Path("README.md").read_text()
COMMIT = "c" * 40


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_the_example_is_the_consumers_build_file() -> None:
    assert Path("tests/consumer/BUILD.bazel").read_text() in blocks(README, "starlark")


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


@pytest.mark.parametrize("page", ["README.md", *map(str, sorted(Path("docs").glob("*.md")))])
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", Path(page).read_text()):
        if "://" not in target:
            assert (Path(page).parent / target).exists(), target
