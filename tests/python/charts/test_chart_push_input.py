"""Charts that a push refuses: exit 2, one error that names the chart, and not one write."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from release_kit.adapters import layout
from release_kit.cli.app import main
from release_kit.documents import release_set
from release_kit.engines.push.charts import with_charts
from release_kit.engines.push.release import Release, assemble
from release_kit.errors import InputError
from release_kit.values.reference import Registry
from release_kit.values.stamp import Stamp
from tests.support import layouts, releases
from tests.support.chart_releases import CHART, FILES, USE, VALUES, Workplace, write_chart
from tests.support.fault_registry import FaultRegistry

CHART_FILE = {f"shop/{path}": text.encode() for path, text in FILES.items()}


@pytest.fixture(name="registry")
def registry_fixture() -> Iterator[FaultRegistry]:
    with FaultRegistry() as registry:
        yield registry


@pytest.fixture(name="work")
def work_fixture(tmp_path: Path, registry: FaultRegistry, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker-config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Workplace(tmp_path, registry.host)


def archive(files: Mapping[str, bytes], *more: tarfile.TarInfo) -> bytes:
    """Packs files, then other entries, as they come."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        for entry in more:
            tar.addfile(entry)
    return packed.getvalue()


def entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no gzip": b"PK\x03\x04" + b"\0" * 99,
    "gzip of no tar": gzip.compress(b"no tar" * 999),
    "cut off": archive(CHART_FILE)[:-40],
    "an empty tar": archive({}),
    "no Chart.yaml": archive({"shop/values.yaml": b"{}"}),
    "a path that leads out": archive(CHART_FILE | {"shop/../../etc/cron.d/x": b"x"}),
    "a bomb": archive(CHART_FILE | {"shop/files/zeros": b"\0" * 200_000_000}),
    "a Chart.yaml that is none": archive(CHART_FILE | {"shop/Chart.yaml": b"[]"}),
    "a Chart.yaml of control characters": archive(CHART_FILE | {"shop/Chart.yaml": b"name: \x1b[2J\n"}),
    "a name that leads out": archive(CHART_FILE | {"shop/Chart.yaml": CHART.replace(" shop", " ../shop").encode()}),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_package_is_refused(
    work: Workplace, registry: FaultRegistry, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    package = work.folder / "shop.tgz"
    package.write_bytes(content)
    work.plain(package)
    refused(work, registry, capsys, "")


def refused(work: Workplace, registry: FaultRegistry, capsys: pytest.CaptureFixture[str], words: str) -> None:
    capsys.readouterr()
    assert work.push() == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = [line for line in err.splitlines() if line.startswith("ERROR")]
    assert line.startswith("ERROR chart shop: ")
    assert words in line
    assert err.replace("\n", "").isprintable()
    assert not registry.journal.records
    assert not work.record.exists()


@pytest.mark.parametrize("path", ["/etc/cron.d/x", "c:\\x"])
def test_odd_paths_of_a_package_stay_inside_the_chart(work: Workplace, path: str) -> None:
    """Helm reads them so."""
    package = work.folder / "shop.tgz"
    package.write_bytes(archive(CHART_FILE | {path: b"x"}))
    work.plain(package)
    assert work.push() == 0
    with tarfile.open(fileobj=io.BytesIO(work.package())) as packed:
        assert all(name.startswith("shop/") and ".." not in name for name in packed.getnames())


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_package_gives_no_more_than_its_files(work: Workplace, kind: bytes) -> None:
    """A link out of a package is refused or left alone; what it leads to is never read."""
    secret = work.folder / "secret"
    secret.write_text("very secret")
    package = work.folder / "shop.tgz"
    package.write_bytes(archive(CHART_FILE, entry("shop/files/link", kind, str(secret))))
    work.plain(package)
    if work.push() == 0:
        assert b"very secret" not in gzip.decompress(work.package())


Spoil = Callable[[Workplace], object]


def _no_source(work: Workplace) -> None:
    work.plain(work.folder / "nothing")


def _long_path(work: Workplace) -> None:
    work.plain(work.folder / ("x" * 5000))


def _no_package(work: Workplace) -> None:
    work.plain(work.folder / "nothing.tgz")


def _no_values(work: Workplace) -> None:
    (work.chart / "values.yaml").unlink()


def _binary_values(work: Workplace) -> None:
    (work.chart / "values.yaml").write_bytes(b"images: \xff")


def _misspelled(work: Workplace) -> None:
    write_chart(work.chart, values=VALUES.replace("core:", "kore:"))


def _capitals(work: Workplace) -> None:
    write_chart(work.chart, Chart=CHART.replace("name: shop", "name: Shop"))


def _bad_time(work: Workplace) -> None:
    work.stamp(epoch="soon")


def _long_version(work: Workplace) -> None:
    work.write(tags={"digest_prefix": "sha-"})
    work.stamp("1.2.3-" + "x" * 130)


def _an_images_place(work: Workplace) -> None:
    work.images = {"charts/shop": work.images["shop/core"], "shop/core": work.images["shop/core"]}
    work.write()


def _the_records_place(work: Workplace) -> None:
    work.write(record_repository="charts/shop")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_no_source, "nothing"),
        (_no_package, "nothing.tgz"),
        (_long_path, "xxx"),
        (_no_values, "chart/values.yaml: is missing, and images are to be written into it"),
        (_binary_values, "values.yaml"),
        (_misspelled, "images.core"),
        (_capitals, "repository: expected a repository such as shop/core"),
        (_bad_time, "STABLE_COMMIT_EPOCH: expected seconds since 1970, found 'soon'"),
        (_long_version, "chart version '1.2.3-xxx"),
        (_an_images_place, "the repository charts/shop is taken by the image shop"),
        (_the_records_place, "the repository charts/shop is taken by the release records"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_fault_is_named_with_its_chart(
    work: Workplace, registry: FaultRegistry, spoil: Spoil, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(work)
    refused(work, registry, capsys, words)


def test_two_charts_of_one_name_need_two_repositories(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    twin = {"name": "twin", "repository": "charts", "source": str(work.chart)}
    work.write(twin)
    assert work.push() == 2
    assert "chart twin: the repository charts/shop is taken by the chart shop" in capsys.readouterr().err
    work.write(twin | {"repository": "charts/eu"})
    assert work.push() == 0


def test_charts_need_a_stamp(work: Workplace, registry: FaultRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    work.write(tags={"digest_prefix": "sha-"})
    assert main(["push", str(work.set), "--registry", registry.host]) == 2
    assert "no status file is given, and the version of the charts needs one" in capsys.readouterr().err


def test_a_part_that_is_not_there_is_named(work: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    assert work.push("--only", "shop", "--only", "cart") == 2
    err = capsys.readouterr().err
    assert "--only cart: the set has no such image or chart" in err
    assert "it has core, shop, web" in err


def _released(folder: Path, registry: Registry, values: str = VALUES, **document: Any) -> Release:
    """Assembles the release of one image and a chart that names it; returns it without any registry."""
    chart = {"name": "shop", "repository": "charts", "source": "chart", "images": [USE]}
    made = {"shop/core": layouts.image(folder / "core", b"core")}
    chosen = release_set.load(releases.write_set(folder, made, **{"charts": [chart], **document}))
    stamp = Stamp({"STABLE_VERSION": "1.2.3", "STABLE_COMMIT_SHA": releases.COMMIT})
    files = {path: text.encode() for path, text in {**FILES, "values.yaml": values}.items()}
    return with_charts(assemble(chosen, registry, stamp, layout.load), chosen, registry, lambda _: (files, None))


def _values(release: Release) -> str:
    package = release.charts[0].image.blobs[-1].content
    with tarfile.open(fileobj=io.BytesIO(package)) as tar:
        found = tar.extractfile("shop/values.yaml")
        assert found
        return found.read().decode()


@pytest.mark.parametrize(
    ("registry", "repository"),
    [
        (Registry("ghcr.io", "acme"), "ghcr.io/acme/shop/core"),
        (Registry("localhost:5000", ""), "localhost:5000/shop/core"),
        (Registry("registry-1.docker.io", "acme"), "docker.io/acme/shop/core"),
    ],
)
def test_an_image_is_named_as_it_is_pulled(tmp_path: Path, registry: Registry, repository: str) -> None:
    release = _released(tmp_path, registry)
    digest = release.images[0].digest
    written = _values(release).replace('"', "")
    assert f"repository: {repository}, tag: v1.2.3, digest: {digest}" in written


@pytest.mark.parametrize(
    ("tags", "tag"),
    [
        ({"immutable": ["sha-{{STABLE_COMMIT_SHA}}", "v{{STABLE_VERSION}}"]}, "v1.2.3"),
        ({"immutable": ["sha-{{STABLE_COMMIT_SHA}}"], "digest_prefix": "d-"}, f"sha-{releases.COMMIT}"),
    ],
)
def test_an_image_is_named_by_an_immutable_tag(tmp_path: Path, tags: dict[str, object], tag: str) -> None:
    assert f'tag: "{tag}"' in _values(_released(tmp_path, Registry("h", ""), tags=tags))


def test_an_image_without_an_immutable_tag_can_not_be_named_by_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^chart shop: .*images\.core: the image has no tag"):
        _released(tmp_path, Registry("h", ""), tags={"moving": ["latest"]})


def test_an_image_without_an_immutable_tag_is_named_by_its_digest(tmp_path: Path) -> None:
    values = VALUES.replace('tag: "", ', "")
    release = _released(tmp_path, Registry("h", ""), tags={"moving": ["latest"]}, values=values)
    assert f'digest: "{release.images[0].digest}"' in _values(release)


def test_the_rest_of_the_values_stays_as_it_is(tmp_path: Path) -> None:
    before, after = VALUES.splitlines(), _values(_released(tmp_path, Registry("h", ""))).splitlines()
    assert [line for line in before if "core:" not in line] == [line for line in after if "core:" not in line]
    (line,) = [line for line in after if "core:" in line]
    assert line.endswith("}  # of the shop itself")


def test_the_config_is_the_chart_at_the_releases_version(tmp_path: Path) -> None:
    config = json.loads(_released(tmp_path, Registry("h", "")).charts[0].image.blobs[0].content)
    assert (config["version"], config["appVersion"], config["description"]) == ("1.2.3", "1.2.3", "A shop")
