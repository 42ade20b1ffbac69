"""The gate chart-rules finds each single fault of a chart, in its line, and nothing in a good chart."""

import io
import tarfile
from typing import NamedTuple

import pytest

from release_kit.documents.chart_gates import ChartGates
from release_kit.engines.gates.chart_rules.check import check
from release_kit.errors import InputError
from release_kit.values.finding import Finding, Gate

CHART = """\
apiVersion: v2
name: shop
version: 1.3.0
appVersion: "1.30"
kubeVersion: ">=1.25.0-0"
description: A shop
type: application
keywords:
  - shop
home: https://shop.example.com
sources:
  - https://github.com/acme/shop
icon: https://shop.example.com/icon.png
maintainers:
  - name: Acme
    email: shop@acme.example
    url: https://acme.example
dependencies:
  - name: common
    version: ^2.0.0
    repository: https://charts.acme.example
    condition: common.enabled
    tags:
      - base
    import-values:
      - data
      - child: sub
        parent: all
  - name: tools
    version: ">=1.0.0 <2.0.0"
    repository: oci://ghcr.io/acme/charts
    alias: kit
annotations:
  category: shop
"""
LOCK = """\
dependencies:
- name: common
  repository: https://charts.acme.example
  version: 2.1.0
- name: tools
  repository: oci://ghcr.io/acme/charts
  version: 1.4.2
digest: sha256:49e4e09b7e7546c8fbd62548e836bbecf7c377b8db385f8d091fe51e3a32f0b0
generated: "2026-01-02T03:04:05Z"
"""
VALUES = """\
# The shop.
global:
  imageTag: ""  # of all images
  hosts: [a.example, b.example]
  limits: {cpu: 1, memory: 64Mi}

core:
  ports:
    - 80
    - 443
  text: |
    #no comment
      free
"""
GOOD = {
    "Chart.yaml": CHART,
    "Chart.lock": LOCK,
    "values.yaml": VALUES,
    "ci/prod-values.yaml": "core:\n  replicas: 3\n",
    "charts/common/Chart.yaml": "apiVersion: v2\nname: common\nversion: 2.1.0\n",
    "charts/tools/Chart.yaml": "apiVersion: v2\nname: tools\nversion: 1.4.2\n",
    "templates/x.yaml": "a:   {{ .Values.x }} \n",
}
CONFIG = ChartGates(previous="1.2.9")


def found(files: dict[str, str], config: ChartGates = CONFIG) -> list[Finding]:
    encoded = {name: text.encode() for name, text in files.items()}
    return check(encoded, {"values-prod.yaml": b"core:\n  replicas: 5\n"}, config)


def test_nothing_is_found_in_a_good_chart() -> None:
    assert found(GOOD) == []


class Mutant(NamedTuple):
    name: str
    file: str
    old: str
    new: str
    line: int
    message: str
    """What the finding says, among other things."""
    in_file: str = ""
    """Where it is found, if elsewhere."""


LOCK_OF_TOOLS = "- name: tools\n  repository: oci://ghcr.io/acme/charts\n  version: 1.4.2\n"
LOCK_OF_MORE = LOCK_OF_TOOLS.replace("tools", "more")
MUTANTS = [
    Mutant("unknown key", "Chart.yaml", "description: A", "descripton: A", 6, "descripton: is not a field"),
    Mutant("engine", "Chart.yaml", "type: application\n", "type: application\nengine: gotpl\n", 8, "field of Helm 2"),
    Mutant("no apiVersion", "Chart.yaml", "apiVersion: v2\n", "", 1, "apiVersion: is not there"),
    Mutant("apiVersion v3", "Chart.yaml", "apiVersion: v2", "apiVersion: v3", 1, "expected v2"),
    Mutant("no name", "Chart.yaml", "name: shop\n", "", 1, "name: is not there"),
    Mutant("empty name", "Chart.yaml", "name: shop", 'name: ""', 2, "name: expected lower-case"),
    Mutant("upper-case name", "Chart.yaml", "name: shop", "name: Shop", 2, "found 'Shop'"),
    Mutant("name with a slash", "Chart.yaml", "name: shop", "name: acme/shop", 2, "found 'acme/shop'"),
    Mutant("name is a number", "Chart.yaml", "name: shop", "name: 12", 2, "expected a string, found the number 12"),
    Mutant("no version", "Chart.yaml", "version: 1.3.0\n", "", 1, "version: is not there"),
    Mutant("version 1.3", "Chart.yaml", "version: 1.3.0", 'version: "1.3"', 3, "expected a version such as 1.2.3"),
    Mutant("version is a number", "Chart.yaml", "version: 1.3.0", "version: 1.3", 3, "found the number 1.3"),
    Mutant("version with v", "Chart.yaml", "version: 1.3.0", "version: v1.3.0", 3, "no leading v"),
    Mutant("version with a zero", "Chart.yaml", "version: 1.3.0", "version: 1.03.0", 3, "found '1.03.0'"),
    Mutant("version not raised", "Chart.yaml", "version: 1.3.0", "version: 1.2.9", 3, "the same as 1.2.9"),
    Mutant("version lowered", "Chart.yaml", "version: 1.3.0", "version: 1.2.9-rc.1", 3, "lower than 1.2.9"),
    Mutant("only build raised", "Chart.yaml", "version: 1.3.0", "version: 1.2.9+b.2", 3, "the same as 1.2.9"),
    Mutant("appVersion is a number", "Chart.yaml", '"1.30"', "1.30", 4, "expected a string, found the number 1.3"),
    Mutant("appVersion is nothing", "Chart.yaml", '"1.30"', "null", 4, "expected a string, found nothing"),
    Mutant("appVersion is a date", "Chart.yaml", '"1.30"', "2026-01-02", 4, "2026-01-02 is a date"),
    Mutant("kubeVersion", "Chart.yaml", ">=1.25.0-0", "1.25 or newer", 5, "expected a constraint"),
    Mutant("description is a list", "Chart.yaml", "description: A shop", "description: [a]", 6, "found a list"),
    Mutant("type", "Chart.yaml", "type: application", "type: app", 7, "expected application or library"),
    Mutant("keywords", "Chart.yaml", "keywords:\n  - shop", "keywords: shop", 8, "expected a list of strings"),
    Mutant("keyword is true", "Chart.yaml", "  - shop\n", "  - yes\n", 9, "keywords[0]: expected a string, found true"),
    Mutant("home", "Chart.yaml", "https://shop.example.com\n", "shop.example.com\n", 10, "home: expected a URL"),
    Mutant("source", "Chart.yaml", "https://github.com/acme", "github.com/acme", 12, "sources[0]: expected a URL"),
    Mutant("icon", "Chart.yaml", "https://shop.example.com/icon", "/icon", 13, "icon: expected a URL"),
    Mutant("no maintainer's name", "Chart.yaml", "name: Acme\n    email", "email", 15, "name: is not there"),
    Mutant("empty maintainer", "Chart.yaml", "name: Acme", 'name: ""', 15, "maintainers[0].name: expected a name"),
    Mutant("email", "Chart.yaml", "shop@acme.example", "shop at acme", 16, "expected an e-mail address"),
    Mutant("maintainer's url", "Chart.yaml", "url: https://acme", "url: see acme", 17, "expected a URL"),
    Mutant("deprecated", "Chart.yaml", "type:", "deprecated: true\ntype:", 15, "a deprecated chart must have none"),
    Mutant("deprecated is a string", "Chart.yaml", "type:", 'deprecated: "no"\ntype:', 7, "expected true or false"),
    Mutant("annotation", "Chart.yaml", "category: shop", "category: 5", 34, "annotations.category: expected a string"),
    Mutant("annotations", "Chart.yaml", "annotations:\n  category: shop", "annotations: [a]", 33, "expected a mapping"),
    Mutant("key twice", "Chart.yaml", "type:", "name: shop\ntype:", 7, "key-duplicates: the key 'name'"),
    Mutant("v1 with dependencies", "Chart.yaml", "apiVersion: v2", "apiVersion: v1", 1, "expected v2, found v1"),
    Mutant("dependency without version", "Chart.yaml", "    version: ^2.0.0\n", "", 19, "version: is not there"),
    Mutant("dependency's key", "Chart.yaml", "    condition:", "    conditions:", 22, "is not a field"),
    Mutant("constraint", "Chart.yaml", "^2.0.0", "latest", 20, "expected a version or a range"),
    Mutant("alias", "Chart.yaml", "alias: kit", "alias: a kit", 32, "expected letters, digits"),
    Mutant("repository", "Chart.yaml", "https://charts.acme.example", "../common", 21, "expected a URL (https://"),
    Mutant("dependency twice", "Chart.yaml", "alias: kit", "alias: common", 29, "is already in line 19"),
    Mutant("tags", "Chart.yaml", "tags:\n      - base", "tags: base", 23, "tags: expected a list of strings"),
    Mutant("import", "Chart.yaml", "        parent: all\n", "", 27, "parent: is not there"),
    Mutant("lock is stale", "Chart.yaml", "common.enabled", "base.enabled", 8, "out of step", "Chart.lock"),
    Mutant("lock's digest", "Chart.lock", "digest: sha256:", "digest: sha256:0", 8, "digest: is out of step"),
    Mutant("lock without digest", "Chart.lock", "digest:", "digests:", 1, "digest: is out of step"),
    Mutant("lock lacks one", "Chart.lock", LOCK_OF_TOOLS, "", 29, "'tools' is not in", "Chart.yaml"),
    Mutant("lock has one more", "Chart.lock", LOCK_OF_TOOLS, LOCK_OF_TOOLS + LOCK_OF_MORE, 8, "'more' is locked"),
    Mutant("lock is below", "Chart.yaml", "^2.0.0", "^2.2.0", 4, "is locked at 2.1.0", "Chart.lock"),
    Mutant("lock's repository", "Chart.lock", "https://charts", "https://old", 3, "is locked from"),
    Mutant("vendored is below", "charts/common/Chart.yaml", "2.1.0", "1.9.0", 20, "is 1.9.0", "Chart.yaml"),
    Mutant("vendored is another", "charts/common/Chart.yaml", "2.1.0", "2.0.5", 4, "is 2.0.5", "Chart.lock"),
    Mutant("trailing space", "values.yaml", "global:\n", "global: \n", 2, "trailing-spaces: 1"),
    Mutant("blank lines", "values.yaml", "\n\ncore", "\n\n\n\ncore", 8, "empty-lines: 3 in a row"),
    Mutant("blank line at the end", "values.yaml", "free\n", "free\n\n", 14, "empty-lines: 1 at the"),
    Mutant("no line feed", "values.yaml", "free\n", "free", 13, "new-line-at-end-of-file"),
    Mutant("CRLF", "values.yaml", "shop.\n", "shop.\r\n", 1, "new-lines: the line ends with CR LF"),
    Mutant("colon", "values.yaml", "cpu: 1", "cpu:  1", 5, "colons: 2 spaces after the colon"),
    Mutant("space before a colon", "values.yaml", "global:", "global :", 2, "colons: 1 space before the colon"),
    Mutant("hyphen", "values.yaml", "- 443", "-  443", 10, "hyphens: 2 spaces after the hyphen"),
    Mutant("comma", "values.yaml", "a.example, b", "a.example , b", 4, "commas: 1 space before the comma"),
    Mutant("no space after a comma", "values.yaml", "1, mem", '"1",mem', 5, "commas: no spaces after the comma"),
    Mutant("brackets", "values.yaml", "[a.example", "[ a.example", 4, "brackets: 1 space after the opening"),
    Mutant("braces", "values.yaml", "64Mi}", "64Mi }", 5, "braces: 1 space before the closing"),
    Mutant("comment's space", "values.yaml", "# The shop", "#The shop", 1, "comments: no space after the #"),
    Mutant("close comment", "values.yaml", '""  # of', '"" # of', 3, "comments: one space before the comment"),
    Mutant("indentation", "values.yaml", "    - 80\n    - 443", "   - 80\n   - 443", 9, "indentation: 3 spaces"),
    Mutant("key twice in values", "values.yaml", "core:", "global: {}\ncore:", 7, "'global' is already in line 2"),
    Mutant("no YAML", "values.yaml", "64Mi}", "64Mi", 7, "syntax: is no YAML"),
    Mutant("tab", "values.yaml", "cpu: 1", "cpu:\t1", 5, "syntax: a tab"),
    Mutant("ci values", "ci/prod-values.yaml", "replicas: 3", "replicas:  3", 2, "colons: 2 spaces"),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_one_fault_is_one_finding_in_its_line(mutant: Mutant) -> None:
    assert mutant.old in GOOD[mutant.file]
    files = GOOD | {mutant.file: GOOD[mutant.file].replace(mutant.old, mutant.new, 1)}
    (finding,) = found(files)
    assert mutant.message in finding.message
    assert finding.place == f"{mutant.in_file or mutant.file}:{mutant.line}"
    assert finding.gate is Gate.CHART_RULES
    assert finding.remedy


def test_a_chart_without_maintainers_is_found() -> None:
    start, end = CHART.index("maintainers:"), CHART.index("dependencies:")
    (finding,) = found(GOOD | {"Chart.yaml": CHART[:start] + CHART[end:]})
    assert finding.message == "maintainers: expected at least one, found none"


def test_a_deprecated_chart_needs_no_maintainers() -> None:
    start, end = CHART.index("maintainers:"), CHART.index("dependencies:")
    assert found(GOOD | {"Chart.yaml": CHART[:start] + "deprecated: true\n" + CHART[end:]}) == []


def test_a_chart_without_chart_yaml_is_found() -> None:
    (finding,) = found({"values.yaml": "a: 1\n"})
    assert finding.message == "Chart.yaml is not there"


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "text\n"])
def test_a_chart_yaml_that_is_no_mapping_is_found(text: str) -> None:
    (finding,) = found({"Chart.yaml": text})
    assert finding.message.startswith("expected a mapping, found")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: a\nversion: [1\n", 3, "is no YAML"),
        ("name: a\nversion: *a\n", 2, "is no YAML"),
        ("name: a\n---\nname: b\n", 3, "expected one document"),
        ("name: a\x00\n", 1, "is no YAML"),
    ],
)
def test_a_chart_yaml_that_can_not_be_read_is_found_once(text: str, line: int, message: str) -> None:
    (finding,) = found({"Chart.yaml": text})
    assert (finding.place, finding.thing) == (f"Chart.yaml:{line}", "syntax")
    assert message in finding.message


def test_bytes_that_are_no_text_are_found_with_their_line() -> None:
    findings = check({"Chart.yaml": CHART.encode(), "values.yaml": b"a: 1\nb: \xff\n"}, {}, ChartGates())
    assert [(finding.place, finding.thing) for finding in findings] == [("values.yaml:2", "syntax")]
    assert "0xff" in findings[0].message


def test_a_previous_version_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="previous.version"):
        found(GOOD, ChartGates(previous="latest"))


def test_without_a_previous_version_any_version_will_do() -> None:
    assert found(GOOD, ChartGates()) == []


def test_a_higher_version_than_a_prerelease_is_raised() -> None:
    assert found(GOOD, ChartGates(previous="1.3.0-rc.10")) == []


def test_values_files_are_named_as_they_were_given() -> None:
    findings = check({name: text.encode() for name, text in GOOD.items()}, {"../prod.yaml": b"a:  1\n"}, CONFIG)
    assert [finding.place for finding in findings] == ["../prod.yaml:1"]


def test_only_the_files_that_ct_looks_at_are_held_to_a_style() -> None:
    bad = "a:   1 \n"
    others = dict.fromkeys(("ci/values.yaml", "ci/sub/x-values.yaml", "crds/a.yaml", "charts/common/values.yaml"), bad)
    assert found(GOOD | others) == []


def packed(name: str, version: str) -> bytes:
    """Returns a packed chart."""
    content = f"apiVersion: v2\nname: {name}\nversion: {version}\n".encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo(f"{name}/Chart.yaml")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def found_with_packed(version: str) -> list[Finding]:
    files = {name: text.encode() for name, text in GOOD.items() if name != "charts/common/Chart.yaml"}
    return check(files | {f"charts/common-{version}.tgz": packed("common", version)}, {}, CONFIG)


def test_packed_dependencies_are_read_too() -> None:
    assert found_with_packed("2.1.0") == []
    (finding,) = found_with_packed("1.0.0")
    assert "common ^2.0.0 is asked for, but charts/common-1.0.0.tgz is 1.0.0" in finding.message


@pytest.mark.parametrize(
    "content", [b"", b"no archive", packed("common", "2.1.0")[:60], packed("common", "2.1.0")[:-9]]
)
def test_a_package_that_can_not_be_read_is_left_to_the_package_gate(content: bytes) -> None:
    files = {name: text.encode() for name, text in GOOD.items() if name != "charts/common/Chart.yaml"}
    assert check(files | {"charts/common-2.1.0.tgz": content}, {}, CONFIG) == []


def test_a_range_needs_a_lock_file_where_charts_are_vendored() -> None:
    files = {name: text for name, text in GOOD.items() if name != "Chart.lock"}
    assert ["no lock file" in finding.message for finding in found(files)] == [True, True]
    exact = CHART.replace("^2.0.0", "2.1.0").replace('">=1.0.0 <2.0.0"', "1.4.2")
    assert found(files | {"Chart.yaml": exact}) == []


def test_a_missing_dependency_is_left_to_the_package_gate() -> None:
    assert found({name: text for name, text in GOOD.items() if not name.startswith("charts/")}) == []


def test_one_chart_under_two_aliases_in_two_versions_is_fine() -> None:
    second = '  - name: common\n    version: ^1.0.0\n    repository: ""\n    alias: old\nannotations:'
    files = GOOD | {"Chart.yaml": CHART.replace("annotations:", second), "charts/old/Chart.yaml": OLD}
    del files["Chart.lock"]
    assert [finding.line for finding in found(files)] == [20, 30]


OLD = "apiVersion: v2\nname: common\nversion: 1.5.0\n"
