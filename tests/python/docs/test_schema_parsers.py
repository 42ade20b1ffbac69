"""The schemas and the parsers agree on every document: whole ones, and each of them spoiled at any place in any way."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_kit.cli import tags
from release_kit.documents import (
    chart_files,
    chart_gates,
    cut_journal,
    e2e_suite,
    environments,
    gate_result,
    release_record,
    release_set,
    rendering,
    scenario,
)
from release_kit.documents.fields import read_document
from release_kit.errors import InputError
from tests.support.schema_watch import faults

CLAIM = settings(max_examples=60, deadline=None, derandomize=True, database=None)
DOCUMENTS = Path(__file__).parent / "documents"
Place = tuple[str | int, ...]


def _gate_result(path: Path) -> object:
    content = path.read_bytes()
    named = json.loads(content)
    names = [str(named.get(key)) for key in ("environment", "record", "key")] if isinstance(named, dict) else [""] * 3
    return gate_result.parse(content, f"results:{gate_result.path(*names)}")


READERS: dict[str, Callable[[Path], object]] = {
    "chart-files": chart_files.load,
    "chart-gates": lambda path: chart_gates.load(path, path.parent),
    "chart-rendering": lambda path: read_document(path, rendering.from_fields),
    "cut-journal": lambda path: cut_journal.from_json(path.read_bytes(), "journal"),
    "e2e-suite": e2e_suite.load,
    "environments": environments.load,
    "gate-result": _gate_result,
    "release-record": lambda path: read_document(path, release_record.from_fields),
    "release-set": release_set.load,
    "scenario": scenario.load,
    "tag-policy": lambda path: read_document(path, tags._policy),
}
FILES = ("values.yaml", "values-prod.yaml", "crds/crd.yaml", "test_login.py", "more/test_shop.py")
"""What the whole documents name."""

BEYOND = {
    "one part of the document against another": (
        r"is taken by|expected the name of an image of the set|is a variable, too|differs from one environment|"
        r"stands there \d+ times|is in none of the scenario files|has two uses|git can't have both branches|"
        r"are called|is declared|comes after|no environment after staging|would hold back|has no secret|"
        r"releases .* already|ends before its last event|nothing has released|the proposed branch"
    ),
    "what is beside the document": r"is not there \(looked at|is no file",
    "a sum, or a number with a fraction of 0": r"expected a duration such as|expected integer, found -?\d+\.0",
    "a key that generated resources have": r"the key \S+ is reserved",
    "an address that can't be split": r"expected the address of a repository|expected an address of http or https",
    "a date that is in no calendar": r"expected a time such as",
}
"""Why a parser refuses what its schema lets pass: JSON Schema can't say it."""


@pytest.fixture(name="folder", scope="module")
def folder_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the documents are, beside what they name."""
    folder = tmp_path_factory.mktemp("documents")
    for name in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    return folder


@cache
def whole(name: str) -> Any:
    return json.loads((DOCUMENTS / f"{name}.json").read_text())


NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.json") if path.stem.partition(".")[0] in READERS)


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place in a document, the whole of it first."""
    yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from places(inner, (*place, key))


def at(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


def with_value(document: Any, place: Place, value: Any) -> Any:
    """Returns the document with something else at a place; what is beside the way there is shared with it."""
    if not place:
        return value
    other = copy.copy(document)
    other[place[0]] = with_value(document[place[0]], place[1:], value) if place[1:] else value
    return other


def without(document: Any, place: Place) -> Any:
    """Returns the document without what is at a place."""
    owner = copy.copy(at(document, place[:-1]))
    del owner[place[-1]]
    return with_value(document, place[:-1], owner)


def refusal(name: str, document: Any, folder: Path) -> str:
    """Returns what the parser says against a document; empty if it takes it."""
    path = folder / "document.json"
    path.write_text(json.dumps(document))
    try:
        READERS[name.partition(".")[0]](path)
    except InputError as error:
        return error.message
    return ""


def disagreement(name: str, document: Any, folder: Path) -> str:
    """Returns how schema and parser differ about a document; empty where they agree, or for a reason of BEYOND."""
    said, valid = refusal(name, document, folder), is_valid(name, document)
    if valid and said:
        return "" if any(re.search(pattern, said) for pattern in BEYOND.values()) else f"the schema takes it: {said}"
    return "" if valid or said else f"the parser takes it: {faults(document) or 'no document'}"


def is_valid(name: str, document: Any) -> bool:
    kind = f"rules_release/{name.partition('.')[0]}/v1"
    return isinstance(document, dict) and document.get("schema") == kind and not faults(document)


NUMBERS = [0, 1, -1, 7, 65, 1.5, 2**63, -(2**63), True, False]
WORDS = """
text Text ../x /abs a/../b a//b . -a a- 1.2.3 1.2 v1.2.3 01.2.3 5m 1d12h 5 0s m5 sha256:00 a/b a..b @ https://h.example/a
https://u:p@h.example ftp://h http:// ghcr.io/acme h:99999 h/A a.lock GITHUB_X PATH path lower UPPER user/jo team/ none
{command} /a//b a.b. x.py x.py::y rules_release/release-set/v2
"""
TEXTS = [*WORDS.split(), "", " ", "a b", "a\n", "\x1b[2J", "\u2028", "x" * 300, "a before b on c", "0 9 * * 1-5"]
SHAPES: list[Any] = [[], [[]], ["text"], {}, {"a": {}}, [{}], {"demo": "1.0.0"}]
WRONG: list[Any] = [*NUMBERS, *TEXTS, *SHAPES]


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_document_is_taken_by_both(folder: Path, name: str) -> None:
    assert (refusal(name, whole(name), folder), faults(whole(name))) == ("", [])


def test_every_document_that_is_read_has_a_whole_one() -> None:
    assert {name.partition(".")[0] for name in NAMES} == READERS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_both_agree_on_a_document_without_one_of_its_fields(folder: Path, name: str) -> None:
    document = whole(name)
    found = {place: disagreement(name, without(document, place), folder) for place in places(document) if place}
    assert {place: said for place, said in found.items() if said} == {}


@pytest.mark.parametrize("name", NAMES)
def test_both_refuse_a_field_that_nobody_knows(folder: Path, name: str) -> None:
    document = whole(name)
    free = {("environments", 0, "github", "variables"), ("expect", 2, "eventually"), ("expect", 3, "finally")}
    for place in (place for place in places(document) if isinstance(at(document, place), dict) and place not in free):
        for key in ("colour", "Name", "", "\x1b[2J", "$schema"):
            other = with_value(document, (*place, key), "1.0.0")
            assert refusal(name, other, folder), (place, key)
            assert faults(other), (place, key)


@pytest.mark.parametrize("name", NAMES)
def test_both_agree_on_another_value_anywhere(folder: Path, name: str) -> None:
    document, found = whole(name), {}
    for place in places(document):
        for value in WRONG:
            if said := disagreement(name, with_value(document, place, value), folder):
                found[(*place, repr(value)[:30])] = said
    assert found == {}


JSON = st.recursive(
    st.sampled_from([*NUMBERS, *TEXTS]) | st.text(max_size=5) | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@CLAIM
def test_both_agree_on_anything_anywhere(folder: Path, name: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([*places(whole(name))]))
    other = with_value(whole(name), place, data.draw(JSON))
    assert disagreement(name, other, folder) == ""


def test_what_is_written_is_valid(folder: Path) -> None:
    (folder / "document.json").write_text(json.dumps(whole("release-record")))
    record = read_document(folder / "document.json", release_record.from_fields)
    (folder / "document.json").write_text(json.dumps(whole("chart-rendering")))
    rendered = read_document(folder / "document.json", rendering.from_fields)
    begun = cut_journal.from_json(json.dumps(whole("cut-journal")).encode(), "journal")
    result = _gate_result(DOCUMENTS / "gate-result.json")
    assert isinstance(result, gate_result.GateResult)
    few = record._replace(charts=(), skip_staging=False, registry="")
    written = [record.to_json(), few.to_json(), rendered.to_json(), result.to_json()]
    written.append(cut_journal.to_json(begun).decode())
    assert [faults(json.loads(text)) for text in written] == [[]] * len(written)
