"""docs/ci.md: the workflow holds to the policy, the pipeline of GitLab is sound, and every command is one."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from release_kit.cli import app
from release_kit.engines.workflows import actions
from release_kit.engines.workflows.policy.run import check
from release_kit.values.yaml_source import read_one
from tests.support.pages import page, snippets

PAGE = page("ci.md")
RECIPES = {snippet.what: snippet.text for snippet in snippets("ci.md", "recipe")}
WORKFLOW, PIPELINE = ".github/workflows/release.yml", ".gitlab-ci.yml"
GLOBAL = {"stages", "variables", "workflow"}
WORDS = {"after_script", "allow_failure", "artifacts", "before_script", "environment", "extends", "image", "needs"}
WORDS |= {"resource_group", "rules", "script", "stage"}
"""What jobs of GitLab may have (docs.gitlab.com, CI/CD YAML syntax reference), as far as it is used."""
DOCUMENTS = {
    "push": ["push", "SET.json"],
    "e2e": ["e2e", "SUITE.json", "--environments", "E.json"],
    "environments.argocd-wait": ["argocd", "wait", "E.json"],
}


def read(text: str) -> dict[str, Any]:
    value: dict[str, Any] = read_one(text).value
    return value


def pipeline() -> dict[str, dict[str, Any]]:
    """Returns the jobs of the pipeline, with what they extend."""
    whole = {name: job for name, job in read(RECIPES[PIPELINE]).items() if name not in GLOBAL}

    def extended(job: dict[str, Any]) -> dict[str, Any]:
        return {**(extended(whole[job["extends"]]) if "extends" in job else {}), **job}

    return {name: extended(job) for name, job in whole.items() if not name.startswith(".")}


def arguments(line: str) -> list[str]:
    """Returns how release-kit is called by a line, with the documents that its target adds; none where it is not."""
    match = re.fullmatch(r"bazel run //(?:\w+)?:?([\w.-]*) -- (.*)", line.replace("//e2e", "//:e2e"), re.S)
    if not match:
        return []
    name = match[1]
    known = DOCUMENTS.get(name) or [name.removeprefix("environments."), "E.json"]
    return [*known, *shlex.split(match[2])]


def lines() -> list[str]:
    found = [step["run"].strip() for step in read(RECIPES[WORKFLOW])["jobs"]["release"]["steps"] if "run" in step]
    return found + [line for job in pipeline().values() for line in job["script"]]


CALLS = [line for line in lines() if line.startswith("bazel run ")]


def test_the_page_has_both_recipes() -> None:
    assert {*RECIPES} == {WORKFLOW, PIPELINE}
    assert len(CALLS) > 10


def test_the_workflow_holds_to_the_policy() -> None:
    assert check({"release.yml": RECIPES[WORKFLOW]}, {}, None) == ()


def test_the_workflow_without_a_pin_does_not() -> None:
    faulty = re.sub(r"checkout@\w+ # v7\.0\.1", "checkout@v7", RECIPES[WORKFLOW])
    assert [finding.rule for finding in check({"release.yml": faulty}, {}, None)] == ["action-unpinned"]


def test_actionlint_has_nothing_to_say(tmp_path: Path) -> None:
    program = shutil.which("actionlint")
    assert program, "actionlint is not on PATH: https://github.com/rhysd/actionlint"
    file = tmp_path / WORKFLOW
    file.parent.mkdir(parents=True)
    file.write_text(RECIPES[WORKFLOW])
    command = [program, "-shellcheck=", "-pyflakes=", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_workflow_takes_the_actions_that_generated_ones_take() -> None:
    known = {f"{action.reference} # {action.release}" for action in actions.ACTIONS}
    assert {*re.findall(r"uses: (.*)", RECIPES[WORKFLOW])} <= known


@pytest.mark.parametrize("line", CALLS)
def test_release_kit_takes_every_command(line: str) -> None:
    called = arguments(line)
    assert called
    app._parser(called).parse_args(called)


def test_a_word_that_there_is_not_is_refused() -> None:
    called = arguments("bazel run //gitops:environments.promote -- --two demo")
    with pytest.raises(SystemExit):
        app._parser(called).parse_args(called)


@pytest.mark.parametrize("line", lines())
def test_bash_can_read_every_line(line: str) -> None:
    done = subprocess.run(["bash", "-n"], input=line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_jobs_have_words_that_gitlab_knows_and_stages_that_are_declared() -> None:
    whole = read(RECIPES[PIPELINE])
    jobs = pipeline()
    assert {word for job in jobs.values() for word in job} <= WORDS
    assert [job["stage"] for job in jobs.values()] == whole["stages"]
    assert all(job["script"] and job["image"] and job["before_script"] for job in jobs.values())


def test_a_release_is_started_by_its_tag_and_promoted_to_its_end_by_a_person() -> None:
    jobs = pipeline()
    of_tags = [
        name for name, job in jobs.items() if any("$CI_COMMIT_TAG" in rule["if"] for rule in job.get("rules", ()))
    ]
    assert of_tags == ["push", "deploy-staging", "e2e", "promote", "release"]
    by_hand = [name for name in of_tags if any(rule.get("when") == "manual" for rule in jobs[name]["rules"])]
    assert by_hand == ["release"]
    assert jobs["release"]["allow_failure"] is False


def test_every_command_of_a_release_says_which_one_it_means() -> None:
    for name, job in pipeline().items():
        for line in job["script"]:
            if name not in ("test", "rollback"):
                assert '"${CI_COMMIT_TAG#v}"' in line


def test_a_gate_is_reported_before_what_it_holds_back() -> None:
    called = [arguments(line) for job in pipeline().values() for line in job["script"] if arguments(line)]
    words = [" ".join(each) for each in called]

    def place(*wanted: str) -> int:
        return next(i for i, line in enumerate(words) if all(word in line for word in wanted))

    assert place("argocd wait", "demo-staging", "--report") < place("e2e", "--report") < place("promote", "--to demo ")
    assert place("report", "approval") < place("promote", "--to release") < place("publish")


def test_only_where_two_jobs_touch_one_environment_do_they_wait_for_each_other() -> None:
    for job in pipeline().values():
        if "environment" in job:
            assert job["resource_group"] == job["environment"]["name"]
