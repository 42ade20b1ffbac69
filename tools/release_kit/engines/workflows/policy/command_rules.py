"""Rules for each command of a pipeline: its failure counts, it looks at all that it can, and at one release only."""

import re
from collections.abc import Iterator

from release_kit.engines.validation.rule import Rule
from release_kit.engines.validation.tree import TreeFinding, mapping, text
from release_kit.engines.workflows.policy import expressions
from release_kit.engines.workflows.policy.calls import Call
from release_kit.engines.workflows.policy.gate_rules import Way
from release_kit.engines.workflows.policy.source import Job, Step, Workflow

_SOURCE = "docs/workflows.md"
HIDDEN = Rule(
    "failure-hidden",
    "a command of the pipeline in a script that is more than this one command, or for another shell than bash or sh",
    "a pipe, a condition or a command after it may hide that it failed, and the job goes on",
    _SOURCE,
    "let a step of its own run it, as it is declared, without anything around it",
)
WEAKENED = Rule(
    "check-weakened",
    "a command that is told not to look, or not at what is declared: --again, --no-verify, --dry-run, --collect-only, "
    "--url of e2e; --take-over where tests of the environment may overlap",
    "what a person decides once, knowing why, happens with each release",
    _SOURCE,
    "take it out; a job whose concurrency group is e2e-ENVIRONMENT may take over",
)
UNNAMED = Rule(
    "release-unnamed",
    "a command that does not say of which release it is, where a release is made or a success is reported",
    "another run's release is promoted, or counts as tested",
    _SOURCE,
    "give it the record of the run: --record FILE; to a workflow that is called, the version",
)
SOURCES = Rule(
    "sources-other",
    "actions/checkout with `ref` in a job that pushes or promotes",
    "what is pushed, or decides about it, is not what the tag says",
    _SOURCE,
    "take `ref` out: what the workflow runs for is checked out",
)
RULES = (HIDDEN, WEAKENED, UNNAMED, SOURCES)
_MOVES = ("hydrate", "promote", "publish", "rollback")
_COMMANDS = ("push", *_MOVES, "argocd-wait", "e2e", "report")
_OF_ONE = ("promote", "argocd-wait", "e2e")
"""Commands that are about whatever is there, unless they are told of a release."""
_WEAKENING = ("--again", "--no-verify", "--dry-run", "--collect-only", "--take-over")
_NAMING = ("--record", "--release", "--commit")
_INPUT = re.compile(r"inputs\.([\w-]+)")


def findings(way: Way) -> Iterator[TreeFinding]:
    """Yields what is wrong."""
    strict = set(_releasing(way))
    for workflow in way.workflows.values():
        makes_one = any(way.of(job, "push", "publish") for job in workflow.jobs.values())
        for job in workflow.jobs.values():
            for call in way.of(job, *_COMMANDS):
                yield from _hidden(call)
                if workflow.name in strict or "--report" in call.options:
                    yield from _weakened(call)
                yield from _unnamed(call, makes_one)
            yield from _unnamed_to(way, job) if makes_one else ()
            yield from _other_sources(way, job)


def _releasing(way: Way) -> Iterator[str]:
    """Yields the workflows that change what runs, and those that they call."""
    for name, workflow in way.workflows.items():
        if any(way.of(job, *_MOVES) for job in workflow.jobs.values()):
            yield name
            yield from (called.name for job in workflow.jobs.values() if (called := way.called(job)))


def _found(call: Call, rule: Rule, message: str) -> TreeFinding:
    return call.step.workflow.finding(rule.name, call.step.at("run"), message, rule.remedy, call.row)


def _hidden(call: Call) -> Iterator[TreeFinding]:
    shell = _shell(call.step)
    if not call.is_alone:
        yield _found(call, HIDDEN, f"{call.name} is not the whole script")
    elif shell not in ("", "bash", "sh"):
        yield _found(call, HIDDEN, f"{call.name} is run by {shell:.100}")


def _shell(step: Step) -> str:
    """Returns what reads a step's script, by the nearest place that says so."""
    above = (mapping(mapping(each.get("defaults")).get("run")) for each in (step.job.value, step.workflow.value))
    return next((found for each in (step.value, *above) if (found := text(each.get("shell")))), "")


def _weakened(call: Call) -> Iterator[TreeFinding]:
    flags = (*_WEAKENING, "--url") if call.name == "e2e" else _WEAKENING
    for flag in flags:
        # The command line takes an option by its first letters, too.
        given = any(len(option) > 2 and flag.startswith(option) for option in call.options)
        if given and not (flag == "--take-over" and _is_alone_there(call)):
            yield _found(call, WEAKENED, f"{call.name} has {flag}")


def _is_alone_there(call: Call) -> bool:
    """Tells whether no other job tests the environment at the same time."""
    value = call.step.job.value.get("concurrency")
    group = text(value) or text(mapping(value).get("group"))
    return call.name == "e2e" and group == f"e2e-{call.environment}" and not mapping(value).get("cancel-in-progress")


def _unnamed(call: Call, makes_one: bool) -> Iterator[TreeFinding]:
    named = [call.options.get(option) for option in _NAMING]
    if call.name == "report" and call.options.get("--phase") == "success" and not any(named):
        yield _found(call, UNNAMED, f"reports a success of whatever is in {call.environment}")
    elif makes_one and call.name in _OF_ONE and not any(named[:2]):
        yield _found(call, UNNAMED, f"{call.name} is about whatever is in {call.environment}")


def _unnamed_to(way: Way, job: Job) -> Iterator[TreeFinding]:
    """Finds a called workflow that is not told of the release."""
    given, called = mapping(job.value.get("with")), way.called(job)
    for call in _within(way, called) if called else ():
        inputs = {match[1] for each in _release(call) if (match := _INPUT.fullmatch(each))}
        is_told = call.options.get("--record") or call.options.get("--release")
        if not is_told or any(not given.get(name) for name in inputs):
            message = f"{called.name if called else ''} is not told of which release its {call.name} is"
            yield job.workflow.finding(UNNAMED.name, job.path, message, UNNAMED.remedy)


def _within(way: Way, called: Workflow) -> list[Call]:
    return [call for job in called.jobs.values() for call in way.of(job, *_OF_ONE)]


def _release(call: Call) -> list[str]:
    return [each.text for each in expressions.within(call.options.get("--release", ""))]


def _other_sources(way: Way, job: Job) -> Iterator[TreeFinding]:
    if not way.of(job, "push", "hydrate", "promote", "publish"):
        return
    for step in job.steps:
        if step.uses.lower().startswith("actions/checkout@") and step.inputs.get("ref"):
            message = f"the job {job.name} runs for one ref, and checks out {text(step.inputs['ref']):.100}"
            yield job.workflow.finding(SOURCES.name, step.at("with", "ref"), message, SOURCES.remedy)
