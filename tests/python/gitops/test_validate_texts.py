"""Templates, expressions and times: what the controllers read is no fault, and hostile texts take no time."""

import pytest

from release_kit.engines.validation import times
from release_kit.engines.validation.requests import expression_fault, template_fault

TEMPLATES = (
    *("{{ .A }}", "{{- if eq .B `}}` -}}x{{ end }}", "{{/* a }} */}}", "{{- /* a */ -}}", '{{ "{{" }}', "a } b"),
    *(
        "{{ range $i, $e := .X }}{{ else }}{{ end }}",
        "{{ 'a' }}",
        r'{{ index .L "a\"b" }}',
        "{{ define `a` }}{{ end }}",
    ),
)
NO_TEMPLATES = ("{{ .A }", "{{ if .A }}", "{{ end }}", r"{{ index .L \"a\" }}", '{{ "a }}', "{{ `a }}", "{{/* a }}")
EXPRESSIONS = ("a ? b : c", '"it\'s"', 'any(x, {# in ["a"]}) // ( c', "a / b", "a /* ( */ + 1", "`(`", r'"\""')
NO_EXPRESSIONS = ("(a", "a)", '"a', "[(])", "{a: [1}", "`")
CRONS = ("0 9 * * 1-5", "*/5 9-17 1,15 * MON-FRI", "0 0 29 2 *", "0 0 31 2 1", "CRON_TZ=Europe/Berlin 0 9 * * *")
NO_CRONS = (
    "0 25 * * *",
    "0 9 * * 8",
    "0 9 * * 5-1",
    "0 9 30 2 *",
    "0 9 31 4,6 *",
    "@daily",
    "0 9 * * MON-FRY",
    "0 9 L * *",
)
HOSTILE = ("{{", '{{"', "{{-/*", "{{ `", "/*", '"\\', "('", "/", "}}", "{{ }}")


@pytest.mark.parametrize("text", TEMPLATES)
def test_a_template_is_read(text: str) -> None:
    assert template_fault(text) == ""


@pytest.mark.parametrize("text", NO_TEMPLATES)
def test_what_is_no_template_is_told(text: str) -> None:
    assert template_fault(text)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_is_read(text: str) -> None:
    assert expression_fault(text) == ""


@pytest.mark.parametrize("text", NO_EXPRESSIONS)
def test_what_is_no_expression_is_told(text: str) -> None:
    assert expression_fault(text)


@pytest.mark.parametrize("text", CRONS)
def test_a_cron_is_read(text: str) -> None:
    assert list(times.faults({"cron": text}, ())) == []


@pytest.mark.parametrize("text", NO_CRONS)
def test_what_is_no_cron_or_never_comes_is_told(text: str) -> None:
    assert [fault.path for fault in times.faults({"cron": text}, ())] == [("cron",)]


@pytest.mark.parametrize("name", ["UTC", "Local", "", "Europe/Berlin", "America/Argentina/Ushuaia"])
def test_a_time_zone_is_known(name: str) -> None:
    assert list(times.faults({"timezone": name}, ())) == []


@pytest.mark.parametrize("name", ["UTC+2", "../../etc/passwd", "/etc/passwd", "Europe", "a\0b", "x" * 10_000])
def test_what_is_no_time_zone_is_told(name: str) -> None:
    assert len(list(times.faults({"timezone": name}, ()))) == 1


@pytest.mark.parametrize("word", HOSTILE)
def test_a_long_text_of_one_word_is_read_in_one_go(word: str) -> None:
    for read in (template_fault, expression_fault):
        assert len(read(word * 100_000)) < 200
