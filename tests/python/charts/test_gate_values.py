"""The gate values: one fault in a good chart is found at its place; the good chart has none."""

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from release_kit.documents.chart_gates import ChartGates
from release_kit.engines.chart import values_table
from release_kit.engines.gates.chart_values.check import check
from release_kit.values.finding import Finding, Gate

VALUES = "values.yaml"
PROD = "values-prod.yaml"
SCHEMA = "values.schema.json"
README = "README.md"
WEB = "templates/web.yaml"
GOOD = {
    "Chart.yaml": """\
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - name: cache
    version: 1.0.0
    condition: cache.enabled
""",
    VALUES: """\
global:
  # -- Tag of all images.
  imageTag: ""

web:
  # -- Number of pods.
  replicas: 2
  # -- How it looks.
  theme: light
  # -- Whether it logs each request.
  verbose: false
  # -- Ports by their names.
  ports:
    http: 8080
  # -- CPU and memory.
  resources: {}
  # -- More containers.
  sidecars: []
  # -- Address of the mail server.
  mailServer:
  # logLevel: info

ingress:
  # -- Whether there is one.
  enabled: false
  # -- Host of it.
  host: shop.example
  # -- Its annotations.
  annotations:
    kubernetes.io/tls-acme: "true"

cache:
  # -- Whether there is one.
  enabled: true
  # -- Its size.
  size: 64Mi
""",
    PROD: """\
global:
  imageTag: v1.2.3
web:
  replicas: 3
  theme: dark
  verbose: true
  logLevel: debug
  resources:
    limits:
      memory: 64Mi
  mailServer: mail.example
ingress:
  annotations:
    example.com/any: "1"
cache:
  policy: lru
""",
    SCHEMA: """\
{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "required": ["web"],
  "properties": {
    "global": {"type": "object"},
    "web": {
      "type": "object",
      "required": ["replicas"],
      "properties": {
        "replicas": {"type": "integer", "default": 2},
        "theme": {"enum": ["light", "dark"]},
        "verbose": {"type": "boolean"},
        "ports": {"type": "object", "additionalProperties": {"type": "integer"}},
        "resources": {"$ref": "#/definitions/resources"},
        "sidecars": {"type": "array"},
        "mailServer": {"type": ["string", "null"]},
        "logLevel": {"type": "string"}
      }
    },
    "ingress": {"type": "object"},
    "cache": {"type": "object"}
  },
  "definitions": {
    "resources": {"type": "object", "properties": {"limits": {"type": "object"}}}
  }
}
""",
    README: f"""\
# shop

{values_table.BEGIN}
{values_table.END}
""",
    "templates/_helpers.tpl": """\
{{/* The image of "any" service. */}}
{{- define "shop.image" -}}
shop:{{ .Values.global.imageTag | default .Chart.AppVersion }}
{{- end -}}
""",
    WEB: """\
kind: Deployment
spec:
  replicas: {{ .Values.web.replicas }}
  image: {{ include "shop.image" . }}
  theme: {{ .Values.web.theme | quote }}
  {{- if .Values.web.verbose }}
  verbose: true
  {{- end }}
  {{- range $name, $port := .Values.web.ports }}
  {{ $name }}: {{ $port }}
  {{- end }}
  {{- with .Values.web.resources }}
  resources: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- $web := .Values.web }}
  {{- toYaml $web.sidecars | nindent 2 }}
  mail: {{ $web.mailServer }}
  level: {{ $web.logLevel | default "info" }}
""",
    "templates/ingress.yaml": """\
{{- with .Values.ingress }}
{{- if .enabled }}
kind: Ingress
host: {{ .host }}
annotations: {{- toYaml .annotations | nindent 2 }}
{{- end }}
{{- end }}
""",
    "charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
    "charts/cache/values.yaml": "size: 32Mi\npolicy: none\n",
    "charts/cache/values.schema.json": '{"properties": {"policy": {"enum": ["none", "lru"]}}}',
    "charts/cache/templates/x.yaml": "{{ .Values.size }}{{ .Values.policy }}",
}


class Mutant(NamedTuple):
    """One fault: what is replaced, and what must be said at the line where a text stands."""

    fault: str
    file: str
    old: str
    new: str
    at: str
    text: str
    message: str
    remedy: str = ""
    others: int = 0
    """How many more findings the fault is worth."""


MUTANTS = (
    Mutant(
        "schema is no JSON",
        SCHEMA,
        '"required": ["web"],',
        '"required": ["web"]',
        SCHEMA,
        '"properties": {\n    "g',
        "is no JSON",
    ),
    Mutant("schema is a list", SCHEMA, GOOD[SCHEMA], "[]", SCHEMA, "[]", "expected a JSON object"),
    Mutant("unknown draft", SCHEMA, "draft-07", "draft-7", SCHEMA, "$schema", "a draft of JSON Schema"),
    Mutant(
        "misspelled type",
        SCHEMA,
        '"type": "boolean"',
        '"type": "bool"',
        SCHEMA,
        '"verbose"',
        "found 'bool'",
        "'boolean'",
    ),
    Mutant(
        "pattern of Perl",
        SCHEMA,
        '"logLevel": {',
        '"logLevel": {"pattern": "(?=a)", ',
        SCHEMA,
        "(?=a)",
        "is no valid schema",
    ),
    Mutant(
        "reference to nothing", SCHEMA, "#/definitions/resources", "#/definitions/resource", SCHEMA, "{", "resource"
    ),
    Mutant(
        "other type than the value",
        SCHEMA,
        '"theme": {"enum": ["light", "dark"]}',
        '"theme": {"type": "integer"}',
        VALUES,
        "theme: light",
        'expects integer, found "light"',
        SCHEMA,
        1,
    ),
    Mutant(
        "enum without the default",
        SCHEMA,
        '["light", "dark"]',
        '["dark"]',
        VALUES,
        "theme: light",
        'expects one of "dark"',
    ),
    Mutant(
        "value not described",
        SCHEMA,
        '        "verbose": {"type": "boolean"},\n',
        "",
        VALUES,
        "verbose: false",
        "web.verbose is not described",
    ),
    Mutant(
        "value described no more",
        SCHEMA,
        '"logLevel": {',
        '"logPath": {',
        SCHEMA,
        '"logPath"',
        "describes web.logPath, which is not in values.yaml",
    ),
    Mutant(
        "requires what it does not describe",
        SCHEMA,
        '["replicas"]',
        '["replicas", "replica"]',
        SCHEMA,
        '"replica"]',
        "requires 'replica', which its",
        "'replicas'",
        1,
    ),
    Mutant(
        "no subchart for lack of global",
        SCHEMA,
        '    "global": {"type": "object"},\n',
        "",
        SCHEMA,
        '"additionalProperties": false,\n  "req',
        "'global' is not described",
        '"global"',
        1,
    ),
    Mutant(
        "default of another type",
        SCHEMA,
        '"default": 2',
        '"default": "2"',
        SCHEMA,
        '"default": "2"',
        "which it does not allow",
    ),
    Mutant(
        "other default", SCHEMA, '"default": 2', '"default": 3', SCHEMA, '"default": 3', "is 3, but 2 in values.yaml"
    ),
    Mutant(
        "wrong type in one file",
        PROD,
        "replicas: 3",
        "replicas: three",
        PROD,
        "replicas: three",
        'expects integer, found "three"',
    ),
    Mutant(
        "wrong choice in one file", PROD, "theme: dark", "theme: drak", PROD, "drak", '"light", "dark"; found "drak"'
    ),
    Mutant(
        "required value deleted in one file",
        PROD,
        "replicas: 3",
        "replicas: null",
        PROD,
        "web:",
        "requires 'replicas' here",
    ),
    Mutant(
        "wrong value for a subchart",
        PROD,
        "policy: lru",
        "policy: rlu",
        PROD,
        "policy: rlu",
        "cache.policy: charts/cache/values.schema.json expects one of",
    ),
    Mutant(
        "key misspelled in one file",
        PROD,
        "verbose: true",
        "verbos: true",
        PROD,
        "verbos: true",
        "web.verbos is not in values.yaml",
        "'verbose'",
    ),
    Mutant(
        "key at the top that is none",
        PROD,
        "web:\n  replicas: 3",
        "global2:\n  replicas: 3\nweb:",
        PROD,
        "global2",
        "does not allow this key",
        "'global'",
    ),
    Mutant(
        "key of another map",
        PROD,
        "  imageTag: v1.2.3",
        "  imageTag: v1.2.3\n  host: x",
        PROD,
        "host: x",
        "global.host is not in values.yaml",
        "ingress.host",
    ),
    Mutant(
        "key misspelled for a subchart",
        PROD,
        "policy: lru",
        "polici: lru",
        PROD,
        "polici",
        "cache.polici is not in charts/cache/values.yaml",
        "'policy'",
    ),
    Mutant(
        "key misspelled for a subchart in the defaults",
        VALUES,
        "size: 64Mi",
        "sise: 64Mi",
        VALUES,
        "sise",
        "cache.sise is not in charts/cache/values.yaml",
        "'size'",
    ),
    Mutant(
        "map becomes a string",
        PROD,
        'ingress:\n  annotations:\n    example.com/any: "1"',
        "ingress: yes please",
        PROD,
        "yes please",
        'expects object, found "yes please"',
    ),
    Mutant(
        "map of the file becomes a number",
        PROD,
        '  annotations:\n    example.com/any: "1"',
        "  annotations: 1",
        PROD,
        "annotations: 1",
        "expected a map as in values.yaml, found a number",
    ),
    Mutant(
        "boolean becomes a string",
        PROD,
        "ingress:\n",
        'ingress:\n  enabled: "false"\n',
        PROD,
        '"false"',
        "found the string 'false', which is true to any template",
    ),
    Mutant(
        "scalar becomes a map",
        PROD,
        "ingress:\n",
        "ingress:\n  host: {a: b}\n",
        PROD,
        "{a: b}",
        "expected a string as in values.yaml, found a map",
    ),
    Mutant(
        "template reads a misspelled map",
        WEB,
        "{{ .Values.web.theme | quote }}",
        "{{ .Values.wbe.theme | quote }}",
        WEB,
        ".Values.wbe",
        "reads .Values.wbe, which is not in values.yaml",
        "'web'",
        1,
    ),
    Mutant(
        "template reads a misspelled value",
        WEB,
        "{{ .Values.web.replicas }}",
        "{{ .Values.web.replica }}",
        WEB,
        ".replica ",
        "reads .Values.web.replica,",
        "'replicas'",
        1,
    ),
    Mutant(
        "condition on a misspelled value",
        WEB,
        "{{- if .Values.web.verbose }}",
        "{{- if .Values.web.verbsoe }}",
        WEB,
        "verbsoe",
        "reads .Values.web.verbsoe",
        "'verbose'",
        1,
    ),
    Mutant(
        "misspelled below with",
        "templates/ingress.yaml",
        "{{ .host }}",
        "{{ .hots }}",
        "templates/ingress.yaml",
        ".hots",
        "reads .Values.ingress.hots",
        "'host'",
        1,
    ),
    Mutant(
        "misspelled below a variable",
        WEB,
        "{{ $web.mailServer }}",
        "{{ $web.mailSever }}",
        WEB,
        "mailSever",
        "reads .Values.web.mailSever",
        "'mailServer'",
        1,
    ),
    Mutant(
        "helper reads a misspelled map",
        "templates/_helpers.tpl",
        ".Values.global.imageTag",
        ".Values.gloabl.imageTag",
        "templates/_helpers.tpl",
        "gloabl",
        "reads .Values.gloabl",
        "'global'",
        1,
    ),
    Mutant(
        "value that nothing reads",
        WEB,
        "  theme: {{ .Values.web.theme | quote }}\n",
        "",
        VALUES,
        "theme: light",
        "web.theme is read by no template",
    ),
    Mutant(
        "map that nothing reads",
        "templates/ingress.yaml",
        GOOD["templates/ingress.yaml"],
        "",
        VALUES,
        "ingress:",
        "ingress is read by no template",
        others=1,
    ),
    Mutant(
        "value without a description",
        VALUES,
        "  # -- Host of it.\n",
        "",
        VALUES,
        "host: shop",
        "ingress.host has no description",
    ),
    Mutant("values are no YAML", VALUES, "web:\n", "web: [\n", VALUES, "theme: light", "is no YAML"),
    Mutant("values of a file are no YAML", PROD, "theme: dark", "theme: [dark", PROD, "verbose: true", "is no YAML"),
    Mutant(
        "README lacks a row",
        README,
        '| `web.theme` | string | `"light"` | How it looks. |\n',
        "",
        README,
        "| `web.verbose`",
        "the table of values is out of date",
        "release-kit chart document",
    ),
    Mutant(
        "README has another default",
        README,
        '`"light"`',
        '`"dark"`',
        README,
        "| `web.theme`",
        'expected \'| `web.theme` | string | `"light"`',
    ),
    Mutant("README lacks a marker", README, values_table.END, "", README, "", "expected both"),
)


def gate(files: Mapping[str, str]) -> list[Finding]:
    packed = {name: text.encode() for name, text in files.items() if name != PROD}
    given = {name: text.encode() for name, text in files.items() if name == PROD}
    return check(packed, given, ChartGates())


def with_readme(files: Mapping[str, str]) -> dict[str, str]:
    return {**files, README: values_table.documented(files[README], files[VALUES])}


def mutated(mutant: Mutant) -> dict[str, str]:
    good = with_readme(GOOD)
    assert good[mutant.file].count(mutant.old) == 1, f"{mutant.old!r} stands more than once in {mutant.file}, or never"
    files = {**good, mutant.file: good[mutant.file].replace(mutant.old, mutant.new)}
    is_broken = "no YAML" in mutant.message
    return files if mutant.file == README or is_broken else with_readme(files)


def test_the_good_chart_has_no_finding() -> None:
    assert gate(with_readme(GOOD)) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fault)
def test_one_fault_is_found_at_its_line(mutant: Mutant) -> None:
    files = mutated(mutant)
    findings = gate(files)
    found = [finding for finding in findings if mutant.message in finding.message]
    assert found, findings
    assert (found[0].gate, found[0].file) == (Gate.VALUES, mutant.at)
    if mutant.text:
        assert found[0].line == files[mutant.at][: files[mutant.at].index(mutant.text)].count("\n") + 1
    assert mutant.remedy in found[0].remedy
    assert found[0].remedy
    assert len(findings) == 1 + mutant.others, findings


def test_what_is_wrong_in_one_file_names_it() -> None:
    files = with_readme({**GOOD, PROD: "web:\n  replicas: many\n"})
    assert [(finding.values, finding.thing) for finding in gate(files)] == [(PROD, "web.replicas")]


def test_what_the_defaults_have_wrong_is_not_said_again_for_each_file() -> None:
    files = with_readme({**GOOD, VALUES: GOOD[VALUES].replace("replicas: 2", "replicas: two")})
    assert [(finding.values, finding.line) for finding in gate(files) if "integer" in finding.message] == [("", 7)]


def test_the_keys_of_the_tag_and_pull_policy_are_known() -> None:
    values = {**GOOD, PROD: "global:\n  imagePullPolicy: Always\n  images: {tag: v1}\n"}
    packed = {name: text.encode() for name, text in with_readme(values).items() if name != PROD}
    config = ChartGates(tag_key="global.images.tag")
    assert check(packed, {PROD: values[PROD].encode()}, config) == []


@pytest.mark.parametrize(
    "draft",
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "https://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
        "http://json-schema.org/schema#",
    ],
)
def test_each_draft_that_helm_knows_is_taken(draft: str) -> None:
    schema = GOOD[SCHEMA].replace("http://json-schema.org/draft-07/schema#", draft)
    assert gate(with_readme({**GOOD, SCHEMA: schema})) == []


def test_a_schema_on_the_network_is_not_fetched_and_allows_anything() -> None:
    schema = GOOD[SCHEMA].replace("#/definitions/resources", "https://schemas.example/resources.json#/a")
    assert gate(with_readme({**GOOD, SCHEMA: schema.replace('"resources": {"type"', '"other": {"type"')})) == []


@pytest.mark.parametrize(
    "values", ["", "null\n", "[]\n", "# nothing\n", "a: .nan\n", "a: 123456789012345678901234567890\n"]
)
@pytest.mark.parametrize("schema", ["{}", '{"type": "object"}', '{"properties": [], "required": {}, "allOf": 1}'])
def test_no_values_or_schema_is_too_odd_to_look_at(values: str, schema: str) -> None:
    files = {
        "Chart.yaml": b"",
        VALUES: values.encode(),
        SCHEMA: schema.encode(),
        "templates/x.yaml": b"{{ .Values.a }}",
    }
    for finding in check(files, {PROD: values.encode()}, ChartGates()):
        assert finding.file == SCHEMA or "reads .Values.a" in finding.message or values == "[]\n", finding
