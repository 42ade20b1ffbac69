"""The sample's chart from the registry: it renders what its goldens say, with the images of its release."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.real_registry import DISTRIBUTION_3, real_registry
from release_kit.cli.app import main
from release_kit.documents import chart_gates
from release_kit.documents.rendering import Rendering
from release_kit.engines.gates import golden
from release_kit.values.helm_call import Outcome
from tests.support import releases
from tests.support.helm import BOTH, helm

VERSION = "7.8.9"
CHART = Path("helm/shop")
VALUES = ("values.yaml", "values-demo-staging.yaml", "values-demo.yaml")
NO_OUTCOME = Outcome("")


@pytest.fixture(name="record", scope="module")
def record_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The record of the sample's release, in a registry that is still up."""
    folder = tmp_path_factory.mktemp("release")
    status = str(releases.write_status(folder, VERSION))
    with real_registry(DISTRIBUTION_3, folder) as host:
        record = str(folder / "record.json")
        places = ["--registry", f"{host}/acme", "--status-file", status, "--record", record]
        assert main(["push", "release/push.set.json", *places]) == 0
        yield json.loads(Path(record).read_text())


def reference(record: dict[str, Any]) -> str:
    return f"oci://{record['registry']}/acme/charts/shop"


def run(major: str, *arguments: str, home: Path) -> str:
    environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    command = [str(helm(major)), *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def rendered(record: dict[str, Any], major: str, values: str, home: Path) -> str:
    common = ["shop", reference(record), "--version", VERSION, "--plain-http", "--namespace", "shop"]
    return run(major, "template", *common, "--kube-version", "1.31.0", "--values", str(CHART / values), home=home)


def as_before_the_release(text: str, record: dict[str, Any]) -> str:
    """Takes back what the release wrote into the values: registry and digests."""
    for image in record["images"]:
        text = text.replace(f"@{image['digest']}", "")
    return text.replace(f"{record['registry']}/acme/", "ghcr.io/acme/")


@pytest.mark.parametrize("major", BOTH)
@pytest.mark.parametrize("values", VALUES)
def test_the_released_chart_renders_what_its_golden_says(
    record: dict[str, Any], major: str, values: str, tmp_path: Path
) -> None:
    text = as_before_the_release(rendered(record, major, values, tmp_path), record)
    config = chart_gates.load(CHART / "GATES.json", CHART)
    config = config._replace(
        images=tuple(chart_gates.SetImage(f"ghcr.io/acme/shop/{i['name']}") for i in record["images"])
    )
    metadata = run(major, "show", "chart", reference(record), "--version", VERSION, "--plain-http", home=tmp_path)
    rendering = Rendering(values, "", "", NO_OUTCOME, Outcome(text), NO_OUTCOME, NO_OUTCOME, "", "")
    expected = (CHART / "golden" / golden.file_name(values)).read_bytes()
    assert golden.check(rendering, expected, config, {"Chart.yaml": metadata.encode()}) == []


@pytest.mark.parametrize("major", BOTH)
def test_it_runs_the_images_of_its_release_by_tag_and_digest(
    record: dict[str, Any], major: str, tmp_path: Path
) -> None:
    text = rendered(record, major, "values-demo.yaml", tmp_path)
    found = set(re.findall(r"image: \"?([^\s\"]+)", text))
    ours = {name for name in found if "/shop/" in name}
    where = f"{record['registry']}/acme/shop"
    assert ours == {f"{where}/{image['name']}:v{VERSION}@{image['digest']}" for image in record["images"]}


def test_the_record_names_the_chart_with_its_digest(record: dict[str, Any]) -> None:
    (chart,) = record["charts"]
    where = f"{record['registry']}/{chart['repository']}:{VERSION}"
    done = subprocess.run(["crane", "digest", where], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == chart["digest"]
    assert (chart["version"], chart["immutable_tags"]) == (VERSION, [VERSION])


def test_helm_installs_it_dry(record: dict[str, Any], tmp_path: Path) -> None:
    # Helm 3 asks a cluster even then.
    common = [
        "shop",
        reference(record),
        "--version",
        VERSION,
        "--plain-http",
        "--dry-run=client",
        "--namespace",
        "shop",
    ]
    assert "STATUS: pending-install" in run("4", "install", *common, home=tmp_path)
