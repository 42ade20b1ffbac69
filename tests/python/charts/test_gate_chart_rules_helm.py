"""What the gate chart-rules says of versions, addresses and lock files is what the real helm says of them."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

from release_kit.documents.chart_gates import ChartGates
from release_kit.engines.gates.chart_rules.addresses import is_absolute_url, is_email, is_web_address
from release_kit.engines.gates.chart_rules.check import check
from release_kit.engines.gates.chart_rules.constraints import parse_constraint, parse_version
from release_kit.values.finding import Finding
from tests.support.helm import BOTH, HELM_4, helm

CONSTRAINTS = (
    *("1.2.3", "=1.2.3", "v1.2.3", "1.2", "1", "1.2.x", "1.*", "x", "*", "*-0", "1.2.3-rc.1", "1.2-0", "0.0.0"),
    *("!=1.2.3", "!=1.2", "!=1", "!=1.x", ">1.2.3", ">1.2", ">1", ">1-0", "<1.2.3", "<1.2", "<2", "<1.3.0-0"),
    *(">=1.2.3", ">=1.2", "=>1", ">=1.2.3-0", "<=1.2.3", "<=1.2", "=<1", "<=1.2.3-rc.1", "<=*", ">*"),
    *("~1.2.3", "~1.2", "~1", "~>1.2", "~1.2.3-0", "~0.0.0", "~*", "^1.2.3", "^1.2", "^1", "^1.2.3-0", "^*"),
    *(
        "^0.2.3",
        "^0.2",
        "^0",
        "^0.0.3",
        "^0.0",
        "^0.0.3-0",
        ">=1.2 <2",
        ">=1.2.0, <2.0.0",
        ">= 1.2 , < 2",
        ">1 !=1.2.3",
    ),
    *("1.2 - 2.0", "1.2.3 - 2", "1.2.0-0 - 1.2.3", "^0.2 || ^1.2.3", "1.2.3||2.x", ">=1-0 <2 || 3", "<1||>=2-0"),
)
VERSIONS = (
    *("0.0.0", "0.0.3", "0.0.4", "0.1.0", "0.2.3", "0.2.9", "0.3.0", "1", "1.0.0", "1.2", "1.2.0", "1.2.2", "1.2.3"),
    *("v1.2.3", "1.2.3+b.1", "1.2.4", "1.3.0", "2.0.0", "2.0.1", "3.0.0", "10.0.0", "1.0.0-0", "1.2.3-0", "1.2.3-rc.1"),
    *("1.2.3-rc.2", "1.2.3-rc.10", "1.2.3-rc.1.1", "1.2.3-alpha", "1.2.4-rc.1", "1.3.0-0", "2.0.0-0", "0.0.3-rc.1"),
)
NO_CONSTRAINTS = (
    "",
    " ",
    "latest",
    "1.2.3.4",
    "==1",
    "> =1",
    ">",
    "1 ||",
    "|| 1",
    "1,",
    ",1",
    "1.2 -2",
    "^1 - 2",
    "~>",
    "!1",
    "1.-1",
)
MORE_OF_THEM = (">=1 && <2", "1 or 2", "1.2.3-01", "V1", "1..2", "1.2.3-a..b")


def chart(folder: Path, files: dict[str, str]) -> Path:
    """Writes a small chart."""
    for name, text in {"Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def run(major: str, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command of helm on a chart; what it keeps goes beside the chart."""
    home = {"HOME": str(folder.parent / "home")}
    arguments = [str(helm(major)), *command.split(), str(folder)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False, env={**os.environ, **home})


@pytest.mark.parametrize("major", BOTH)
def test_constraints_allow_what_helm_allows(major: str, tmp_path: Path) -> None:
    pairs = [(constraint, version) for constraint in CONSTRAINTS for version in VERSIONS]
    template = "said:{{ range .Values.pairs }}\n- {{ semverCompare (index . 0) (index . 1) }}{{ end }}\n"
    folder = chart(tmp_path, {"templates/x.yaml": template, "values.yaml": json.dumps({"pairs": pairs})})
    said = yaml.safe_load(run(major, "template", folder).stdout)["said"]
    assert [pair for pair, allowed in zip(pairs, said, strict=True) if allows(*pair) is not allowed] == []


def allows(constraint: str, version: str) -> bool:
    parsed, found = parse_constraint(constraint), parse_version(version)
    assert parsed is not None
    assert found is not None
    return parsed.allows(found)


def test_what_helm_takes_for_no_constraint_is_none(tmp_path: Path) -> None:
    for text in (*NO_CONSTRAINTS, *MORE_OF_THEM):
        folder = chart(tmp_path, {"templates/x.yaml": f'{{{{ semverCompare {json.dumps(text)} "1.2.3" }}}}'})
        assert "Error" in run(HELM_4, "template", folder).stderr, text
        assert parse_constraint(text) is None, text


@pytest.mark.parametrize("text", ["1" * 300, "1." + "9" * 40, ">=" + "1 " * 200, "1.2.3-" + "a." * 150])
def test_a_constraint_that_is_too_long_is_none(text: str) -> None:
    assert parse_constraint(text) is None


@pytest.mark.parametrize(
    "text", ["", "a", "1.2.3.4", "1.2.", "-1", "1.2.3-01", "1.2.3-", "x.1", "99999999999999999999", "1" * 300]
)
def test_what_helm_takes_for_no_version_is_none(text: str) -> None:
    assert parse_version(text) is None


def test_versions_are_in_the_order_of_semver() -> None:
    order = (
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.10.0"
    )
    parsed = [parse_version(text) for text in order.split()]
    assert parsed == sorted(version for version in parsed if version)


EMAILS = (
    "shop@acme.example",
    "a.b+c@d-e.org",
    "1+x@users.noreply.github.com",
    "a@b",
    "a b@c.de",
    "a@b..de",
    "A <a@b.de>",
)
URLS = (
    "https://acme.example/x?y#z",
    "http://localhost:8080",
    "github.com/acme",
    "acme",
    "see acme.example",
    "https://a.b/%zz",
)
SOURCES = (*URLS, "oci://a.b/c", "git@github.com:a/b.git", "/a/b", "https://[::1]/", "mailto:a@b.de", "https://a b.de")
MAINTAINER = "maintainers:\n- name: m\n  {}: {}\n"


@pytest.mark.parametrize(
    ("texts", "is_right", "field", "complaint"),
    [
        (EMAILS, is_email, MAINTAINER.format("email", "{}"), "invalid email"),
        (URLS, is_web_address, MAINTAINER.format("url", "{}"), "invalid url"),
        (SOURCES, is_absolute_url, "sources:\n- {}\n", "invalid source"),
    ],
    ids=["e-mail addresses", "addresses of maintainers", "sources"],
)
def test_addresses_are_right_where_helm_lint_takes_them(
    texts: Sequence[str], is_right: Callable[[str], bool], field: str, complaint: str, tmp_path: Path
) -> None:
    for text in texts:
        start = "apiVersion: v2\nname: c\nversion: 0.1.0\n"
        folder = chart(tmp_path, {"Chart.yaml": start + field.format(json.dumps(text)), "values.yaml": ""})
        assert is_right(text) is (complaint not in run(HELM_4, "lint", folder).stdout), text


DEPENDENCIES = [
    {
        "name": "one",
        "version": ">=1.0.0-0 <3",
        "repository": "file://../one",
        "condition": "one.enabled,<all> & é.enabled",
        "tags": ["back&end", "x"],
        "import-values": ["data", {"parent": "z", "child": '"a"\u2028'}],
        "alias": "first",
    },
    {"name": "two", "version": "*-0", "repository": "file://../two", "enabled": True, "condition": "a\tb"},
    {"name": "own", "version": "^1.0.0"},
]
MAINTAINED = "name: c\nversion: 0.1.0\nmaintainers:\n  - name: m\n"


def with_dependencies(folder: Path, api_version: str, dependencies: Sequence[object]) -> Path:
    """Writes a chart, and beside it the charts that it depends on."""
    for name, version in {"one": "2.3.4", "two": "1.0.0-rc.1+b"}.items():
        chart(folder / name, {"Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n"})
    declared = yaml.safe_dump({"dependencies": list(dependencies)}, allow_unicode=True)
    start = f"apiVersion: {api_version}\n{MAINTAINED}"
    files = {"charts/own/Chart.yaml": "apiVersion: v2\nname: own\nversion: 1.5.0\n"}
    if api_version == "v2":
        return chart(folder / "c", {**files, "Chart.yaml": start + declared})
    return chart(folder / "c", {**files, "Chart.yaml": start, "requirements.yaml": declared})


def findings(folder: Path) -> list[Finding]:
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return check(files, {}, ChartGates())


@pytest.mark.parametrize("major", BOTH)
@pytest.mark.parametrize(("api_version", "lock"), [("v1", "requirements.lock"), ("v2", "Chart.lock")])
def test_the_lock_file_that_helm_writes_is_in_step(major: str, api_version: str, lock: str, tmp_path: Path) -> None:
    folder = with_dependencies(tmp_path, api_version, DEPENDENCIES)
    assert run(major, "dependency update", folder).returncode == 0
    assert (folder / lock).is_file()
    assert findings(folder) == []


CHANGES = {
    "another range": ("version: '>=1.0.0-0 <3'", "version: ^2.0.0"),
    "another tag": ("- x", "- z"),
    "another alias": ("alias: first", "alias: last"),
    "another repository": ("file://../one", "file://../other/../one"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_lock_file_is_stale_where_helm_refuses_to_build_from_it(change: str, tmp_path: Path) -> None:
    folder = with_dependencies(tmp_path, "v2", DEPENDENCIES)
    run(HELM_4, "dependency update", folder)
    text = (folder / "Chart.yaml").read_text()
    old, new = CHANGES[change]
    (folder / "Chart.yaml").write_text(text.replace(old, new, 1))
    (tmp_path / "other").mkdir()
    assert old in text
    assert "out of sync" in run(HELM_4, "dependency build", folder).stderr
    assert [finding.file for finding in findings(folder)] == ["Chart.lock"]


def test_a_digest_of_helm_2_is_taken_where_helm_takes_it(tmp_path: Path) -> None:
    folder = with_dependencies(tmp_path, "v1", [{"name": "one", "version": "2.x", "repository": "file://../one"}])
    run(HELM_4, "dependency update", folder)
    lock = yaml.safe_load((folder / "requirements.lock").read_text())
    # sha256 of {"dependencies":[{"name":"one","version":"2.x","repository":"file://../one"}]}
    lock["digest"] = "sha256:851603088fda73b30d95a54dbc130ad58e161567ea780f6d6116d46d4b48932a"
    (folder / "requirements.lock").write_text(yaml.safe_dump(lock))
    assert run(HELM_4, "dependency build", folder).returncode == 0
    assert findings(folder) == []


def test_the_repository_of_a_short_name_is_taken_from_the_lock_file() -> None:
    declared = "dependencies:\n- {name: a, version: ^1.0.0, repository: '@acme'}\n"
    locked = "dependencies:\n- {name: a, version: 1.2.0, repository: https://acme.example}\n"
    files = {"Chart.yaml": f"apiVersion: v2\n{MAINTAINED}{declared}", "Chart.lock": f"{locked}digest: {OF_URL}\n"}
    assert check({name: text.encode() for name, text in files.items()}, {}, ChartGates()) == []


# sha256 of what helm writes for the URL in place of the short name
OF_URL = "sha256:1d2f06308b83a91d445b11bfc5e685cc63e9c42a33512bee748efaa24b462bb9"
