"""What the gate values takes for a read of a value, and what not."""

import pytest

from release_kit.documents.chart_gates import ChartGates
from release_kit.engines.gates.chart_values.check import check
from release_kit.values.finding import Finding

VALUES = """\
web:
  port: 80
  probe:
    path: /
"""


def gate(template: str, values: str = VALUES, helpers: str = "", given: str = "", **files: str) -> list[Finding]:
    chart = {
        "values.yaml": values,
        "templates/x.yaml": template,
        "templates/_helpers.tpl": helpers,
        **{name.replace("__", "/"): text for name, text in files.items()},
    }
    packed = {name: text.encode() for name, text in chart.items()}
    return check(packed, {"values-a.yaml": given.encode()} if given else {}, ChartGates())


READ = {
    "each by its name": "{{ .Values.web.port }}{{ .Values.web.probe.path }}",
    "from the root": "{{ range list 1 }}{{ $.Values.web.port }}{{ $.Values.web.probe.path }}{{ end }}",
    "as a whole": "{{ toYaml .Values.web | nindent 2 }}",
    "one part as a whole": "{{ .Values.web.port }}{{ with .Values.web.probe }}{{ toYaml . }}{{ end }}",
    "below with": "{{ with .Values.web }}{{ .port }}{{ with .probe }}{{ .path }}{{ end }}{{ end }}",
    "below with a variable": "{{ with $web := .Values.web }}{{ $web.port }}{{ $web.probe.path }}{{ end }}",
    "by a variable": "{{ $web := .Values.web }}{{ $web.port }}{{ $web.probe.path }}",
    "by a variable of all": "{{ $all := .Values }}{{ $all.web.port }}{{ $all.web.probe.path }}",
    "by a variable that is set in a block": (
        "{{ $web := dict }}{{ if .Values.web }}{{ $web = .Values.web }}{{ end }}{{ $web.port }}{{ $web.probe.path }}"
    ),
    "with a default for a map": "{{ $web := default (dict) .Values.web }}{{ $web.port }}{{ $web.probe.path }}",
    "piped into a default": "{{ $web := .Values.web | default dict }}{{ $web.port }}{{ $web.probe.path }}",
    "in a group": '{{ (.Values.web).port }}{{ ((.Values.web).probe).path | default "/" }}',
    "by index": '{{ index .Values "web" "port" }}{{ (index .Values.web "probe").path }}',
    "by a key that is not known": '{{ index .Values.web (printf "%s" "port") }}',
    "by get and dig": '{{ get .Values.web "port" }}{{ dig "probe" "path" "/" .Values.web }}',
    "by pick": '{{ .Values.web.port }}{{ toYaml (pick .Values.web "probe") }}',
    "in a condition": '{{ if and .Values.web.port (eq .Values.web.probe.path "/") }}{{ end }}',
    "in a range": "{{ range $name, $value := .Values.web }}{{ $name }}{{ end }}",
    "after an else": "{{ if .Values.web.port }}{{ else if .Values.web.probe.path }}{{ end }}",
    "below else with": '{{ with "" }}{{ else with .Values.web }}{{ .port }}{{ .probe.path }}{{ end }}',
    "in a string for tpl": '{{ tpl "{{ .Values.web.port }}{{ .Values.web.probe.path }}" . }}',
    "after a comment with a quote": '{{/* a "quote */ -}}{{ .Values.web.port }}{{ .Values.web.probe.path }}',
    "over several lines": '{{ printf\n  "%v %s"\n  .Values.web.port\n  .Values.web.probe.path }}',
    "in a string with braces": '{{ printf "}}%v" .Values.web.port }}{{ .Values.web.probe.path }}',
    "in a raw string": "{{ regexMatch `{{.*}}` .Values.web.probe.path }}{{ .Values.web.port }}",
    "given to a named template": '{{ include "web" .Values.web }}',
    "given to a named template in a dict": '{{ include "named" (dict "root" $ "web" .Values.web) }}',
    "given on": '{{ include "on" (dict "web" .Values.web) }}',
    "given to a template that is not there": '{{ include "nowhere" .Values.web }}',
    "maybe read by a template that is not there": '{{ include "nowhere" . }}',
    "given to a template named at run time": '{{ include (printf "%s" "web") .Values.web }}',
    "read by a helper": '{{ include "all" . }}',
    "merged": '{{ $web := merge (dict "a" 1) .Values.web }}{{ $web.port }}{{ $web.probe.path }}',
    "one or the other": "{{ (coalesce .Values.other .Values.web).port }}{{ .Values.web.probe.path }}",
}
HELPERS = """\
{{- define "web" }}{{ .port }}{{ .probe.path }}{{ end }}
{{- define "named" }}{{ .web.port }}{{ if true }}{{ .root.Values.web.probe.path }}{{ end }}{{ end }}
{{- define "on" }}{{ include "web" .web }}{{ include "on" . }}{{ end }}
"""


@pytest.mark.parametrize("template", READ.values(), ids=list(READ))
def test_a_value_is_read(template: str) -> None:
    helpers = HELPERS
    if '"all"' in template:
        helpers += '{{ define "all" }}{{ .Values.web.port }}{{ .Values.web.probe.path }}{{ end }}'
    assert gate(template, helpers=helpers) == []


def test_a_value_is_read_by_a_file_that_is_made_a_template() -> None:
    text = "port: {{ .Values.web.port }} {{ .Values.web.probe.path }}"
    assert gate('{{ tpl (.Files.Get "files/a.conf") . }}', files__a_conf=text) == []


def test_a_value_is_read_by_another_value() -> None:
    values = f'{VALUES}url: "{{{{ .Values.web.port }}}}{{{{ .Values.web.probe.path }}}}"\n'
    assert gate("{{ tpl .Values.url . }}", values) == []


NOT_READ = {
    "another value": "{{ .Values.web.port }}",
    "in a comment": "{{ .Values.web.port }}{{/* {{ .Values.web.probe.path }} */}}",
    "outside of an action": "{{ .Values.web.port }} # .Values.web.probe.path",
    "only asked for": "{{ .Values.web.port }}{{ if .Values.web }}{{ end }}",
    "below with, another": "{{ with .Values.web }}{{ .port }}{{ end }}",
    "by a variable, another": "{{ $web := .Values.web }}{{ $web.port }}",
    "given to a named template that reads another": '{{ include "port" (dict "web" .Values.web) }}',
    "below with, after its end": "{{ with .Values.web }}{{ .port }}{{ end }}{{ .probe.path }}",
}


@pytest.mark.parametrize("template", NOT_READ.values(), ids=list(NOT_READ))
def test_a_value_is_not_read(template: str) -> None:
    found = gate(template, helpers='{{ define "port" }}{{ .web.port }}{{ end }}')
    assert [(each.file, each.line, each.message) for each in found] == [
        ("values.yaml", 3, "web.probe is read by no template")
    ]


def test_a_switch_for_the_whole_chart_is_for_its_parent() -> None:
    assert gate("{{ toYaml .Values.web }}", f"enabled: true\n{VALUES}") == []


def test_a_value_that_says_it_is_not_used_is_let_be() -> None:
    assert (
        gate("{{ toYaml .Values.web }}", f"# For the marketplace; not used by the chart.\nedition: a\n{VALUES}") == []
    )


def test_an_anchor_is_used_where_its_aliases_are() -> None:
    assert gate("{{ toYaml .Values.web }}", "tags: &tags\n  a: b\nweb:\n  tags: *tags\n") == []


def test_a_chart_without_templates_reads_nothing() -> None:
    assert check({"values.yaml": b"a: 1\n"}, {}, ChartGates()) == []


def test_a_library_has_values_for_others() -> None:
    files = {"Chart.yaml": b"name: a\ntype: library\n", "values.yaml": b"a: 1\n", "templates/_a.tpl": b""}
    assert check(files, {}, ChartGates()) == []


PROVIDED = {
    "a default": "{{ .Values.web.user | default 1 }}",
    "a condition": "{{ if .Values.web.user }}{{ .Values.web.user }}{{ end }}",
    "an else": "{{ if .Values.web.port }}{{ else }}{{ .Values.web.user }}{{ end }}",
    "with": "{{ with .Values.web.user }}{{ . }}{{ end }}",
    "a condition on what it is in": "{{ if .Values.extra }}{{ .Values.extra.user.name }}{{ end }}",
    "a group": "{{ (.Values.extra).user }}",
    "hasKey": '{{ if hasKey .Values.web "user" }}{{ .Values.web.user }}{{ end }}',
    "dig": '{{ dig "user" "name" "" .Values.web }}',
    "coalesce": "{{ coalesce .Values.web.user .Values.web.port }}",
    "required": '{{ required "say who" .Values.web.user }}',
    "a range": "{{ range .Values.web.users }}{{ . }}{{ end }}",
    "a key that a template sets": '{{ $_ := set .Values.web "user" "me" }}{{ .Values.web.user }}',
    "a merge": '{{ $_ := mergeOverwrite .Values.web (dict "user" 1) }}{{ .Values.web.user }}',
    "a subtree in the place of the values": '{{ include "name" (dict "Values" .Values.web) }}',
    "an empty map": "{{ .Values.free.user }}",
    "a null": "{{ .Values.nothing.user }}",
    "a comment": "{{ .Values.web.commented }}",
    "one of several": "{{ $a := default .Values.web .Values.free }}{{ $a.user }}",
    "a helper for many": '{{ include "user" (dict "of" .Values.web) }}',
    "no action": "# .Values.web.user",
}


@pytest.mark.parametrize("template", PROVIDED.values(), ids=list(PROVIDED))
def test_a_value_that_is_not_there_is_provided_for(template: str) -> None:
    values = f"{VALUES}  # commented: 1\nfree: {{}}\nnothing:\n"
    helpers = '{{ define "user" }}{{ .of.user }}{{ end }}'
    if '"Values"' in template:
        helpers += '{{ define "name" }}{{ .Values.port }}{{ end }}'
    read = "{{ toYaml .Values.web }}{{ toYaml .Values.free }}{{ .Values.nothing }}"
    assert gate(f"{template}{read}", values, helpers) == []


def test_a_value_that_only_a_values_file_has_is_there() -> None:
    assert gate("{{ toYaml .Values.web }}{{ .Values.mode }}", given="mode: a\n") == []


@pytest.mark.parametrize(
    ("read", "is_found"),
    [
        (".Values.web.prot", False),
        (".Values.web.timeuot", True),
        (".Values.web.timeot", True),
        (".Values.web.timeouts", False),
        (".Values.web.timeout2", False),
        (".Values.web.limit", False),
    ],
)
def test_a_slip_is_told_from_another_name_even_in_a_condition(read: str, is_found: bool) -> None:
    values = "web:\n  port: 1\n  timeout: 2\n  limits: 3\n"
    found = gate(f"{{{{ toYaml .Values.web }}}}\n{{{{ if {read} }}}}{{{{ end }}}}", values)
    assert [(each.file, each.line) for each in found] == ([("templates/x.yaml", 2)] if is_found else [])


FREE = {
    "an empty map": ("free: {}", "free: {a: 1}"),
    "a null": ("free:", "free: {a: 1}"),
    "an empty list": ("free: []", "free: {a: 1}"),
    "an empty string": ('free: ""', "free: {a: 1}"),
    "a map that goes on as a whole": ("free: {b: 2}", "free: {a: 1}"),
    "a null for a map": ("free: {b: 2}", "free: null"),
    "a text for a map": ("free: {b: 2}", 'free: "{{ .Values.other }}"'),
    "a number for a string": ("free: a", "free: 1"),
    "a word for a switch": ("free: true", "free: auto"),
    "a comment": ("free: {b: 2}\n# other: 1", "other: {a: {b: 1}}"),
}


@pytest.mark.parametrize(("default", "given"), FREE.values(), ids=list(FREE))
def test_a_values_file_may_set(default: str, given: str) -> None:
    assert gate("{{ toYaml .Values.free }}", f"{default}\n", given=f"{given}\n") == []


def test_what_templates_read_of_a_map_that_is_not_there_is_known_and_the_rest_is_not() -> None:
    template = "{{ with .Values.proxy }}{{ .host }}{{ end }}{{ toYaml .Values.web }}"
    assert gate(template, given="proxy: {host: a}\n") == []
    found = gate(template, given="proxy:\n  host: a\n  hots: b\n")
    assert [(each.file, each.line, each.thing) for each in found] == [("values-a.yaml", 3, "proxy.hots")]
