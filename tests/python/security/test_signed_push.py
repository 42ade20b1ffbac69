"""`release-kit push --signer`: everything is signed by its digest when it is there, and before anything moves."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from rehearsal.real_registry import DISTRIBUTION_3, real_registry
from release_kit.cli.app import main
from release_kit.documents.fields import read_document
from release_kit.documents.release_record import from_fields
from release_kit.documents.statement import statement
from tests.support import signing
from tests.support.chart_releases import CHARTS, Workplace
from tests.support.fault_registry import FaultRegistry, Options, Record

RECORDS = "shop/release"
REPOSITORIES = ("shop/core", "shop/web", CHARTS, RECORDS)


class Signed:
    """A release of two images, a chart and its record, a key, and a signer."""

    def __init__(self, folder: Path, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.work = Workplace(folder, host)
        self.work.write(record_repository=RECORDS)
        self.host = host
        key, self.key = signing.new_key(folder)
        monkeypatch.setenv(signing.KEY, str(key))
        self.signer = signing.signer(folder)

    def push(self, *more: str) -> int:
        common = ["--registry", self.host, "--status-file", str(self.work.status), "--record", str(self.work.record)]
        return main(["push", str(self.work.set), *common, "--signer", str(self.signer), *more])

    def statements(self, key: VerifyKey | None = None) -> dict[str, list[str]]:
        """Returns the verified statements beside each thing that is in the record, and beside the record itself."""
        record = json.loads(self.work.record.read_text())
        parts = {part["repository"]: part["digest"] for part in (*record["images"], *record["charts"])}
        references = [f"{self.host}/{repository}@{digest}" for repository, digest in parts.items()]
        return {
            each: [json.dumps(found, indent=2) + "\n" for found in signing.verified(each, key or self.key)]
            for each in references
        }


@pytest.fixture(autouse=True)
def settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))


@pytest.fixture(name="registry")
def registry_fixture() -> Iterator[FaultRegistry]:
    with FaultRegistry(Options(referrers=False)) as registry:
        yield registry


@pytest.fixture(name="signed")
def signed_fixture(registry: FaultRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signed:
    return Signed(tmp_path, registry.host, monkeypatch)


def signatures(registry: FaultRegistry) -> list[Record]:
    """Returns the requests that have stored a signature."""
    stored = registry.journal.select("PUT", r"/manifests/sha256:", status=201)
    return [record for record in stored if _is_signature(registry, record)]


def _is_signature(registry: FaultRegistry, record: Record) -> bool:
    content = registry.state.manifests(record.repository)[record.reference]
    return bool(json.loads(content).get("artifactType") == signing.ENVELOPE)


def moving(registry: FaultRegistry) -> list[Record]:
    return registry.journal.select("PUT", r"/manifests/latest$")


def test_every_image_and_chart_is_signed_with_the_statement_of_the_release(signed: Signed) -> None:
    assert signed.push() == 0
    expected = statement(read_document(signed.work.record, from_fields))
    found = signed.statements()
    assert len(found) == 3
    assert set(map(tuple, found.values())) == {(expected,)}


def test_another_key_does_not_verify(signed: Signed) -> None:
    assert signed.push() == 0
    with pytest.raises(BadSignatureError):
        signed.statements(SigningKey.generate().verify_key)


def test_no_tag_moves_before_everything_is_signed(signed: Signed, registry: FaultRegistry) -> None:
    assert signed.push() == 0
    made, moved = signatures(registry), moving(registry)
    assert [record.repository for record in made] == list(REPOSITORIES)
    assert {record.repository for record in moved} == {"shop/core", "shop/web", RECORDS}
    assert max(record.finished or 0 for record in made) < min(record.begun for record in moved)
    record_tags = registry.journal.select("PUT", rf"/{RECORDS}/manifests/(?!sha256[:-])")
    assert max(record.finished or 0 for record in made) < min(record.begun for record in record_tags)


def test_nothing_is_signed_before_all_images_and_charts_are_there(signed: Signed, registry: FaultRegistry) -> None:
    assert signed.push() == 0
    tagged = registry.journal.select("PUT", r"/(shop/core|shop/web|charts/shop)/manifests/(v?1\.2\.3|sha-.*)$")
    assert {record.repository for record in tagged} == {"shop/core", "shop/web", CHARTS}
    assert max(record.finished or 0 for record in tagged) < min(record.begun for record in signatures(registry))


def test_a_second_push_asks_the_signer_again_and_writes_nothing(signed: Signed, registry: FaultRegistry) -> None:
    assert signed.push() == 0
    before = len(registry.journal.writes())
    assert signed.push() == 0
    assert len(registry.journal.writes()) == before


def test_held_tags_are_no_reason_not_to_sign(signed: Signed, registry: FaultRegistry) -> None:
    assert signed.push("--hold-moving-tags") == 0
    assert len(signatures(registry)) == len(REPOSITORIES)
    assert not moving(registry)


def test_a_dry_run_says_what_would_be_signed_and_runs_nothing(
    signed: Signed, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    signed.signer.write_text("#!/bin/sh\nexit 1\n")
    assert signed.push("--dry-run") == 0
    assert "core, web, shop, release record: would be signed by dsse-signer" in capsys.readouterr().err
    assert not registry.journal.writes()


def test_a_push_without_a_signer_signs_nothing(signed: Signed, registry: FaultRegistry) -> None:
    common = ["--registry", registry.host, "--status-file", str(signed.work.status)]
    assert main(["push", str(signed.work.set), *common, "--record", str(signed.work.record)]) == 0
    assert not signatures(registry)


@pytest.mark.parametrize("more", [(), ("--dry-run",)], ids=["push", "dry run"])
def test_a_part_is_not_signed_as_if_it_were_the_whole(
    signed: Signed, registry: FaultRegistry, more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert signed.push("--only", "web", *more) == 2
    assert not registry.journal.records
    said = capsys.readouterr().err
    assert "--only: expected the whole set" in said
    assert "without core, shop" in said
    assert "--no-signer" in said


def test_a_part_is_pushed_unsigned_where_that_is_wanted(signed: Signed, registry: FaultRegistry) -> None:
    assert signed.push("--only", "web", "--no-signer") == 0
    assert registry.state.tags("shop/web")["latest"]
    assert not signatures(registry)


def test_parts_that_are_the_whole_are_signed_as_that(signed: Signed) -> None:
    assert signed.push("--only", "web", "--only", "core", "--only", "shop") == 0
    assert set(map(tuple, signed.statements().values())) == {
        (statement(read_document(signed.work.record, from_fields)),)
    }


def test_a_signer_without_a_name_is_none_and_no_reason_to_push_unsigned(
    signed: Signed, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    assert signed.push("--signer", "") == 2
    assert not registry.journal.writes()
    assert "--signer '': is not there or is no program" in capsys.readouterr().err


@pytest.mark.parametrize("stamp", [{"version": "dev"}, {"dirty": "true"}], ids=["dev", "dirty"])
def test_where_all_is_withheld_nothing_is_signed(
    signed: Signed, registry: FaultRegistry, stamp: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    signed.work.images = {}
    signed.work.plain(signed.work.chart, record_repository=RECORDS)
    signed.work.stamp(**stamp)
    assert signed.push("--dry-run") == 0
    assert signed.push() == 0
    assert "sign" not in capsys.readouterr().err
    assert not signatures(registry)


def test_a_signature_that_fails_moves_nothing_and_the_same_push_finishes(
    signed: Signed, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    work = signed.signer.read_text()
    refuse = f"import sys\nif '/{CHARTS}@' in sys.argv[1]: sys.exit('the key is locked')\n"
    signed.signer.write_text(work.replace("from tests", f"{refuse}from tests", 1))
    assert signed.push() == 1
    said = capsys.readouterr().err
    assert re.search(rf"ERROR {registry.host}/{CHARTS}@sha256:[0-9a-f]{{64}} is not signed: dsse-signer ended", said)
    assert "exit code 1; it said:\n  the key is locked" in said
    assert "written so far: " in said
    assert "run the same push again: it is safe" in said
    assert not moving(registry)
    assert not registry.state.tags(RECORDS)
    signed.signer.write_text(work)
    assert signed.push() == 0
    assert all(signed.statements().values())
    assert registry.state.tags(RECORDS)["latest"]


def test_a_real_registry_keeps_the_signatures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    with real_registry(DISTRIBUTION_3, folder) as host:
        signed = Signed(tmp_path, host, monkeypatch)
        assert signed.push() == 0
        assert signed.push() == 0
        expected = statement(read_document(signed.work.record, from_fields))
        assert list(signed.statements().values()) == [[expected]] * 3
