"""What a shape tells of a layout, and what it leaves out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interop.shape import as_text, describe, differences
from tests.support.layouts import Layout, image


def changed(folder: Path, **fields: Any) -> Path:
    """Changes fields of index.json; None removes one."""
    path = folder / "index.json"
    document = json.loads(path.read_bytes()) | fields
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}))
    return folder


def test_other_layers_in_another_folder_have_the_same_shape(tmp_path: Path) -> None:
    one, other = image(tmp_path / "one", b"a"), image(tmp_path / "other", b"something else")
    assert differences(describe(one), describe(other)) == []


def test_a_missing_schema_version_is_a_difference(tmp_path: Path) -> None:
    one, other = image(tmp_path / "one", b"a"), changed(image(tmp_path / "other", b"a"), schemaVersion=None)
    [line] = differences(describe(one), describe(other))
    assert line.startswith("index.keys: expected ")


@pytest.mark.parametrize("field", ["annotations", "platform"])
def test_a_field_of_the_root_descriptor_is_a_difference(tmp_path: Path, field: str) -> None:
    one, other = image(tmp_path / "one", b"a"), image(tmp_path / "other", b"a")
    [entry] = json.loads((other / "index.json").read_bytes())["manifests"]
    changed(other, manifests=[entry | {field: {"a": "b"}}])
    assert any("index.entries[0].keys" in line for line in differences(describe(one), describe(other)))


def test_a_further_layer_is_a_difference(tmp_path: Path) -> None:
    lines = differences(describe(image(tmp_path / "one", b"a")), describe(image(tmp_path / "two", b"a", b"b")))
    assert "images[0].diff_ids: expected 1, found 2" in lines


@pytest.mark.parametrize(
    ("target", "way"),
    [
        ("../../../layer.tar", "link to a file outside"),
        ("../../../base/blobs/sha256/layer", "link to a blob of another layout"),
        ("../../layer.tar", "link within the layout"),
        ("/nonexistent/layer.tar", "absolute link"),
    ],
)
def test_where_a_layer_is_stored_is_told(tmp_path: Path, target: str, way: str) -> None:
    folder = image(tmp_path / "one", b"layer")
    blob = next(path for path in (folder / "blobs" / "sha256").iterdir() if path.read_bytes() == b"layer")
    blob.unlink()
    blob.symlink_to(target)
    assert describe(folder)["storage"] == {"config": ["file"], "layer": [way], "manifest": ["file"]}


def test_a_missing_blob_and_one_that_nothing_names_are_told(tmp_path: Path) -> None:
    folder = image(tmp_path / "one", b"layer")
    blobs = folder / "blobs" / "sha256"
    layer = next(path for path in blobs.iterdir() if path.read_bytes() == b"layer")
    layer.rename(blobs / ("0" * 64))
    found = describe(folder)
    assert (found["storage"]["layer"], found["unreferenced"]) == (["missing"], 1)


def test_platforms_of_an_index_are_part_of_its_shape(tmp_path: Path) -> None:
    shapes = []
    for name, architecture in (("one", "amd64"), ("other", "arm64")):
        layout = Layout(tmp_path / name)
        child = layout.manifest(b"a") | {"platform": {"os": "linux", "architecture": architecture}}
        shapes.append(describe(layout.finish(layout.index(child))))
    assert differences(shapes[0], shapes[1]) == [
        'nested[0].entries[0].platform.architecture: expected "amd64", found "arm64"'
    ]


def test_shapes_written_down_are_read_again(tmp_path: Path) -> None:
    shapes = {"one": describe(image(tmp_path / "one", b"a")), "two": describe(image(tmp_path / "two"))}
    assert json.loads(as_text(shapes)) == shapes
