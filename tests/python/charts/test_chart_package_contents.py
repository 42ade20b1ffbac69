"""Which files are packed, and in which order: the same as by `helm package`, for charts with charts in them, too."""

import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release_kit.engines.chart import contents
from release_kit.engines.chart.package import pack
from release_kit.errors import InputError
from release_kit.values import chart_archive
from tests.support.helm import BOTH, HELM_4
from tests.support.helm_packages import (
    CHART,
    REFUSED,
    Files,
    archived,
    chart,
    packed_by_helm,
    packed_by_us,
    write,
)

INNER = chart(name="inner")
NESTED = archived({"Chart.yaml": chart(name="nested"), "x": "y"}, "nested/")
BOM = b"\xef\xbb\xbf"
PATHS = (
    *("templates/a-b.yaml", "templates/a/b.yaml", "templates/a.yaml", "templates/NOTES.txt", "templates/_h.tpl"),
    *("templatesx", "README.md", "LICENSE", "crds/x.yaml", ".helmignore", ".env", ".github/x", "BUILD.bazel"),
    *("values.yaml", "values-x.yaml", "values.schema.json", "Chart.lock", "a/Chart.yaml", "a-b", "a.b", "charts.md"),
    *("Z", "é", "files/templates/x", "ci/v.yaml"),
)
CASES: dict[str, Files] = {
    "files of all kinds": dict.fromkeys(PATHS, "{}"),
    "hidden templates": {"templates/.x": "", "templates/.d/y": "", "templates/a/.x": "", ".x/y": ""},
    "an empty file": {"x": ""},
    "byte order marks": {"x": BOM + b"x", "y": BOM + BOM, "values.yaml": BOM + b"a: 1"},
    "the line ends of Windows": {"templates/x.yaml": "a\r\nb\r\n"},
    "long names and names beyond ASCII": {
        "templates/" + "x" * 200: "",
        "d/" * 60 + "é": "",
        "x" * 95: "",
        "é" * 60: "",
    },
    "values of several documents": {"values.yaml": "a: 1\n---\nb: 2\n"},
    "values that are a list": {"values.yaml": "- a"},
    "values that are a text": {"values.yaml": "foo"},
    "values that are no YAML": {"values.yaml": "a:\n\tb: 1\n"},
    "values that are no UTF-8": {"values.yaml": b"a: \xe9"},
    "values with a key that is there twice": {"values.yaml": "a: 1\na: 2\n"},
    "values that are empty": {"values.yaml": ""},
    "values under another name": {"values.yml": "- a"},
    "a schema that the values break": {"values.schema.json": '{"required": ["x"]}'},
    "a schema that is no JSON": {"values.schema.json": "{"},
    "a schema with what only Python takes for JSON": {"values.schema.json": '{"a": NaN}'},
    "a schema that is empty": {"values.schema.json": ""},
    "a schema that is no UTF-8": {"values.schema.json": b'"\xe9"'},
    "a chart in a folder": {
        "charts/x/Chart.yaml": INNER,
        "charts/x/.helmignore": "*.md",
        "charts/x/README.md": "not ignored",
        "charts/x/templates/y.yaml": "",
        "charts/x/charts/z/Chart.yaml": chart(name="nested"),
    },
    "what is dropped from charts/": {
        "charts/_x": "",
        "charts/.x": "",
        "charts/_d/f": "",
        "charts/.d/Chart.yaml": INNER,
    },
    "provenance files": {"charts/x/Chart.yaml": INNER, "charts/x-1.tgz.prov": "", "charts/x/y.prov": ""},
    "a chart of a later format": {"charts/x/Chart.yaml": INNER.replace("v2", "v3")},
    "a chart of the first format": {"charts/x/Chart.yaml": "name: x\nversion: 1\n", "charts/x/Chart.lock": "digest: x"},
    "a file in charts/": {"charts/README.md": ""},
    "a folder in charts/ that is no chart": {"charts/x/values.yaml": ""},
    "a chart in charts/ that is broken": {"charts/x/Chart.yaml": "name: x\n"},
    "a packed chart": {
        "charts/x-1.tgz": archived(
            {
                "templates/z.yaml": "z",
                "Chart.yaml": f"# c\n{INNER}",
                "values.yaml": BOM + b"a: 1",
                "templates/b.yaml": "b",
                ".helmignore": "*",
                "charts/nested.tgz": NESTED,
            }
        )
    },
    "a packed chart in the format of ustar": {
        "charts/x.tgz": archived({"Chart.yaml": INNER}, form=tarfile.USTAR_FORMAT)
    },
    "a packed chart in the format of GNU": {
        "charts/x.tgz": archived({"Chart.yaml": INNER, "x/" * 90 + "é": "", "y/" * 90: ""}, form=tarfile.GNU_FORMAT)
    },
    "a packed chart with long names": {
        "charts/x.tgz": archived({"Chart.yaml": INNER, "x/" * 90: "", "é" * 90: "", "y/": ""})
    },
    "a packed chart from Windows": {"charts/x.tgz": archived({"Chart.yaml": INNER, "templates\\y": ""}, "inner\\")},
    "a packed chart that is none": {"charts/x.tgz": "x"},
    "a packed chart of nothing": {"charts/x.tgz": archived({})},
    "a packed chart without Chart.yaml": {"charts/x.tgz": archived({"x": ""})},
    "a packed chart that leaves its folder": {"charts/x.tgz": archived({"Chart.yaml": INNER, "../x": ""})},
    "a packed chart without a folder": {"charts/x.tgz": archived({"Chart.yaml": INNER}, "")},
    "a folder that is called a packed chart": {"charts/x.tgz/Chart.yaml": INNER},
    "a packed chart in capitals": {"charts/X.TGZ": NESTED},
}

both = pytest.mark.parametrize("major", BOTH)


@both
@pytest.mark.parametrize("case", CASES)
def test_the_same_files_are_packed_as_by_helm(case: str, major: str, tmp_path: Path) -> None:
    folder = write(tmp_path, CASES[case])
    assert packed_by_us(folder) == packed_by_helm(major, folder)


def test_the_cases_are_not_all_refused(tmp_path: Path) -> None:
    packed = [packed_by_us(write(tmp_path / str(number), files)) for number, files in enumerate(CASES.values())]
    assert packed.count(REFUSED) < len(packed) / 2


def test_several_charts_are_packed_in_the_order_of_their_folders(tmp_path: Path) -> None:
    # Helm's order is another one each time.
    folder = write(tmp_path, {f"charts/{name}/Chart.yaml": chart(name=f"c{name}") for name in "dacb"})
    names = [entry.name for entry in packed_by_us(folder).entries]
    assert names == ["shop/Chart.yaml", *(f"shop/charts/c{name}/Chart.yaml" for name in "abcd")]
    assert sorted(names) == sorted(entry.name for entry in packed_by_helm(HELM_4, folder).entries)


def test_two_charts_of_one_name_are_refused() -> None:
    # Helm packs both into one folder, and then takes a mixture of them for the chart.
    charts = {f"charts/{folder}/Chart.yaml": INNER.encode() for folder in "ab"}
    with pytest.raises(InputError, match="charts/inner/Chart.yaml: two charts in charts/ have the same name"):
        pack({"Chart.yaml": CHART.encode(), **charts})


def test_files_in_another_order_are_the_same_chart() -> None:
    files = {path: path.encode() for path in ("templates/a/b.yaml", "x", "templates/a.yaml", "b/c", "b.c")}
    there = {"Chart.yaml": CHART.encode(), **files}
    assert pack(there).archive == pack(dict(reversed(there.items()))).archive


def test_what_is_packed_can_be_packed_again_to_the_same(tmp_path: Path) -> None:
    folder = write(tmp_path, CASES["a chart in a folder"])
    once = pack(
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    )
    assert pack(once.files).archive == once.archive


def test_charts_within_charts_without_end_are_refused() -> None:
    inside = archived({"Chart.yaml": INNER})
    for _ in range(contents.MAX_DEPTH):
        inside = archived({"Chart.yaml": INNER, "charts/x.tgz": inside})
    with pytest.raises(InputError, match=f"more than {contents.MAX_DEPTH} charts within each other"):
        pack({"Chart.yaml": CHART.encode(), "charts/x.tgz": inside})


def test_packed_charts_may_not_unpack_to_more_than_one_chart_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_CHART_BYTES", 10_000)
    one = {name: archived({"Chart.yaml": chart(name=name), "x": bytes(4_000)}) for name in "abc"}
    pack({"Chart.yaml": CHART.encode(), "charts/a.tgz": one["a"], "charts/b.tgz": one["b"]})
    with pytest.raises(InputError, match="charts/c.tgz: all in charts/ unpacks to 10000 bytes or more"):
        pack({"Chart.yaml": CHART.encode(), **{f"charts/{name}.tgz": content for name, content in one.items()}})


def test_a_large_file_in_a_packed_chart_is_refused_unless_it_is_allowed() -> None:
    large = archived({"Chart.yaml": INNER, "x": bytes(chart_archive.MAX_FILE_BYTES + 1)})
    files = {"Chart.yaml": CHART.encode(), "charts/x.tgz": large}
    with pytest.raises(InputError, match=r"charts/x.tgz: 'x' has 5242881 bytes, expected at most 5242880"):
        pack(files)
    assert "charts/inner/x" in pack(files, max_file_bytes=chart_archive.MAX_FILE_BYTES + 1).files


NAMES = st.sampled_from(
    ["a", "b", "a.b", "a-b", "_c", ".d", "charts", "templates", "crds", "x.tgz.prov", "values.yaml"]
)
PLACES = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def tree(paths: set[str]) -> Files:
    """Returns files in a chart with charts in it, but for those that would have to be folders, too."""
    charts = {"charts/q/Chart.yaml": chart(name="q"), "charts/q/charts/r/Chart.yaml": chart(name="r")}
    files = dict.fromkeys(sorted(paths), "{}") | charts
    return {path: text for path, text in files.items() if not any(other.startswith(f"{path}/") for other in files)}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(paths=st.sets(PLACES, max_size=12), above=st.sampled_from(["", "charts/q/", "charts/q/charts/r/"]))
def test_any_tree_is_packed_as_helm_packs_it(
    paths: set[str], above: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = write(tmp_path_factory.mktemp("chart"), tree({above + path for path in paths}))
    assert packed_by_us(folder) == packed_by_helm(HELM_4, folder)
