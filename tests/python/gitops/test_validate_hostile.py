"""Nothing in a file can stop the validation, or reach the terminal as it stands."""

from pathlib import Path

import pytest

from release_kit.adapters import yaml_files
from release_kit.cli.app import main
from release_kit.engines.validation import run
from release_kit.errors import InputError
from release_kit.values.yaml_source import YamlError, read
from tests.support.validation import RELEASES, documents, findings, kubernetes, rules, texts

KINDS = (
    "PromotionStrategy",
    "ArgoCDCommitStatus",
    "TimedCommitStatus",
    "ScheduledCommitStatus",
    "WebRequestCommitStatus",
    "CommitStatus",
    "GitRepository",
    "ScmProvider",
    "DependentsSuccessfulCommitStatus",
)
ODD_SPECS = (
    "[]",
    "3",
    "~",
    "{environments: [3, [], {branch: 3, dependsOn: [[], {}]}], applicationSelector: [], promotionStrategyRef: []}",
    "{gitRepositoryRef: {name: []}, secretRef: 4, github: 3, key: [], reportOn: {}, allow: 3, httpRequest: 4}",
    "{applicationSelector: {matchLabels: {a: []}, matchExpressions: [3, {key: [], operator: [], values: 3}]}}",
    "{proposedCommitStatuses: [{key: []}, {key: a}, 3], environments: {}, scmProviderRef: {kind: 3, name: []}}",
    "{source: {repoURL: [], helm: [], chart: 4}, sources: [{repoURL: 3, helm: {valueFiles: [[], 3]}}]}",
    "{generators: [3, {list: 4}, {list: {elements: [3]}}], template: {metadata: 3, spec: {source: {repoURL: []}}}}",
)
NO_YAML = {
    "brackets": "[" * 100_000,
    "dashes": "- " * 100_000,
    "recursive": "&a [*a]\n",
    "list in itself": "apiVersion: v1\nkind: List\nitems: &a\n- *a\n",
    "merge of a number": "<<: 3\nkind: A\n",
    "merge of numbers": "<<: [1, {a: b}]\n",
    "aliases": "".join(
        f"{here}: &{here} [{', '.join([f'*{before}'] * 10)}]\n" for before, here in zip("abcdef", "bcdefg", strict=True)
    ).join(("a: &a [x]\n", "")),
    "tab": "a:\n\t- b\n",
}
ODD = {
    "complex keys": "? [a, b]\n: c\n? {x: y}\n: d\n",
    "tags": "apiVersion: !foo v1\nkind: [x]\nmetadata: 3\n",
    "python": "!!python/object:os.system {a: b}\n",
    "dates": "apiVersion: 2001-01-01\nkind: 1.5\nmetadata: {name: .nan}\n",
    "numbers": f"apiVersion: v1\nkind: Pod\nmetadata: {{name: 1e999}}\nspec: {{x: {'9' * 50_000}}}\n",
    "sets": "!!set {a, b}\n---\n!!omap [a: b]\n",
    "nothing": "",
    "comments": "# nothing\n---\n# here\n",
}


def group(kind: str) -> str:
    return "argoproj.io/v1alpha1" if kind.startswith("Application") else "promoter.argoproj.io/v1alpha1"


@pytest.mark.parametrize("name", NO_YAML)
def test_what_is_no_yaml_is_one_finding(name: str) -> None:
    found = findings({**texts(documents()), "gitops/odd.yaml": NO_YAML[name]})
    assert [(each.rule, each.file) for each in found] == [("yaml-syntax", "gitops/odd.yaml")]


@pytest.mark.parametrize("name", ODD)
def test_odd_yaml_stops_nothing(name: str) -> None:
    found = findings({**texts(documents()), "gitops/odd.yaml": ODD[name]})
    assert {each.file for each in found} <= {"gitops/odd.yaml"}


@pytest.mark.parametrize("kind", [*KINDS, "Application", "ApplicationSet"])
@pytest.mark.parametrize("release", RELEASES)
def test_values_of_any_type_stop_nothing(kind: str, release: str) -> None:
    for name in ("x", "7", "[]", "~"):
        labels = "{labels: {a: 3, b: []}, annotations: [], name: "
        head = f"apiVersion: {group(kind)}\nkind: {kind}\nmetadata: {labels}{name}, namespace: {name}}}\n"
        text = "---\n".join(f"{head}spec: {spec}\n" for spec in ODD_SPECS)
        assert findings({**texts(documents(release)), "odd/odd.yaml": text}, release)


def test_no_control_character_and_no_endless_name_reaches_a_finding() -> None:
    name = '"\\x1b[2J\\u202e' + "a" * 100_000 + '"'
    head = f"apiVersion: {group('Timed')}\nkind: TimedCommitStatus\n"
    text = f"{head}metadata: {{name: {name}}}\nspec: {{? {name} : 1}}\n"
    found = findings({"odd.yaml": text})
    assert found
    for each in found:
        assert "".join((each.message, each.remedy, each.document, each.path)).isprintable()
        assert len(each.document) + len(each.path) < 1000


def test_a_file_that_is_no_text_or_too_large_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\x00\xff\xfe" * 100)
    (tmp_path / "large.yaml").write_bytes(b"#" * (yaml_files.MAX_FILE_BYTES + 1))
    (tmp_path / "marked.yaml").write_bytes(b"\xef\xbb\xbfapiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    found = yaml_files.read([tmp_path])
    held = run.validate(found.texts, found.unreadable, kubernetes(), run.Options())
    assert [Path(each.file).name for each in held.findings] == ["binary.yaml", "large.yaml"]
    assert rules(held.findings) == {"yaml-syntax"}
    assert held.objects == 1


def test_links_to_folders_are_not_followed_and_links_to_files_are(tmp_path: Path) -> None:
    outside, tree = tmp_path / "outside", tmp_path / "tree"
    outside.mkdir()
    tree.mkdir()
    (outside / "a.yaml").write_text("a: b\n")
    (tree / "loop").symlink_to(tree)
    (tree / "folder").symlink_to(outside)
    (tree / "file.yaml").symlink_to(outside / "a.yaml")
    (tree / "gone.yaml").symlink_to(outside / "gone.yaml")
    assert [Path(name).name for name in yaml_files.read([tree]).texts] == ["file.yaml"]


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_files, "MAX_FILES", 2)
    for name in "abc":
        (tmp_path / f"{name}.yaml").write_text("a: b\n")
    with pytest.raises(InputError, match="more than 2 YAML files"):
        yaml_files.read([tmp_path])


def test_a_file_name_with_control_characters_is_shown_without_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a\x1b[2J.yaml").write_text("{a: [}\n")
    assert main(["validate", str(tmp_path)]) == 1
    output = capsys.readouterr()
    assert "\x1b" not in output.out + output.err


@pytest.mark.parametrize("depth", [5_000, 100_000])
def test_depth_that_would_end_the_process_is_an_error(depth: int) -> None:
    for text in ("[" * depth, "{a: " * depth, "- " * depth, "? " * depth):
        with pytest.raises(YamlError):
            list(read(text))


def test_many_brackets_beside_each_other_are_read() -> None:
    (document,) = read("- {a: [b]}\n" * 6_000)
    assert len(document.value) == 6_000
