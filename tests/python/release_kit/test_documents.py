"""Documents: what is written can be read again, and every error names the path inside."""

import bisect
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_kit.documents import release_record, release_set
from release_kit.documents.fields import read_document
from release_kit.errors import InputError
from release_kit.values.tags import TagPolicy

IMAGE = {"name": "core", "repository": "shop/core", "layout": "core_layout"}
USE = {"image": "core", "values": "images.core"}
CHART = {"name": "shop", "repository": "charts", "source": "chart"}
SET: dict[str, Any] = {"schema": "rules_release/release-set/v1", "name": "shop", "images": [IMAGE]}


def load(folder: Path, document: object) -> release_set.ReleaseSet:
    path = folder / "set.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return release_set.load(path)


def test_paths_count_from_the_folder_of_the_set(tmp_path: Path) -> None:
    loaded = load(tmp_path, SET | {"images": [IMAGE, IMAGE | {"name": "web", "repository": "web", "layout": "/abs"}]})
    assert [image.layout for image in loaded.images] == [tmp_path / "core_layout", Path("/abs")]


def test_the_documented_set_is_read(tmp_path: Path) -> None:
    tags = {"immutable": ["v{{STABLE_VERSION}}"], "moving": ["latest"], "digest_prefix": "sha-", "short_length": 12}
    loaded = load(tmp_path, SET | {"registry": "ghcr.io/acme", "tags": tags, "charts": []})
    assert loaded.tags == TagPolicy(("v{{STABLE_VERSION}}",), ("latest",), "sha-", 12)
    assert loaded.registry == "ghcr.io/acme"


def test_a_chart_is_read_with_the_places_of_its_images(tmp_path: Path) -> None:
    loaded = load(tmp_path, SET | {"charts": [CHART | {"images": [USE]}, CHART | {"name": "core", "source": "/x.tgz"}]})
    shop, core = loaded.charts
    assert shop == ("shop", "charts", tmp_path / "chart", (release_set.ChartImage("core", "images.core"),))
    assert core == ("core", "charts", Path("/x.tgz"), ())
    assert loaded.names == ("core", "shop")


def test_a_part_of_a_set_has_what_is_named_and_no_record(tmp_path: Path) -> None:
    loaded = load(tmp_path, SET | {"charts": [CHART, CHART | {"name": "core"}], "record_repository": "records"})
    part = loaded.part(["core"])
    assert ([image.name for image in part.images], [chart.name for chart in part.charts]) == (["core"], ["core"])
    assert (part.record_repository, loaded.part(["shop"]).images) == (None, ())


def test_a_record_without_charts_says_nothing_of_charts() -> None:
    """It is what release-kit wrote before it knew charts, so that a published one is still the same."""
    record = release_record.ReleaseRecord("shop", "1.2.3", "", False, "h", ())
    assert "charts" not in json.loads(record.to_json())
    assert list(json.loads(record.to_json())) == ["schema", "name", "version", "commit", "dirty", "registry", "images"]


def test_a_record_speaks_of_staging_only_where_it_is_skipped() -> None:
    """Releases that were pushed before there were hotfixes keep their identities."""
    record = release_record.ReleaseRecord("shop", "1.2.3", "", False, "", ())
    hotfix = record._replace(skip_staging=True)
    assert "skip_staging" not in record.to_json()
    published = "sha256:6c869ff528d698a3e8110b68ca1c410e4b4a2ef18c812142d303348ab5d1a1cd"
    assert release_record.identity(record) == published
    assert json.loads(hotfix.to_json()) == {**json.loads(record.to_json()), "skip_staging": True}
    assert release_record.identity(hotfix) != published


@pytest.mark.parametrize(
    ("images", "charts", "words"),
    [(0, 0, "nothing"), (1, 0, "1 image"), (2, 1, "2 images and 1 chart"), (0, 3, "3 charts")],
)
def test_a_record_says_what_it_consists_of(images: int, charts: int, words: str) -> None:
    image = release_record.ImageRecord("a", "a", "sha256:" + "0" * 64, "x", 1, (), ())
    chart = release_record.ChartRecord("a", "a", "1.2.3", "sha256:" + "0" * 64, "x", 1, ())
    record = release_record.ReleaseRecord("shop", "1.2.3", "", False, "h", (image,) * images, (chart,) * charts)
    assert record.contents == words


def test_what_may_be_absent_may_be_absent(tmp_path: Path) -> None:
    loaded = load(tmp_path, SET)
    assert (loaded.registry, loaded.tags) == (None, TagPolicy())


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("[]", "document: expected object, found []"),
        ("{", "expected a JSON document"),
        ("[" * 100_000, "expected a JSON document"),
        (SET | {"schema": "rules_release/release-set/v9"}, "schema: expected 'rules_release/release-set/v1'"),
        ({"name": "x"}, "schema: expected a value, found none"),
        (SET | {"images": 7}, "images: expected list, found 7"),
        (SET | {"images": [IMAGE, 7]}, "images[1]: expected object, found 7"),
        (SET | {"images": [IMAGE | {"layout": 7}]}, "images[0].layout: expected string, found 7"),
        (SET | {"images": [{"name": "core"}]}, "images[0].repository: expected a value, found none"),
        (SET | {"images": [IMAGE | {"repository": "Core"}]}, "images[0].repository: expected a repository"),
        (SET | {"images": [IMAGE | {"colour": "red"}]}, "images[0].colour: this field is not known here"),
        (SET | {"images": [IMAGE, IMAGE]}, "images[1].name: 'core' is taken by images[0]"),
        (SET | {"images": [IMAGE, IMAGE | {"name": "x"}]}, "images[1].repository: 'shop/core' is taken by images[0]"),
        (SET | {"images": [IMAGE | {"name": "\x1b[2J"}]}, "images[0].name: expected a name such as shop"),
        (SET | {"images": [IMAGE | {"layout": "a\0b"}]}, "images[0].layout: expected a path, found 'a\\x00b'"),
        (SET | {"images": [IMAGE | {"descriptor": "\ud800"}]}, "images[0].descriptor: expected a path"),
        (SET | {"images": [IMAGE | {"\x1b[2J": 1}]}, 'images[0]."\\u001b[2J": this field is not known here'),
        (SET | {"name": "../../outside"}, "name: expected a name such as shop or acme/shop, found '../../outside'"),
        (SET | {"tags": {"short_length": -(10**999)}}, "tags.short_length: expected integer, found -1000"),
        (SET | {"image": []}, "image: this field is not known here"),
        (SET | {"registry": "https://ghcr.io"}, "registry: expected HOST[:PORT][/PREFIX]"),
        (SET | {"tags": {"short_length": True}}, "tags.short_length: expected integer, found true"),
        (SET | {"tags": {"short_length": 6}}, "tags.short_length: expected 7 to 64 digits, found 6"),
        (SET | {"tags": {"moving": ["a", 1]}}, "tags.moving[1]: expected string, found 1"),
        (SET | {"charts": [{"name": "shop"}]}, "charts[0].repository: expected a value, found none"),
        (SET | {"charts": [CHART | {"version": "1.2.3"}]}, "charts[0].version: this field is not known here"),
        (SET | {"charts": [CHART, CHART]}, "charts[1].name: 'shop' is taken by charts[0]"),
        (SET | {"charts": [CHART | {"source": "a\0b"}]}, "charts[0].source: expected a path, found 'a\\x00b'"),
        (SET | {"charts": [CHART | {"repository": "Charts"}]}, "charts[0].repository: expected a repository"),
        (SET | {"charts": [CHART | {"images": [USE | {"values": 7}]}]}, "charts[0].images[0].values: expected string"),
        (SET | {"charts": [CHART | {"images": [{"values": "a"}]}]}, "charts[0].images[0].image: expected a value"),
        (SET | {"charts": [CHART | {"images": [USE | {"tag": "v1"}]}]}, "charts[0].images[0].tag: this field is not"),
        (
            SET | {"charts": [CHART | {"images": [{"image": "web", "values": "web"}]}]},
            "charts[0].images[0].image: expected the name of an image of the set, found 'web'",
        ),
        (
            SET | {"charts": [CHART | {"images": [USE, USE]}]},
            "charts[0].images[1].values: 'images.core' is taken by charts[0].images[0]",
        ),
    ],
)
def test_an_error_names_the_file_and_the_path(tmp_path: Path, document: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, document)
    assert caught.value.message.startswith(str(tmp_path / "set.json"))
    assert message in caught.value.message


def test_what_can_be_read_but_is_too_deep_to_be_shown_is_refused(tmp_path: Path) -> None:
    def is_read(depth: int) -> bool:
        try:
            json.loads("[" * depth + "]" * depth)
        except RecursionError:
            return False
        return True

    deepest = bisect.bisect_left(range(100_000), True, key=lambda depth: not is_read(depth))
    for depth in range(deepest - 60, deepest + 20):
        name = "[" * depth + "]" * depth
        with pytest.raises(InputError):
            load(tmp_path, f'{{"schema": "rules_release/release-set/v1", "name": {name}}}')


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing.json: can't be read: No such file"):
        release_set.load(tmp_path / "nothing.json")


_TEXT = st.text(max_size=20).filter(str.isprintable)
_TAGS = st.lists(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True)).map(tuple)
_DIGEST = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)
_IMAGES = st.builds(
    release_record.ImageRecord,
    name=_TEXT,
    repository=st.from_regex(r"[a-z0-9]{1,9}(/[a-z0-9]{1,9}){0,2}", fullmatch=True),
    digest=_DIGEST,
    media_type=_TEXT,
    size=st.integers(0, 2**60),
    immutable_tags=_TAGS,
    moving_tags=_TAGS,
)
_CHARTS = st.builds(
    release_record.ChartRecord,
    name=_TEXT,
    repository=st.from_regex(r"[a-z0-9]{1,9}(/[a-z0-9]{1,9}){0,2}", fullmatch=True),
    version=_TEXT,
    digest=_DIGEST,
    media_type=_TEXT,
    size=st.integers(0, 2**60),
    immutable_tags=_TAGS,
)
_RECORDS = st.builds(
    release_record.ReleaseRecord,
    name=_TEXT,
    version=_TEXT,
    commit=_TEXT,
    dirty=st.booleans(),
    registry=st.sampled_from(["", "ghcr.io", "localhost:5000", "[::1]:5000"]),
    images=st.lists(_IMAGES, max_size=3).map(tuple),
    charts=st.lists(_CHARTS, max_size=3).map(tuple),
    skip_staging=st.booleans(),
)


@given(_RECORDS)
def test_a_record_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, record: release_record.ReleaseRecord
) -> None:
    path = tmp_path_factory.mktemp("record") / "record.json"
    path.write_text(record.to_json())
    assert read_document(path, release_record.from_fields) == record
