"""The sample's chart: what a release sets moves everything that it should, under Helm 4 and 3."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from release_kit.documents import chart_gates
from release_kit.values.yaml_source import read, read_one
from tests.support.helm import BOTH, helm

ROOT = Path(__file__).parents[3]
CHART = ROOT / "helm" / "shop"
VERSION = read_one((CHART / "Chart.yaml").read_text()).value["appVersion"]
VALUES = ("values.yaml", "values-demo-staging.yaml", "values-demo.yaml")
GATES = chart_gates.load(CHART / "GATES.json", CHART)
OURS = tuple(f"ghcr.io/acme/shop/{image.values[7:]}" for image in GATES.images or () if image.values)
DIGEST = "sha256:" + "a1" * 32

both = pytest.mark.parametrize("major", BOTH)
every_values_file = pytest.mark.parametrize("values", VALUES)


def run(major: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(helm(major)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@cache
def rendered(major: str, *settings: str, values: str = "values.yaml", release: str = "shop") -> str:
    sets = [word for setting in settings for word in ("--set-string" if "imageTag" in setting else "--set", setting)]
    options = ["--namespace", "shop", "--kube-version", GATES.kube_version, "--values", str(CHART / values)]
    done = run(major, "template", release, str(CHART), *options, *sets)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text: str) -> list[dict[str, Any]]:
    return [document.value for document in read(text) if document.value]


def one(text: str, kind: str, name: str = "") -> dict[str, Any]:
    found = [each for each in objects(text) if each["kind"] == kind and each["metadata"]["name"].startswith(name)]
    assert len(found) == 1
    return found[0]


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(child)


def pods(text: str) -> list[dict[str, Any]]:
    return [part for each in objects(text) for part in mappings(each) if "containers" in part]


def containers(text: str) -> list[dict[str, Any]]:
    return [container for pod in pods(text) for container in [*pod.get("initContainers", []), *pod["containers"]]]


def images(text: str) -> list[str]:
    return [
        part[key] for each in objects(text) for part in mappings(each) for key in ("image", "imageName") if key in part
    ]


def is_ours(image: str) -> bool:
    return image.startswith(OURS)


def strings(value: Any) -> list[str]:
    return [text for part in mappings(value) for text in part.values() if isinstance(text, str)]


@both
@every_values_file
def test_two_renders_are_equal(major: str, values: str) -> None:
    assert rendered(major, values=values) == rendered.__wrapped__(major, values=values)


@both
@every_values_file
@pytest.mark.parametrize("tag", ["v9.8.7-sentinel.1", "sha-0123456789ab"])
def test_every_image_follows_the_global_tag(major: str, values: str, tag: str) -> None:
    before, after = (
        images(rendered(major, values=values)),
        images(rendered(major, f"global.imageTag={tag}", values=values)),
    )
    expected = [f"{image.rpartition(':')[0]}:{tag}" if is_ours(image) else image for image in before]
    assert after == expected
    assert {image.rpartition(":")[0] for image in after if is_ours(image)} == set(OURS)


@both
@every_values_file
def test_the_version_that_services_tell_follows_the_global_tag(major: str, values: str) -> None:
    text = rendered(major, "global.imageTag=v9.8.7", values=values)
    told = [
        env["value"]
        for container in containers(text)
        for env in container.get("env", [])
        if env["name"] == "SHOP_VERSION"
    ]
    assert told == ["9.8.7"] * 3
    check = one(text, "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    assert [argument.partition("=")[2] for argument in check["args"]] == ["9.8.7"] * 3


@both
@every_values_file
@pytest.mark.parametrize("policy", ["Always", "Never"])
def test_every_pull_policy_follows_the_global_one(major: str, values: str, policy: str) -> None:
    text = rendered(major, f"global.imagePullPolicy={policy}", values=values)
    assert {container["imagePullPolicy"] for container in containers(text)} == {policy}
    assert one(text, "Cluster")["spec"]["imagePullPolicy"] == policy


@both
@pytest.mark.parametrize(
    ("values", "policy"), [("values.yaml", "IfNotPresent"), ("values-demo-staging.yaml", "Always")]
)
def test_images_are_pulled_anew_only_in_staging(major: str, values: str, policy: str) -> None:
    assert {container["imagePullPolicy"] for container in containers(rendered(major, values=values))} == {policy}


@both
def test_without_any_tag_the_chart_runs_the_version_it_was_made_for(major: str) -> None:
    assert {image.rpartition(":")[2] for image in images(rendered(major)) if is_ours(image)} == {f"v{VERSION}"}


@both
def test_a_digest_stands_behind_an_images_own_tag(major: str) -> None:
    text = rendered(major, "images.core.tag=v1.0.0", f"images.core.digest={DIGEST}", "images.web.tag=v1.0.1")
    assert {image for image in images(text) if is_ours(image)} == {
        f"ghcr.io/acme/shop/core:v1.0.0@{DIGEST}",
        f"ghcr.io/acme/shop/datasvc:v{VERSION}",
        "ghcr.io/acme/shop/web:v1.0.1",
    }


@both
def test_the_global_tag_counts_more_than_a_digest(major: str) -> None:
    text = rendered(major, f"images.core.digest={DIGEST}", "images.web.tag=v1.0.1", "global.imageTag=v2.0.0")
    assert {image.partition("/shop/")[2] for image in images(text) if is_ours(image)} == {
        "core:v2.0.0",
        "datasvc:v2.0.0",
        "web:v2.0.0",
    }


@both
@every_values_file
def test_the_clusters_name_moves_host_and_secrets_everywhere(major: str, values: str) -> None:
    before, after = rendered(major, values=values), rendered(major, "database.clusterName=other-pg", values=values)
    assert "shop-db" not in after
    named = sorted(text for text in strings(objects(before)) if text.startswith("shop-db"))
    assert sorted(text for text in strings(objects(after)) if text.startswith("other-pg")) == [
        text.replace("shop-db", "other-pg") for text in named
    ]
    assert set(named) == {"shop-db", "shop-db-rw", "shop-db-app", "shop-db-ca"}
    assert one(after, "Cluster")["metadata"]["name"] == "other-pg"
    assert one(after, "ConfigMap", "shop-database")["data"]["PGHOST"] == "other-pg-rw"


@both
def test_a_cluster_that_is_there_is_used_and_not_made(major: str) -> None:
    text = rendered(major, "database.create=false", "database.clusterName=ours")
    assert "Cluster" not in {each["kind"] for each in objects(text)}
    assert one(text, "ConfigMap", "shop-database")["data"]["PGHOST"] == "ours-rw"


@both
def test_no_pod_gets_the_key_of_the_databases_ca(major: str) -> None:
    volumes = [
        volume["secret"] for pod in pods(rendered(major)) for volume in pod.get("volumes", []) if "secret" in volume
    ]
    assert len(volumes) == 2
    assert all([item["key"] for item in volume["items"]] == ["ca.crt"] for volume in volumes)


@both
def test_what_the_migration_runs_is_in_its_name(major: str) -> None:
    names = {
        setting: one(rendered(major, *filter(None, [setting])), "Job")["metadata"]["name"]
        for setting in (
            "",
            "web.replicas=7",
            "global.imageTag=v2",
            "database.clusterName=other",
            "tasks.resources=null",
        )
    }
    assert names[""] == names["web.replicas=7"]
    assert len(set(names.values())) == len(names) - 1


@both
def test_changed_settings_restart_the_services_that_read_them(major: str) -> None:
    def templates(text: str) -> dict[str, Any]:
        return {
            each["metadata"]["name"]: each["spec"]["template"] for each in objects(text) if each["kind"] == "Deployment"
        }

    before, after = templates(rendered(major)), templates(rendered(major, "core.sessionSeconds=60"))
    assert {name for name in before if before[name] != after[name]} == {"shop-core", "shop-web"}


@both
@every_values_file
def test_no_container_may_more_than_it_needs(major: str, values: str) -> None:
    text = rendered(major, values=values)
    assert all(pod["automountServiceAccountToken"] is False for pod in pods(text))
    assert all(pod["securityContext"]["runAsNonRoot"] for pod in pods(text))
    for container in containers(text):
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


@both
def test_every_service_finds_the_pods_of_its_deployment_and_no_others(major: str) -> None:
    every = objects(rendered(major))
    labels = [
        (each["kind"], part["labels"])
        for each in every
        for part in mappings(each)
        if "checksum" in str(part) and "labels" in part
    ]
    deployments = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"]
        for each in every
        if each["kind"] == "Deployment"
    }
    services = {each["metadata"]["name"]: each["spec"]["selector"] for each in every if each["kind"] == "Service"}
    assert services == deployments
    assert len({tuple(sorted(found.items())) for found in services.values()}) == 3
    assert all(found not in services.values() for kind, found in labels if kind == "Job")


@both
@pytest.mark.parametrize("release", ["x", "shop", "a-workshop", "r" * 53])
def test_no_name_is_too_long(major: str, release: str) -> None:
    limits = {"CronJob": 52, "Cluster": 50}
    for each in objects(rendered(major, release=release)):
        assert len(each["metadata"]["name"]) <= limits.get(each["kind"], 63)


@both
def test_it_can_be_a_part_of_another_chart(major: str, tmp_path: Path) -> None:
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: mall\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text("global: {imageTag: v3.0.0, ofTheMall: true}\n")
    shutil.copytree(CHART, tmp_path / "charts" / "shop")
    done = run(major, "template", "mall", str(tmp_path), "--kube-version", GATES.kube_version)
    assert done.returncode == 0, done.stderr
    assert {image.rpartition(":")[2] for image in images(done.stdout) if is_ours(image)} == {"v3.0.0"}
