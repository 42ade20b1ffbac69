"""The workflows that change what runs: release.yml brings a tag through the environments, rollback.yml goes back."""

from collections.abc import Iterable, Iterator
from typing import Any

from release_kit.documents.environments import Environments
from release_kit.engines.gitops.yaml_text import Noted
from release_kit.engines.workflows import steps, testing
from release_kit.engines.workflows.stages import Stage, pipeline_of, stages
from release_kit.engines.workflows.steps import RECORD_FILE, RECORDED, running
from release_kit.engines.workflows.workflow_text import Step, Workflow

_RUN = '"$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"'
_EXPECTED = '--expect-version "${GITHUB_REF_NAME#v}"'
"""What is pushed has the version of the tag that the workflow runs for."""
_NOT_SKIPPED = f"{steps.SKIPS} != 'true'"
_TEST = "test"


def release(declared: Environments) -> Workflow:
    """Returns the workflow that makes a release and brings it through the environments."""
    found = stages(declared)
    names = ", ".join(stage.environment.name for stage in found)
    about = (
        f"Makes the release of a tag and brings it through {names}. A failed job can be run again: each takes only "
        "what the earlier ones have published. Started by hand, it needs the tag as the ref to run from."
    )
    jobs = {"build": Noted("Tests and pushes the release; what moves with each release stays.", _build(declared))}
    for stage in found:
        jobs[stage.job] = Noted(_about(stage), _deploy(declared, found, stage))
        if stage.is_tested_apart:
            jobs[_TEST] = Noted(_about_test(stage), _test(declared, stage))
    on = {"push": {"tags": ["v*"]}, "workflow_dispatch": {}}
    return Workflow("release", about, on, {"group": "release", "cancel-in-progress": False}, jobs)


def _about(stage: Stage) -> str:
    name = stage.environment.name
    said = f"Brings the release to {name}"
    if stage.environment.tracks:
        said = f"{name} takes the release by itself"
    if stage.approvals:
        said = f"Runs once a reviewer of {name} agrees; brings the release there"
    ending = ", then publishes it." if stage.is_last else "."
    return f"{said}{' and tests it' if stage.tests and not stage.is_tested_apart else ''}{ending}"


def _about_test(stage: Stage) -> str:
    skipped = " A release that skips staging does not wait for it." if stage.environment.staging else ""
    return f"Tests what runs in {stage.environment.name}.{skipped}"


def _build(declared: Environments) -> dict[str, Any]:
    pipeline = pipeline_of(declared)
    arguments = f"--registry {declared.chart.registry} {_EXPECTED} --hold-moving-tags --record {RECORD_FILE}"
    guard = (
        'case "$GITHUB_REF" in',
        "refs/tags/v*) ;;",
        '*) echo "::error::expected a tag such as v1.2.3 as the ref to run from, found $GITHUB_REF" && exit 1 ;;',
        "esac",
    )
    push = running("Push the release", f"{pipeline.push} {arguments}")
    made = [
        running("See that it is a tag", guard),
        steps.checkout(),
        steps.bazel(),
        *steps.helm(pipeline),
        running("Test", pipeline.test),
        *steps.login(declared),
        {"name": push["name"], "id": "push", "run": push["run"]},
        steps.keep_record(),
    ]
    return {
        "runs-on": pipeline.runner,
        "timeout-minutes": 90,
        "permissions": {"contents": "read", **steps.packages(declared, "write")},
        "outputs": {name: f"${{{{ steps.push.outputs.{name} }}}}" for name in ("version", "skip-staging")},
        "steps": made,
    }


def _deploy(declared: Environments, found: tuple[Stage, ...], stage: Stage) -> dict[str, Any]:
    environment = stage.environment
    permissions = {"contents": "write" if stage.is_last else "read"}
    permissions |= steps.packages(declared, "write" if stage.is_last else "read")
    place = {"name": environment.name, **({"url": environment.url} if environment.url else {})}
    is_tested = bool(stage.tests) and not stage.is_tested_apart
    return {
        **_order(found, stage),
        "runs-on": pipeline_of(declared).runner,
        "timeout-minutes": 90,
        "environment": place,
        "permissions": permissions,
        **(steps.one_test_at_a_time(environment.name) if is_tested else {}),
        "steps": list(_deploy_steps(declared, stage)),
    }


def _order(found: tuple[Stage, ...], stage: Stage) -> dict[str, Any]:
    """Returns which jobs come before that of a stage, and when it runs."""
    position = found.index(stage)
    if not position:
        return {"needs": ["build"]}
    before, first = found[position - 1], found[0]
    needs = ["build", before.job, *([_TEST] if before.is_tested_apart else [])]
    if not (first.is_tested_apart and first.environment.staging):
        return {"needs": needs}
    # A job that is skipped has all later ones skipped, unless they say themselves what has to be.
    held = [f"needs.{name}.result == 'success'" for name in needs if name != _TEST]
    if _TEST in needs:
        skipped = f"needs.{_TEST}.result == 'skipped' && {steps.SKIPS} == 'true'"
        held.append(f"(needs.{_TEST}.result == 'success' || ({skipped}))")
    return {"needs": needs, "if": f"${{{{ !cancelled() && {' && '.join(held)} }}}}"}


def _test(declared: Environments, stage: Stage) -> dict[str, Any]:
    only = {"if": f"${{{{ {_NOT_SKIPPED} }}}}"} if stage.environment.staging else {}
    return {"needs": ["build", stage.job], **only, **testing.call(declared, stage)}


def _deploy_steps(declared: Environments, stage: Stage) -> Iterator[Step]:
    yield from steps.sources(declared)
    yield steps.get_record()
    token = steps.deploying(pipeline_of(declared))
    if stage.is_first:
        if declared.delivery == "manifests":
            yield from steps.helm(pipeline_of(declared))
        yield running("Propose it to all environments", _line(declared, "hydrate", *RECORDED), token)
    made = (*_promotion(declared, stage, token), *_checks(declared, stage))
    # A release that skips staging leaves it alone: a newer one may be there.
    yield from map(_unless_skipped, made) if stage.environment.staging else made
    if stage.is_last:
        line = _line(declared, "publish", *RECORDED)
        deploy = pipeline_of(declared).deploy_token
        yield running("Publish it", line, {deploy: steps.secret(deploy), "GITHUB_TOKEN": "${{ github.token }}"})


def _promotion(declared: Environments, stage: Stage, token: dict[str, str]) -> Iterator[Step]:
    name = stage.environment.name
    for gate in stage.approvals:
        about = ("--environment", name, "--gate", gate.key, "--phase", "success", *RECORDED)
        line = _line(
            declared, "report", *about, "--url", _RUN, *testing.commit_status(declared, gate, stage.environment)
        )
        yield running(f"Report that a reviewer let it into {name} ({gate.key})", line, token)
    if not stage.environment.tracks:
        yield running(f"Promote it to {name}", _line(declared, "promote", "--to", name, *RECORDED), token)


def _checks(declared: Environments, stage: Stage) -> Iterator[Step]:
    """Yields what has to be seen once the release is there."""
    name = stage.environment.name
    if stage.waits:
        line = _line(declared, "argocd-wait", "--environment", name, *RECORDED, *_reported(stage))
        env = {**steps.deploying(pipeline_of(declared)), **steps.waiting(stage.environment)}
        yield running(f"Wait until {name} runs it", line, env)
    if not stage.is_tested_apart:
        yield from testing.end_to_end(declared, stage)


def _reported(stage: Stage) -> tuple[str, ...]:
    """Returns the flag for an environment that has a gate which Argo CD's health decides."""
    return ("--report",) if stage.is_healthy else ()


def _unless_skipped(step: Step) -> Step:
    condition = f"!cancelled() && {_NOT_SKIPPED}" if step.get("if") == steps.NOT_CANCELLED else _NOT_SKIPPED
    rest = {name: value for name, value in step.items() if name not in ("name", "if")}
    return {"name": step["name"], "if": f"${{{{ {condition} }}}}", **rest}


def _line(declared: Environments, name: str, *arguments: str) -> str:
    return steps.command(declared, name, *arguments)


def rollback(declared: Environments) -> Workflow:
    """Returns the workflow that brings an earlier release of an environment back."""
    found = [stage for stage in stages(declared) if not stage.environment.tracks]
    names = [stage.environment.name for stage in found]
    inputs = {
        "environment": {"description": "What is rolled back", "required": True, "type": "choice", "options": names},
        "version": {"description": "A release that ran there; empty: the last good one", "type": "string"},
        "reason": {"description": "For those who read the history", "required": True, "type": "string"},
    }
    about = (
        "Brings an earlier release of an environment back, and keeps the present one out. It waits for no release that "
        f"is under way. On a laptop:\n  {_line(declared, 'rollback')} --environment {names[-1]} --reason WHY"
    )
    group = {"group": "rollback-${{ inputs.environment }}", "cancel-in-progress": False}
    on = {"workflow_dispatch": {"inputs": inputs}}
    return Workflow("rollback", about, on, group, {"rollback": Noted("", _rollback(declared, found))})


def _rollback(declared: Environments, found: list[Stage]) -> dict[str, Any]:
    chosen = {name.upper(): f"${{{{ inputs.{name} }}}}" for name in ("environment", "version", "reason")}
    token = steps.deploying(pipeline_of(declared))
    about = ("--environment", '"$ENVIRONMENT"', "--to", '"$VERSION"', "--reason", '"$REASON"')
    return {
        "runs-on": pipeline_of(declared).runner,
        "timeout-minutes": 45,
        "environment": "${{ inputs.environment }}",
        "permissions": {"contents": "read", **steps.packages(declared, "read")},
        "steps": [
            *steps.sources(declared),
            running("Roll it back", _line(declared, "rollback", *about), {**chosen, **token}),
            *_rollback_waits(declared, found),
        ],
    }


def _rollback_waits(declared: Environments, found: Iterable[Stage]) -> Iterator[Step]:
    """Yields the steps that wait for Argo CD: one for all environments where they are the same."""
    stages_ = list(found)
    groups: dict[tuple[tuple[str, ...], tuple[tuple[str, str], ...]], list[str]] = {}
    for stage in stages_:
        if stage.waits:
            same = (_reported(stage), tuple(steps.waiting(stage.environment).items()))
            groups.setdefault(same, []).append(stage.environment.name)
    token = steps.deploying(pipeline_of(declared))
    for (reported, given), names in groups.items():
        line = _line(declared, "argocd-wait", "--environment", '"$ENVIRONMENT"', *reported)
        step = running("Wait until it runs", line, {"ENVIRONMENT": "${{ inputs.environment }}", **token, **dict(given)})
        only = {} if len(names) == len(stages_) else {"if": f"${{{{ {steps.one_of(names, 'inputs.environment')} }}}}"}
        yield {"name": step["name"], **only, "env": step["env"], "run": step["run"]}
