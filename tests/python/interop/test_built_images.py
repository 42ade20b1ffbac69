"""Layouts of the rules_oci of this build, the stand-in or a real one: they have the shapes that the real rules gave."""

import json
from pathlib import Path

import pytest

from tests.interop import scratch
from tests.interop.shape import describe, differences

BUILT = Path("tests", "interop", "images")
REAL = json.loads((scratch.IMAGES / "rules_oci_shapes.json").read_bytes())
INDEXES = ("annotated_index", "index", "platform_index")


@pytest.mark.parametrize("image", scratch.OCI_IMAGES)
def test_a_layout_has_the_shape_that_the_real_rules_gave(image: str) -> None:
    found = describe(BUILT / image)
    if image == "platform_index":
        # In which order an index has its platforms is Bazel's choice, by the labels of the platforms.
        assert sorted_by_platform(found) == sorted_by_platform(REAL[image])
    else:
        assert differences(REAL[image], found) == []


@pytest.mark.parametrize("image", scratch.OCI_IMAGES)
def test_index_json_has_one_descriptor_without_annotations_and_platform(image: str) -> None:
    entries = describe(BUILT / image)["index"]["entries"]
    assert [entry["keys"] for entry in entries] == [["digest", "mediaType", "size"]]


@pytest.mark.parametrize("image", scratch.OCI_IMAGES)
def test_only_an_index_lacks_the_schema_version_and_media_type(image: str) -> None:
    keys = describe(BUILT / image)["index"]["keys"]
    assert keys == (["manifests"] if image in INDEXES else ["manifests", "mediaType", "schemaVersion"])


def test_layers_are_links_out_of_the_layout_and_an_index_has_files() -> None:
    assert describe(BUILT / "plain")["storage"]["layer"] == ["link to a file outside"]
    assert describe(BUILT / "chained")["storage"]["layer"] == [
        "link to a blob of another layout",
        "link to a file outside",
    ]
    assert describe(BUILT / "index")["storage"]["layer"] == ["file"]


@pytest.mark.parametrize("image", ["based", "index"])
def test_the_digest_target_names_the_only_root(image: str) -> None:
    index = json.loads((BUILT / image / "index.json").read_bytes())
    assert (BUILT / f"{image}.json.sha256").read_text() == index["manifests"][0]["digest"] + "\n"


def sorted_by_platform(shape: dict[str, list[dict[str, list[dict[str, dict[str, str]]]]]]) -> object:
    for nested in shape["nested"]:
        nested["entries"].sort(key=lambda entry: entry["platform"]["architecture"])
    return shape
