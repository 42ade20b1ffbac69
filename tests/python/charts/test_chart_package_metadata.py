"""What becomes of Chart.yaml, requirements.yaml and Chart.lock: the same as `helm package` makes of them."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from release_kit.engines.chart.package import pack
from release_kit.errors import InputError
from tests.support.helm import BOTH, HELM_3, HELM_4
from tests.support.helm_packages import CHART, REFUSED, Files, chart, packed_by_helm, packed_by_us, write

INNER = {"charts/b/Chart.yaml": chart(name="b")}
V1 = CHART.replace("v2", "v1")
FIELDS = {
    "an appVersion that is a fraction": "appVersion: 1.20",
    "an appVersion with an exponent": "appVersion: 1e10",
    "an appVersion that is quoted": 'appVersion: "1e10"',
    "an appVersion that is octal": "appVersion: 007",
    "an appVersion that is hexadecimal": "appVersion: 0x10",
    "an appVersion that is true": "appVersion: yes",
    "an appVersion that is a date": "appVersion: 2024-01-15",
    "an appVersion that is a time of day": "appVersion: 12:30",
    "an appVersion that is a long number": "appVersion: 12345678901234567890123",
    "an appVersion of more than 32 bits": "appVersion: 2.123456789",
    "an appVersion of seven digits": "appVersion: 1234567.5",
    "an appVersion that is tiny": "appVersion: 0.00001",
    "an appVersion with underscores": "appVersion: 1_000",
    "an appVersion that is null": "appVersion: ~",
    "an appVersion that is empty": 'appVersion: ""',
    "an appVersion that is no number": "appVersion: .nan",
    "keys in another case": "APPVERSION: x\nDescription: foo",
    "a key in several cases": "appVersion: x\nAppVersion: y\nAPPversion: z",
    "unknown keys and comments": "engine: gotpl # as ever",
    "a key that is there twice": "description: one\ndescription: two",
    "anchors and merges": "x: &x {home: h}\n<<: *x\ndescription: &d text\nicon: *d",
    "annotations of all types": "annotations: {a: 1, b: true, c: 1.50, d: ~, e: '2024-01-01', f: text}",
    "annotations of several lines": 'annotations: {a: "x\\ny", b: "x\\n", c: " x\\ny", d: "x \\ny", e: "x\\n\\n"}',
    "an annotation of an empty line": 'annotations: {a: "\\n"}',
    "annotations to be quoted": "annotations: {a: 'a: b', b: '#', c: '- x', d: \"it's\", e: '\"', f: ' s ', g: '@x'}",
    "annotations beyond ASCII": 'annotations: {a: "é", b: "😀", c: "\\u2028x", d: "\\t", e: "\\uFEFF"}',
    "an annotation with a control character": 'annotations: {a: "x\\x7f"}',
    "an annotation that is a list": "annotations: {a: [b]}",
    "annotations that are a list": "annotations: [a]",
    "annotations that are null": "annotations: ~",
    "annotations with numbers in their keys": "annotations: {a10: x, a9: x, a09: x, b: x, A: x, _: x, '': x, 1: x}",
    "an annotation with a very long key": f"annotations: {{{'k' * 200}: v}}",
    "a long description": f"description: {'word ' * 60}",
    "a long description in quotes": 'description: "# ' + "word  some " * 30 + "it's\"",
    "a description of several lines": 'description: "a\\nb\\tc\\u200bd\\u00a0e"',
    "keywords of all types": 'keywords: [1, true, x, 1.0, null, "- y"]',
    "keywords that are one text": "keywords: x",
    "no keywords": "keywords: []",
    "sources": 'sources: ["https://a.b/c?d=e&f=<g>", ""]',
    "maintainers": "maintainers: [{name: A & b <c>, email: 123, x: y}, {}, {url: true}]",
    "a maintainer that is null": "maintainers: [~]",
    "a maintainer that is a text": "maintainers: [a]",
    "a deprecated chart": "deprecated: yes",
    "a chart that is not deprecated": "deprecated: false",
    "deprecated as a text": 'deprecated: "true"',
    "a library": "type: library",
    "an unknown type": "type: Library",
    "everything else": 'kubeVersion: ">= 1.20.0-0"\nicon: https://x/y.png\nhome: " h "\ntags: a,b\ncondition: c.d',
    "another name": "name: b",
    "a name with a slash": "name: a/b",
    "a name with a space": "name: a b",
    "a name that is a number": "name: 12",
    "no name": "name: ''",
    "no version": "version: ''",
    "an alias that is none": "dependencies: [{name: b, alias: x y}]",
    "a dependency that is there twice": "dependencies: [{name: b}, {name: b}]",
    "a dependency that is null": "dependencies: [~]",
    "a dependency that is missing": "dependencies: [{name: c, repository: https://c}]",
    "dependencies": "dependencies: [{name: b, version: 1, tags: [x, 1], enabled: true}, {name: b, alias: c}]",
    "imported values": "dependencies: [{name: b, import-values: [a, {parent: p, child: c}, 1, 2.0, true]}]",
}
VERSIONS = ["1", "1.2", "v1.2.3", "01.2.3", "1.2.3-01", "1.2.3-a.b", "1.2.3+b.1", "1.2.3-a+b", "1e3", "v", "latest"]
VERSIONS += ["1.2.3-", "1.2.3.4", "99999999999999999999.1.1", "1.2.3-é"]
WHOLE: dict[str, Files] = {
    "an empty Chart.yaml": {"Chart.yaml": ""},
    "a Chart.yaml that is a list": {"Chart.yaml": "- a"},
    "a Chart.yaml that is no YAML": {"Chart.yaml": CHART + "\tx: y"},
    "a Chart.yaml that is no UTF-8": {"Chart.yaml": CHART.encode() + b"description: \xe9\n"},
    "a Chart.yaml of two documents": {"Chart.yaml": f"---\n{CHART}---\nname: other\n"},
    "a byte order mark": {"Chart.yaml": b"\xef\xbb\xbf" + CHART.encode()},
    "the line ends of Windows": {"Chart.yaml": CHART.replace("\n", "\r\n")},
    "no apiVersion": {"Chart.yaml": CHART.replace("apiVersion: v2\n", "")},
    "a lock": {"Chart.lock": 'generated: "2020-01-01T00:00:00.500Z"\ndigest: sha256:x\ndependencies: []\n# c\n'},
    "a lock with a zone": {"Chart.lock": "generated: 2020-01-01T00:00:00.1234567891+02:00\n"},
    "a lock with no zone but its sign": {"Chart.lock": "generated: 2020-01-01T00:00:00+00:00\n"},
    "a lock of no day": {"Chart.lock": "generated: 2021-02-29T00:00:00Z\n"},
    "a lock that says no time": {"Chart.lock": "generated: yesterday\n"},
    "a lock that is empty": {"Chart.lock": ""},
    "a lock without anything": {"Chart.lock": "{}"},
    "a lock of odd entries": {"Chart.lock": "dependencies: [{name: x, version: 1.0, foo: bar}, {}, ~]\ndigest: 12\n"},
    "a chart of v1": {
        "Chart.yaml": V1,
        "requirements.yaml": "dependencies: # kept\n- {name: b, repository: x}\n",
        "requirements.lock": "digest: y\n",
        "Chart.lock": "digest: z\n",
        **INNER,
    },
    "a chart of v1 with dependencies in Chart.yaml": {"Chart.yaml": f"{V1}dependencies: [{{name: b}}]", **INNER},
    "a chart of v1 whose dependency is missing": {"Chart.yaml": V1, "requirements.yaml": "dependencies: [{name: b}]"},
    "a chart of v2 with requirements": {
        "requirements.yaml": "dependencies: [{name: b, repository: x}]",
        "requirements.lock": "digest: y\n",
        **INNER,
    },
    "a chart of v2 with requirements that say more": {
        "Chart.yaml": chart("dependencies: [{name: b, version: 1, repository: x}, {name: c}]"),
        "requirements.yaml": "version: 9.9.9\ndependencies: [{name: b, alias: q}]",
        **INNER,
    },
}
CASES: dict[str, Files] = {
    **{name: {"Chart.yaml": chart(f"{text}\n"), **INNER} for name, text in FIELDS.items()},
    **{f"version {text}": {"Chart.yaml": CHART.replace("1.2.3", text)} for text in VERSIONS},
    **WHOLE,
}
REFUSED_BY_HELM_4_ONLY = {"an appVersion that is no number"}

both = pytest.mark.parametrize("major", BOTH)


@both
@pytest.mark.parametrize("case", CASES)
def test_metadata_is_packed_as_helm_packs_it(case: str, major: str, tmp_path: Path) -> None:
    if major == HELM_3 and case in REFUSED_BY_HELM_4_ONLY:
        pytest.skip("what Helm 4 refuses is refused")
    folder = write(tmp_path, CASES[case])
    assert packed_by_us(folder) == packed_by_helm(major, folder)


def test_the_cases_are_not_all_refused(tmp_path: Path) -> None:
    packed = [packed_by_us(write(tmp_path / str(number), files)) for number, files in enumerate(CASES.values())]
    assert packed.count(REFUSED) < len(packed) / 2


@both
def test_version_and_app_version_are_replaced(major: str, tmp_path: Path) -> None:
    folder = write(tmp_path, {"Chart.yaml": chart("appVersion: 1.0\n"), "Chart.lock": "digest: x"})
    by_helm = packed_by_helm(major, folder, "--version", "2.0.0+x", "--app-version", "3\u200b.0")
    assert packed_by_us(folder, "2.0.0+x", "3\u200b.0") == by_helm
    assert packed_by_us(folder, "2.0").name == "shop-2.0.tgz"
    assert packed_by_us(folder, "latest") == packed_by_helm(major, folder, "--version", "latest") == REFUSED


@pytest.mark.parametrize("version", ["v3", "2"])
def test_an_unknown_api_version_is_refused_as_helm_4_does(version: str, tmp_path: Path) -> None:
    folder = write(tmp_path, {"Chart.yaml": CHART.replace("v2", version)})
    assert packed_by_us(folder) == packed_by_helm(HELM_4, folder) == REFUSED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("keywords: x", "here/Chart.yaml:4: keywords: expected a list, found 'x'"),
        ("sources:\n- a\n- [b]", "here/Chart.yaml:6: sources[1]: expected a text, found ['b']"),
        ("version: latest", "here/Chart.yaml: version: expected a version such as 1.2.3 (SemVer), found 'latest'"),
        ("name: a/b", "here/Chart.yaml: name: expected a name without slashes, found 'a/b'"),
        ("x: [", "here/Chart.yaml:5: is no YAML: "),
        ("apiVersion: v7", "here/Chart.yaml: apiVersion: expected v2 or v1, found 'v7'"),
        ("dependencies: [{name: c}]", "here/charts/: expected the dependencies of Chart.yaml, missing c"),
    ],
)
def test_what_is_refused_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        pack({"Chart.yaml": chart(text).encode()}, place="here")
    assert caught.value.message.startswith(message)


def agree(files: Files) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        by_helm = packed_by_helm(HELM_4, Path(folder))
        assert by_helm != REFUSED
        assert packed_by_us(Path(folder)) == by_helm


def as_json(fields: dict[str, Any]) -> str:
    """Returns fields for a Chart.yaml: JSON is YAML, and what stands in its quotes is taken as it is."""
    (name, value) = next(iter(fields.items()))
    return f"{name}: {json.dumps(value, ensure_ascii=False)}\n".replace("\u2029", "\\u2029")


few = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
pieces = st.sampled_from(
    (
        *("a", "word ", "longerword", "  ", " ", "\n", "\n\n", "\t", "#", " #", ": ", ":", "-", "- ", "? ", "é", "😀"),
        *("'", '"', "\\", "{", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "---", "...", "0", "1", ".", "e", "x"),
        *("true", "y", "null", "~", "<<", "2024-01-01", "12:30", "T00:00:00Z", "+", "_", ".inf"),
        *("\u00a0", "\r", "\x1b", "\u200b", "\u2029"),
    )
)
texts = st.lists(pieces, max_size=50).map("".join)


@few
@given(st.lists(texts, min_size=20, max_size=60))
def test_any_text_is_written_as_helm_writes_it(values: list[str]) -> None:
    agree({"Chart.yaml": chart(as_json({"annotations": {f"k{n}": v for n, v in enumerate(values)}}))})


scalars = st.one_of(
    st.integers(-(2**63), 2**64 - 1).map(str),
    st.integers(0, 2**63).flatmap(
        lambda number: st.sampled_from([hex(number), oct(number), bin(number), f"0{number:o}"])
    ),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30).map(str),
    st.tuples(st.integers(0, 99), st.integers(-40, 40)).map(lambda pair: f"{pair[0]}e{pair[1]}"),
    st.dates().map(str),
    st.datetimes().map(str),
    st.text("0123456789.+-:TZntfyo", min_size=1, max_size=8).filter(
        lambda text: text[0] not in "-:" and text[-1] != ":"
    ),
)


@few
@given(st.lists(scalars, min_size=20, max_size=60))
def test_any_plain_scalar_becomes_the_text_that_helm_makes_of_it(values: list[str]) -> None:
    agree({"Chart.yaml": chart("annotations:\n" + "".join(f"  k{n}: {value}\n" for n, value in enumerate(values)))})


keys = st.text("aAbB019_-/. é", max_size=6)


@few
@given(st.lists(st.sets(keys, min_size=2, max_size=2), min_size=10, max_size=30))
def test_any_two_keys_are_in_helms_order(pairs: list[set[str]]) -> None:
    values = [dict.fromkeys(pair, 1) for pair in pairs]
    dependencies = [{"name": "b", "repository": "", "import-values": values}]
    agree({"Chart.yaml": chart(as_json({"dependencies": dependencies})), **INNER})
