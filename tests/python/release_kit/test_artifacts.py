"""What is pushed arrives as it was built, byte for byte and under its own media type, whatever kind it is.

Each claim is made of a strict registry in memory and of real ones, and read back over plain HTTP.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rehearsal.real_registry import PROGRAMS, real_registry
from tests.support import artifacts, releases
from tests.support.artifacts import Answer, get
from tests.support.fault_registry import FaultRegistry
from tests.support.layouts import Layout

STRICT = "strict"
KINDS: dict[str, Callable[[Layout], dict[str, Any]]] = {
    "image for several platforms": artifacts.platforms,
    "index in an index": artifacts.nested,
    "index of both kinds of types": artifacts.mixed,
    "layer packed with zstd": artifacts.zstd,
    "Docker image": artifacts.docker_image,
    "Docker manifest list": artifacts.docker_list,
    "artifact with an empty config": artifacts.artifact,
    "artifact with annotations": artifacts.annotated,
    "artifact of nothing but its type": artifacts.bare,
    "Helm chart": artifacts.helm_chart,
}


class Released(NamedTuple):
    """A release of one image of each kind, and where it was pushed."""

    folder: Path
    host: str
    roots: dict[str, tuple[Layout, dict[str, Any]]]

    def root(self, kind: str) -> Answer:
        """Returns what the registry has to say to a GET of the root."""
        made, descriptor = self.roots[repository(kind)]
        return Answer(200, descriptor["mediaType"], made.path(descriptor["digest"]).read_bytes())


def repository(kind: str) -> str:
    return f"kinds/{kind.lower().replace(' ', '-')}"


@pytest.fixture(name="released", scope="module", params=[STRICT, *PROGRAMS])
def released_fixture(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    folder = tmp_path_factory.mktemp("released")
    roots = {}
    for kind, make in KINDS.items():
        made = Layout(folder / repository(kind))
        roots[repository(kind)] = (made, make(made))
    with pytest.MonkeyPatch.context() as patch, running(request.param, folder) as host:
        patch.setenv("DOCKER_CONFIG", str(folder))
        assert artifacts.push(folder, host, roots) == 0
        yield Released(folder, host, roots)


@contextmanager
def running(kind: str, folder: Path) -> Iterator[str]:
    if kind == STRICT:
        with FaultRegistry() as registry:
            yield registry.host
    else:
        with real_registry(kind, folder) as host:
            yield host


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_arrives_byte_for_byte_under_its_media_type(released: Released, kind: str) -> None:
    made, _ = released.roots[repository(kind)]
    for path in (made.folder / "blobs").glob("*/*"):
        content = path.read_bytes()
        media_type = json.loads(content)["mediaType"] if content.startswith(b'{"schemaVersion') else None
        name = f"{'manifests' if media_type else 'blobs'}/{path.parent.name}:{path.name}"
        answer = get(released.host, f"{repository(kind)}/{name}")
        assert (answer.status, answer.body) == (200, content)
        assert media_type in (None, answer.media_type)


@pytest.mark.parametrize("kind", KINDS)
def test_every_tag_shows_the_root(released: Released, kind: str) -> None:
    _, root = released.roots[repository(kind)]
    for tag in ("v1.2.3", "latest", f"sha-{releases.COMMIT}", f"sha-{root['digest'][7:19]}"):
        assert get(released.host, f"{repository(kind)}/manifests/{tag}") == released.root(kind)


def test_a_second_push_finds_every_kind_there(released: Released, capsys: pytest.CaptureFixture[str]) -> None:
    assert artifacts.push(released.folder, released.host, released.roots) == 0
    assert f"nothing to push: all {4 * len(KINDS)} tags" in capsys.readouterr().err


@pytest.mark.parametrize("media_type", artifacts.FOREIGN_LAYERS)
@pytest.mark.parametrize("there", [True, False], ids=["in the layout", "elsewhere"])
def test_a_foreign_layer_is_not_uploaded(released: Released, tmp_path: Path, media_type: str, there: bool) -> None:
    made = Layout(tmp_path / "made")
    root, layer = artifacts.foreign(made, media_type)
    if not there:
        made.path(layer["digest"]).unlink()
    name = f"foreign/{'there' if there else 'elsewhere'}-{artifacts.FOREIGN_LAYERS.index(media_type)}"
    assert artifacts.push(tmp_path, released.host, {name: (made, root)}) == 0
    assert get(released.host, f"{name}/blobs/{layer['digest']}").status == 404
    answer = get(released.host, f"{name}/manifests/v1.2.3")
    assert answer == (200, root["mediaType"], made.path(root["digest"]).read_bytes())
