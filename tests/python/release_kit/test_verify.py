"""`release-kit verify`: a release that is as it was passes, and each kind of drift is named."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from release_kit.cli.app import main
from release_kit.documents.fields import parse_document
from release_kit.engines.verify import _contents
from tests.support import layouts, releases
from tests.support.fault_registry import BearerAuth, FaultRegistry, actions
from tests.support.fault_registry.routes import Endpoint
from tests.support.secret_search import secret

Spoil = Callable[["Released"], object]


def release(folder: Path, host: str) -> Path:
    """Releases an image and an index and returns the record."""
    index = layouts.Layout(folder / "web")
    children = [index.manifest(name.encode() * 99, architecture=name) for name in ("amd64", "arm64")]
    made = {
        "shop/core": layouts.image(folder / "core", b"x" * 100_000),
        "shop/web": index.finish(index.index(*children)),
    }
    record = folder / "record.json"
    arguments = ["push", str(releases.write_set(folder, made)), "--registry", host]
    status = ["--status-file", str(releases.write_status(folder))]
    assert main([*arguments, *status, "--record", str(record)]) == 0
    return record


class Released:
    """A release in a registry, and its record."""

    def __init__(self, folder: Path, registry: FaultRegistry) -> None:
        self.registry = registry
        self.record = release(folder, registry.host)
        self.digest = layouts.root_digest(folder / "core")

    def verify(self, *more: str) -> int:
        return main(["verify", str(self.record), *more])


@pytest.fixture(name="released")
def released_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Released]:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with FaultRegistry() as registry:
        yield Released(tmp_path, registry)


def test_a_release_in_a_real_registry_passes_a_deep_look(
    registry_host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    record = release(tmp_path, registry_host)
    capsys.readouterr()
    assert main(["verify", str(record), "--deep"]) == 0
    assert "everything is as the record says" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--deep"], ["--json"], ["--deep", "--json"]])
def test_a_release_that_is_as_it_was_passes(
    released: Released, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    before = len(released.registry.journal.writes())
    capsys.readouterr()
    assert released.verify(*more) == 0
    out, err = capsys.readouterr()
    assert "everything is as the record says" in err
    assert (json.loads(out)["drifts"] == []) if "--json" in more else not out
    assert len(released.registry.journal.writes()) == before


def test_a_deep_look_reads_each_thing_once(released: Released) -> None:
    before = len(released.registry.journal.records)
    released.verify("--deep")
    reads = [record.path for record in released.registry.journal.records[before:] if record.method == "GET"]
    assert len(reads) == len(set(reads)) == 4 + 2 + 4  # Manifests, and the blobs of each image.


@pytest.mark.parametrize(
    "manifest",
    [{"layers": 7}, {"layers": [{}]}, {"layers": [{"digest": "sha384:" + "0" * 96}]}, {"manifests": [3]}, []],
)
def test_a_manifest_that_makes_no_sense_is_a_drift(
    released: Released, capsys: pytest.CaptureFixture[str], manifest: object
) -> None:
    content = json.dumps(manifest).encode()
    record = json.loads(released.record.read_text())
    record["images"] = record["images"][:1]
    record["images"][0]["digest"] = digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    record["images"][0]["immutable_tags"] = record["images"][0]["moving_tags"] = []
    released.record.write_text(json.dumps(record))
    answer = {"Docker-Content-Digest": digest}
    released.registry.on(actions.status(200, body=content, headers=tuple(answer.items())), "HEAD|GET", "/manifests/")
    capsys.readouterr()
    assert released.verify("--deep", "--json") == 1
    (drift,) = json.loads(capsys.readouterr().out)["drifts"]
    assert drift["found"].startswith("unreadable: ")


def test_layers_may_be_null_as_go_writes_an_empty_list(released: Released) -> None:
    contents = parse_document(b'{"layers": null, "manifests": null, "config": null}', "place", _contents)
    assert contents == ((), ())


def test_a_moved_tag_is_named_with_both_digests(released: Released, capsys: pytest.CaptureFixture[str]) -> None:
    other = released.registry.state.put_image("shop/core", "v1.2.3")
    capsys.readouterr()
    assert released.verify() == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[1].split() == ["shop/core:v1.2.3", released.digest, other]
    assert "1 things" in err
    assert "push the same release again" in err


def test_a_lost_tag_is_named(released: Released, capsys: pytest.CaptureFixture[str]) -> None:
    released.registry.on(actions.status(404), "HEAD", "/shop/core/manifests/latest")
    capsys.readouterr()
    assert released.verify("--json") == 1
    out, err = capsys.readouterr()
    drift = {"place": "shop/core:latest", "expected": released.digest, "found": "nothing", "moving": True}
    assert json.loads(out)["drifts"] == [drift]
    assert "held back for publish, or with a newer release" in err
    assert released.verify("--without-moving-tags") == 0


def test_what_never_moves_is_looked_at_without_moving_tags(released: Released) -> None:
    released.registry.state.put_image("shop/core", "v1.2.3")
    assert released.verify("--without-moving-tags") == 1


@pytest.mark.parametrize("body", [b"y" * 100_000, b"x" * 99_999])
def test_another_content_under_the_same_name_is_found_by_a_deep_look_only(
    released: Released, capsys: pytest.CaptureFixture[str], body: bytes
) -> None:
    released.registry.on(actions.status(200, body=body), "GET", "/shop/core/blobs/", nth=1)
    capsys.readouterr()
    assert released.verify() == 0
    assert released.verify("--deep", "--json") == 1
    (drift,) = json.loads(capsys.readouterr().out)["drifts"]
    assert drift["place"] == f"shop/core@{drift['expected']}"
    assert drift["found"].startswith("sha256:")


def test_a_lost_blob_is_found_by_a_deep_look(released: Released, capsys: pytest.CaptureFixture[str]) -> None:
    released.registry.on(actions.status(404), "HEAD", "/shop/web/blobs/", nth=1)
    capsys.readouterr()
    assert released.verify("--deep", "--json") == 1
    (drift,) = json.loads(capsys.readouterr().out)["drifts"]
    assert drift["found"] == "nothing"


def test_a_record_that_is_none_is_bad_input(released: Released, capsys: pytest.CaptureFixture[str]) -> None:
    released.record.write_text("{}")
    assert released.verify() == 2
    assert "record.json: schema: expected a value" in capsys.readouterr().err


def test_who_only_reads_asks_for_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    password = secret("verify")
    with FaultRegistry(None, BearerAuth({"me": password})) as registry:
        auth = b64encode(f"me:{password}".encode()).decode()
        (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": auth}}}))
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
        released = Released(tmp_path, registry)
        before = len(registry.journal.records)
        assert released.verify("--deep") == 0
        asked = [each.query for each in registry.journal.records[before:] if each.endpoint is Endpoint.TOKEN]
    assert asked
    assert not any("push" in query for query in asked)
