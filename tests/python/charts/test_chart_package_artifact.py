"""The artifact of a chart: byte for byte the one that `helm push` makes, but for the time that it says."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.real_registry import CRANE, DISTRIBUTION_2, real_registry
from release_kit.adapters import chart_folder
from release_kit.engines.chart.artifact import CONFIG_TYPE, CONTENT_TYPE, annotations, artifact, tag_of
from release_kit.engines.chart.package import Package, pack, packed
from release_kit.errors import InputError
from release_kit.values import digest as digests
from release_kit.values.image import MANIFEST_TYPE
from tests.support import artifacts
from tests.support.helm import BOTH, HELM_4, helm
from tests.support.helm_packages import CHART, chart

TIME = "2026-01-02T03:04:05Z"
CREATED = "org.opencontainers.image.created"
FULL = chart(
    """\
appVersion: 1.20
description: 'A <shop> & "more" \u2028 é 😀'
home: https://shop.example/?a=b&c=<d>
icon: https://shop.example/icon.svg
keywords: [a, b]
kubeVersion: ">=1.25.0-0"
sources: [https://a.example, https://b.example]
maintainers: [{name: A, email: a@x.example}, {name: B, url: https://b}, {email: c@x.example}]
type: application
deprecated: true
annotations:
  artifacthub.io/changes: |
    - one
    - two
  org.opencontainers.image.title: not this one
  org.opencontainers.image.version: not this one
  org.opencontainers.image.url: this one
  empty: ""
dependencies: [{name: b, version: 1, repository: https://b, import-values: [{parent: p, child: c}, d]}]
"""
)
INNER = {"charts/b/Chart.yaml": chart(name="b").encode()}
V1 = FULL.replace("apiVersion: v2", "apiVersion: v1")
CHARTS: dict[str, dict[str, bytes]] = {
    "hardly anything": {"Chart.yaml": CHART.encode()},
    "everything": {"Chart.yaml": FULL.encode(), **INNER},
    "a chart of v1": {
        "Chart.yaml": V1.encode(),
        "requirements.yaml": b"dependencies: [{name: b, repository: https://c}]",
        **INNER,
    },
    "a version with a plus": {"Chart.yaml": chart().replace("1.2.3", "1.2.3+build.4").encode()},
    "what is only spaces": {"Chart.yaml": chart('description: "  "\nhome: " "\nmaintainers: [{}]\n').encode()},
    "a time of its own": {"Chart.yaml": chart(f"annotations: {{{CREATED}: yesterday}}").encode()},
}

both = pytest.mark.parametrize("major", BOTH)


@pytest.fixture(name="host", params=[CRANE, DISTRIBUTION_2])
def host_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "registry"
    folder.mkdir()
    with real_registry(request.param, folder) as host:
        yield host


def run(*command: str | Path, home: Path) -> str:
    environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "Asia/Kathmandu"}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=environment, cwd=home)
    assert done.returncode == 0, done.stderr
    return done.stdout


def push(major: str, package: Package, host: str, folder: Path) -> None:
    (folder / package.file_name).write_bytes(package.archive)
    run(helm(major), "push", package.file_name, f"oci://{host}/charts", "--plain-http", home=folder)


def blob(host: str, name: str, digest: str) -> bytes:
    return artifacts.get(host, f"charts/{name}/blobs/{digest}").body


@both
@pytest.mark.parametrize("case", CHARTS)
def test_manifest_and_config_are_those_of_helm_push(case: str, major: str, host: str, tmp_path: Path) -> None:
    package = pack(CHARTS[case])
    push(major, package, host, tmp_path)
    answer = artifacts.get(host, f"charts/{package.name}/manifests/{tag_of(package.version)}")
    image = artifact(package, json.loads(answer.body)["annotations"][CREATED])
    assert image.manifests[-1].content == answer.body
    assert image.root.media_type == answer.media_type == MANIFEST_TYPE
    for part in image.blobs:
        assert blob(host, package.name, part.digest) == part.content


def test_a_packed_chart_is_pushed_as_it_is(host: str, tmp_path: Path) -> None:
    folder = tmp_path / "chart"
    folder.mkdir()
    (folder / "Chart.yaml").write_text(FULL.partition("dependencies")[0])
    run(helm(HELM_4), "package", folder, home=tmp_path)
    loaded = chart_folder.load_archive(tmp_path / "shop-1.2.3.tgz")
    package = packed(loaded.archive, loaded.files)
    push(HELM_4, package, host, tmp_path)
    answer = artifacts.get(host, "charts/shop/manifests/1.2.3")
    assert artifact(package, json.loads(answer.body)["annotations"][CREATED]).manifests[-1].content == answer.body


def test_what_is_pushed_is_read_by_all(host: str, tmp_path: Path) -> None:
    template = b"kind: ConfigMap\napiVersion: v1\nmetadata: {name: {{ .Chart.Name }}-{{ .Values.x }}}\n"
    files = {
        "Chart.yaml": CHART.encode(),
        "values.yaml": b"x: z\n",
        "templates/a.yaml": template,
        "README.md": b"read\n",
    }
    package = pack(files)
    push(HELM_4, package, host, tmp_path)
    url = f"oci://{host}/charts/shop"
    for major in BOTH:
        at = tmp_path / major
        at.mkdir()
        options = ("--version", "1.2.3", "--plain-http")
        run(helm(major), "pull", url, *options, home=at)
        assert (at / "shop-1.2.3.tgz").read_bytes() == package.archive
        run(helm(major), "pull", url, "--untar", *options, home=at)
        found = {path.relative_to(at / "shop").as_posix(): path.read_bytes() for path in (at / "shop").rglob("*.*")}
        assert found == package.files
        assert "name: shop" in run(helm(major), "show", "chart", url, *options, home=at)
        assert run(helm(major), "show", "readme", url, *options, home=at).strip() == "read"
        assert "name: shop-z" in run(helm(major), "template", "r", url, *options, home=at)


@pytest.mark.parametrize("program", ["crane", "oras", "skopeo"])
def test_what_is_pushed_is_read_by_other_programs(program: str, host: str, tmp_path: Path) -> None:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on PATH")
    package = pack(CHARTS["hardly anything"])
    push(HELM_4, package, host, tmp_path)
    place = f"{host}/charts/shop:1.2.3"
    arguments: dict[str, tuple[str, ...]] = {
        "crane": ("blob", f"{host}/charts/shop@{digests.of_bytes(package.archive)}", "--insecure"),
        "oras": ("pull", "--plain-http", place),
        "skopeo": ("inspect", "--raw", "--tls-verify=false", f"docker://{place}"),
    }
    done = subprocess.run([found, *arguments[program]], capture_output=True, cwd=tmp_path, check=True)
    manifest = artifacts.get(host, "charts/shop/manifests/1.2.3").body
    expected = {"crane": package.archive, "oras": None, "skopeo": manifest}[program]
    assert expected is None or done.stdout == expected
    if program == "oras":
        assert package.archive in [path.read_bytes() for path in tmp_path.glob("*") if path.is_file()]


def manifest_of(text: str, created: str = TIME) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(artifact(pack({"Chart.yaml": text.encode()}), created).manifests[-1].content)
    return found


def test_the_time_is_the_one_that_is_given() -> None:
    assert manifest_of(CHART)["annotations"][CREATED] == TIME
    assert artifact(pack(CHARTS["everything"]), TIME) == artifact(pack(CHARTS["everything"]), TIME)


def test_title_and_version_can_not_be_replaced() -> None:
    found = annotations(pack(CHARTS["everything"]).metadata, TIME)
    assert found["org.opencontainers.image.title"] == "shop"
    assert found["org.opencontainers.image.version"] == "1.2.3"
    assert found["org.opencontainers.image.url"] == "this one"
    assert found["org.opencontainers.image.authors"] == "A (a@x.example), B,  (c@x.example)"


def test_the_image_is_complete() -> None:
    package = pack(CHARTS["hardly anything"])
    image = artifact(package, TIME)
    manifest = json.loads(image.manifests[-1].content)
    assert [manifest["config"]["mediaType"], manifest["layers"][0]["mediaType"]] == [CONFIG_TYPE, CONTENT_TYPE]
    assert [manifest["config"]["digest"], manifest["layers"][0]["digest"]] == [part.digest for part in image.blobs]
    assert [part.size for part in image.blobs] == [len(part.content) for part in image.blobs]
    assert image.blobs[1].content == package.archive
    assert image.is_at(digests.of_bytes(image.manifests[-1].content))


def test_a_tag_has_no_plus() -> None:
    assert tag_of("1.2.3-rc.1+build.4") == "1.2.3-rc.1_build.4"
    with pytest.raises(InputError, match="expected at most 128 characters"):
        tag_of("1.2.3-" + "a" * 123)
