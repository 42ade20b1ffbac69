"""The sample's chart as a package: what it refuses, what is in it, and that it is in step with the repository."""

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from release_kit.documents import chart_gates
from release_kit.values.yaml_source import read_one
from tests.support.helm import BOTH, HELM_4, helm

ROOT = Path(__file__).parents[3]
CHART = ROOT / "helm" / "shop"
VALUES = ("values.yaml", "values-demo-staging.yaml", "values-demo.yaml")
GATES = chart_gates.load(CHART / "GATES.json", CHART)

both = pytest.mark.parametrize("major", BOTH)


def run(major: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(helm(major)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(child)


@both
@pytest.mark.parametrize("values", VALUES)
def test_lint_has_nothing_to_say(major: str, values: str) -> None:
    done = run(
        major, "lint", "--strict", "--kube-version", GATES.kube_version, "--values", str(CHART / values), str(CHART)
    )
    assert (done.returncode, "[WARNING]" in done.stdout) == (0, False), done.stdout


@both
def test_an_ingress_needs_a_host(major: str) -> None:
    done = run(
        major, "template", "shop", str(CHART), "--kube-version", GATES.kube_version, "--set", "ingress.enabled=true"
    )
    assert done.returncode != 0
    assert "ingress.host: expected a host" in done.stderr


@both
@pytest.mark.parametrize(
    "setting",
    [
        "core.replica=1",
        "core.replicas=many",
        "global.imagePullPolicy=Sometimes",
        "images.api.tag=v1",
        "images.core.digest=sha256:1",
        "ingress.hosts[0]=a",
        "database.clusterName=Shop",
    ],
)
def test_a_value_that_nothing_reads_or_that_cannot_be_is_refused(major: str, setting: str) -> None:
    done = run(major, "template", "shop", str(CHART), "--kube-version", GATES.kube_version, "--set", setting)
    assert done.returncode != 0
    assert "values don't meet the specifications of the schema" in done.stderr


@both
def test_values_of_the_environments_are_in_the_package_and_what_only_builds_it_is_not(
    major: str, tmp_path: Path
) -> None:
    chart = tmp_path / "shop"
    shutil.copytree(CHART, chart)
    (chart / "golden" / "none").mkdir(parents=True)
    (chart / "golden" / "none" / "BUILD.bazel").write_text("")
    assert run(major, "package", str(chart), "--destination", str(tmp_path)).returncode == 0
    with tarfile.open(next(tmp_path.glob("shop-*.tgz"))) as archive:
        names = {name.removeprefix("shop/") for name in archive.getnames()}
    assert {*VALUES, "README.md", "values.schema.json", "files/migrate.sql"} <= names
    assert not [name for name in names if name.startswith(("BUILD", "GATES", "gates/", "golden/"))]


def test_notes_name_the_secret_that_core_needs() -> None:
    values = "core.secretName=mine,ingress.enabled=true,ingress.host=a.example"
    # Helm 3 asks a cluster even so.
    done = run(HELM_4, "install", "shop", str(CHART), "--dry-run=client", "--namespace", "shop", "--set", values)
    notes = done.stdout.partition("NOTES:")[2]
    assert "kubectl --namespace shop create secret generic mine " in notes, done.stderr
    assert "http://a.example/" in notes


def test_the_chart_has_the_version_of_the_repository() -> None:
    metadata = read_one((CHART / "Chart.yaml").read_text()).value
    version = (ROOT / "VERSION").read_text().strip()
    assert (metadata["version"], metadata["appVersion"]) == (version, version)


def test_the_gates_know_the_images_that_the_values_name() -> None:
    values = read_one((CHART / "values.yaml").read_text()).value
    assert [image.values for image in GATES.images or ()] == [f"images.{name}" for name in values["images"]]
    assert GATES.allow == (values["database"]["image"],)
    assert [file.name for file in GATES.values] == list(VALUES)


def test_the_schema_refuses_unknown_keys_everywhere_but_below_global() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    open_ones = [
        part for part in mappings(schema) if part.get("properties") and part.get("additionalProperties") is not False
    ]
    assert open_ones == [schema["properties"]["global"]]
