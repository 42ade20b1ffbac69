"""The workflows that test: everything (ci.yml), the charts (helm.yml), what runs in an environment (e2e-tests.yml)."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from release_kit.documents.environments import Environment, Environments
from release_kit.documents.pipeline import Pipeline
from release_kit.engines.gitops.yaml_text import Noted
from release_kit.engines.workflows import steps
from release_kit.engines.workflows.stages import Stage, pipeline_of, stages
from release_kit.engines.workflows.steps import running
from release_kit.engines.workflows.workflow_text import Step, Workflow
from release_kit.values.promotion_gate import PromotionGate, Reporter

E2E_FILE = "e2e-tests.yml"
_REPORTS = "bazel-testlogs/**/test.xml"
_HERE = "${{ inputs.environment }}"


def ci(declared: Environments) -> Workflow:
    """Returns the workflow that tests each change."""
    pipeline = pipeline_of(declared)
    on = {"pull_request": {}, "push": {"branches": [pipeline.release_branch]}}
    about = f"Tests each pull request, and what gets onto {pipeline.release_branch}. On a laptop:\n  {pipeline.test}"
    job = _tested(pipeline, "ci", "Test", pipeline.test)
    return Workflow("ci", about, on, _newest_only("ci"), {"test": Noted("", job)})


def charts(declared: Environments) -> Workflow:
    """Returns the workflow that tests the charts, where what concerns them has changed."""
    pipeline = pipeline_of(declared)
    paths = {"paths": [*pipeline.chart_paths, ".github/workflows/helm.yml"]} if pipeline.chart_paths else {}
    on = {"pull_request": paths, "push": {"branches": [pipeline.release_branch], **paths}}
    about = (
        "The gates of the charts, where a chart or what holds it to them has changed; ci.yml runs them, too. "
        f"On a laptop:\n  {pipeline.charts}"
    )
    job = _tested(pipeline, "helm", "Hold the charts to their gates", pipeline.charts)
    return Workflow("helm", about, on, _newest_only("helm"), {"charts": Noted("", job)})


def _newest_only(name: str) -> dict[str, Any]:
    return {"group": f"{name}-${{{{ github.ref }}}}", "cancel-in-progress": True}


def _tested(pipeline: Pipeline, name: str, title: str, line: str) -> dict[str, Any]:
    made = [steps.checkout(), steps.bazel(name), *steps.helm(pipeline), running(title, line)]
    return {
        "runs-on": pipeline.runner,
        "timeout-minutes": 60,
        "permissions": {"contents": "read"},
        "steps": [*made, steps.keep_reports(f"{name}-reports", _REPORTS)],
    }


def end_to_end(declared: Environments, stage: Stage) -> Iterator[Step]:
    """Yields the steps that test what runs in an environment, and report it."""
    environment, pipeline = stage.environment, pipeline_of(declared)
    given = {**steps.deploying(pipeline), **steps.testing(environment, pipeline)}
    for gate in stage.tests:
        status = commit_status(declared, gate, environment)
        arguments = _arguments(gate, environment.name, steps.RECORDED, status)
        yield running(_title(gate, stage), steps.command(declared, "e2e", *arguments), given)
    if stage.tests:
        yield steps.keep_reports(f"e2e-{environment.name}", "${{ runner.temp }}/e2e-*.xml")


def _title(gate: PromotionGate, stage: Stage) -> str:
    return "Run the end-to-end tests" + (f" ({gate.key})" if len(stage.tests) > 1 else "")


def _arguments(
    gate: PromotionGate, environment: str, release: tuple[str, str], status: tuple[str, ...]
) -> tuple[str, ...]:
    # No other run tests at the same time: whoever has left a pending status is dead.
    statuses = (*status, "--take-over") if status else ()
    report = f'"$RUNNER_TEMP/e2e-{gate.key}.xml"'
    return ("--environment", environment, *release, "--gate", gate.key, "--report", *statuses, "--junit", report)


def commit_status(declared: Environments, gate: PromotionGate, environment: Environment) -> tuple[str, ...]:
    """Returns the flag for a gate whose result is a commit status at GitHub, too; one of a branch that there is."""
    is_status = gate.reporter is Reporter.SCM_STATUS and declared.repository.provider == "github"
    return ("--commit-status",) if is_status and not environment.tracks else ()


def tested(declared: Environments) -> tuple[Stage, ...]:
    """Returns the stages with end-to-end tests."""
    return tuple(stage for stage in stages(declared) if stage.tests)


def call(declared: Environments, stage: Stage) -> dict[str, Any]:
    """Returns the job that has the tests of an environment run by their own workflow."""
    names = _secrets(declared, stage)
    return {
        "permissions": {"contents": "read"},
        "uses": f"./.github/workflows/{E2E_FILE}",
        "with": {"environment": stage.environment.name, "version": f"${{{{ {steps.VERSION} }}}}"},
        "secrets": {name: steps.secret(name) for name in names},
    }


def _secrets(declared: Environments, stage: Stage) -> list[str]:
    """Returns the names of the secrets that the tests of a stage have."""
    pipeline = pipeline_of(declared)
    given = {**steps.deploying(pipeline), **steps.testing(stage.environment, pipeline)}
    return [name for name in stage.environment.github.secrets if steps.secret(name) in given.values()]


def e2e(declared: Environments) -> Workflow:
    """Returns the workflow that tests what runs in an environment, for others and by hand."""
    found, pipeline = tested(declared), pipeline_of(declared)
    names = [stage.environment.name for stage in found]
    secrets = sorted({name for stage in found for name in _secrets(declared, stage)})
    input_ = {"description": "Where to test", "required": True}
    version = {"version": {"description": "The release that has to be there; empty: whatever is", "type": "string"}}
    on = {
        "workflow_call": {
            "inputs": {"environment": {**input_, "type": "string"}, **version},
            # The values are the environment's: a secret has to be passed by its name to be found there.
            "secrets": {name: {"required": False} for name in secrets},
        },
        "workflow_dispatch": {"inputs": {"environment": {**input_, "type": "choice", "options": names}, **version}},
    }
    about = (
        "Tests what runs in an environment, and reports the result as its gate. release.yml calls it; by hand, it "
        f"tests again. On a laptop:\n  {steps.command(declared, 'e2e')} --environment {names[0]} --report"
    )
    job = {
        "runs-on": pipeline.runner,
        "timeout-minutes": 30,
        "environment": _HERE,
        "permissions": {"contents": "read"},
        **steps.one_test_at_a_time(_HERE),
        "steps": [_guard(names), steps.checkout(), steps.bazel(), *_chosen(declared, found)],
    }
    return Workflow("e2e-tests", about, on, None, {"test": Noted("", job)})


def _guard(names: list[str]) -> Step:
    script = f"""\
        case "$ENVIRONMENT" in
        {" | ".join(names)}) ;;
        *) echo "::error::expected {", ".join(names)}" && exit 1 ;;
        esac"""
    return running("See that the environment is declared", textwrap.dedent(script), {"ENVIRONMENT": _HERE})


def _chosen(declared: Environments, found: tuple[Stage, ...]) -> Iterator[Step]:
    """Yields the steps that test; those that do the same for several environments are one."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for stage in found:
        given = tuple(steps.testing(stage.environment, pipeline_of(declared)).items())
        for gate in stage.tests:
            status = commit_status(declared, gate, stage.environment)
            groups.setdefault((gate.key, status, given), []).append(stage.environment.name)
    for (key, status, given), names in groups.items():
        gate = next(gate for stage in found for gate in stage.tests if gate.key == key)
        arguments = _arguments(gate, '"$ENVIRONMENT"', ("--release", '"$VERSION"'), status)
        line, only = steps.command(declared, "e2e", *arguments), [] if len(names) == len(found) else names
        yield _chosen_step(declared, f"Run the end-to-end tests ({gate.key})", line, dict(given), only)
    yield steps.keep_reports(f"e2e-{_HERE}", "${{ runner.temp }}/e2e-*.xml")


def _chosen_step(declared: Environments, title: str, line: str, given: Mapping[str, str], names: list[str]) -> Step:
    token = steps.deploying(pipeline_of(declared))
    step = running(title, line, {"ENVIRONMENT": _HERE, "VERSION": "${{ inputs.version }}", **token, **given})
    only = {"if": f"${{{{ {steps.one_of(names, 'inputs.environment')} }}}}"} if names else {}
    return {"name": step["name"], **only, "env": step["env"], "run": step["run"]}
