"""The release record as an artifact beside the images: published last, fetched and verified by anyone."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.cli.app import main
from release_kit.documents.release_record import MEDIA_TYPE, ImageRecord, ReleaseRecord
from release_kit.engines.push.record import record_image
from release_kit.values.image import EMPTY_TYPE
from tests.support import layouts, releases
from tests.support.fault_registry import FaultRegistry

RECORDS = "shop/release"


class Workplace:
    """A release set of two images that publishes its record."""

    def __init__(self, folder: Path, registry: FaultRegistry) -> None:
        self.registry = registry
        self.folder = folder
        self.file = folder / "record.json"
        made = {f"shop/{name}": layouts.image(folder / name, b"shared", name.encode()) for name in ("core", "web")}
        self.set = releases.write_set(folder, made, record_repository=RECORDS)

    def push(self, *more: str, version: str = "1.2.3", commit: str = releases.COMMIT) -> int:
        status = releases.write_status(self.folder, version, commit)
        common = ["--registry", self.registry.host, "--status-file", str(status), "--record", str(self.file)]
        return main(["push", str(self.set), *common, *more])

    def verify(self, name: str, *more: str) -> int:
        return main(["verify", f"oci://{self.registry.host}/{RECORDS}{name}", *more])


@pytest.fixture(name="work")
def work_fixture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with FaultRegistry() as registry:
        yield Workplace(tmp_path, registry)


def test_the_published_record_is_the_file_without_the_registrys_name(work: Workplace) -> None:
    assert work.push() == 0
    with closing(HttpRegistry(work.registry.host, Credentials(), plain_http=True)) as registry:
        manifest = json.loads(registry.manifest(RECORDS, "v1.2.3"))
        content = registry.blob(RECORDS, manifest["layers"][0]["digest"])
    assert manifest["artifactType"] == manifest["layers"][0]["mediaType"] == MEDIA_TYPE
    assert manifest["config"]["mediaType"] == EMPTY_TYPE
    assert json.loads(content) == {**json.loads(work.file.read_text()), "registry": ""}


def test_the_record_gets_the_tags_of_the_images(work: Workplace) -> None:
    work.push()
    tags = set(work.registry.state.tags(RECORDS))
    assert tags >= {"v1.2.3", "latest", f"sha-{releases.COMMIT}"}


def test_the_record_is_tagged_after_everything_else(work: Workplace) -> None:
    work.push()
    puts = [record.path for record in work.registry.journal.records if record.method == "PUT"]
    tags = [path for path in puts if "/manifests/" in path and "sha256:" not in path]
    assert [RECORDS in path for path in tags] == [False] * 8 + [True] * 4


def test_a_second_push_looks_at_the_record_and_writes_nothing(work: Workplace) -> None:
    work.push()
    before = len(work.registry.journal.records)
    assert work.push() == 0
    assert [record.method for record in work.registry.journal.records[before:]] == ["HEAD"] * 3 * 4


def test_a_part_of_the_set_publishes_no_record(work: Workplace) -> None:
    assert work.push("--only", "core") == 0
    assert not work.registry.state.tags(RECORDS)


def test_a_version_that_was_recorded_with_other_content_is_a_conflict(
    work: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    work.push()
    document = json.loads(work.set.read_text())
    document["images"].pop()
    work.set.write_text(json.dumps(document))
    before = len(work.registry.journal.writes())
    assert work.push() == 1
    assert f"{RECORDS}:v1.2.3 is sha256:" in capsys.readouterr().err
    assert len(work.registry.journal.writes()) == before


def test_a_commit_that_was_pushed_unreleased_can_be_released(work: Workplace) -> None:
    assert work.push(version="dev") == 0
    unreleased = work.registry.state.tags(RECORDS)[f"sha-{releases.COMMIT}"]
    assert work.push() == 0
    tags = work.registry.state.tags(RECORDS)
    assert tags[f"sha-{releases.COMMIT}"] == tags["v1.2.3"] == tags["latest"] != unreleased


def test_a_registry_by_another_name_has_the_same_record(work: Workplace) -> None:
    work.push()
    with FaultRegistry() as other:
        first, work.registry = work.registry, other
        work.push()
        assert other.state.tags(RECORDS) == first.state.tags(RECORDS)


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("name", "\x1b[2Jshop", "name: expected printable text"),
        ("version", "1\r\n2", "version: expected printable text"),
        ("registry", "h/../x y", "registry: expected"),
        ("images.repository", "../../admin", "images[0].repository: expected a repository"),
        ("images.immutable_tags", ["v1", "a b"], "images[0].immutable_tags[1]: the tag 'a b'"),
        ("images.media_type", "a\x07", "images[0].media_type: expected printable text"),
    ],
)
def test_a_hostile_record_is_refused(
    work: Workplace, path: str, text: object, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    work.push()
    document = json.loads(work.file.read_text())
    place = document["images"][0] if path.startswith("images.") else document
    place[path.removeprefix("images.")] = text
    work.file.write_text(json.dumps(document))
    capsys.readouterr()
    assert main(["verify", str(work.file)]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.replace("\n", "").isprintable()


def test_a_record_without_a_registry_wants_to_be_told(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    work.push()
    work.file.write_text(json.dumps({**json.loads(work.file.read_text()), "registry": ""}))
    assert main(["verify", str(work.file)]) == 2
    assert "say with --registry" in capsys.readouterr().err
    assert main(["verify", str(work.file), "--registry", work.registry.host]) == 0


def test_a_release_whose_record_can_not_be_written_is_said_to_be_there(
    work: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert work.push("--record", "/dev/null/record.json") == 1
    assert f"the release is in {work.registry.host}, but its record is not written" in capsys.readouterr().err
    assert "latest" in work.registry.state.tags("shop/core")


def test_anyone_with_the_registry_can_verify(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    work.push()
    digest = work.registry.state.tags(RECORDS)["v1.2.3"]
    for name in (":v1.2.3", "", f"@{digest}"):
        capsys.readouterr()
        assert work.verify(name, "--deep") == 0
        assert "verify: 2 images of shop 1.2.3" in capsys.readouterr().err


def test_drift_is_found_by_the_published_record(work: Workplace) -> None:
    work.push()
    work.push(version="1.2.4", commit="f" * 40)
    foreign = work.registry.state.put_image("shop/core", "v1.2.4")
    assert foreign
    assert work.verify(":v1.2.4") == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (":v9.9.9", "there is no shop/release:v9.9.9"),
        (":no/tag", "expected a repository"),
        ("@sha256:12", "expected a digest"),
        (":.x", "the tag '.x'"),
    ],
)
def test_a_reference_that_leads_nowhere_is_one_clear_error(
    work: Workplace, name: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert work.verify(name) in (1, 2)
    assert says in capsys.readouterr().err


def test_an_image_is_no_release_record(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    work.push()
    assert main(["verify", f"oci://{work.registry.host}/shop/core:v1.2.3"]) == 2
    assert f"artifactType: expected '{MEDIA_TYPE}', found None" in capsys.readouterr().err


def test_a_dry_run_shows_the_record_too(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push("--dry-run", "--json") == 0
    record = json.loads(capsys.readouterr().out)["record"]
    assert record["repository"] == RECORDS
    assert {tag["action"] for tag in record["tags"]} == {"create"}
    assert not work.registry.journal.writes()


def test_the_repository_of_an_image_is_no_place_for_records(
    work: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(work.set.read_text())
    work.set.write_text(json.dumps({**document, "record_repository": "shop/web"}))
    assert work.push() == 2
    assert "record_repository: 'shop/web' is taken by images[1]" in capsys.readouterr().err


def test_the_same_record_is_the_same_artifact() -> None:
    image = ImageRecord("core", "shop/core", "sha256:" + "0" * 64, "application/x", 1, ("v1",), ())
    records = [ReleaseRecord("shop", "1.2.3", commit, False, "h", (image,)) for commit in ("a", "a", "b", "")]
    digests = [record_image(record).root.digest for record in records]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
