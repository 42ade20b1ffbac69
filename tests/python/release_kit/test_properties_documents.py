"""Documents, spoiled at any place in any way: they are read, or one error names the file and the place."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_kit.documents import release_record, release_set
from release_kit.documents.fields import read_document
from release_kit.documents.release_record import ChartRecord, ImageRecord, ReleaseRecord
from release_kit.documents.release_set import ChartEntry, ChartImage, ImageEntry, ReleaseSet
from release_kit.errors import InputError
from release_kit.values.tags import TagPolicy

CLAIM = settings(max_examples=80, deadline=None, derandomize=True, database=None)
Place = tuple[str | int, ...]
NAMES = {dict: "object", list: "list", str: "string", int: "integer", bool: "true or false"}


class Kind(NamedTuple):
    """A kind of document, as docs/documents.md describes it."""

    read: Callable[[Path], object]
    expected: Callable[[Any, Path], object]
    """What a sound document means."""
    optional: frozenset[str]
    """The fields that may be absent."""


def _as_set(document: Any, folder: Path) -> ReleaseSet:
    tags, images = document.get("tags") or {}, []
    for image in document.get("images") or []:
        descriptor = image.get("descriptor")
        paths = (folder / image["layout"], None if descriptor is None else folder / descriptor)
        images.append(ImageEntry(image["name"], image["repository"], *paths))
    immutable, moving = _texts(tags, "immutable"), _texts(tags, "moving")
    policy = TagPolicy(immutable, moving, tags.get("digest_prefix"), tags.get("short_length") or 12)
    records = document.get("record_repository")
    charts = tuple(_as_chart(chart, folder) for chart in document.get("charts") or [])
    return ReleaseSet(document["name"], document.get("registry"), tuple(images), policy, records, charts)


def _as_chart(chart: Any, folder: Path) -> ChartEntry:
    images = tuple(ChartImage(**image) for image in chart.get("images") or [])
    return ChartEntry(chart["name"], chart["repository"], folder / chart["source"], images)


def _as_record(document: Any, _: Path) -> ReleaseRecord:
    images = [
        ImageRecord(**(image | {key: _texts(image, key) for key in ("immutable_tags", "moving_tags")}))
        for image in document.get("images") or []
    ]
    commit, dirty = document.get("commit") or "", document.get("dirty") or False
    registry = document.get("registry") or ""
    charts = tuple(
        ChartRecord(**(chart | {"immutable_tags": _texts(chart, "immutable_tags")}))
        for chart in document.get("charts") or []
    )
    skips = document.get("skip_staging") or False
    return ReleaseRecord(document["name"], document["version"], commit, dirty, registry, tuple(images), charts, skips)


def _texts(owner: Any, key: str) -> tuple[str, ...]:
    return tuple(owner.get(key) or ())


_OPTIONAL_TAGS = ("immutable", "moving", "digest_prefix", "short_length")
SET_KIND = Kind(
    release_set.load,
    _as_set,
    frozenset({"images", "charts", "descriptor", "registry", "record_repository", "tags", *_OPTIONAL_TAGS}),
)
RECORD_KIND = Kind(
    lambda path: read_document(path, release_record.from_fields),
    _as_record,
    frozenset({"commit", "dirty", "registry", "images", "charts", "immutable_tags", "moving_tags", "skip_staging"}),
)

_WORDS = st.sampled_from(["core", "web", "v{{STABLE_VERSION}}", "latest", "a b", "\u00e4"])
_TEXT = _WORDS | st.text(max_size=4)
_LISTS = st.lists(_TEXT, max_size=3)
_REPOSITORIES = st.sampled_from(["core", "shop/core", "shop/web", "a.b/c__d", "x-y"])
_PATHS = st.sampled_from(["core_layout", "../a/b", "/abs/layout", "."])
_ENTRIES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"name": _WORDS, "repository": _REPOSITORIES, "layout": _PATHS}, optional={"descriptor": _PATHS}
)
_LENGTHS = st.integers(7, 64)
_TAGS = st.fixed_dictionaries(
    {}, optional={"immutable": _LISTS, "moving": _LISTS, "digest_prefix": _TEXT, "short_length": _LENGTHS}
)
_UNIQUE = (lambda image: image["name"], lambda image: image["repository"])
_CHARTS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"name": _WORDS, "repository": _REPOSITORIES, "source": _PATHS}, optional={"images": st.just([])}
)
SETS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "schema": st.just("rules_release/release-set/v1"),
        "name": _WORDS,
        "images": st.lists(_ENTRIES, max_size=3, unique_by=_UNIQUE),
    },
    optional={
        "registry": st.sampled_from(["ghcr.io/acme", "localhost:5000"]),
        "record_repository": st.just("shop/release"),
        "tags": _TAGS,
        "charts": st.lists(_CHARTS, max_size=2, unique_by=lambda chart: chart["name"]),
    },
)
_LEGAL_TAGS = st.lists(st.sampled_from(["v1.2.3", "latest", "sha-0123", "_"]), max_size=3)
_DIGESTS = st.sampled_from(["sha256:" + "ab" * 32, "sha512:" + "01" * 64])
_SIZES = st.integers(0, 2**63 - 1)
_IMAGES = st.fixed_dictionaries(
    {"name": _WORDS, "repository": _REPOSITORIES, "digest": _DIGESTS, "media_type": _WORDS, "size": _SIZES},
    optional={"immutable_tags": _LEGAL_TAGS, "moving_tags": _LEGAL_TAGS},
)
_CHART_RECORDS = st.fixed_dictionaries(
    {"name": _WORDS, "repository": _REPOSITORIES, "version": _WORDS}
    | {"digest": _DIGESTS, "media_type": _WORDS, "size": _SIZES},
    optional={"immutable_tags": _LEGAL_TAGS},
)
_RECORD = {"schema": st.just("rules_release/release-record/v1"), "name": _WORDS, "version": _WORDS}
RECORDS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {**_RECORD, "images": st.lists(_IMAGES, max_size=2)},
    optional={
        "commit": _WORDS,
        "dirty": st.booleans(),
        "registry": st.sampled_from(["ghcr.io", "localhost:5000", ""]),
        "charts": st.lists(_CHART_RECORDS, max_size=2),
        "skip_staging": st.booleans(),
    },
)
DOCUMENTS: st.SearchStrategy[tuple[Kind, Any]] = st.tuples(st.just(SET_KIND), SETS) | st.tuples(
    st.just(RECORD_KIND), RECORDS
)
FULL_TAGS = {"immutable": ["v{{STABLE_VERSION}}"], "moving": ["latest"], "digest_prefix": "sha-", "short_length": 12}
FULL_SET: Any = {
    "schema": "rules_release/release-set/v1",
    "name": "shop",
    "registry": "ghcr.io/acme",
    "record_repository": "shop/release",
    "images": [{"name": name, "repository": name, "layout": "l", "descriptor": "d"} for name in ("core", "web")],
    "charts": [{"name": "shop", "repository": "charts", "source": "c", "images": []}],
    "tags": FULL_TAGS,
}
ZEROS, MANY = "sha256:" + "0" * 64, 2**63 - 1
FULL_IMAGE = {"name": "core", "repository": "shop/core", "digest": ZEROS, "media_type": "x", "size": MANY}
FULL_RECORD: Any = {
    "schema": "rules_release/release-record/v1",
    "name": "shop",
    "images": [FULL_IMAGE | {"immutable_tags": ["v1.2.3"], "moving_tags": ["a", "b"]}],
    "charts": [FULL_IMAGE | {"version": "1.2.3", "immutable_tags": ["1.2.3"]}],
} | {"version": "1.2.3", "commit": "abc", "dirty": True, "registry": "ghcr.io", "skip_staging": True}
_NUMBERS: list[Any] = [0, 7, -(10**99), 1.5, float("nan"), True, False]
WRONG: list[Any] = [*_NUMBERS, "", "text", "\x1b[2J" * 99, [], [[]], {}, {"a": {}}]
JSON = st.sampled_from([*WRONG, None, 2**63, "../..", "\0", "\ud800", ZEROS, {"schema": None}])
EVERYWHERE = pytest.mark.parametrize(
    ("kind", "document"), [(SET_KIND, FULL_SET), (RECORD_KIND, FULL_RECORD)], ids=["set", "record"]
)
"""For claims that try every place of a document which has every field."""


@pytest.fixture(name="path", scope="module")
def path_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that all examples share."""
    return tmp_path_factory.mktemp("documents") / "document.json"


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place in a document, the whole of it first."""
    yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from places(inner, (*place, key))


def shown(place: Place) -> str:
    """A place as errors name it."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)
    return text.removeprefix(".") or "document"


def at(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


def replaced(document: Any, place: Place, value: Any) -> Any:
    """The document with something else at a place."""
    if not place:
        return value
    other = copy.deepcopy(document)
    at(other, place[:-1])[place[-1]] = value
    return other


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


def refusal(kind: Kind, path: Path) -> str:
    """What is said of a document that must be refused, after the file's name."""
    with pytest.raises(InputError) as caught:
        kind.read(path)
    message = caught.value.message
    assert message.startswith(f"{path}: ")
    assert message.isprintable()
    assert len(message) < len(str(path)) + 500
    return message.removeprefix(f"{path}: ")


@given(DOCUMENTS)
@CLAIM
def test_a_sound_document_means_what_it_says(path: Path, sound: tuple[Kind, Any]) -> None:
    kind, document = sound
    assert kind.read(write(path, document)) == kind.expected(document, path.parent)


@EVERYWHERE
def test_another_type_anywhere_is_named_with_its_place(path: Path, kind: Kind, document: Any) -> None:
    for place in places(document):
        right = type(at(document, place))
        for wrong in (value for value in WRONG if type(value) is not right):
            message = refusal(kind, write(path, replaced(document, place, wrong)))
            assert message == f"{shown(place)}: expected {NAMES[right]}, found {json.dumps(wrong)[:100]}"


@EVERYWHERE
def test_a_field_that_is_absent_or_null_is_named_unless_it_is_optional(path: Path, kind: Kind, document: Any) -> None:
    for place in (place for place in places(document) if place and isinstance(place[-1], str)):
        null, absent = replaced(document, place, None), replaced(document, place, None)
        del at(absent, place[:-1])[place[-1]]
        for other in (null, absent):
            write(path, other)
            if place[-1] in kind.optional:
                assert kind.read(path) == kind.expected(other, path.parent)
            else:
                assert refusal(kind, path) == f"{shown(place)}: expected a value, found none"


@EVERYWHERE
def test_a_field_that_nobody_knows_is_named_with_its_place(path: Path, kind: Kind, document: Any) -> None:
    for place in (place for place in places(document) if isinstance(at(document, place), dict)):
        for key in ("colour", "Name", "name ", "", "a.b", "\x1b[2J\n", "\u00e4", "x" * 9999):
            for value in (1, None, {"a": 1}):
                message = refusal(kind, write(path, replaced(document, (*place, key), value)))
                name = (key if key and key.isprintable() else json.dumps(key))[:100]
                assert message == f"{shown((*place, name))}: this field is not known here; is it misspelled?"


_UNPRINTABLE = ["a\nb", "\x1b[2J", "\0", "\ud800"]
_BAD_REPOSITORIES = ["", "A", "../a", "a/", "a" * 256, "a\n"]
_BAD_REGISTRIES = ["https://ghcr.io", "a b", "h/A", "x" * 9999]
_BAD_NUMBERS = [-1, -(2**63), 2**63, 10**4000]
_BAD_TAGS = ["", "-a", "a b", "x" * 129, "\x1b[2J"]
BAD: dict[str, list[Any]] = {
    "schema": ["", "rules_release/release-set/v2", "rules_release/release-record/v2", "x" * 9999],
    "repository": _BAD_REPOSITORIES,
    "record_repository": _BAD_REPOSITORIES,
    "registry": _BAD_REGISTRIES,
    "layout": ["\0", "a\0b", "\ud800"],
    "descriptor": ["\0", "\ud800"],
    "source": ["\0", "a\0b", "\ud800"],
    "short_length": [6, 65, *_BAD_NUMBERS],
    "digest": ["", "sha256:", "sha256:" + "A" * 64, "md5:" + "0" * 32, "../" * 999],
    "size": _BAD_NUMBERS,
    **dict.fromkeys(("name", "version", "commit", "media_type"), _UNPRINTABLE),
    **dict.fromkeys(("immutable_tags", "moving_tags"), _BAD_TAGS),
}
BAD_IN_SETS = BAD | {
    "name": [*_UNPRINTABLE, "", "/", "..", "a/../b", "/abs", "a/", "."],
    "registry": ["", *_BAD_REGISTRIES],
}


@EVERYWHERE
def test_a_value_that_is_not_allowed_is_named_with_its_place(path: Path, kind: Kind, document: Any) -> None:
    bad = BAD_IN_SETS if kind is SET_KIND else BAD
    for place in (place for place in places(document) if not isinstance(at(document, place), dict | list)):
        field = next(key for key in reversed(place) if isinstance(key, str))
        for value in bad.get(field, []):
            assert refusal(kind, write(path, replaced(document, place, value))).startswith(f"{shown(place)}: ")


@given(SETS.filter(lambda document: bool(document["images"])), st.sampled_from(["name", "repository"]), st.data())
@CLAIM
def test_what_must_be_unique_names_both_places(path: Path, document: Any, what: str, data: st.DataObject) -> None:
    images = document["images"]
    first = data.draw(st.integers(0, len(images) - 1))
    twin = {"name": "another", "repository": "an/other", "layout": "x"} | {what: images[first][what]}
    message = refusal(SET_KIND, write(path, {**document, "images": [*images, twin]}))
    assert message == f"images[{len(images)}].{what}: {twin[what]!r} is taken by images[{first}]"
    message = refusal(SET_KIND, write(path, {**document, "record_repository": images[first]["repository"]}))
    assert message == f"record_repository: {images[first]['repository']!r} is taken by images[{first}]"


@given(DOCUMENTS, JSON, st.data())
@CLAIM
def test_anything_anywhere_is_read_or_refused(
    path: Path, sound: tuple[Kind, Any], value: Any, data: st.DataObject
) -> None:
    kind, document = sound
    place = data.draw(st.sampled_from(list(places(document))))
    other = write(path, replaced(document, place, value))
    try:
        assert kind.read(other) == kind.expected(replaced(document, place, value), path.parent)
    except InputError:
        assert refusal(kind, path).startswith(shown(place))


@given(DOCUMENTS, st.integers(0, 10**6), st.integers(0, 9), st.binary(max_size=3), st.sampled_from(["utf-8", "utf-16"]))
@CLAIM
def test_a_file_with_other_bytes_is_read_or_refused(
    path: Path, sound: tuple[Kind, Any], start: int, length: int, instead: bytes, encoding: str
) -> None:
    kind, document = sound
    content = json.dumps(document).encode(encoding)
    start %= len(content) + 1
    path.write_bytes(content[:start] + instead + content[start + length :])
    try:
        kind.read(path)
    except InputError:
        assert refusal(kind, path)
