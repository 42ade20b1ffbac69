"""The runbook says what people can do: its commands are taken by the program, and follow from the declaration."""

import re
import shlex
from typing import Any

import pytest

from release_kit.cli import app
from release_kit.documents.environments import Environments
from release_kit.engines.gitops import runbook
from tests.support import gitops_trees as trees

TOKEN = {"secrets": ["DEPLOY_TOKEN"]}
DOCUMENTS = {"argocd-wait": "argocd wait E.json", "e2e": "e2e SUITE.json --environments E.json"}


def reachable(document: dict[str, Any]) -> None:
    """Says where each environment answers, and that the pinned ones skip staging and have what workflows need."""
    for position, environment in enumerate(document["environments"]):
        environment |= {"url": f"https://{environment['name']}.acme.example", "staging": position == 0}
        environment |= {} if "tracks" in environment else {"github": TOKEN}


def piped(document: dict[str, Any]) -> None:
    reachable(document)
    document["pipeline"] = {"owner": "acme", "name": "shop"}


def elsewhere(document: dict[str, Any]) -> None:
    """Is at Forgejo."""
    document["repository"] = {"provider": "forgejo", "domain": "git.acme.example", "owner": "acme", "name": "deploy"}


KINDS = {
    "full": trees.declared("full"),
    "tracking": trees.declared("tracking"),
    "full with a pipeline": trees.declared("full", edit=piped),
    "tracking with a pipeline": trees.declared("tracking", edit=piped),
    "full at forgejo": trees.declared("full", edit=elsewhere),
}
each = pytest.mark.parametrize("declared", KINDS.values(), ids=KINDS)


def calls(declared: Environments, section: str = "") -> list[list[str]]:
    """Returns the arguments of release-kit in all commands, those of Bazel's targets among them, or in one section."""
    text = runbook.text(declared)
    text = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0] if section else text
    way = re.escape(declared.command).replace(r"\{command\}", r"([a-z0-9-]+)").removesuffix(r"\ \-\-")
    found = []
    for line in "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)).splitlines():
        match = re.fullmatch(f"{way}(?: --)?( .*)?", line) if way else None
        if line.startswith("release-kit "):
            found.append(shlex.split(line.removeprefix("release-kit ").replace("ENVIRONMENTS.json", "E.json")))
        elif declared.pipeline and line.startswith(declared.pipeline.push):
            found.append(["push", "SET.json", *shlex.split(line.removeprefix(declared.pipeline.push))])
        elif match:
            documents = DOCUMENTS.get(match[1], f"{match[1]} E.json")
            found.append(shlex.split(f"{documents}{match[2] or ''}"))
    return found


def promotions(declared: Environments) -> list[str]:
    """Returns what is done for each environment, without the commands of Bazel."""
    found = calls(declared._replace(command=""), "Release and promote")
    return [" ".join(call).replace(" E.json", "").replace(" SUITE.json", "").replace(" SET.json", "") for call in found]


def words(declared: Environments, section: str) -> str:
    """Returns a section in one line."""
    return " ".join(runbook.text(declared).partition(f"\n## {section}\n")[2].partition("\n## ")[0].split())


@each
def test_release_kit_takes_every_command(declared: Environments) -> None:
    found = calls(declared)
    for arguments in found:
        app._parser(arguments).parse_args(arguments)
    assert {"hydrate", "promote", "argocd", "report", "rollback", "status"} <= {arguments[0] for arguments in found}


@each
def test_bazel_and_the_program_are_told_the_same(declared: Environments) -> None:
    found = [call for call in calls(declared) if call[0] not in ("cut", "push")]
    once = [call for call in calls(declared._replace(command="")) if call[0] not in ("cut", "push")]
    expected = [call for call in once for _ in range(2 if declared.command else 1)]
    assert found == expected


def test_each_promotion_is_followed_by_its_reports() -> None:
    assert promotions(KINDS["full with a pipeline"]) == [
        "cut 1.2.3",
        "push --hold-moving-tags",
        "hydrate --release 1.2.3",
        "promote --to demo-staging",
        "argocd wait --environment demo-staging --report",
        "e2e --environments --environment demo-staging --gate e2e --report",
        "e2e --environments --environment demo-staging --gate load --report",
        "promote --from demo-staging --to demo",
        "argocd wait --environment demo --report",
        "promote --from demo --to release",
        "argocd wait --environment release --report",
        "publish --release 1.2.3",
        "status",
    ]


def test_what_tracks_versions_is_waited_for_and_tested_too() -> None:
    found = promotions(KINDS["tracking with a pipeline"])
    assert found[3:6] == [
        "argocd wait --environment demo-staging --report",
        "e2e --environments --environment demo-staging --report",
        "promote --from demo-staging --to demo",
    ]


def test_nobody_is_told_to_test_what_has_no_address() -> None:
    assert not [call for call in promotions(KINDS["full"]) if call.startswith("e2e")]


def test_nobody_is_told_to_wait_where_no_gate_is_about_health() -> None:
    declared = trees.declared("full", edit=lambda it: it["gates"].pop(0))
    assert not [call for call in promotions(declared) if call.startswith("argocd")]


@pytest.mark.parametrize("name", trees.NAMES)
def test_without_a_pipeline_nothing_is_cut_or_published(name: str) -> None:
    assert not [call for call in calls(KINDS[name]) if call[0] in ("cut", "push", "publish")]


def test_going_back_everywhere_is_the_promoters_way_alone() -> None:
    text = words(KINDS["full"], "Roll back")
    assert "without GitOps Promoter, roll back each environment, as `promote` never goes back" in text
    assert "With it, hydrate the earlier release again" in text


def test_github_is_told_by_report() -> None:
    text = words(KINDS["full"], "Report and approve gates")
    assert "gh api" not in text
    assert "refuses to talk over another run" in text
    reports = [call for call in calls(KINDS["full"], "Report and approve gates") if "--commit-status" in call]
    assert {call[call.index("--gate") + 1] for call in reports} == {"e2e", "approval"}


def test_github_is_told_otherwise_of_what_has_no_commit() -> None:
    def at_github(document: dict[str, Any]) -> None:
        document["repository"] = {"owner": "acme", "name": "deploy", "app_id": 1}

    declared = trees.declared("tracking", edit=at_github)
    text = words(declared, "Report and approve gates")
    assert text.count("gh api") == 1
    assert "context=release-kit/demo-staging-e2e" in text
    (call,) = [call for call in calls(declared, "Report and approve gates") if "demo-staging" in call]
    assert "--commit-status" not in call


@pytest.mark.parametrize(("name", "way"), [("tracking", "glab api"), ("full at forgejo", "curl --fail")])
def test_other_hosts_are_told_in_their_own_way(name: str, way: str) -> None:
    assert way in words(KINDS[name], "Report and approve gates")
    assert not [call for call in calls(KINDS[name]) if "--commit-status" in call]


@pytest.mark.parametrize("name", KINDS)
def test_a_release_is_held_by_its_approval(name: str) -> None:
    call = calls(KINDS[name], "Hold")[0]
    assert call[:8] == ["report", "E.json", "--environment", "release", "--gate", "approval", "--phase", "failure"]


def test_without_an_approval_the_job_is_stopped() -> None:
    declared = trees.declared("full", edit=lambda it: it["environments"][2].update(gates=[]))
    assert words(declared, "Hold").endswith("stop the job that runs `promote`: nothing else promotes.")
    assert "disable `release.yml`" in words(KINDS["full with a pipeline"], "Hold")


def test_a_hotfix_leaves_a_newer_release_in_staging() -> None:
    expected = "It supersedes whatever waits, but for a newer release in demo-staging, which stays."
    assert expected in words(KINDS["full with a pipeline"], "Hotfix")
    assert "but for a newer" not in words(KINDS["full"], "Hotfix")
