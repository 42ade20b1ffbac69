"""Each single fault is found by name; the tree without one has no finding."""

import pytest

from release_kit.engines.validation.rules import NAMES
from tests.support import application_faults, promoter_faults
from tests.support.faults import Mutant
from tests.support.validation import RELEASES, application, documents, edited, findings, report, rules, texts

MUTANTS = [*promoter_faults.MUTANTS, *application_faults.MUTANTS]
TEXTS = [
    ("yaml-syntax", "{a: [}"),
    ("yaml-duplicate-key", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: a\n  x: b\n"),
    (
        "install-release",
        "resources: [https://github.com/argoproj-labs/gitops-promoter/releases/download/v0.39.1/install.yaml]",
    ),
    ("install-release", "image: quay.io/argoprojlabs/gitops-promoter:v0.18.3"),
    (
        "install-address",
        "- https://github.com/argoproj-labs/gitops-promoter/releases/download/v0.36.0/install-witout-ui.yaml",
    ),
    ("install-address", "- https://github.com/argoproj-labs/gitops-promoter/releases/download/0.36.0/install.yaml"),
    ("install-unpinned", "- https://github.com/argoproj-labs/gitops-promoter/releases/latest/download/install.yaml"),
]


@pytest.mark.parametrize("release", RELEASES)
def test_the_tree_without_a_fault_has_no_finding(release: str) -> None:
    held = report(texts(documents(release)), release)
    assert held.findings == ()
    assert held.notes == ()
    assert held.validated == held.objects > 10


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.rule}: {mutant.name}")
def test_each_fault_is_found_by_name(mutant: Mutant) -> None:
    found = edited(mutant.edit, mutant.release, **mutant.options)
    assert rules(found) == {mutant.rule, *mutant.also}
    for each in found:
        assert each.message
        assert each.remedy
        assert each.line > 0 or each.rule == "declared-missing"
        assert each.document


@pytest.mark.parametrize(
    ("rule", "text"), TEXTS, ids=[f"{rule}-{position}" for position, (rule, _) in enumerate(TEXTS)]
)
def test_each_fault_of_a_file_is_found_by_name(rule: str, text: str) -> None:
    found = findings({**texts(documents()), "gitops/other.yaml": text})
    assert rules(found) == {rule}
    assert found[0].file == "gitops/other.yaml"


def test_every_rule_has_a_fault_that_it_finds() -> None:
    assert {mutant.rule for mutant in MUTANTS} | {rule for rule, _ in TEXTS} == {*NAMES}


def test_an_application_of_a_chart_may_have_an_environment_that_is_not_promoted_to() -> None:
    source = {"repoURL": "ghcr.io/acme/charts", "chart": "shop", "targetRevision": "*"}
    labels = {"rules-release_environment": "edge"}
    assert edited(lambda found: found.update(edge=application("edge", source, **labels))) == ()
