"""`release-kit validate --environments`: the files are held to the declaration, and so is what will be hydrated."""

import json
from pathlib import Path

import pytest

from release_kit.cli.app import main
from tests.support import gitops_trees
from tests.support.gitops_trees import DECLARATIONS, Edit

CHART = "apiVersion: v2\nname: shop\nversion: 1.2.3\n"


def declared(folder: Path, edit: Edit = lambda _: None) -> str:
    """Writes a declaration; returns its path."""
    document = json.loads((DECLARATIONS / "sample.json").read_text())
    edit(document)
    path = folder / "environments.json"
    path.write_text(json.dumps(document))
    return str(path)


def generated(folder: Path, name: str = "sample") -> Path:
    """Writes what is generated from a declaration as it is; returns the folder."""
    for path, text in gitops_trees.files(gitops_trees.declared(name)).items():
        place = folder / "gitops" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder / "gitops"


def chart(folder: Path, *files: str) -> str:
    for name in ("Chart.yaml", *files):
        (folder / "chart").mkdir(exist_ok=True)
        (folder / "chart" / name).write_text(CHART if name == "Chart.yaml" else "a: 1\n")
    return str(folder / "chart")


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[str, str, str]]:
    """Returns rule, file and path of each finding."""
    code = main(["validate", "--json", *arguments])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert code == bool(findings)
    return [(each["rule"], each["file"], each["path"]) for each in findings]


@pytest.mark.parametrize("name", ["sample", "forgejo", "full", "tracking"])
def test_what_is_generated_is_as_declared(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(DECLARATIONS / f"{name}.json")
    assert found(capsys, str(generated(tmp_path, name)), "--environments", place) == []


def test_a_changed_declaration_is_told_where_the_files_are_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = generated(tmp_path)
    place = declared(tmp_path, lambda document: document["environments"][1]["gates"][1].update(duration="2h"))
    gates = f"{folder}/promoter/gates.yaml"
    expected = ("declared-differs", gates, "spec.environments[0].duration")
    assert found(capsys, str(folder), "--environments", place) == [expected]


def test_the_release_of_the_declaration_counts_unless_another_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(generated(tmp_path))
    place = declared(tmp_path, lambda document: document["promoter"].update(release="0.39.0"))
    rules = {rule for rule, _, _ in found(capsys, folder, "--environments", place)}
    assert rules >= {"install-release", "promoter-shape", "declared-missing"}
    rules = {rule for rule, _, _ in found(capsys, folder, "--environments", place, "--promoter-release", "0.36.0")}
    assert not rules & {"install-release", "promoter-shape"}


def test_a_values_file_that_is_not_in_the_chart_is_found_before_it_is_hydrated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, place = str(generated(tmp_path)), declared(tmp_path)
    wanted = ["--environments", place, "--chart"]
    assert found(capsys, folder, *wanted, chart(tmp_path, "values-demo.yaml")) == []
    (tmp_path / "chart" / "values-demo.yaml").unlink()
    path = "spec.source.helm.valueFiles[0]"
    assert found(capsys, folder, *wanted, str(tmp_path / "chart")) == [
        ("app-value-file", f"environment/{name}-next:manifests/application.yaml", path) for name in ("demo", "release")
    ]


def test_values_of_secrets_are_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = generated(tmp_path)
    secret = folder / "argocd" / "repository.yaml"
    secret.write_text(secret.read_text().replace("name: shop-charts\n  url", "name: hunter2\n  url"))
    assert main(["validate", str(folder), "--environments", declared(tmp_path)]) == 1
    output = capsys.readouterr()
    assert "stringData.name: it differs [declared-differs]" in output.out
    assert "hunter2" not in output.out + output.err


def test_a_secret_may_be_made_by_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = generated(tmp_path)
    metadata = {"name": "promoter-scm", "namespace": "promoter-system"}
    sealed = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": metadata}
    sealed["spec"] = {"encryptedData": {"githubAppPrivateKey": "AgB"}}
    (folder / "promoter" / "secret.yaml").write_text(json.dumps(sealed))
    assert found(capsys, str(folder), "--environments", declared(tmp_path)) == []


def test_no_such_declaration_is_bad_input(tmp_path: Path) -> None:
    assert main(["validate", str(generated(tmp_path)), "--environments", str(tmp_path / "nowhere.json")]) == 2
