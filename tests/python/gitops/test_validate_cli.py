"""`release-kit validate`: exit codes, reports, and what it takes besides the files."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from release_kit.cli.app import main
from release_kit.engines.validation.rules import NAMES
from tests.support.validation import Edit, documents, drop, put, texts

NEWER = "https://github.com/argoproj-labs/gitops-promoter/releases/download/v0.39.0/install-without-ui.yaml"


def written(folder: Path, *edits: Edit, release: str = "0.36.0") -> Path:
    """Writes the tree; returns its folder."""
    found = documents(release)
    for edit in edits:
        edit(found)
    for name, text in texts(found).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "gitops"


def chart(folder: Path, version: str) -> Path:
    place = folder / "chart"
    place.mkdir()
    (place / "Chart.yaml").write_text(f"apiVersion: v2\nname: shop\nversion: {version}\n")
    (place / "values-demo.yaml").write_text("a: 1\n")
    return place


def release_set(folder: Path, registry: str | None) -> Path:
    document: dict[str, Any] = {
        "schema": "rules_release/release-set/v1",
        "name": "shop",
        "images": [{"name": "core", "repository": "charts/shop", "layout": "core"}],
    }
    path = folder / "set.json"
    path.write_text(json.dumps(document | ({"registry": registry} if registry else {})))
    return path


def rules_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [each["rule"] for each in json.loads(capsys.readouterr().out)["findings"]]


def test_a_tree_without_a_fault_exits_with_0_and_says_how_it_was_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", str(written(tmp_path))]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert "0 findings in 14 objects, 14 of them compared with a schema; Promoter 0.36.0" in output.err


def test_a_finding_exits_with_1_and_names_file_line_object_path_rule_and_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path, put("e2e", "spec.reportOn", "proposed"))
    assert main(["validate", str(folder)]) == 1
    line, remedy = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{folder}/strategy.yaml:")
    assert "PromotionStrategy promoter-system/shop: spec.environments[0].activeCommitStatuses[0].key: " in line
    assert line.endswith("[gate-target]")
    assert remedy == "  try: list it in proposedCommitStatuses"


def test_bad_input_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(written(tmp_path))
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.yaml").write_text("a: b\n")
    for arguments in (
        [str(tmp_path / "nowhere")],
        [str(tmp_path / "empty")],
        [str(tmp_path / "text.yaml")],
        [folder, "--promoter-release", "newest"],
        [folder, "--promoter-release", "0.18.3"],
        [folder, "--argocd-release", "3"],
        [folder, "--kubernetes", "0.9"],
        [folder, "--crds", str(tmp_path / "nowhere")],
        [folder, "--chart", str(tmp_path / "nowhere")],
        [folder, "--set", str(tmp_path / "nowhere.json")],
        [folder, "--set", str(release_set(tmp_path, None))],
        [folder, "--images", "core"],
    ):
        assert main(["validate", *arguments]) == 2, arguments
        assert "ERROR" in capsys.readouterr().err


def test_files_can_be_named_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path)
    assert main(["validate", str(folder / "provider.yaml"), str(folder / "scm-secret.yaml")]) == 0
    assert "2 objects" in capsys.readouterr().err


def test_json_holds_all_that_a_finding_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path, drop("signed"))
    assert main(["validate", str(folder), "--json", "--promoter-release", "v0.37.1"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "rules_release/validation-report/v1"
    assert document["promoter"] == {"release": "0.37.1", "because": "as asked for"}
    (found,) = document["findings"]
    assert found["rule"] == "gate-no-reporter"
    assert found["file"] == f"{folder}/strategy.yaml"
    assert found["path"] == "spec.proposedCommitStatuses[1].key"
    assert {*found} == {"rule", "message", "remedy", "file", "line", "document", "path"}


def test_junit_has_a_case_for_each_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path, drop("signed"))
    bazels = tmp_path / "bazel.xml"
    monkeypatch.setenv("XML_OUTPUT_FILE", str(bazels))
    assert main(["validate", str(folder), "--junit", str(tmp_path / "own.xml")]) == 1
    assert bazels.read_bytes() == (tmp_path / "own.xml").read_bytes()
    suite = ElementTree.parse(bazels).getroot()[0]
    assert [case.get("name") for case in suite] == [*NAMES]
    failed = [case for case in suite if len(case)]
    assert [case.get("name") for case in failed] == ["gate-no-reporter"]
    assert "nobody reports signed" in str(failed[0][0].text)


def test_the_installed_release_decides_and_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path, release="0.39.0")
    (folder / "kustomization.yaml").write_text(f"resources:\n- {NEWER}\n")
    assert main(["validate", str(folder)]) == 0
    assert f"Promoter 0.39.0 ({folder}/kustomization.yaml:2 installs it)" in capsys.readouterr().err
    assert main(["validate", str(folder), "--json", "--promoter-release", "0.36.0"]) == 1
    assert {*rules_of(capsys)} == {"install-release", "promoter-shape"}


def test_the_chart_decides_on_values_files_and_versions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    helm = {"valueFiles": ["values-demo.yaml", "values-prod.yaml"]}
    folder = written(tmp_path, put("preview", "spec.source.helm", helm))
    place = chart(tmp_path, "1.3.0-rc.1")
    assert main(["validate", str(folder), "--json", "--chart", str(place)]) == 1
    assert {*rules_of(capsys)} == {"app-value-file", "app-version-excluded"}
    packed = tmp_path / "shop.tgz"
    assert main(["chart", "package", str(place), "--output", str(packed)]) == 0
    capsys.readouterr()
    assert main(["validate", str(folder), "--json", "--chart", str(packed)]) == 1
    assert {*rules_of(capsys)} == {"app-value-file", "app-version-excluded"}


@pytest.mark.parametrize("form", ["set", "images"])
def test_images_where_charts_are_collide(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    folder = str(written(tmp_path))
    named = {"set": [str(release_set(tmp_path, "ghcr.io/acme"))], "images": ["ghcr.io/acme/charts/shop:v1"]}
    assert main(["validate", folder, "--json", f"--{form}", *named[form]]) == 1
    assert rules_of(capsys) == ["chart-image-collision"]


DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "promotionstrategies.promoter.argoproj.io"},
    "spec": {
        "group": "promoter.argoproj.io",
        "scope": "Namespaced",
        "names": {"kind": "PromotionStrategy", "plural": "promotionstrategies"},
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "required": ["gitRepositoryRef", "pace"],
                                "properties": {
                                    "gitRepositoryRef": {
                                        "type": "object",
                                        "x-kubernetes-preserve-unknown-fields": True,
                                    },
                                    "pace": {"type": "string", "default": "slow"},
                                },
                                "x-kubernetes-validations": [{"rule": "self.pace.size() > 3", "message": "no"}],
                            }
                        },
                    }
                },
            }
        ],
    },
}


def test_published_definitions_win_over_the_tables_and_what_they_leave_open_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path)
    (tmp_path / "definition.yaml").write_text(json.dumps(DEFINITION))
    assert main(["validate", str(folder), "--crds", str(tmp_path / "definition.yaml")]) == 1
    output = capsys.readouterr()
    assert "spec.environments: the field 'environments' is not known here" in output.out
    assert "pace" not in output.out, "a field with a default need not be there"
    assert "not judged, PromotionStrategy spec: self.pace.size() > 3" in output.err


def test_templates_of_a_chart_are_left_out_and_that_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path)
    templates = folder / "shop" / "templates"
    templates.mkdir(parents=True)
    (folder / "shop" / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    (templates / "a.yaml").write_text("{{ if }}\n")
    assert main(["validate", str(folder)]) == 0
    assert f"{templates}: left out" in capsys.readouterr().err


def test_patches_of_a_kustomization_are_no_objects(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "kustomization.yaml").write_text("resources: [demo.yaml]\npatches: [{path: patches/demo.yaml}]\n")
    (folder / "patches").mkdir()
    (folder / "patches" / "demo.yaml").write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: demo}\nspec: {}\n"
    )
    assert main(["validate", str(folder)]) == 0
