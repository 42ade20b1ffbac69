"""`release-kit chart gate`: what it says, how it ends, and what it makes of bad input."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from release_kit.values.finding import Gate
from tests.support.charts import Shop
from tests.support.helm import BOTH

CORE = "templates/core.yaml"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.gate("--update-golden")
    return shop


@pytest.mark.parametrize("major", BOTH)
def test_all_gates_hold_for_the_good_chart(shop: Shop, major: str) -> None:
    report = shop.gate(major=major)
    assert (report.code, report.findings) == (0, []), report.err
    assert {entry["status"] for entry in report.document["gates"]} == {"passed"}
    assert {entry["gate"] for entry in report.document["gates"]} == set(Gate)


def test_each_values_file_has_a_result_of_each_gate_that_renders(shop: Shop) -> None:
    entries = [(entry["gate"], entry["values"]) for entry in shop.gate().document["gates"]]
    assert [gate for gate, values in entries if values == "values-demo.yaml"] == [
        "lint",
        "render",
        "golden",
        "determinism",
        "schema",
        "image-policy",
    ]
    assert [gate for gate, values in entries if not values] == ["image-set", "chart-rules", "values", "package"]


def test_without_a_document_the_gates_run_that_need_none(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    report = shop.gate_plainly()
    assert report.code == 0, report.err
    skipped = {entry["gate"] for entry in report.document["gates"] if entry["status"] == "skipped"}
    assert skipped == {"golden", "image-policy", "image-set"}


def test_without_a_document_the_values_of_ci_are_rendered_too(shop: Shop) -> None:
    shop.write("ci/large-values.yaml", "replicas: 40\n")
    values = {entry["values"] for entry in shop.gate_plainly("--gates", "render").document["gates"]}
    assert values == {"values.yaml", "ci/large-values.yaml"}


def test_a_finding_is_told_with_its_place_and_once_with_its_remedy(shop: Shop) -> None:
    shop.replace(CORE, "redis:8.8.0", "redis:9\n        - name: more\n          image: redis:10")
    out = shop.gate("--gates", "image-set", as_json=False).out
    place = "     templates/core.yaml:{}: Deployment core: spec.template.spec.containers[{}].image: "
    unknown = "redis:{} is neither an image of the release set nor allowed"
    assert out.splitlines() == [
        "FAIL image-set",
        place.format(33, 1) + unknown.format(9),
        place.format(35, 2) + unknown.format(10),
        "       try: add it to `images`, or to `allow` if it is not released with the chart",
    ]


def test_the_junit_report_has_a_case_for_each_result(shop: Shop, tmp_path: Path) -> None:
    shop.replace(CORE, "{{ .Values.replicas }}", '"{{ .Values.replicas }}" # <&>')
    report = shop.gate("--gates", "schema,chart-rules", "--junit", str(tmp_path / "report.xml"))
    suites = ElementTree.parse(tmp_path / "report.xml").getroot()
    assert (suites.get("tests"), suites.get("failures"), report.code) == ("3", "2", 1)
    failed = [case.get("name") for case in suites.iter("testcase") if case.find("failure") is not None]
    assert failed == ["schema (values.yaml)", "schema (values-demo.yaml)"]
    assert "expected integer" in (suites.find(".//failure").text or "")  # type: ignore[union-attr]


def test_bazel_gets_its_report_where_it_wants_it(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XML_OUTPUT_FILE", str(tmp_path / "test.xml"))
    shop.gate("--gates", "chart-rules")
    assert ElementTree.parse(tmp_path / "test.xml").getroot().get("tests") == "1"


def test_gates_without_helm_need_none(shop: Shop, tmp_path: Path) -> None:
    report = shop.gate("--gates", "chart-rules,values,package", "--helm", str(tmp_path / "none"))
    assert (report.code, len(report.document["gates"])) == (0, 3), report.err


def test_a_missing_helm_is_bad_input_with_a_remedy(shop: Shop, tmp_path: Path) -> None:
    report = shop.gate("--gates", "lint", "--helm", str(tmp_path / "none"))
    assert (report.code, "or name it with --helm or HELM_BIN" in report.err) == (2, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": "rules_release/chart-gates/v9"}, "schema: expected 'rules_release/chart-gates/v1'"),
        ({"valeus": []}, "valeus: this field is not known here"),
        ({"values": ["values-gone.yaml"]}, "values: 'values-gone.yaml' is not there"),
        ({"values": [{"file": "values.yaml", "api": []}]}, "values[0].api: this field is not known"),
        ({"values": [7]}, "values[0]"),
        ({"images": [{"repository": "a/b", "digest": "sha1:0"}]}, "images[0].digest: expected a digest"),
        ({"exceptions": [{"gate": "none", "template": "x", "reason": "y"}]}, "exceptions[0].gate: expected one of"),
        ({"exceptions": [{"gate": "lint", "template": "x", "reason": " "}]}, "expected why this is right"),
        ({"exceptions": [{"gate": "lint", "template": "x"}]}, "exceptions[0].reason"),
        ({"crds": ["gone/"]}, "crds: 'gone/' is not there"),
        ({"previous": {"version": "one"}}, "previous"),
        ({"kube_version": "next"}, "kube_version: expected such as '1.31.0', found 'next'"),
        ({"release": "--post-renderer=x"}, "release: expected such as 'release-name'"),
        ({"namespace": "-x"}, "namespace: expected such as 'default'"),
        ({"values": [{"file": "values.yaml", "api_versions": ["--debug"]}]}, "api_versions: expected such as apps/v1"),
        ({"values": ["templates"]}, "is no file"),
        ({"max_file_bytes": 0}, "max_file_bytes: expected 1 or more, found 0"),
    ],
    ids=str,
)
def test_a_wrong_document_is_bad_input(shop: Shop, change: dict[str, object], said: str) -> None:
    shop.gates |= change
    report = shop.gate()
    assert report.code == 2, report.out
    assert said in report.err


def test_two_values_files_of_one_golden_are_bad_input(shop: Shop) -> None:
    shop.write("values.demo.yaml", "replicas: 9\n")
    shop.write("a/values.demo.yaml", "replicas: 9\n")
    shop.gates["values"] = ["values.demo.yaml", "a/values.demo.yaml", "a-values.demo.yaml"]
    shop.write("a-values.demo.yaml", "replicas: 9\n")
    report = shop.gate("--update-golden")
    assert (report.code, "two values files have the golden a-values.demo.yaml" in report.err) == (2, True)


def test_a_program_that_is_no_helm_is_bad_input(shop: Shop) -> None:
    report = shop.gate("--gates", "render", "--helm", "/bin/false")
    assert (report.code, "expected helm 3.19 or later" in report.err) == (2, True)


def test_a_library_chart_is_held_to_what_needs_no_rendering(shop: Shop) -> None:
    shop.replace("Chart.yaml", "type: application", "type: library")
    for template in ("templates/core.yaml", "templates/database.yaml", "crds/cluster.yaml"):
        (shop.folder / template).unlink()
    report = shop.gate("--gates", "lint,render,schema,image-set,chart-rules,package")
    assert (report.code, report.findings) == (0, []), report.err
    assert report.status("render") == report.status("image-set") == "skipped"
    assert report.status("lint") == report.status("chart-rules") == "passed"


def test_a_folder_without_a_chart_is_bad_input(shop: Shop) -> None:
    (shop.folder / "Chart.yaml").unlink()
    report = shop.gate()
    assert (report.code, "found no Chart.yaml" in report.err) == (2, True)


def test_a_chart_that_can_t_be_read_is_a_finding_of_the_package(shop: Shop) -> None:
    (shop.folder / "dangling").symlink_to("nowhere")
    (finding,) = shop.gate("--gates", "package").findings
    assert "dangling" in finding["message"]


def test_a_link_that_leaves_the_chart_is_a_finding_of_the_package(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("x\n")
    (shop.folder / "inside.txt").symlink_to(tmp_path / "outside.txt")
    (finding,) = shop.gate("--gates", "package").findings
    assert (finding["file"], "leaves the chart" in finding["message"]) == ("inside.txt", True)


@pytest.mark.parametrize("name", ["server.pem", ".env", "id_rsa", "files/tls.key", "config/credentials.json"])
def test_a_secret_by_name_is_a_finding_of_the_package(shop: Shop, name: str) -> None:
    shop.write(name, "x\n")
    (finding,) = shop.gate("--gates", "package").findings
    assert (finding["file"], "looks like a secret" in finding["message"]) == (name, True)
    shop.gates["exceptions"] = [{"gate": "package", "file": name, "reason": "a public example"}]
    assert shop.gate("--gates", "package").code == 0


def test_a_secret_by_its_content_is_a_finding_of_the_package(shop: Shop) -> None:
    shop.write("files/harmless.txt", "-----BEGIN RSA PRIVATE KEY-----\n")
    assert len(shop.gate("--gates", "package").findings) == 1


def test_a_dependency_that_is_not_there_is_a_finding_of_the_package(shop: Shop) -> None:
    dependency = "dependencies:\n  - name: redis\n    version: 1.0.0\n    repository: oci://example.com/charts\n"
    shop.write("Chart.yaml", (shop.folder / "Chart.yaml").read_text() + dependency)
    messages = [finding["message"] for finding in shop.gate("--gates", "package").findings]
    assert any("missing redis" in message for message in messages)


def test_values_on_the_command_line_keep_what_the_document_says_of_them(shop: Shop) -> None:
    shop.replace(
        CORE, "kind: Deployment", 'kind: Deployment{{ if .Capabilities.APIVersions.Has "a-b.io/v1" }}s{{ end }}'
    )
    shop.gates["values"] = ["values.yaml", {"file": "values-demo.yaml", "api_versions": ["a-b.io/v1"]}]
    assert shop.gate("--gates", "schema", "--values", "values.yaml").code == 0
    assert shop.gate("--gates", "schema", "--values", "values-demo.yaml").code == 1
