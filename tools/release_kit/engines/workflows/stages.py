"""What the pipeline does in each environment, in order; and what a declaration has to say for that."""

from collections.abc import Iterator
from typing import NamedTuple

from release_kit.documents.environments import Environment, Environments
from release_kit.documents.pipeline import Pipeline
from release_kit.documents.promotion_gates import seconds
from release_kit.errors import InputError
from release_kit.values.promotion_gate import Kind, PromotionGate, Reporter, Target

ARGOCD = "ARGOCD_"
"""Secrets and variables whose names begin so are for waiting for Argo CD."""
ARGOCD_TOKEN, ARGOCD_SERVER = "ARGOCD_AUTH_TOKEN", "ARGOCD_SERVER"
REGISTRY_USER, REGISTRY_PASSWORD = "REGISTRY_USER", "REGISTRY_PASSWORD"
"""A variable and a secret of the repository: how to log in at a registry other than ghcr.io."""


class Stage(NamedTuple):
    """One environment in the pipeline."""

    environment: Environment
    job: str
    """What its job is called, such as `promote`."""
    approvals: tuple[PromotionGate, ...]
    """What whoever lets the job run has agreed to."""
    tests: tuple[PromotionGate, ...]
    """What the end-to-end tests report."""
    is_healthy: bool
    """Whether Argo CD's health holds back those that come next."""
    is_first: bool
    is_last: bool

    @property
    def waits(self) -> bool:
        """Whether the job waits for Argo CD."""
        return self.is_healthy or ARGOCD_TOKEN in self.environment.github.secrets

    @property
    def is_tested_apart(self) -> bool:
        """Whether the tests are a job of their own."""
        return self.is_first and not self.is_last and bool(self.tests)


def pipeline_of(declared: Environments) -> Pipeline:
    """Returns the declared pipeline.

    Raises:
        InputError: there is none.
    """
    if declared.pipeline is None:
        remedy = "say in which repository releases are made: docs/documents.md"
        raise InputError("pipeline: missing: there is nothing to generate workflows from", remedy)
    return declared.pipeline


def stages(declared: Environments) -> tuple[Stage, ...]:
    """Returns the stages in order: up to the last environment that pins a version.

    Raises:
        InputError: the declaration lacks what the pipeline needs.
    """
    names = [environment.name for environment in declared.pinned]
    if not names:
        raise InputError("environments: a pipeline needs one that pins a version", "let one of them have no `tracks`")
    last = next(i for i, environment in enumerate(declared.environments) if environment.name == names[-1])
    used = declared.environments[: last + 1]
    found = tuple(_stage(declared, environment, i, last) for i, environment in enumerate(used))
    for fault, remedy in _faults(declared, found):
        raise InputError(fault, remedy)
    return found


def _stage(declared: Environments, environment: Environment, position: int, last: int) -> Stage:
    gates = declared.gates_of(environment)
    manual = [gate for gate in gates if gate.kind is Kind.MANUAL and gate.reporter is Reporter.SCM_STATUS]
    return Stage(
        environment=environment,
        job=_job(environment.name, position, last),
        approvals=() if environment.tracks else tuple(manual),
        tests=tuple(gate for gate in gates if gate.kind is Kind.E2E),
        is_healthy=any(gate.kind is Kind.ARGOCD_HEALTH for gate in gates),
        is_first=position == 0,
        is_last=position == last,
    )


def _job(name: str, position: int, last: int) -> str:
    if position == last:
        return "release"
    if position == 0:
        return "deploy-staging"
    return "promote" if last == 2 else f"promote-{name}"


def _faults(declared: Environments, found: tuple[Stage, ...]) -> Iterator[tuple[str, str]]:
    """Finds what the pipeline needs and is not declared; each as what is wrong, and what to do about it."""
    if not declared.command:
        remedy = "name it such as bazel run //release:{command} --"
        yield "command: missing: the pipeline's jobs have to know how to run a command", remedy
    for stage in found:
        for fault, remedy in _stage_faults(pipeline_of(declared), stage):
            yield f"environment {stage.environment.name}: {fault}", remedy


def _stage_faults(pipeline: Pipeline, stage: Stage) -> Iterator[tuple[str, str]]:
    environment, held = stage.environment, stage.environment.github
    if pipeline.deploy_token not in held.secrets:
        yield f"github.secrets: {pipeline.deploy_token} is missing", "its job reads the deploy repository: add it"
    if stage.is_healthy and ARGOCD_TOKEN not in held.secrets:
        yield f"github.secrets: {ARGOCD_TOKEN} is missing", "its job waits for Argo CD: add it, or take the gate out"
    if stage.waits and ARGOCD_SERVER not in dict(held.variables):
        yield f"github.variables: {ARGOCD_SERVER} is missing", "its job waits for Argo CD: say where that is"
    if stage.tests and not environment.url:
        yield "url: missing", f"say where {environment.name} answers: the gate {stage.tests[0].key} tests it"
    asking = "name who is asked before its job runs: github.reviewers"
    if stage.approvals and not held.reviewers:
        yield f"github.reviewers: nobody agrees to the gate {stage.approvals[0].key}", asking
    if not environment.automatic and not environment.tracks and not held.reviewers:
        yield "github.reviewers: a person promotes to it (automatic: false), and nobody is asked", asking


def notes(declared: Environments) -> Iterator[str]:
    """Says what is legal, but holds up a release that nobody holds up."""
    before = 0
    for stage in stages(declared):
        name, held = stage.environment.name, stage.environment.github
        if held.wait_minutes * 60 < before:
            need = -(-before // 60)
            told = f"a timer before it takes {need} minutes, and github.wait_minutes is below that"
            yield f"{name}: {told}: its job is refused until the timer is over, and has to be run again then"
        if held.branches and not held.tags:
            yield f"{name}: github.branches without github.tags: no job for a tag may use it, so no release gets there"
        timers = [g for g in declared.gates_of(stage.environment, Target.ACTIVE) if g.kind is Kind.TIMER]
        before = max((seconds(gate.duration) for gate in timers), default=0)
