"""Lines get into BUILD and MODULE files where buildifier has them, and nothing else changes."""

import pytest

from release_kit.engines.init.starlark import Source, called, inserted, quoted
from release_kit.errors import InputError

HELM = "@rules_release//bazel:helm.bzl"
LOAD = f'load("{HELM}", "helm_chart")\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"{LOAD}\n"),
        ("x()\n", f"{LOAD}\nx()\n"),
        ('"""Doc."""\n\n# About x.\nx()\n', f'"""Doc."""\n\n{LOAD}\n# About x.\nx()\n'),
        ('load("@a//:a.bzl", "a")\nload("//:b.bzl", "b")\n', f'load("@a//:a.bzl", "a")\n{LOAD}load("//:b.bzl", "b")\n'),
        ('load(\n    "@a//:a.bzl",\n    "a",\n)\na()\n', f'load(\n    "@a//:a.bzl",\n    "a",\n)\n{LOAD}a()\n'),
        ('load(":c.bzl", "c")', f'{LOAD}load(":c.bzl", "c")\n'),
    ],
)
def test_a_load_stands_among_the_others(text: str, expected: str) -> None:
    assert inserted(text, [Source("BUILD", text).load(HELM, "helm_chart")]) == expected


def visible(text: str) -> str | None:
    insertion = Source("BUILD", text).visible("x", ["//release:__pkg__"], ["oci_image"])
    return inserted(text, [insertion]) if insertion else None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('    tars = [":l"],\n', ""),
        ("", '    workdir = "/",\n'),
        ('    tars = [":l"],\n', '    # Why.\n    deps = [":d"],\n'),
        ('    # What.\n    tars = [\n        ":l",\n    ],\n', ""),
    ],
)
def test_a_target_is_made_visible_by_one_line_in_its_place(before: str, after: str) -> None:
    text = f'oci_image(\n    name = "y",\n)\n\noci_image(\n    name = "x",\n{before}{after})\n'
    wanted = f'oci_image(\n    name = "x",\n{before}    visibility = ["//release:__pkg__"],\n{after})\n'
    assert visible(text) == f'oci_image(\n    name = "y",\n)\n\n{wanted}'


@pytest.mark.parametrize(
    "text",
    [
        'oci_image(name = "x")\n',
        'oci_image(\n    name = "x",\n    visibility = ["//other:__pkg__"],\n)\n',
        'oci_image(\n    name = "x",\n    **MORE\n)\n',
        '[oci_image(\n    name = each,\n) for each in ["x"]]\n',
        'oci_image(\n    name = "z",\n)\n',
        'my_image(\n    name = "x",\n)\n',
        'oci_image(\n    name = "x",\n    tars = [":l"]\n)\n',
        'oci_image(\n    name = "x",\n    workdir = (\n        "/app"\n    ),\n)\n',
        'oci_image(\n    name = "x",\n    tars = [\n        ":l",\n    ], workdir = "/app",\n)\n',
    ],
)
def test_a_target_that_is_not_written_out_line_by_line_is_left_alone(text: str) -> None:
    assert visible(text) is None


@pytest.mark.parametrize("text", ["x(", "(" * 5000, "x = 1\ry = 2\n", "x()\0"])
def test_what_is_no_starlark_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^helm/BUILD:\d+: can't be read, so nothing can be added"):
        Source("helm/BUILD", text)


def test_lines_are_counted_as_bazel_counts_them() -> None:
    """A form feed, or a line separator of Unicode, ends no line."""
    text = '# a\x0cb \u2028 c\noci_image(\n    name = "x",\n    tars = [],\n)\n'
    assert visible(text) == text.replace("[],\n", '[],\n    visibility = ["//release:__pkg__"],\n')


def test_lines_end_as_those_of_the_file() -> None:
    text = 'oci_image(\r\n    name = "x",\r\n)\r\n'
    assert visible(text) == text.replace('x",', 'x",\r\n    visibility = ["//release:__pkg__"],')


def test_insertions_before_the_same_line_keep_their_order() -> None:
    source = Source("BUILD", "x()")
    assert inserted("x()", [source.end("a()\n"), source.end("b()\n")]) == "x()\n\na()\n\nb()\n"


def test_a_call_is_written_as_buildifier_formats_it() -> None:
    text = called(
        "f", {"name": "n", "golden": "", "helm": None, "images": {"//a:b": "c"}, "gates": ["x", "y"], "charts": {}}
    )
    assert text == (
        'f(\n    name = "n",\n    golden = "",\n    images = {"//a:b": "c"},\n'
        '    gates = [\n        "x",\n        "y",\n    ],\n    charts = {},\n)\n'
    )


def test_a_label_can_not_end_its_string() -> None:
    assert quoted('//a:b"]) + evil(\\') == '"//a:b\\"]) + evil(\\\\"'
    with pytest.raises(InputError, match="printable"):
        quoted("//a:\x1b[31m")
