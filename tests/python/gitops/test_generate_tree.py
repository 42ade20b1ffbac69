"""The generated tree as a whole: what is checked in, its style, and that nothing in it comes from chance."""

import os
import subprocess
import sys

import pytest
from yamllint import linter  # type: ignore[import-untyped]
from yamllint.config import YamlLintConfig  # type: ignore[import-untyped]

from release_kit.engines.gitops import migration, origin
from release_kit.errors import InputError
from tests.support import gitops_trees as trees

STYLE = YamlLintConfig("{extends: default, rules: {line-length: {max: 120}}}")
both = pytest.mark.parametrize("name", trees.NAMES)
all_releases = pytest.mark.parametrize("release", trees.RELEASES)


def _fix(command: str) -> str:
    return f"is out of date; write it anew:\n  PYTHONPATH=tools python3 -m release_kit gitops {command}"


@both
def test_what_is_checked_in_is_what_is_generated(name: str) -> None:
    folder = trees.GOLDEN / name
    present = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    place = "tests/python/gitops"
    fix = _fix(f"generate {place}/declarations/{name}.json --output {place}/golden/{name}")
    assert present == trees.files(trees.declared(name)), f"golden/{name} {fix}"


@both
@all_releases
def test_what_another_release_changes_is_what_is_checked_in(name: str, release: str) -> None:
    old, new = trees.declared(name), trees.declared(name, release)
    patch = migration.difference(trees.files(old), trees.files(new))
    steps = "\n".join(f"{number}. {text}" for number, text in enumerate(migration.steps(old, new), 1))
    if old == new:
        assert (patch, steps) == ("", "")
        return
    golden, place = trees.GOLDEN / f"{name}-{release}.txt", "tests/python/gitops"
    declaration = f"{place}/declarations/{name}.json"
    fix = _fix(f"diff {declaration} --promoter-release {release} > {place}/golden/{golden.name}")
    present = golden.read_text() if golden.exists() else ""
    assert present == f"{patch}{steps}\n", f"{golden.name} {fix}"


@both
@all_releases
def test_yamllint_finds_nothing(name: str, release: str) -> None:
    for path, text in trees.files(trees.declared(name, release)).items():
        if path.endswith(".yaml"):
            assert [*linter.run(text, STYLE)] == [], path


@both
@all_releases
def test_every_file_says_where_it_comes_from(name: str, release: str) -> None:
    made = trees.declared(name, release)
    for path, text in trees.files(made).items():
        assert origin.gitops(made.name).is_of(text.encode()), path
        assert not origin.gitops("another").is_of(text.encode()), path
        assert not origin.gitops(made.name[:-1]).is_of(text.encode()), path


@both
@all_releases
def test_every_object_has_its_place(name: str, release: str) -> None:
    made = trees.declared(name, release)
    seen = set()
    for each in trees.every_object(made):
        if each["kind"] == "Kustomization":
            continue
        place = each["metadata"]
        group = each["apiVersion"].rpartition("/")[0]
        assert place["namespace"] in (made.argocd.namespace, made.promoter.namespace)
        assert (group, each["kind"], place["namespace"], place["name"]) not in seen
        seen.add((group, each["kind"], place["namespace"], place["name"]))
    kinds = {kind for _, kind, _, _ in seen}
    assert not kinds & {"ChangeTransferPolicy", "PullRequest", "CommitStatus"}


@both
def test_no_secret_has_a_value_that_is_one(name: str) -> None:
    for each in trees.of_kind(trees.declared(name), "Secret").values():
        assert "data" not in each
        assert {*each.get("stringData", {})} <= {"name", "url", "type", "enableOCI"}


def test_two_processes_with_other_hash_seeds_write_the_same_bytes() -> None:
    code = (
        "from tests.support import gitops_trees as t; import hashlib; "
        "print(hashlib.sha256(repr([t.files(t.declared(n)) for n in t.NAMES]).encode()).hexdigest())"
    )
    path = os.pathsep.join(filter(None, sys.path))
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": path, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(outputs) == 1


def test_a_promoter_that_is_too_old_is_refused() -> None:
    with pytest.raises(InputError, match=r"promoter\.release: expected 0\.36\.0 or newer, found 0\.35\.9"):
        trees.files(trees.declared("full", "0.35.9"))


def test_native_charts_need_an_argocd_that_takes_them() -> None:
    old = trees.declared("tracking", edit=lambda it: it["argocd"].update(release="3.0.12"))
    with pytest.raises(InputError, match=r"native charts need Argo CD 3\.1\.0 or newer, found 3\.0\.12"):
        trees.files(old)


def test_without_a_pinned_environment_there_is_nothing_for_the_promoter() -> None:
    def only_tracking(document: dict[str, object]) -> None:
        document["environments"] = [{"name": "demo", "tracks": "1.x"}]

    made = trees.files(trees.declared("tracking", edit=only_tracking))
    assert {*made} == {"RUNBOOK.md", "bootstrap.sh", "argocd/applications/demo.yaml", "argocd/repository.yaml"}


def test_a_name_that_no_release_of_helm_can_have_is_refused_before_anything_is_hydrated() -> None:
    long = trees.declared("full", edit=lambda it: it.update(name="a" * 54))
    with pytest.raises(InputError, match="54 characters; a Helm release has 53 at most"):
        trees.files(long)


def test_what_argocd_needs_for_a_repository_over_ssh_is_a_key() -> None:
    made = trees.declared("full", edit=lambda it: it["repository"].update(url="ssh://git@github.com/acme/shop"))
    text = trees.files(made)["argocd/git-repository.yaml"]
    assert "--from-file=sshPrivateKey=FILE" in text
    assert "githubAppPrivateKey" not in text


def test_a_description_breaks_no_table_of_the_runbook() -> None:
    made = trees.declared("full", edit=lambda it: it["environments"][0]["gates"][0].update(description="a | b\n| c"))
    (row,) = [line for line in trees.files(made)["RUNBOOK.md"].splitlines() if line.startswith("| `e2e` |")]
    assert row.split(" | ")[1] == r"a \| b?\| c (active)"
