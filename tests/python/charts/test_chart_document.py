"""The table of values: made from values.yaml and its comments, written between the markers of a README."""

import re
from pathlib import Path

import pytest

from release_kit.cli import app, chart_document
from release_kit.cli.console import Console
from release_kit.engines.chart.values_table import BEGIN, END, documented, first_difference, rows, table, undescribed
from release_kit.errors import InputError, ReleaseError

VALUES = """\
# Default values for shop.

# How many there are.
# At least two.
replicas: 2

# All about the image.
image:
  # Where it is.
  repository: shop
  # Which one; `a|b` or <name>.
  tag: ""
# CPU and memory.
resources:
  limits:
    memory: 64Mi
ratio: 0.5
nothing:
flags: [a, "b|c"]
"a.b":
  # With `ticks`.
  c/d: "`x`"

# ---------
# Too long.
long: [@]
""".replace("@", "a" * 200)
TABLE = """\
| Key | Type | Default | Description |
| --- | --- | --- | --- |
| `replicas` | integer | `2` | How many there are. At least two. |
| `image` | map |  | All about the image. |
| `image.repository` | string | `"shop"` | Where it is. |
| `image.tag` | string | `""` | Which one; `a\\|b` or \\<name>. |
| `resources` | map | `{"limits":{"memory":"64Mi"}}` | CPU and memory. |
| `ratio` | number | `0.5` |  |
| `nothing` | null | `null` |  |
| `flags` | list | `["a","b\\|c"]` |  |
| `"a.b".c/d` | string | `` "`x`" `` | With `ticks`. |
| `long` | list | see values.yaml | Too long. |
"""
MARKED = """\
# Not for the table.
# -- (int) Number of pods
# for each zone
## More in the manual.
replicas: 2
# Not for the table either.
other: 1
# -- Where it runs
# @default -- the namespace of the release
# @schema type: string
namespace: ""
# @schema
# type: integer
# @schema
# -- A port
port: 1
"""


def test_a_table_is_made_of_values_and_comments() -> None:
    assert table(VALUES) == TABLE


def test_where_descriptions_are_marked_only_those_count() -> None:
    assert [(str(row).split(" | ")[2:], row.line) for row in rows(MARKED)] == [
        (["`2`", "Number of pods for each zone |"], 5),
        (["`1`", " |"], 7),
        (["the namespace of the release", "Where it runs |"], 11),
        (["`1`", "A port |"], 16),
    ]


def test_what_lacks_a_description_is_known_with_its_line() -> None:
    assert [(row.path, row.line) for row in undescribed(rows(VALUES))] == [
        (("ratio",), 17),
        (("nothing",), 18),
        (("flags",), 19),
    ]


@pytest.mark.parametrize("values", ["", "null\n", "[]\n", "{}\n", "# nothing\n"])
def test_no_values_make_an_empty_table(values: str) -> None:
    assert table(values).count("\n") == 2


@pytest.mark.parametrize(
    "values",
    [
        "{a: 1, b: {c: 2}}\n",
        "a: &a\n  b: 1\nc: *a\nd:\n  <<: *a\n  e: 2\n",
        "a:\r\n  # Text\r\n  b: 1\r\n",
        "\ufeffa: 1\n",
    ],
)
def test_odd_but_good_values_make_a_row_for_each(values: str) -> None:
    assert all(re.fullmatch(r"\| `[^|]+` \| \w+ \| [^|]* \| [^|]* \|", str(row)) for row in rows(values))
    assert rows(values)


def test_the_comment_of_a_map_is_not_that_of_a_value_in_its_line() -> None:
    assert [str(row) for row in rows("# Both\na: {b: 1}\n")] == ['| `a` | map | `{"b":1}` | Both |']


def test_two_runs_make_the_same_text_and_the_second_changes_nothing() -> None:
    once = documented(f"# shop\n{BEGIN}\nold\n{END}\nend\n", VALUES)
    assert once == f"# shop\n{BEGIN}\n\n{TABLE}\n{END}\nend\n"
    assert documented(once, VALUES) == once


def test_line_ends_of_a_readme_are_kept() -> None:
    made = documented(f"# shop\r\n{BEGIN}\r\n{END}\r\n", "a: 1\n")
    assert made.count("\r\n") == made.count("\n")


@pytest.mark.parametrize(
    ("current", "expected", "difference"),
    [
        ("a\nb\n", "a\nb\n", None),
        ("a\nb\n", "a\nc\n", (2, "b", "c")),
        ("a\n", "a\nb\n", (2, "", "b")),
        ("a\nb\n", "a\n", (2, "b", "")),
        ("a\r\n", "a\n", (2, "", "")),
    ],
)
def test_the_first_line_that_differs_is_named(current: str, expected: str, difference: object) -> None:
    assert first_difference(current, expected) == difference


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    (tmp_path / "values.yaml").write_text(VALUES)
    (tmp_path / "README.md").write_text(f"# shop\n\n{BEGIN}\n{END}\n")
    return tmp_path


def run(chart: Path, *arguments: str) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    chart_document.add_arguments(parser)
    return chart_document.run(parser.parse_args([str(chart), *arguments]), Console())


def test_the_command_writes_the_table_and_a_check_then_passes(chart: Path) -> None:
    assert run(chart) == 0
    assert (chart / "README.md").read_text() == f"# shop\n\n{BEGIN}\n\n{TABLE}\n{END}\n"
    assert run(chart, "--check") == 0


def test_a_check_writes_nothing_and_names_the_row_and_the_command(chart: Path) -> None:
    run(chart)
    (chart / "values.yaml").write_text(VALUES.replace("replicas: 2", "replicas: 3"))
    before = (chart / "README.md").read_text()
    with pytest.raises(ReleaseError, match=r"README.md:7: the table of values is out of date: .*`3`.*`2`") as caught:
        run(chart, "--check")
    assert (caught.value.exit_code, caught.value.remedy) == (1, f"run release-kit chart document {chart}")
    assert (chart / "README.md").read_text() == before


def test_a_link_to_the_readme_stays_a_link(chart: Path, tmp_path: Path) -> None:
    (chart / "README.md").rename(tmp_path / "real.md")
    (chart / "README.md").symlink_to(tmp_path / "real.md")
    run(chart)
    assert (chart / "README.md").is_symlink()
    assert TABLE in (tmp_path / "real.md").read_text()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("README.md", "# shop\n", "README.md: expected the markers"),
        ("README.md", f"{END}\n{BEGIN}\n", "README.md: expected the markers"),
        ("README.md", None, "README.md: can't be read"),
        ("values.yaml", None, "values.yaml: can't be read"),
        ("values.yaml", "a: [\n", r"values.yaml:2: is no YAML"),
    ],
)
def test_what_is_needed_is_named(chart: Path, name: str, text: str | None, message: str) -> None:
    (chart / name).unlink()
    if text is not None:
        (chart / name).write_text(text)
    with pytest.raises(InputError, match=message):
        run(chart)


def test_the_command_is_one_of_release_kit(chart: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["chart", "document", str(chart)]) == 0
    assert app.main(["chart", "document", str(chart), "--check"]) == 0
    assert capsys.readouterr().out == ""
