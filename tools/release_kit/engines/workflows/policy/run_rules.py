"""Rules for how jobs run: one after the other, not forever, on whose machine, and on which condition."""

import re
from collections.abc import Iterator
from typing import Any

from release_kit.engines.validation.rule import Rule
from release_kit.engines.validation.tree import TreeFinding, items, mapping, text
from release_kit.engines.workflows.policy import expressions
from release_kit.engines.workflows.policy.source import Job, Workflow
from release_kit.values.yaml_source import Path

_SYNTAX = "docs.github.com, Workflow syntax for GitHub Actions"
CONCURRENCY = Rule(
    "concurrency-missing",
    "a workflow without `concurrency`, in one of whose jobs it is missing, too",
    "two runs do the same thing at the same time, or the older one comes last",
    f"{_SYNTAX}, concurrency",
    "write concurrency with a group, and cancel-in-progress",
)
TIMEOUT = Rule(
    "timeout-missing",
    "a job without timeout-minutes",
    "one that hangs takes six hours, and holds up all others of its group",
    f"{_SYNTAX}, jobs.<job_id>.timeout-minutes",
    "add timeout-minutes: a little more than it ever takes",
)
SELF_HOSTED = Rule(
    "runner-self-hosted",
    "a job for pull requests on a machine of one's own",
    "anybody who opens one runs programs there, and may leave some behind",
    "docs.github.com, Secure use reference, Hardening for self-hosted runners",
    "let GitHub's machines run it",
)
CONDITION = Rule(
    "condition-always-true",
    "an `if` with something around its `${{ }}`, a line break at the end included",
    "it is then a text, and every text is true",
    f"{_SYNTAX}, jobs.<job_id>.if",
    "put the whole condition into one pair of braces, and fold it with >- where it is long",
)
RULES = (CONCURRENCY, TIMEOUT, SELF_HOSTED, CONDITION)
_OUTSIDERS = ("pull_request", "pull_request_target")
_WHOLE = re.compile(r"\$\{\{(?:(?!\}\}).)*\}\}", re.DOTALL)


def findings(workflow: Workflow) -> Iterator[TreeFinding]:
    """Yields what is wrong."""
    for job in workflow.jobs.values():
        yield from _unlimited(workflow, job)
        yield from _self_hosted(workflow, job)
        yield from _conditions(workflow, job.value.get("if"), (*job.path, "if"))
    for step in workflow.steps:
        yield from _conditions(workflow, step.value.get("if"), step.at("if"))
    lacking = [job.name for job in workflow.jobs.values() if not (job.value.get("concurrency") or job.uses)]
    if not workflow.value.get("concurrency") and lacking:
        message = f"several runs of {lacking[0]} may be under way at once"
        yield workflow.finding(CONCURRENCY.name, ("jobs", lacking[0]), message, CONCURRENCY.remedy)


def _unlimited(workflow: Workflow, job: Job) -> Iterator[TreeFinding]:
    if not job.uses and not job.value.get("timeout-minutes"):
        yield workflow.finding(TIMEOUT.name, job.path, f"the job {job.name} has no end", TIMEOUT.remedy)


def _self_hosted(workflow: Workflow, job: Job) -> Iterator[TreeFinding]:
    events = [event for event in _OUTSIDERS if event in workflow.events]
    if events and "self-hosted" in _labels(job.value.get("runs-on")):
        message = f"the job {job.name} runs on a machine of one's own, started by {events[0]}"
        yield workflow.finding(SELF_HOSTED.name, (*job.path, "runs-on"), message, SELF_HOSTED.remedy)


def _labels(value: Any) -> list[str]:
    found = mapping(value).get("labels", value)
    return [each.lower() for each in ([found] if isinstance(found, str) else map(text, items(found)))]


def _conditions(workflow: Workflow, value: Any, path: Path) -> Iterator[TreeFinding]:
    found = text(value)
    if any(expressions.within(found)) and not _WHOLE.fullmatch(found):
        yield workflow.finding(CONDITION.name, path, f"this is always true: {found!r:.200}", CONDITION.remedy)
