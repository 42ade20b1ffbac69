"""Lint, render, determinism and golden: what helm says and makes, with the place in the template."""

import json
from pathlib import Path

import pytest

from release_kit.engines.gates import golden
from tests.support.charts import Shop
from tests.support.helm import BOTH, HELM_3, HELM_4

CORE = "templates/core.yaml"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def found(shop: Shop, gate: str, major: str = HELM_4) -> list[tuple[str, int, str]]:
    report = shop.gate("--gates", gate, "--values", "values.yaml", major=major)
    assert report.code == int(bool(report.findings)), report.err
    return [(each["file"], each["line"], each["message"]) for each in report.findings]


@pytest.mark.parametrize("major", BOTH)
def test_the_good_chart_has_no_finding(shop: Shop, major: str) -> None:
    report = shop.gate("--gates", "lint,render,determinism", major=major)
    assert (report.code, report.findings) == (0, []), report.err


@pytest.mark.parametrize("major", BOTH)
def test_an_unmet_required_value_is_found_on_its_line(shop: Shop, major: str) -> None:
    shop.replace(CORE, "{{ .Values.replicas }}", '{{ required "say how many" .Values.number }}')
    assert found(shop, "render", major) == [(CORE, 8, "does not render: say how many")]
    assert found(shop, "lint", major) == []


def test_a_value_that_only_one_file_lacks_is_found_there(shop: Shop) -> None:
    shop.replace(CORE, "{{ .Values.replicas }}", '{{ required "say how many" .Values.replicas }}')
    shop.write("values-demo.yaml", "replicas: null\n")
    report = shop.gate("--gates", "render")
    assert [(each["values"], each["line"]) for each in report.findings] == [("values-demo.yaml", 8)]


@pytest.mark.parametrize("major", BOTH)
def test_a_function_that_is_not_there_is_found_on_its_line(shop: Shop, major: str) -> None:
    shop.replace(CORE, "{{ .Values.replicas }}", "{{ .Values.replicas | integer }}")
    ((file, line, message),) = found(shop, "render", major)
    assert (file, line, '"integer" not defined' in message) == (CORE, 8, True)


def test_what_is_no_yaml_is_found(shop: Shop) -> None:
    shop.replace(CORE, "{{ .Values.replicas }}", "{{ .Values.replicas }}: : x")
    assert [(file, "YAML" in message) for file, _, message in found(shop, "render")] == [(CORE, True)]


def test_a_key_that_stands_twice_is_found(shop: Shop) -> None:
    shop.replace(CORE, "  replicas:", "  replicas: 1\n  replicas:")
    assert found(shop, "render") == [(CORE, 9, "the key 'replicas' stands twice: only the last one counts")]


def test_a_chart_that_renders_nothing_is_found(shop: Shop) -> None:
    for path in (CORE, "templates/database.yaml"):
        shop.write(path, "{{ if .Values.no }}\n" + (shop.folder / path).read_text() + "{{ end }}\n")
    assert found(shop, "render") == [("", 0, "renders no object")]


@pytest.mark.parametrize("major", BOTH)
def test_lint_says_what_helm_says(shop: Shop, major: str) -> None:
    shop.replace("Chart.yaml", "version: 1.2.3\n", "version: one\n", 1)
    assert any(
        "'one' is invalid" in message or "not a valid SemVer" in message for _, _, message in found(shop, "lint", major)
    )


def test_gates_that_can_t_look_leave_it_to_the_gate_that_says_why(shop: Shop) -> None:
    shop.replace(CORE, "{{ .Values.replicas }}", '{{ fail "no" }}{{ .Values.replicas }}')
    report = shop.gate("--values", "values.yaml")
    assert {each["gate"] for each in report.findings} == {"render"}
    assert report.status("schema") == report.status("image-set") == "skipped"
    assert {each["message"] for each in shop.gate("--gates", "schema,image-set").findings} == {
        "the chart does not render with this values file"
    }


RANDOM = [
    "{{ randAlphaNum 8 }}",
    "{{ uuidv4 }}",
    '{{ now | date "2006-01-02" }}',
    "{{ now | unixEpoch }}",
    '{{ now | date "2006" }}',
    '{{ keys (dict "a" 1 "b" 2 "c" 3 "d" 4) | join "" }}',
    '{{ "abcdefghijklmnop" | shuffle }}',
    '{{ htpasswd "a" "b" | quote }}',
]


@pytest.mark.parametrize("text", RANDOM)
@pytest.mark.parametrize("major", BOTH)
def test_what_differs_from_render_to_render_is_found_on_its_line(shop: Shop, text: str, major: str) -> None:
    shop.replace(CORE, "  labels:\n    app.k", f"  annotations:\n    token: x{text}\n  labels:\n    app.k")
    assert [(file, line) for file, line, _ in found(shop, "determinism", major)] == [(CORE, 6)]


@pytest.mark.parametrize(
    "text",
    [
        "{{ if .Values.no }}{{ randAlphaNum 8 }}{{ now }}{{ end }}",
        '{{ keys (dict "a" 1 "b" 2 "c" 3) | sortAlpha | join "" }}',
        '{{ "now" | upper }}{{/* now */}}',
        "{{ .Values.global.now }}",
    ],
)
def test_what_is_the_same_every_time_is_not_found(shop: Shop, text: str) -> None:
    shop.replace(CORE, "  labels:\n    app.k", f"  annotations:\n    token: x{text}\n  labels:\n    app.k")
    assert found(shop, "determinism") == []


def test_a_test_of_the_chart_may_have_a_random_name(shop: Shop) -> None:
    annotations = '  annotations: {"helm.sh/hook": test}\n'
    pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: t-{{ randAlpha 5 | lower }}\n" + annotations
    shop.write("templates/tests/pod.yaml", pod + "spec:\n  containers:\n    - name: a\n      image: redis:8.8.0\n")
    assert found(shop, "determinism") == []


def test_a_missing_golden_fails_and_is_written_on_demand(shop: Shop) -> None:
    assert shop.gate("--gates", "golden").code == 1
    assert shop.gate("--update-golden").code == 0
    assert shop.gate("--gates", "golden").code == 0
    assert {path.name for path in (shop.folder.parent / "golden").iterdir()} == {"values.yaml", "values-demo.yaml"}


def test_a_golden_holds_for_both_versions_of_helm(shop: Shop) -> None:
    shop.gate("--update-golden", major=HELM_3)
    assert shop.gate("--gates", "golden", major=HELM_4).findings == []


def test_a_new_version_of_the_chart_leaves_the_golden_as_it_is(shop: Shop) -> None:
    shop.gate("--update-golden")
    shop.replace("Chart.yaml", "1.2.3", "1.2.4")
    assert shop.gate("--gates", "golden").findings == []


def test_a_change_is_told_with_both_values(shop: Shop) -> None:
    shop.gate("--update-golden")
    shop.replace("values.yaml", "replicas: 2", "replicas: 4")
    (finding,) = shop.gate("--gates", "golden").findings
    assert (finding["values"], finding["thing"]) == ("values.yaml", "Deployment core")
    assert finding["message"] == "spec.replicas: 4, the golden has 2"


def test_a_golden_that_belongs_to_no_values_file_is_removed(shop: Shop) -> None:
    stale = shop.folder.parent / "golden" / "values-gone.yaml"
    stale.parent.mkdir()
    stale.write_text(f"{golden.MARK} values-gone.yaml\n")
    foreign = stale.with_name("foreign.yaml")
    foreign.write_text("a: 1\n")
    shop.gate("--update-golden", "--values", "values.yaml")
    assert stale.exists()
    shop.gate("--update-golden")
    assert (stale.exists(), foreign.exists()) == (False, True)


def test_renderings_of_their_own_give_the_same_findings(shop: Shop, tmp_path: Path) -> None:
    shop.replace(CORE, "{{ .Values.replicas }}", "{{ .Values.replicas }}x")
    direct = shop.gate("--gates", "schema,determinism,image-policy")
    documents = []
    for values in shop.gates["values"]:
        documents += ["--rendering", str(tmp_path / f"{values}.json")]
        assert shop.render(values, documents[-1]) == 0
    staged = shop.gate("--gates", "schema,determinism,image-policy", *documents)
    assert staged.document == direct.document
    assert json.loads(Path(documents[-1]).read_text())["helm"].startswith("v4.")


def test_a_file_that_is_no_golden_is_never_written_over(shop: Shop) -> None:
    shop.gates["golden"] = "shop"
    before = {path: path.read_bytes() for path in shop.folder.rglob("*") if path.is_file()}
    assert shop.gate("--update-golden").code == 2
    assert {path: path.read_bytes() for path in shop.folder.rglob("*") if path.is_file()} == before
