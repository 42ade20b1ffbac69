"""Rules for environments and what they hold: workflows use what is declared, and each its own."""

import re
from collections.abc import Iterator, Sequence

from release_kit.documents.environments import Environment
from release_kit.engines.validation.rule import Rule
from release_kit.engines.validation.tree import TreeFinding, mapping
from release_kit.engines.workflows.policy import calls, expressions
from release_kit.engines.workflows.policy.calls import Call
from release_kit.engines.workflows.policy.gate_rules import Way
from release_kit.engines.workflows.policy.source import Job, texts
from release_kit.engines.workflows.stages import REGISTRY_PASSWORD, REGISTRY_USER

_SOURCE = "docs.github.com, Managing environments for deployment"
UNDECLARED = Rule(
    "environment-undeclared",
    "an environment that is not declared, or that whoever starts the workflow may name freely",
    "GitHub makes it on the spot: without reviewers, and without secrets of its own",
    _SOURCE,
    "correct the name, offer the declared ones as a choice, or declare it",
)
UNUSED = Rule(
    "environment-unused",
    "a declared environment that no job promotes to, where others are promoted to",
    "a release never gets there, nor past it",
    "docs/workflows.md",
    "generate the workflows anew, or take it out of the declaration",
)
WRONG = Rule(
    "environment-wrong",
    "a job that promotes to, tests or reports of another environment than the one that it runs in",
    "the reviewers, the waiting time and the secrets of the wrong one count",
    _SOURCE,
    "let the job's environment be the one that its commands name",
)
SECRET = Rule(
    "secret-undeclared",
    "a secret or variable that the job's environment does not declare, or in a job without an environment",
    "it is empty there, or that of the repository, which more people know",
    _SOURCE,
    "declare it for the environment, or take it out",
)
RULES = (UNDECLARED, UNUSED, WRONG, SECRET)
_REPOSITORY = frozenset({("secrets", "GITHUB_TOKEN"), ("secrets", REGISTRY_PASSWORD), ("vars", REGISTRY_USER)})
"""What the repository itself may hold."""
_HELD = re.compile(r"(secrets|vars)\.([\w-]+)", re.IGNORECASE)
_ABOUT_ONE = ("promote", "rollback", "report", "e2e", "argocd-wait")


def findings(way: Way) -> Iterator[TreeFinding]:
    """Yields what is wrong."""
    for workflow in way.workflows.values():
        for job in workflow.jobs.values():
            yield from _undeclared(way, job)
            yield from _held(way, job)
            for call in way.of(job, *_ABOUT_ONE):
                yield from _wrong(call)
    yield from _unused(way)


def _places(way: Way, job: Job) -> list[str] | None:
    """Returns the environments of a job, or of the jobs that it calls; None where that can't be told."""
    called = way.called(job)
    return calls.called_with(job, called) if called else calls.places(job)


def _undeclared(way: Way, job: Job) -> Iterator[TreeFinding]:
    known = [environment.name for environment in way.declared.environments]
    called = way.called(job)
    path = (*job.path, "with" if called else "environment")
    places = _places(way, job)
    if places is None:
        if "workflow_dispatch" in job.workflow.events:
            message = "whoever starts it may name any environment"
            yield job.workflow.finding(UNDECLARED.name, path, message, UNDECLARED.remedy)
        return
    for name in places:
        if name not in known:
            message = f"the environment {name!r:.100} is not declared: there are {', '.join(known)}"
            yield job.workflow.finding(UNDECLARED.name, path, message, UNDECLARED.remedy)


def _unused(way: Way) -> Iterator[TreeFinding]:
    promotions = [call for each in way.calls.values() for call in each if call.name == "promote"]
    targets = {call.environment for call in promotions}
    for environment in way.declared.pinned if promotions else ():
        if environment.name not in targets:
            first = promotions[0].step
            message = f"nothing promotes to {environment.name}"
            yield first.workflow.finding(UNUSED.name, ("jobs",), message, UNUSED.remedy)


def _wrong(call: Call) -> Iterator[TreeFinding]:
    job, target = call.step.job, call.environment
    if call.name == "promote" and not target:
        message = "promotes wherever that needs no person: name one environment with --to"
    elif not target or target == job.environment:
        return
    else:
        message = f"{call.name} is about {target}, and the job runs in {job.environment or 'no environment'}"
    yield job.workflow.finding(WRONG.name, call.step.at("run"), message, WRONG.remedy, call.row)


def _held(way: Way, job: Job) -> Iterator[TreeFinding]:
    places = _places(way, job)
    declared = [each for each in way.declared.environments if places is None or each.name in places]
    own = {each for environment in declared for each in _of(environment)} | _REPOSITORY
    anywhere = {each for environment in way.declared.environments for each in _of(environment)}
    for path, kind, name in _used(job):
        if (kind, name) in own:
            continue
        word = "secret" if kind == "secrets" else "variable"
        if job.environment or way.called(job):
            where = " and ".join(environment.name for environment in declared) or "its environment"
            message = f"the {word} {name} is not declared for {where}"
        elif (kind, name) in anywhere:
            message = f"the {word} {name} is an environment's, and the job {job.name} names none"
        else:
            continue
        yield job.workflow.finding(SECRET.name, path, message, SECRET.remedy)


def _of(environment: Environment) -> set[tuple[str, str]]:
    held = environment.github
    return {("secrets", name) for name in held.secrets} | {("vars", name) for name, _ in held.variables}


def _used(job: Job) -> Iterator[tuple[Sequence[str | int], str, str]]:
    """Yields the secrets and variables that a job names, each with where."""
    for path, found in texts(mapping(job.value)):
        for each in expressions.within(found):
            for name in sorted(expressions.names(each.text)):
                if match := _HELD.fullmatch(name):
                    yield (*job.path, *path), match[1].lower(), match[2].upper()
