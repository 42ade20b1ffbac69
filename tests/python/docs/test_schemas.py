"""Each versioned document has a schema that says all of it, and refuses what is not said."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

import rehearsal
import release_kit
from tests.support.schema_watch import SCHEMAS, faults

BASE = "https://github.com/rules-release/rules_release/raw/main/docs/schemas"
SOURCES = [path for package in (release_kit, rehearsal) for path in Path(str(package.__file__)).parent.rglob("*.py")]
NAMED = {
    name
    for path in SOURCES
    for name in re.findall(r'^\w*SCHEMA = "rules_release/([a-z0-9-]+/v\d+)"', path.read_text(), re.MULTILINE)
}
WRITTEN = {path.name.removesuffix(".schema.json"): json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
DOCUMENTS = Path("docs/documents.md").read_text()
PAGES = {page: Path(f"docs/{page}.md").read_text() for page in ("documents", "promotion", "rehearsal")}
SHOWN = [
    (page, read(block))
    for page, text in PAGES.items()
    for language, read in (("json", json.loads), ("yaml", yaml.safe_load))
    for block in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    if "schema" in block and "rules_release/" in block and "..." not in block
]


def schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Yields the schema of a document, and all that are in it."""
    if isinstance(value, dict):
        yield value
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for inner in inside:
        yield from schemas(inner)


def test_every_document_that_the_code_names_has_a_schema_and_no_other() -> None:
    assert {name.replace("/", "-") for name in NAMED} == WRITTEN.keys()


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_a_schema_is_one_of_draft_2020_12_and_says_where_it_is(name: str) -> None:
    schema = WRITTEN[name]
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"{BASE}/{name}.schema.json"
    assert schema["title"]
    assert schema["properties"]["schema"]["const"] == f"rules_release/{name.rpartition('-v')[0]}/v1"
    assert schema["required"][0] == "schema"


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_every_field_is_described_and_no_other_is_legal(name: str) -> None:
    for schema in schemas(WRITTEN[name]):
        if schema.get("type") != "object":
            continue
        assert schema["additionalProperties"] is not True
        for field, inner in schema.get("properties", {}).items():
            target = WRITTEN[name]["$defs"][inner["$ref"].rpartition("/")[2]] if "$ref" in inner else inner
            assert inner.get("description") or target.get("description"), field


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_the_page_of_documents_links_the_schema(name: str) -> None:
    assert f"](schemas/{name}.schema.json)" in DOCUMENTS


@pytest.mark.parametrize(("page", "document"), SHOWN, ids=lambda value: value if isinstance(value, str) else "")
def test_what_a_page_shows_is_valid(page: str, document: Any) -> None:
    text = json.loads(json.dumps(document, default=str))
    assert faults(text) == []


def test_pages_show_documents() -> None:
    assert len(SHOWN) >= 4


PRINTED = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent / "printed").glob("*.json")}


@pytest.mark.parametrize("name", sorted(PRINTED))
def test_what_a_command_printed_is_valid_and_nothing_of_it_may_be_missing_or_other(name: str) -> None:
    document = PRINTED[name]
    assert faults(document) == []
    for place in places(document):
        spoiled = copy.deepcopy(document)
        owner: Any = spoiled
        for key in place[:-1]:
            owner = owner[key]
        owner[place[-1]] = {"colour": [None]}
        assert faults(spoiled) or place == ("schema",), place
        if isinstance(place[-1], str) and place != ("schema",):
            del owner[place[-1]]
            assert faults(spoiled) or place[-1] in ("diff", "record", "commit_status", "pull_request"), place


def places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        if (*place, key)[-2:] != ("requests", 0):
            yield (*place, key)
            yield from places(inner, (*place, key))
