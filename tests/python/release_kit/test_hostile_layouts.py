"""Layouts made to do harm: each is refused before any request, in a moment, with one error that names it."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release_kit.adapters import layout
from release_kit.cli.app import main
from release_kit.errors import InputError
from tests.support import layouts, releases
from tests.support.layouts import CONFIG, INDEX, LAYER, MANIFEST, Layout

Make = Callable[[Layout], object]
ZEROS = "sha256:" + "0" * 64


def root(**fields: Any) -> Make:
    """The root's descriptor has other fields."""
    return lambda made: made.finish({**made.manifest(b"layer"), **fields})


def layer(**fields: Any) -> Make:
    """A layer's descriptor has other fields."""
    return lambda made: made.finish(made.manifest(layers=[{**made.blob(b"layer", LAYER), **fields}]))


def manifest(**fields: Any) -> Make:
    """The manifest has other fields."""
    return lambda made: made.finish(made.manifest(b"layer", **fields))


def document(content: bytes, media_type: str = MANIFEST) -> Make:
    """The root's content is this, under its right digest and size."""
    return lambda made: made.finish(made.blob(content, media_type))


def file(name: str, content: bytes) -> Make:
    """A file of a good layout has another content."""

    def make(made: Layout) -> None:
        made.finish(made.manifest(b"layer"))
        (made.folder / name).write_bytes(content)

    return make


def instead(name: str, put: Callable[[Path], object]) -> Make:
    """Something else stands where a file of a good layout was; `layer` is the layer's blob."""

    def make(made: Layout) -> None:
        made.finish(made.manifest(b"layer"))
        path = made.folder / name
        if name == "layer":
            path = made.folder / "blobs" / "sha256" / made.blob(b"layer", LAYER)["digest"][7:]
        path.unlink()
        put(path)

    return make


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)
    os.chdir(here)


def many(count: int) -> Make:
    """An index of so many manifests."""

    def make(made: Layout) -> None:
        children = [made.manifest(architecture=f"a{number}") for number in range(count)]
        made.finish(made.index(*children))

    return make


def chain(depth: int) -> Make:
    """An index in an index in an index."""

    def make(made: Layout) -> None:
        child = made.manifest(b"layer")
        for _ in range(depth):
            child = made.index(child)
        made.finish(child)

    return make


HOSTILE: dict[str, Make] = {
    "digest that climbs": root(digest="sha256:../../../../etc/passwd"),
    "digest that climbs, of full length": root(digest="sha256:" + "../" * 21 + "a"),
    "digest with a line feed": root(digest=ZEROS + "\n"),
    "digest in capitals": root(digest="sha256:" + "A" * 64),
    "digest too short": root(digest="sha256:" + "0" * 63),
    "sha512 of sha256's length": root(digest="sha512:" + "0" * 64),
    "algorithm that climbs": root(digest="../blobs/sha256:" + "0" * 64),
    "algorithm nobody knows": root(digest="sha1:" + "0" * 40),
    "digest that is null": root(digest=None),
    "digest that is a list": root(digest=[ZEROS]),
    "digest of nothing that is there": root(digest=ZEROS),
    "size that is negative": root(size=-1),
    "size that is enormous": root(size=2**70),
    "size that is a fraction": root(size=1.5),
    "size that is true": root(size=True),
    "size that is one too many": layer(size=6),
    "size that is one too few": layer(size=4),
    "media type that is missing": root(mediaType=None),
    "media type that is a number": root(mediaType=7),
    "media type of an attachment": root(mediaType="text/html"),
    "control characters in the media type": root(mediaType="\x1b[2J"),
    "layer that climbs": layer(digest="sha256:../../../../../../etc/shadow"),
    "layer of another content": layer(digest=ZEROS),
    "layers that are no list": manifest(layers={"0": "x"}),
    "layers that are numbers": manifest(layers=[1, 2]),
    "no config": manifest(config=None),
    "config that is a list": manifest(config=[]),
    "config without a digest": manifest(config={"mediaType": CONFIG, "size": 2}),
    "manifest that is a list": document(b"[]"),
    "manifest that is empty": document(b""),
    "manifest that is no JSON": document(b"\x00\x01\x02"),
    "manifest that is no UTF-8": document(b'{"config": "\xff\xfe"}'),
    "manifest that is deep": document(b"[" * 200_000 + b"]" * 200_000),
    "manifest that is large": document(b'{"a": "' + b"x" * 5_000_000 + b'"}'),
    "index whose manifests are numbers": document(b'{"manifests": [1]}', INDEX),
    "index that points nowhere": document(json.dumps({"manifests": [{"digest": ZEROS}]}).encode(), INDEX),
    "index of too many": many(1001),
    "index in an index, a hundred deep": chain(100),
    "index.json that is large": file("index.json", b" " * 5_000_000),
    "index.json that is a list": file("index.json", b"[]"),
    "index.json with NaN": file("index.json", b'{"manifests": NaN}'),
    "oci-layout that is large": file("oci-layout", b" " * 10_000),
    "oci-layout of the future": file("oci-layout", b'{"imageLayoutVersion": "9.0.0"}'),
    "oci-layout that is a list": file("oci-layout", b"[]"),
    "index.json that is endless": instead("index.json", lambda path: path.symlink_to("/dev/zero")),
    "index.json that is a folder": instead("index.json", lambda path: path.mkdir()),
    "layer that is endless": instead("layer", lambda path: path.symlink_to("/dev/zero")),
    "layer that is random": instead("layer", lambda path: path.symlink_to("/dev/urandom")),
    "layer that is a pipe": instead("layer", lambda path: os.mkfifo(path)),
    "layer that is a socket": instead("layer", make_socket),
    "layer that is a folder": instead("layer", lambda path: path.mkdir()),
    "layer that is a link to a folder": instead("layer", lambda path: path.symlink_to("/etc")),
    "layer that is a link to itself": instead("layer", lambda path: path.symlink_to(path.name)),
    "layer that is a link to nothing": instead("layer", lambda path: path.symlink_to("nothing")),
    "layer that is another file": instead("layer", lambda path: path.symlink_to("/etc/passwd")),
    "layer of the kernel's": instead("layer", lambda path: path.symlink_to("/proc/self/mem")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_layout_is_refused_before_any_request(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    HOSTILE[name](Layout(tmp_path / "image"))
    path = releases.write_set(tmp_path, {"shop/core": tmp_path / "image"})
    nobody = "127.0.0.1:1"  # A request would be another error.
    assert main(["push", str(path), "--registry", nobody, "--status-file", str(releases.write_status(tmp_path))]) == 2
    out, err = capsys.readouterr()
    (error,) = [line for line in err.splitlines() if line.startswith("ERROR")]
    assert error.startswith(f"ERROR image core: {tmp_path}/image")
    assert err.replace("\n", "").isprintable()
    assert not out
    assert len(err) < 1000


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 40


def test_a_layer_of_the_right_length_and_another_content_is_refused(tmp_path: Path) -> None:
    made = Layout(tmp_path / "image")
    made.finish(made.manifest(b"layer"))
    (made.folder / "blobs" / "sha256" / made.blob(b"layer", LAYER)["digest"][7:]).write_bytes(b"LAYER")
    blob = next(blob for blob in layout.load(made.folder).blobs if blob.size == 5)
    with pytest.raises(InputError, match="its content has the digest"):
        layout.verify_blob(blob)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
_DESCRIPTORS = st.fixed_dictionaries({}, optional={"mediaType": _JSON, "digest": _JSON, "size": _JSON})


@given(
    st.fixed_dictionaries(
        {}, optional={"config": _DESCRIPTORS | _JSON, "layers": st.lists(_DESCRIPTORS | _JSON) | _JSON}
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
def test_whatever_a_manifest_says_is_read_or_refused(tmp_path: Path, content: dict[str, Any]) -> None:
    made = Layout(tmp_path / "image")
    made.finish(made.blob(json.dumps(content).encode(), MANIFEST))
    with pytest.raises(InputError):
        layout.load(made.folder)


@given(st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
def test_whatever_index_json_says_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = layouts.image(tmp_path / "image", b"layer")
    (folder / "index.json").write_bytes(content)
    with pytest.raises(InputError):
        layout.load(folder)
