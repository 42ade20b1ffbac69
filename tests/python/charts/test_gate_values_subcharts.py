"""The values of subcharts: merged as Helm does, and known to the chart that they are a part of."""

import json
import subprocess
from pathlib import Path

import pytest

from release_kit.documents.chart_gates import ChartGates
from release_kit.engines.gates.chart_values.chart import read_chart
from release_kit.engines.gates.chart_values.check import check
from release_kit.engines.gates.chart_values.merge import coalesced
from release_kit.values.yaml_source import read_one
from tests.support.helm import HELM_3, helm

CHART = """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - name: cache
    version: 1.0.0
    alias: sessions
    condition: sessions.enabled,noSuchThing
  - name: queue
    version: 1.0.0
    tags: [messages]
    import-values:
      - port
      - child: limits
        parent: bounds.queue
"""
FILES = {
    "Chart.yaml": CHART,
    "values.yaml": """\
global: {zone: a, tag: v1}
map: {a: 1, b: {c: 2, d: 3}, e: null}
list: [1, 2]
sessions: {enabled: true, size: 2}
bounds: {web: {cpu: 1}}
""",
    "templates/all.yaml": "all: {{ toJson .Values | quote }}\n",
    "charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
    "charts/cache/values.yaml": "size: 1\npolicy: {kind: lru, max: 1}\nglobal: {zone: b, other: c}\n",
    "charts/cache/templates/all.yaml": "cache: {{ toJson .Values | quote }}\n",
    "charts/queue/Chart.yaml": "apiVersion: v2\nname: queue\nversion: 1.0.0\n",
    "charts/queue/values.yaml": "exports: {port: {queuePort: 5672}}\nlimits: {cpu: 2}\n",
    "charts/queue/templates/all.yaml": "queue: {{ toJson .Values | quote }}\n",
}
GIVEN = (
    "{}\n",
    "map: {a: null, b: {c: null, x: 1}, z: null}\nnew: {a: null}\nnone: null\nlist: []\n",
    "map: null\nlist: {a: 1}\n",
    "sessions: {size: 3, policy: {max: null}, global: {zone: z}}\nglobal: {tag: v2}\n",
    "sessions: {enabled: false}\ntags: {messages: false}\n",
    "bounds: {queue: {cpu: 3}}\nqueuePort: 1\n",
)


@pytest.mark.parametrize("given", GIVEN)
def test_values_are_what_helm_gives_to_templates(tmp_path: Path, given: str) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "given.yaml").write_text(given)
    command = [str(helm(HELM_3)), "template", "x", str(tmp_path), "--values", str(tmp_path / "given.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rendered = next(line for line in done.stdout.splitlines() if line.startswith("all: "))
    wanted = json.loads(read_one(rendered).value["all"])
    chart = read_chart({name: text.encode() for name, text in FILES.items()})
    assert coalesced(chart, read_one(given).value) == wanted


def gate(given: str = "", **changes: str) -> list[tuple[str, int, str]]:
    files = {**FILES, "templates/all.yaml": "{{ .Values.map }}{{ .Values.list }}{{ .Values.bounds }}"}
    files |= {name.replace("__", "/").replace("_", "."): text for name, text in changes.items()}
    packed = {name: text.encode() for name, text in files.items()}
    values = {"a.yaml": given.encode()} if given else {}
    return [(each.file, each.line, each.thing) for each in check(packed, values, ChartGates())]


def test_the_good_chart_has_no_finding() -> None:
    assert gate() == []


@pytest.mark.parametrize(
    "given",
    [
        "sessions: {enabled: false, size: 1, policy: {kind: lfu}}\n",
        "tags: {messages: false}\n",
        "queue: {limits: {cpu: 1}}\n",
        "bounds: {queue: {cpu: 1}}\n",
        "global: {zone: c, other: d}\n",
    ],
)
def test_what_a_subchart_knows_is_known(given: str) -> None:
    assert gate(given) == []


def test_what_a_subchart_does_not_know_is_found() -> None:
    templates = "{{ .Values.size }}{{ .Values.policy.kind }}{{ .Values.global }}"
    found = gate("sessions:\n  policy:\n    kimd: lfu\n", charts__cache__templates__all_yaml=templates)
    assert found == [("a.yaml", 3, "sessions.policy.kimd")]


def test_what_the_chart_reads_of_a_section_is_known() -> None:
    templates = "{{ .Values.size }}{{ .Values.policy.kind }}"
    reads = "{{ .Values.map }}{{ .Values.list }}{{ .Values.bounds }}{{ .Values.global }}{{ .Values.sessions.secret }}"
    changes = {"charts__cache__templates__all_yaml": templates, "templates__all_yaml": reads}
    assert gate("sessions: {secret: a}\n", **changes) == []


def test_a_subchart_that_is_not_there_may_know_anything() -> None:
    files = {name: text.encode() for name, text in FILES.items() if not name.startswith("charts/")}
    assert check(files, {"a.yaml": b"sessions: {any: 1}\nglobal: {new: 1}\n"}, ChartGates()) == []


def test_the_schema_of_a_subchart_holds_for_its_section_unless_it_is_switched_off() -> None:
    schema = '{"required": ["global", "size"], "properties": {"size": {"type": "integer"}}}'
    given = "sessions:\n  size: big\n"
    assert gate(given, charts__cache__values_schema_json=schema) == [("a.yaml", 2, "sessions.size")]
    assert gate(f"{given}  enabled: false\n", charts__cache__values_schema_json=schema) == []


def test_a_helper_of_a_library_reads_values_of_the_chart() -> None:
    library = {
        "Chart.yaml": b"name: shop\ndependencies:\n  - name: common\n",
        "values.yaml": b"name: a\nimage: {tag: b}\n",
        "templates/x.yaml": b'{{ include "common.name" . }}{{ include "common.image" .Values.image }}',
        "charts/common/Chart.yaml": b"name: common\ntype: library\n",
        "charts/common/templates/_x.tpl": (
            b'{{ define "common.name" }}{{ .Values.name }}{{ end }}{{ define "common.image" }}{{ .tag }}{{ end }}'
        ),
    }
    assert check(library, {}, ChartGates()) == []
