"""Generated workflows: sound, with the names that are declared, and with commands that there are."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from release_kit.cli import app
from release_kit.documents.environments import Environments
from release_kit.engines.github_environments.plan import make_plan
from release_kit.engines.workflows import actions, stages, tree
from release_kit.engines.workflows.policy import flow, source
from release_kit.engines.workflows.policy.run import check
from release_kit.engines.workflows.policy.source import Workflow
from release_kit.values.github_environment import Reviewer
from release_kit.values.yaml_source import read_one
from tests.support import workflows
from tests.support.workflows import FOLDER, declared, texts

ROOT = Path(__file__).parents[3]
FILES = [(name, file) for name in workflows.NAMES for file in texts(name)]
each_file = pytest.mark.parametrize(("name", "file"), FILES, ids=lambda value: str(value))
each = pytest.mark.parametrize("name", workflows.NAMES)
BY_HAND = "module.yml"  # publishes this repository itself; tests/python/publishing is about it
HELD = re.compile(r"(secrets|vars)\.([A-Z_0-9]+)")


def jobs(name: str, file: str = "release.yml") -> dict[str, Any]:
    found: dict[str, Any] = workflows.read(texts(name)[file])["jobs"]
    return found


def steps(name: str, file: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for job in jobs(name, file).values():
        for step in job.get("steps", ()):
            yield job, step


def lines(name: str) -> Iterator[str]:
    for file in texts(name):
        for _, step in steps(name, file):
            yield from step.get("run", "").splitlines()


@each_file
def test_actionlint_has_nothing_to_say(name: str, file: str, tmp_path: Path) -> None:
    program = shutil.which("actionlint")
    assert program, "actionlint is not on PATH: https://github.com/rhysd/actionlint"
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for other, text in texts(name).items():
        (folder / other).write_text(text)
    command = [program, "-shellcheck=", "-pyflakes=", str(folder / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@each_file
def test_bash_can_read_every_script(name: str, file: str) -> None:
    for _, step in steps(name, file):
        done = subprocess.run(["bash", "-n"], input=step.get("run", ""), capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), step["run"]


@each_file
def test_every_action_is_pinned_and_says_its_release(name: str, file: str) -> None:
    known = {f"{action.reference} # {action.release}" for action in actions.ACTIONS}
    used = re.findall(r"uses: (.*)", texts(name)[file])
    assert {use for use in used if "./" not in use} <= known


@pytest.mark.parametrize("name", ["two", "five"])
def test_the_files_are_as_they_were(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [str(FOLDER / "declarations" / f"{name}.json"), "--output", str(FOLDER / "golden" / name)]
    assert app.main(["workflows", "generate", *arguments, "--check"]) == 0, capsys.readouterr()


def _arguments(line: str, made: Environments) -> list[str]:
    """Returns how release-kit is called by a line, with the documents that the targets of Bazel add."""
    assert made.pipeline
    if line.startswith(made.pipeline.push):
        return ["push", "SET.json", *shlex.split(line.removeprefix(made.pipeline.push))]
    match = re.fullmatch(re.escape(made.command).replace(r"\{command\}", "([a-z0-9-]+)") + "( .*)?", line)
    if not match:
        return []
    documents = {"argocd-wait": ["argocd", "wait", "E.json"], "e2e": ["e2e", "SUITE.json", "--environments", "E.json"]}
    return [*documents.get(match[1], [match[1], "E.json"]), *shlex.split(match[2] or "")]


@each
def test_release_kit_knows_every_command_and_every_flag(name: str) -> None:
    made = declared(name)
    called = [arguments for line in lines(name) if (arguments := _arguments(line, made))]
    for arguments in called:
        app._parser(arguments).parse_args(arguments)
    expected = {"push", "hydrate", "promote", "report", "e2e", "publish", "rollback"}
    assert {arguments[0] for arguments in called} >= expected


def test_the_look_at_flags_is_no_mere_yes() -> None:
    with pytest.raises(SystemExit):
        app._parser(["promote", "E.json", "--two", "demo"]).parse_args(["promote", "E.json", "--two", "demo"])


@each
def test_environments_are_exactly_the_declared_ones(name: str) -> None:
    made = declared(name)
    names = {job["environment"]["name"] for job in jobs(name).values() if "environment" in job}
    assert names == {environment.name for environment in made.environments}
    options = workflows.read(texts(name)["rollback.yml"])["true"]["workflow_dispatch"]["inputs"]["environment"][
        "options"
    ]
    assert options == [environment.name for environment in made.pinned]
    offered = workflows.read(texts(name)["e2e-tests.yml"])["true"]["workflow_dispatch"]["inputs"]["environment"][
        "options"
    ]
    assert offered == [stage.environment.name for stage in stages.stages(made) if stage.tests]


@each
def test_every_declared_secret_and_variable_is_used_and_no_other(name: str) -> None:
    made = declared(name)
    held = {("secrets", each) for environment in made.environments for each in environment.github.secrets}
    held |= {("vars", each) for environment in made.environments for each, _ in environment.github.variables}
    used = {match.groups() for text in texts(name).values() for match in HELD.finditer(text)}
    assert used - held <= {("secrets", "REGISTRY_PASSWORD"), ("vars", "REGISTRY_USER")}
    assert held <= used


@each
def test_each_environment_is_given_at_github_what_its_jobs_use(name: str) -> None:
    made = declared(name)
    nobody = {who: Reviewer("User", 1, who) for each in made.environments for who in each.github.reviewers}
    planned = {environment.name: set[str]() for environment in made.environments}
    for secret in make_plan(made, {}, nobody).missing:
        planned[secret.environment].add(secret.name)
    used = {environment.name: set[str]() for environment in made.environments}
    for file in texts(name):
        for job in jobs(name, file).values():
            given = job.get("environment", job.get("with", {}).get("environment"))
            found = {
                match[2] for _, text in source.texts(job) for match in HELD.finditer(text) if match[1] == "secrets"
            }
            place = given["name"] if isinstance(given, dict) else given
            if place in used:
                used[place] |= found - {"REGISTRY_PASSWORD"}
    assert used == planned


@each_file
def test_each_step_has_only_the_secrets_that_it_needs(name: str, file: str) -> None:
    made = declared(name)
    assert made.pipeline
    for _, step in steps(name, file):
        run, env = step.get("run", ""), step.get("env", {})
        given = {match[2] for value in env.values() for match in HELD.finditer(value)}
        if "argocd-wait" not in run:
            assert not {each for each in given if each.startswith("ARGOCD_")}
        if "e2e" not in run:
            assert given <= {made.pipeline.deploy_token, "ARGOCD_SERVER", "ARGOCD_AUTH_TOKEN", *_REGISTRY}
        if env.get("GITHUB_TOKEN") == "${{ github.token }}":
            assert "publish" in run
        if "docker login" in run:
            assert {*env} == {*_REGISTRY}
        assert "uses" not in step or not env


_REGISTRY = ("REGISTRY_USER", "REGISTRY_PASSWORD")


@each
def test_only_the_job_that_publishes_may_write_to_the_repository(name: str) -> None:
    writers = [
        (file, job)
        for file in texts(name)
        for job, value in jobs(name, file).items()
        if value["permissions"].get("contents") == "write"
    ]
    assert writers == [("release.yml", "release")]
    at_github = declared(name).chart.registry.startswith("ghcr.io/")
    packages = {job: value["permissions"].get("packages") for job, value in jobs(name).items()}
    assert {job for job, access in packages.items() if access == "write"} == (
        {"build", "release"} if at_github else set()
    )


@each
def test_the_stages_come_one_after_the_other(name: str) -> None:
    workflow = Workflow("release.yml", read_one(texts(name)["release.yml"]), texts(name)["release.yml"])
    order = ["build", *(stage.job for stage in stages.stages(declared(name)))]
    order.insert(2, "test")
    assert list(workflow.jobs) == order
    for i, job in enumerate(order[1:], 1):
        assert {*flow.before(workflow.jobs[job])} == {*order[:i]}


@each
@pytest.mark.parametrize(
    ("skips", "tested", "expected"), [(False, "skipped", False), (True, "skipped", True), (True, "failure", False)]
)
def test_a_release_that_skips_staging_goes_on_without_its_test(
    name: str, skips: bool, tested: str, expected: bool
) -> None:
    text = texts(name)["release.yml"]
    workflow = Workflow("release.yml", read_one(text), text)
    after = list(workflow.jobs)[list(workflow.jobs).index("test") + 1 :]
    for job in after:
        assert flow.may_run(workflow.jobs[job], {"test": tested}, skips, lambda _, step: step == "push") is expected
    assert flow.may_run(workflow.jobs["test"], {}, skips, lambda _, step: step == "push") is not skips


def test_two_staging_environments_are_both_skipped() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["environments"][1]["staging"] = True

    made = declared("five", edit)
    files = tree.files(made)
    assert check(files, {}, made) == ()
    job = workflows.read(files["release.yml"])["jobs"]["promote-qa"]
    skipped = "needs.build.outputs.skip-staging != 'true'"
    assert [skipped in step.get("if", "") for step in job["steps"] if "run" in step] == [False, True, True, True, True]


@each
def test_secrets_that_are_handed_on_are_declared_by_what_is_called(name: str) -> None:
    called = workflows.read(texts(name)["e2e-tests.yml"])["true"]["workflow_call"]
    call = jobs(name)["test"]
    assert {*call["secrets"]} <= {*called["secrets"]}
    assert call["secrets"] == {secret: f"${{{{ secrets.{secret} }}}}" for secret in call["secrets"]}
    assert {*call["with"]} == {*called["inputs"]}


@each
def test_no_job_is_about_another_run_s_release(name: str) -> None:
    made = declared(name)
    for job in jobs(name).values():
        called = [
            arguments for step in job.get("steps", ()) if (arguments := _arguments(step.get("run", "").strip(), made))
        ]
        about = [each for each in called if each[0] in ("hydrate", "promote", "report", "argocd", "e2e", "publish")]
        assert all("$RUNNER_TEMP/release-record.json" in each for each in about)
        gets_it = any("download-artifact" in step.get("uses", "") for step in job.get("steps", ()))
        assert gets_it is bool(about)
    assert jobs(name)["test"]["with"]["version"] == "${{ needs.build.outputs.version }}"
    tests = [step for _, step in steps(name, "e2e-tests.yml") if "--gate" in step.get("run", "")]
    assert tests
    assert all('--release "$VERSION"' in step["run"] for step in tests)
    assert {step["env"]["VERSION"] for step in tests} == {"${{ inputs.version }}"}


@each
def test_what_is_pushed_has_the_version_of_the_tag(name: str) -> None:
    pushes = [step["run"] for step in jobs(name)["build"]["steps"] if step.get("id") == "push"]
    assert len(pushes) == 1
    assert ' --expect-version "${GITHUB_REF_NAME#v}" ' in pushes[0]


@each
def test_tests_of_one_environment_never_overlap(name: str) -> None:
    for file in ("release.yml", "e2e-tests.yml"):
        for job in jobs(name, file).values():
            tests = [step["run"] for step in job.get("steps", ()) if ".e2e " in step.get("run", "").replace(":", ".")]
            place = job.get("environment", {})
            group = {"group": f"e2e-{place['name'] if isinstance(place, dict) else place}"} if tests else {}
            assert job.get("concurrency", {}) == (group | {"cancel-in-progress": False} if tests else {})
            for line in tests:
                assert ("--take-over" in line) is ("--commit-status" in line)


def test_no_commit_status_is_set_where_versions_are_tracked() -> None:
    tests = [step["run"] for _, step in steps("five", "e2e-tests.yml") if "edge" in step.get("if", "")]
    assert [("--report" in line, "--commit-status" in line) for line in tests] == [(True, False)]


@each
def test_a_rollback_reports_what_argo_cd_says_where_that_is_a_gate(name: str) -> None:
    healthy = {stage.environment.name for stage in stages.stages(declared(name)) if stage.is_healthy}
    waits = [step for _, step in steps(name, "rollback.yml") if "argocd-wait" in step.get("run", "")]
    assert bool(waits) is bool(healthy)
    assert all(step["run"].endswith(" --report\n") for step in waits)


@each
def test_the_record_is_all_that_travels_between_jobs(name: str) -> None:
    used = [step for _, step in steps(name, "release.yml") if "-artifact@" in step.get("uses", "")]
    names = {step["with"]["name"] for step in used if "download" in step["uses"]}
    assert names == {"release-record"}
    files = {word for line in lines(name) for word in line.split() if "release-record" in word}
    assert files == {'"$RUNNER_TEMP/release-record.json"'}


def test_this_repository_has_what_is_generated_for_its_sample() -> None:
    folder = ROOT / ".github" / "workflows"
    generated = {path.name: path.read_text() for path in folder.iterdir() if path.name != BY_HAND}
    assert generated == texts("sample")
