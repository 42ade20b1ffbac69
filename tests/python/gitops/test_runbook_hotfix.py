"""What the runbook says of hotfixes: by whom each environment is promoted to, with GitOps Promoter and without."""

import argparse
import shlex
from typing import Any

import pytest

from release_kit.cli import hydrate, promote
from release_kit.documents.environments import Environments
from release_kit.engines.gitops import runbook
from tests.support import gitops_trees as trees

COMMANDS: dict[str, Any] = {"promote": promote.add_arguments, "hydrate": hydrate.add_arguments}


def section(declared: Environments) -> str:
    """Returns the section about hotfixes in one line."""
    return " ".join(block(declared).split())


def block(declared: Environments) -> str:
    return runbook.text(declared).partition("## Hotfix\n")[2].partition("\n## ")[0]


def staged(declared: Environments) -> Environments:
    """Lets the first environment be one that a hotfix does not wait for."""
    first, *others = declared.environments
    return declared._replace(environments=(first._replace(staging=True), *others), command="")


@pytest.mark.parametrize("name", trees.NAMES)
def test_with_staging_it_says_both_ways(name: str) -> None:
    declared = staged(trees.declared(name))
    first, later = declared.environments[0], [each for each in declared.pinned if not each.staging]
    text = section(declared)
    assert f"cut with `--skip-staging` is not waited for in {first.name}" in text
    assert f"GitOps Promoter knows nothing of it: merge the pull request from `{later[0].proposed_branch}`" in text


@pytest.mark.parametrize("name", trees.NAMES)
def test_its_commands_are_taken_as_they_stand(name: str) -> None:
    declared = staged(trees.declared(name))
    lines = [line for line in block(declared).splitlines() if line.startswith("release-kit ")]
    assert [line.split()[1] for line in lines] == ["promote", "hydrate"]
    later = [each.name for each in declared.pinned if not each.staging]
    found = []
    for line in lines:
        _, command, *arguments = shlex.split(line)
        parser = argparse.ArgumentParser(exit_on_error=False)
        COMMANDS[command](parser)
        found.append(parser.parse_args(arguments))
    assert found[0].to == later[0]
    assert found[1].release == "1.3.0"


@pytest.mark.parametrize("name", trees.NAMES)
def test_without_staging_a_person_merges(name: str) -> None:
    text = section(trees.declared(name))
    assert "--skip-staging" not in text
    assert "Where the gates of the environments before can't be waited for, merge the pull request" in text
