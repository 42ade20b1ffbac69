"""Charts in a release, as a user pushes them: to real registries, read back by real helm."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.real_registry import CRANE, DISTRIBUTION_2, DISTRIBUTION_3, PROGRAMS, real_registry
from release_kit.cli.app import main
from tests.support import artifacts, layouts, releases
from tests.support.chart_releases import CHARTS, CREATED, USE, VALUES, Workplace, write_chart
from tests.support.fault_registry import FaultRegistry
from tests.support.helm import BOTH, HELM_4


@pytest.fixture(name="host", params=PROGRAMS)
def host_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "registry"
    folder.mkdir()
    with real_registry(request.param, folder) as host:
        yield host


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(name="work")
def work_fixture(tmp_path: Path, host: str) -> Workplace:
    return Workplace(tmp_path, host)


@pytest.fixture(name="registry")
def registry_fixture() -> Iterator[FaultRegistry]:
    with FaultRegistry() as registry:
        yield registry


@pytest.fixture(name="strict")
def strict_fixture(tmp_path: Path, registry: FaultRegistry) -> Workplace:
    """A workplace whose registry keeps a journal."""
    return Workplace(tmp_path, registry.host)


def test_images_and_chart_are_one_release(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push() == 0
    out, err = capsys.readouterr()
    assert "check: 2 images and 1 chart, version 1.2.3" in err
    assert f"helm show chart oci://{work.host}/{CHARTS} --version 1.2.3 --plain-http" in err
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [
        ["shop/core", "image"],
        ["shop/web", "image"],
        [CHARTS, "chart"],
    ]
    (chart,) = work.recorded()["charts"]
    assert (chart["name"], chart["repository"], chart["version"]) == ("shop", CHARTS, "1.2.3")
    assert (chart["immutable_tags"], chart["media_type"]) == (["1.2.3"], layouts.MANIFEST)
    assert work.manifest(f"{CHARTS}:{chart['digest']}") == work.manifest()
    assert json.loads(artifacts.get(work.host, f"{CHARTS}/tags/list").body)["tags"] == ["1.2.3"]


def test_the_chart_is_what_helm_takes_for_one(work: Workplace) -> None:
    assert work.push() == 0
    manifest, config = work.manifest(), work.config()
    assert manifest["config"]["mediaType"] == artifacts.HELM_CONFIG
    assert [layer["mediaType"] for layer in manifest["layers"]] == [artifacts.HELM_LAYER]
    assert manifest["annotations"]["org.opencontainers.image.created"] == CREATED
    assert (config["name"], config["version"], config["appVersion"]) == ("shop", "1.2.3", "1.2.3")


@pytest.mark.parametrize("major", BOTH)
def test_helm_renders_the_released_chart_with_the_released_image(work: Workplace, major: str) -> None:
    assert work.push("--registry", f"{work.host}/acme") == 0
    rendered = work.template(major, prefix="acme/")
    digest = layouts.root_digest(work.images["shop/core"])
    assert f'image: "{work.host}/acme/shop/core:v1.2.3@{digest}"' in rendered
    assert 'version: "1.2.3"' in rendered


def test_a_second_push_writes_nothing(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push() == 0
    before = work.record.read_bytes()
    capsys.readouterr()
    assert work.push() == 0
    said = f"nothing to push: all 9 tags of 2 images and 1 chart are in {work.host} already"
    assert said in capsys.readouterr().err
    assert work.record.read_bytes() == before


def test_a_second_push_makes_no_write_request(strict: Workplace, registry: FaultRegistry) -> None:
    strict.push()
    before = len(registry.journal.records)
    assert strict.push() == 0
    assert [record.method for record in registry.journal.records[before:]] == ["HEAD"] * (2 * 4 + 1)


def test_a_changed_chart_of_the_same_version_is_a_conflict(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    work.push()
    before = work.manifest()
    write_chart(work.chart, values=VALUES.replace("replicas: 1", "replicas: 2"))
    capsys.readouterr()
    for more in ((), ("--dry-run",)):
        assert work.push(*more) == 1
    out, err = capsys.readouterr()
    assert f"{CHARTS}:1.2.3 is {work.recorded()['charts'][0]['digest']} in the registry, and would be sha256:" in err
    assert "nothing was written" in err
    assert "an immutable tag never moves" in err
    assert "conflict 1.2.3" in out
    assert work.manifest() == before


def test_a_conflict_makes_no_write_request(strict: Workplace, registry: FaultRegistry) -> None:
    strict.push()
    write_chart(strict.chart, values=VALUES.replace("replicas: 1", "replicas: 2"))
    strict.images["shop/web"] = layouts.image(strict.folder / "web-2", b"new")
    strict.stamp(commit="f" * 40)
    before = len(registry.journal.writes())
    assert strict.push() == 1
    assert len(registry.journal.writes()) == before


def test_a_chart_that_names_another_image_is_another_chart(work: Workplace) -> None:
    """The injected digest is content: a rebuilt image of the same version conflicts in the chart as in itself."""
    work.push()
    work.images["shop/core"] = layouts.image(work.folder / "core-2", b"rebuilt")
    work.write()
    assert work.push() == 1
    work.stamp("1.2.4", commit="f" * 40)
    assert work.push() == 0
    assert work.manifest(f"{CHARTS}:1.2.4") != work.manifest()


@pytest.mark.parametrize(
    ("version", "dirty", "words"),
    [
        ("dev", "false", "unreleased build (STABLE_VERSION is dev)"),
        ("1.2.3", "true", "the work tree differs from its commit"),
    ],
)
def test_what_is_no_release_pushes_no_chart_and_says_so(
    strict: Workplace, registry: FaultRegistry, capsys: pytest.CaptureFixture[str], version: str, dirty: str, words: str
) -> None:
    strict.stamp(version, dirty=dirty)
    assert strict.push() == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if words in line]
    assert line.endswith("; charts are pushed by releases and pre-releases only")
    assert "charts" not in strict.recorded()
    assert not [record for record in registry.journal.records if CHARTS in record.path]


@pytest.mark.parametrize("version", ["dev", "1.2.3"])
def test_a_fault_of_a_chart_shows_before_release_day(strict: Workplace, version: str) -> None:
    (strict.chart / "Chart.yaml").unlink()
    strict.stamp(version)
    assert strict.push() == 2


def test_a_part_that_is_withheld_is_nothing_to_push(strict: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    strict.stamp("dev")
    assert strict.push("--only", "shop") == 0
    assert "* nothing to push\n" in capsys.readouterr().err


def test_a_pre_release_pushes_its_chart(work: Workplace) -> None:
    work.stamp("1.3.0-rc.1")
    assert work.push() == 0
    assert work.config("1.3.0-rc.1")["version"] == "1.3.0-rc.1"
    assert not work.manifest(f"{CHARTS}:latest")


def test_build_metadata_is_in_the_version_and_an_underline_in_the_tag(work: Workplace) -> None:
    work.stamp("1.2.3+build.5")
    work.write(tags={"immutable": ["sha-{{STABLE_COMMIT_SHA}}"], "digest_prefix": "sha-"})
    assert work.push() == 0
    (chart,) = work.recorded()["charts"]
    assert (chart["version"], chart["immutable_tags"]) == ("1.2.3+build.5", ["1.2.3_build.5"])
    rendered = work.template(HELM_4, chart["version"])
    assert f":sha-{releases.COMMIT}@sha256:" in rendered


def test_without_a_time_the_commit_is_of_1970(strict: Workplace) -> None:
    strict.stamp(epoch="")
    assert strict.push() == 0
    assert strict.manifest()["annotations"]["org.opencontainers.image.created"] == "1970-01-01T00:00:00Z"


def test_the_same_chart_of_another_commit_is_another_manifest(
    strict: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    strict.push()
    strict.stamp(commit="f" * 40, epoch="1800000000")
    assert strict.push() == 1
    err = capsys.readouterr().err
    assert "(the same package in another manifest)" in err
    assert "delete the tag and push again, or release a new version" in err


def test_what_helm_push_brought_is_a_conflict_that_says_so(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_chart(work.folder / "packed" / "shop")
    arguments = ["package", str(source), "-d", str(work.folder), "--version", "1.2.3", "--app-version", "1.2.3"]
    work.helm(HELM_4, *arguments)
    package = work.folder / "shop-1.2.3.tgz"
    work.helm(HELM_4, "push", str(package), f"oci://{work.host}/charts", "--plain-http")
    work.plain(package)
    assert work.push() == 1
    err = capsys.readouterr().err
    assert "(the same package in another manifest)" in err
    assert "`helm push` and other commits" in err
    assert work.manifest("shop/core:v1.2.3") is None


@pytest.mark.parametrize("version", ["1.2.3", "9.9.9"])
def test_a_packed_chart_is_pushed_as_it_is_or_packed_again(work: Workplace, version: str) -> None:
    source = write_chart(work.folder / "packed" / "shop")
    arguments = ["package", str(source), "-d", str(work.folder), "--version", version, "--app-version", version]
    work.helm(HELM_4, *arguments)
    package = work.folder / f"shop-{version}.tgz"
    work.plain(package)
    assert work.push() == 0
    assert (work.package() == package.read_bytes()) == (version == "1.2.3")
    assert (work.config()["version"], work.config()["appVersion"]) == ("1.2.3", "1.2.3")


def test_images_are_written_into_a_packed_chart_too(work: Workplace) -> None:
    source = write_chart(work.folder / "packed" / "shop")
    work.helm(HELM_4, "package", str(source), "-d", str(work.folder), "--version", "1.2.3", "--app-version", "1.2.3")
    work.write(source=work.folder / "shop-1.2.3.tgz")
    assert work.push() == 0
    rendered = work.template(HELM_4)
    assert f"{work.host}/shop/core:v1.2.3@sha256:" in rendered
    assert work.package() != (work.folder / "shop-1.2.3.tgz").read_bytes()


def test_a_folder_and_its_package_are_the_same_chart(work: Workplace) -> None:
    """The second push of the same version finds everything there: it does not matter what a chart was packed from."""
    assert work.push() == 0
    work.helm(HELM_4, "package", str(work.chart), "-d", str(work.folder))
    work.write(source=work.folder / "shop-0.0.1.tgz")
    assert work.push() == 0


def test_only_the_chart_is_pushed_where_its_images_are(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push("--only", "shop") == 1
    assert "missing: shop/core:v1.2.3, shop/web:v1.2.3" in capsys.readouterr().err
    assert work.push("--only", "shop", "--dry-run") == 1
    assert work.manifest() is None
    assert work.push("--only", "core", "--only", "web") == 0
    assert work.manifest() is None
    assert work.push("--only", "shop") == 0
    assert (len(work.recorded()["images"]), len(work.recorded()["charts"])) == (0, 1)
    assert work.manifest()
    assert work.push() == 0
    assert "nothing to push: all 9 tags of 2 images and 1 chart" in capsys.readouterr().err


def test_a_broken_chart_is_not_in_the_way_of_an_image(strict: Workplace) -> None:
    (strict.chart / "Chart.yaml").unlink()
    assert strict.push("--only", "core") == 0


def test_a_plan_has_the_chart_beside_the_images(strict: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert strict.push("--dry-run", "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    (chart,) = plan["charts"]
    assert (chart["name"], chart["repository"], chart["present"]) == ("shop", CHARTS, False)
    assert chart["tags"] == [{"tag": "1.2.3", "action": "create", "found": None, "moving": False}]
    assert chart["upload_bytes"] == sum(blob["size"] for blob in chart["blobs"]) > 0
    assert plan["upload_bytes"] == sum(entry["upload_bytes"] for entry in (*plan["images"], chart))
    assert strict.push("--dry-run") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].split()[:2] == ["REPOSITORY", "KIND"]
    assert out[3].split()[:2] == [CHARTS, "chart"]


def test_a_ci_run_gets_a_summary_of_the_chart(strict: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    page = strict.folder / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    assert strict.push() == 0
    assert f"| `oci://{strict.host}/{CHARTS}` | `sha256:" in page.read_text()


def test_a_published_record_has_the_chart_and_anyone_can_verify_it(
    work: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    work.write(record_repository="shop/release")
    assert work.push() == 0
    assert main(["verify", f"oci://{work.host}/shop/release:v1.2.3", "--deep"]) == 0
    assert "verify: 2 images and 1 chart of shop 1.2.3" in capsys.readouterr().err


@pytest.mark.parametrize("host", [DISTRIBUTION_2, CRANE], indirect=True)
def test_a_moved_chart_is_found_by_its_record(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    work.push()
    digest = work.recorded()["charts"][0]["digest"]
    write_chart(work.chart, values=VALUES.replace("replicas: 1", "replicas: 2"))
    work.helm(HELM_4, "package", str(work.chart), "-d", str(work.folder), "--version", "1.2.3")
    work.helm(HELM_4, "push", str(work.folder / "shop-1.2.3.tgz"), f"oci://{work.host}/charts", "--plain-http")
    capsys.readouterr()
    assert main(["verify", str(work.record), "--json"]) == 1
    (drift,) = json.loads(capsys.readouterr().out)["drifts"]
    assert (drift["place"], drift["expected"]) == (f"{CHARTS}:1.2.3", digest)
    assert drift["found"] not in (digest, "nothing")


@pytest.mark.parametrize("host", [DISTRIBUTION_2, DISTRIBUTION_3], indirect=True)
def test_a_deleted_chart_is_found_by_its_record_and_brought_back_by_a_push(
    work: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    work.push()
    digest = work.recorded()["charts"][0]["digest"]
    assert artifacts.ask("DELETE", work.host, f"{CHARTS}/manifests/{digest}").status == 202
    capsys.readouterr()
    assert main(["verify", str(work.record), "--json"]) == 1
    drifts = json.loads(capsys.readouterr().out)["drifts"]
    names = [f"{CHARTS}@{digest}", f"{CHARTS}:1.2.3"]
    assert drifts == [{"place": name, "expected": digest, "found": "nothing", "moving": False} for name in names]
    assert work.push() == 0
    assert main(["verify", str(work.record), "--deep"]) == 0


def test_a_record_can_be_held_to_another_registry(strict: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    strict.push()
    capsys.readouterr()
    with FaultRegistry() as empty:
        assert main(["verify", str(strict.record), "--registry", empty.host, "--json"]) == 1
    drifts = json.loads(capsys.readouterr().out)["drifts"]
    assert {"place": f"{CHARTS}:1.2.3", "found": "nothing"}.items() <= drifts[-1].items()
    assert main(["verify", str(strict.record), "--registry", strict.host, "--deep"]) == 0


def test_several_charts_go_with_one_release(work: Workplace) -> None:
    other = write_chart(work.folder / "other", Chart="apiVersion: v2\nname: web\nversion: 0.0.1\n")
    work.write({"name": "web", "repository": "charts", "source": str(other), "images": [USE | {"image": "web"}]})
    assert work.push() == 0
    assert [chart["repository"] for chart in work.recorded()["charts"]] == [CHARTS, "charts/web"]
    assert work.push("--only", "web") == 0
    assert [len(work.recorded()[kind]) for kind in ("images", "charts")] == [1, 1]
