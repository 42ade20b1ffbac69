"""`release-kit push` as a user runs it, against a real registry: output, files, exit codes."""

import json
import re
from contextlib import closing
from pathlib import Path

import pytest

from rehearsal.real_registry import DISTRIBUTION_2
from release_kit.adapters.registry.client import HttpRegistry
from release_kit.adapters.registry.credentials import Credentials
from release_kit.cli.app import main
from tests.support import layouts, releases

# For what does not depend on the kind of registry.
one_registry = pytest.mark.parametrize("registry_host", [DISTRIBUTION_2], indirect=True)


class Workplace:
    """A release set of two images, a status file and a registry."""

    def __init__(self, folder: Path, host: str) -> None:
        self.folder = folder
        self.host = host
        made = {f"shop/{name}": layouts.image(folder / name, b"shared", name.encode()) for name in ("core", "web")}
        self.set = releases.write_set(folder, made)
        self.status = releases.write_status(folder)
        self.record = folder / "record.json"

    def push(self, *more: str) -> int:
        common = ["--registry", self.host, "--status-file", str(self.status), "--record", str(self.record)]
        return main(["push", str(self.set), *common, *more])

    def digest(self, name: str) -> str | None:
        repository, _, tag = name.partition(":")
        with closing(HttpRegistry(self.host, Credentials(), plain_http=True)) as registry:
            return registry.manifest_digest(repository, tag)


@pytest.fixture(name="work")
def work_fixture(tmp_path: Path, registry_host: str, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Workplace(tmp_path, registry_host)


def test_a_push_makes_all_tags_and_writes_the_record(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push() == 0
    out, err = capsys.readouterr()
    record = json.loads(work.record.read_text())
    for image in record["images"]:
        assert image["immutable_tags"] == [f"sha-{releases.COMMIT}", "v1.2.3", f"sha-{image['digest'][7:19]}"]
        for tag in (*image["immutable_tags"], *image["moving_tags"]):
            assert work.digest(f"{image['repository']}:{tag}") == image["digest"]
            assert tag in out
        assert image["digest"] in out
    assert f"look at it: crane ls {work.host}/shop/core" in err
    assert str(work.record) in err


def test_a_second_push_says_that_nothing_was_to_do(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    work.push()
    before = work.record.read_text()
    capsys.readouterr()
    assert work.push() == 0
    assert f"nothing to push: all 8 tags of 2 images are in {work.host} already" in capsys.readouterr().err
    assert work.record.read_text() == before


def test_json_on_stdout_is_the_record(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push("--json") == 0
    assert capsys.readouterr().out == work.record.read_text()


def test_a_dry_run_writes_nothing_and_shows_the_plan(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push("--dry-run") == 0
    out, err = capsys.readouterr()
    for words in ("upload 3", "mount 1", "create v1.2.3"):
        assert words in out
    assert "nothing was written" in err
    assert work.digest("shop/core:v1.2.3") is None
    assert not work.record.exists()


def test_a_dry_run_in_json_names_every_action(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    work.push()
    capsys.readouterr()
    assert work.push("--dry-run", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["schema"] == "rules_release/push-plan/v1"
    assert {tag["action"] for image in plan["images"] for tag in image["tags"]} == {"skip"}
    assert plan["upload_bytes"] == 0


def test_quiet_says_nothing_but_the_result(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push("-q") == 0
    out, err = capsys.readouterr()
    assert "shop/core" in out
    assert not err


def test_verbose_tells_of_each_request(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push("-v") == 0
    err = capsys.readouterr().err
    assert re.search(r"PUT /v2/shop/core/manifests/v1\.2\.3: 201 after \d+ ms", err)
    assert len(re.findall(r" after \d+ ms$", err, re.M)) > 20


def test_a_ci_run_gets_a_summary_at_the_end_of_its_page(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    page = work.folder / "summary.md"
    page.write_text("# Run\n\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    assert work.push() == 0
    text = page.read_text()
    assert text.startswith("# Run\n\n### shop 1.2.3 in ")
    assert text.count("| `127.0.0.1:") == 2
    assert "`v1.2.3`" in text


def skipping(work: Workplace) -> None:
    """Lets the stamp say that the release skips staging."""
    with work.status.open("a") as file:
        file.write("STABLE_SKIP_STAGING true\n")


def test_a_ci_run_gets_outputs_for_the_steps_that_follow(work: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = work.folder / "outputs"
    outputs.write_text("other=1\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    monkeypatch.chdir(work.folder)
    work.record = Path("folder of = signs") / "record.json"
    assert work.push("--dry-run") == 0
    assert outputs.read_text() == "other=1\n"
    assert work.push() == 0
    skipping(work)
    assert work.push() == 0
    first = ["version=1.2.3", "skip-staging=false", f"record={work.folder}/folder of = signs/record.json"]
    assert outputs.read_text().splitlines() == ["other=1", *first, first[0], "skip-staging=true", first[2]]


@one_registry
def test_a_value_of_two_lines_can_not_become_another_output(
    work: Workplace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = work.folder / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    work.record = work.folder / "a\nversion=6.6.6"
    assert work.push() == 1
    assert not outputs.exists()
    err = capsys.readouterr().err
    assert "the release is in" in err
    assert "the output record: expected printable text in one line" in err


@one_registry
def test_a_release_that_skips_staging_says_so_and_its_record_too(
    work: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert work.push() == 0
    assert "skips staging" not in capsys.readouterr().err
    assert "skip_staging" not in work.record.read_text()
    skipping(work)
    assert work.push() == 0
    assert capsys.readouterr().err.count("1.2.3 skips staging") == 1
    assert json.loads(work.record.read_text())["skip_staging"] is True


@one_registry
def test_a_stamp_that_says_maybe_is_refused_before_anything_is_written(
    work: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    work.status.write_text(work.status.read_text() + "STABLE_SKIP_STAGING maybe\n")
    assert work.push() == 2
    assert "STABLE_SKIP_STAGING: expected true or false, found 'maybe'" in capsys.readouterr().err
    assert not work.digest("shop/core:v1.2.3")


def test_only_one_image_can_be_pushed(work: Workplace) -> None:
    assert work.push("--only", "web") == 0
    assert work.digest("shop/web:v1.2.3")
    assert not work.digest("shop/core:v1.2.3")


def test_a_prefix_stands_before_each_repository(work: Workplace) -> None:
    assert work.push("--registry", f"{work.host}/acme/eu") == 0
    assert work.digest("acme/eu/shop/core:v1.2.3")


def test_a_conflict_exits_1_and_names_both_digests(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    work.push()
    old = work.digest("shop/core:v1.2.3")
    new = layouts.root_digest(layouts.image(work.folder / "core", b"changed"))
    capsys.readouterr()
    for more in ((), ("--dry-run",)):
        assert work.push(*more) == 1
    _, err = capsys.readouterr()
    assert f"shop/core:v1.2.3 is {old} in the registry, and would be {new}" in err
    assert "nothing was written" in err
    assert work.digest("shop/core:latest") == old


@pytest.mark.parametrize(
    ("version", "dirty", "tags", "words"),
    [
        ("dev", "false", {f"sha-{releases.COMMIT}"}, "carries the tag v<VERSION>"),
        ("1.3.0-rc.1", "false", {f"sha-{releases.COMMIT}", "v1.3.0-rc.1"}, "moves no tag"),
        ("1.3.0", "true", set(), "commit or stash"),
    ],
)
def test_what_is_no_release_says_why_in_one_line(
    work: Workplace, capsys: pytest.CaptureFixture[str], version: str, dirty: str, tags: set[str], words: str
) -> None:
    releases.write_status(work.folder, version, dirty=dirty)
    assert work.push() == 0
    assert len([line for line in capsys.readouterr().err.splitlines() if words in line]) == 1
    image = json.loads(work.record.read_text())["images"][0]
    assert set(image["immutable_tags"]) == tags | {f"sha-{image['digest'][7:19]}"}
    assert work.digest("shop/core:latest") is None


def _no_status(work: Workplace) -> tuple[str, ...]:
    work.status.unlink()
    return ()


def _no_key(work: Workplace) -> tuple[str, ...]:
    work.status.write_text("BUILD_USER me\nBUILD_HOST here\n")
    return ()


def _long_tag(work: Workplace) -> tuple[str, ...]:
    releases.write_status(work.folder, "1.2.3-" + "x" * 130)
    return ()


def _no_layout(work: Workplace) -> tuple[str, ...]:
    (work.folder / "web" / "oci-layout").unlink()
    return ()


def _no_set(work: Workplace) -> tuple[str, ...]:
    work.set.write_text("{}")
    return ()


def _other_registry(work: Workplace) -> tuple[str, ...]:
    return ("--registry", "https://ghcr.io")


def _silent_registry(work: Workplace) -> tuple[str, ...]:
    return ("--registry", "127.0.0.1:1")


def _unknown_image(work: Workplace) -> tuple[str, ...]:
    return ("--only", "nothing")


@one_registry
@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (_no_status, 2, "stable-status.txt: can't be read"),
        (_no_key, 2, "'sha-{{STABLE_COMMIT_SHA}}': the status file has no STABLE_COMMIT_SHA"),
        (_long_tag, 2, "it is 137 characters long, 128 are allowed"),
        (_no_layout, 2, "image web: "),
        (_no_set, 2, "set.json: schema: expected a value"),
        (_other_registry, 2, "--registry: expected HOST[:PORT][/PREFIX]"),
        (_silent_registry, 1, "http://127.0.0.1:1: can't be reached: Connection refused"),
        (_unknown_image, 2, "--only nothing: the set has no such image"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_bad_input_is_one_clear_error_and_writes_nothing(
    work: Workplace, capsys: pytest.CaptureFixture[str], spoil: object, code: int, words: str
) -> None:
    assert callable(spoil)
    assert work.push(*spoil(work)) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert len([line for line in err.splitlines() if line.startswith("ERROR")]) == 1
    assert words in err
    assert not work.record.exists()
    assert work.digest("shop/core:v1.2.3") is None


def test_another_version_than_the_tag_promises_is_refused(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push("--expect-version", "1.2.4") == 2
    assert "expected '1.2.4', and the stamp says STABLE_VERSION '1.2.3'" in capsys.readouterr().err
    assert not work.record.exists()
    assert work.digest("shop/core:v1.2.3") is None
    assert work.push("--expect-version", "1.2.3") == 0


@one_registry
def test_no_status_file_at_all_is_named(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["push", str(work.set), "--registry", work.host]) == 2
    assert "no status file is given" in capsys.readouterr().err


def test_the_default_place_of_the_record_is_the_users_state_folder(work: Workplace) -> None:
    assert main(["push", str(work.set), "--registry", work.host, "--status-file", str(work.status)]) == 0
    assert (work.folder / "state/rules_release/records/shop" / f"1.2.3-{releases.COMMIT[:12]}.json").is_file()


def test_the_record_of_a_part_does_not_take_the_place_of_the_whole_sets(work: Workplace) -> None:
    arguments = ["push", str(work.set), "--registry", work.host, "--status-file", str(work.status)]
    assert main(arguments) == main([*arguments, "--only", "web"]) == 0
    folder = work.folder / "state/rules_release/records/shop"
    sizes = {path.name: len(json.loads(path.read_text())["images"]) for path in folder.iterdir()}
    name = f"1.2.3-{releases.COMMIT[:12]}"
    assert sizes == {f"{name}.json": 2, f"{name}-only-web.json": 1}


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["push"], ["push", "x", "--jobs", "0"]])
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
