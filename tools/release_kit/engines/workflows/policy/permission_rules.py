"""Rules for what the token of a run may do."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from release_kit.engines.validation.rule import Rule
from release_kit.engines.validation.tree import TreeFinding
from release_kit.engines.workflows.policy.source import Job, Workflow
from release_kit.values.yaml_source import Path

_SOURCE = "docs.github.com, Workflow syntax for GitHub Actions, permissions"
MISSING = Rule(
    "permissions-missing",
    "a job without `permissions`, of its own or of the workflow",
    "it has those of the repository's settings, which may be all",
    _SOURCE,
    "write permissions: {} at the top, and in each job what it needs",
)
BROAD = Rule(
    "permissions-broad",
    "write-all, read-all, or a right to write for all jobs of a workflow",
    "a step that is taken over has more than its own job needs",
    _SOURCE,
    "name what the one job needs, in that job",
)
UNNEEDED = Rule(
    "permissions-unneeded",
    "a right to write that no step of the job is known to need",
    "a step that is taken over has it all the same",
    _SOURCE,
    "take it out",
)
RULES = (MISSING, BROAD, UNNEEDED)
_HARMLESS = re.compile(
    r"(?:actions/(?:cache|checkout|download-artifact|setup-[\w-]+|upload-artifact)(?:/[\w-]+)?"
    r"|azure/setup-[\w-]+|bazel-contrib/setup-bazel|docker/(?:login|setup-[\w-]+)-action)@.*"
)
"""Actions that write nothing with the token; what others do is not known."""
_NEEDED_BY: Mapping[str, str] = {
    "actions": r"\bgh (?:cache|run|workflow)\b",
    "attestations": r"\bgh attestation\b",
    "contents": r"\bpublish\b|\bgit push\b|\bgh (?:pr|release)\b",
    "id-token": r"cosign|--provenance|sigstore|ACTIONS_ID_TOKEN_REQUEST",
    "issues": r"\bgh (?:issue|label)\b",
    "packages": r"\bpush\b|\bpublish\b|\b(?:crane|oras|skopeo) (?:cp|copy)\b",
    "pull-requests": r"\bgh pr\b",
    "statuses": r"--commit-status|statuses",
}
"""Which commands need which right to write; no other right is known to be needed by one."""
_ANY = r"\bgh api\b|api\.github\.com"


def findings(workflow: Workflow) -> Iterator[TreeFinding]:
    """Yields what is wrong."""
    top = workflow.value.get("permissions")
    yield from _broad(workflow, top, ("permissions",))
    if isinstance(top, Mapping):
        for scope in _writes(top):
            message = f"all jobs may write {scope}"
            yield workflow.finding(BROAD.name, ("permissions", scope), message, BROAD.remedy)
    for job in workflow.jobs.values():
        yield from _of_job(workflow, job, "permissions" in workflow.value)


def _of_job(workflow: Workflow, job: Job, is_limited: bool) -> Iterator[TreeFinding]:
    if "permissions" not in job.value:
        if not is_limited:
            yield workflow.finding(MISSING.name, job.path, f"the job {job.name} may do anything", MISSING.remedy)
        return
    own = job.value["permissions"]
    path = (*job.path, "permissions")
    if own is None:
        yield workflow.finding(MISSING.name, path, f"the job {job.name} names no permissions", MISSING.remedy)
    yield from _broad(workflow, own, path)
    # What a called workflow does is looked at in its own file.
    if isinstance(own, Mapping) and not job.uses:
        scripts = "\n".join(step.run for step in job.steps)
        is_known = all(_HARMLESS.fullmatch(step.uses) for step in job.steps if step.uses)
        for scope in _writes(own) if is_known else ():
            if not re.search(f"{_NEEDED_BY.get(scope, _ANY)}|{_ANY}", scripts):
                message = f"no step of the job {job.name} is known to write {scope}"
                yield workflow.finding(UNNEEDED.name, (*path, scope), message, UNNEEDED.remedy)


def _broad(workflow: Workflow, value: Any, path: Path) -> Iterator[TreeFinding]:
    if isinstance(value, str):
        yield workflow.finding(BROAD.name, path, f"{value[:100]} is about all rights at once", BROAD.remedy)


def _writes(value: Mapping[str, Any]) -> Iterator[str]:
    return (scope for scope, access in value.items() if access == "write")
