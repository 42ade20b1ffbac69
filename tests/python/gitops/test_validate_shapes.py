"""The three shapes of the Promoter's resources: each is accepted for its own releases, and refused for the others'."""

import pytest

from release_kit.engines.gitops.promoter_release import Shape
from release_kit.engines.validation import promoter_tables
from release_kit.errors import InputError
from tests.support import gitops_trees
from tests.support.validation import RELEASES, documents, findings, report, rules, texts

LATER = {"0.36.0": ("0.37.9",), "0.38.0": ("0.38.4",), "0.39.0": ("0.43.0", "1.0.0")}
REFUSED = {
    ("0.36.0", "0.38.0"): {"order-missing"},
    ("0.36.0", "0.39.0"): {"promoter-shape"},
    ("0.38.0", "0.36.0"): {"promoter-shape"},
    ("0.38.0", "0.39.0"): {"promoter-shape"},
    ("0.39.0", "0.36.0"): {"promoter-shape"},
    ("0.39.0", "0.38.0"): {"promoter-shape", "order-key"},
}


@pytest.mark.parametrize(("written", "held"), REFUSED)
def test_a_shape_is_refused_for_the_releases_of_another(written: str, held: str) -> None:
    assert rules(findings(texts(documents(written)), held)) == REFUSED[written, held]


@pytest.mark.parametrize("written", RELEASES)
def test_a_shape_is_accepted_for_all_of_its_releases(written: str) -> None:
    for release in (written, *LATER[written]):
        assert findings(texts(documents(written)), release) == ()


def test_a_finding_says_which_releases_have_the_field() -> None:
    (found,) = [each for each in findings(texts(documents("0.39.0")), "0.36.0") if "orderCommitStatusRef" in each.path]
    assert "0.39 and newer" in found.message
    assert "0.36.0" in found.message
    assert found.path == "spec.orderCommitStatusRef"


def test_a_release_before_those_that_are_known_is_refused() -> None:
    with pytest.raises(InputError, match=r"0\.36\.0 or newer"):
        report(texts(documents()), "0.35.0")


@pytest.mark.parametrize("written", RELEASES)
def test_the_release_is_the_one_that_is_installed(written: str) -> None:
    url = f"https://github.com/argoproj-labs/gitops-promoter/releases/download/v{written}/install-without-ui.yaml"
    held = report({**texts(documents(written)), "gitops/install/kustomization.yaml": f"resources:\n- {url}\n"}, "")
    assert str(held.release) == written
    assert held.because == "gitops/install/kustomization.yaml:2 installs it"
    assert held.findings == ()


def test_without_anything_that_tells_the_release_it_is_0_36() -> None:
    held = report(texts(documents()), "")
    assert str(held.release) == "0.36.0"
    assert "--promoter-release" in held.because


def test_a_commented_installation_does_not_count() -> None:
    line = "# https://github.com/argoproj-labs/gitops-promoter/releases/download/v0.39.0/install.yaml\n"
    assert str(report({**texts(documents()), "gitops/note.yaml": line}, "").release) == "0.36.0"


def test_every_shape_knows_the_kinds_that_the_one_before_knew() -> None:
    kinds = [set(promoter_tables.schemas(shape)) for shape in Shape]
    assert kinds[0] < kinds[1] < kinds[2]


@pytest.mark.parametrize("release", [*gitops_trees.RELEASES, "0.43.0"])
@pytest.mark.parametrize("name", gitops_trees.NAMES)
def test_what_is_generated_has_no_finding(name: str, release: str) -> None:
    files = gitops_trees.files(gitops_trees.declared(name, release))
    held = report({path: text for path, text in files.items() if path.endswith(".yaml")}, "")
    assert held.findings == ()
    assert held.notes == ()
    assert str(held.release) == release
