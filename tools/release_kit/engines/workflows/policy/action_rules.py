"""Rules for what a workflow takes from others: actions, images, and the sources of a pull request."""

import re
from collections.abc import Iterator
from typing import Any

from release_kit.engines.validation.rule import Rule
from release_kit.engines.validation.tree import TreeFinding, mapping, text
from release_kit.engines.workflows.policy.source import Job, Step, Workflow, texts
from release_kit.values.yaml_source import Path

_HARDENING = "docs.github.com, Secure use reference"
UNPINNED = Rule(
    "action-unpinned",
    "an action, called workflow or image that is not named by the full digest of its content",
    "a tag or branch is whatever its owner, or a thief, makes of it tomorrow",
    f"{_HARDENING}, Using third-party actions",
    "write OWNER/NAME@ and 40 digits of the commit, the release in a comment; images with @sha256:",
)
CHECKOUT = Rule(
    "untrusted-checkout",
    "the sources of a pull request in a workflow that has the rights of the repository",
    "whoever opens one runs programs with the repository's token, secrets and caches",
    f"{_HARDENING}, Mitigating the risks of untrusted code checkout",
    "let pull_request start it, or look at no sources",
)
CREDENTIALS = Rule(
    "credentials-persisted",
    "actions/checkout without persist-credentials: false",
    "every later step, and every artifact of the folder, has the token of the run",
    "github.com/actions/checkout, action.yml",
    "add persist-credentials: false, and give a token to the one step that needs it",
)
RULES = (UNPINNED, CHECKOUT, CREDENTIALS)
_COMMIT = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
_IMAGE = re.compile(r"[^\s@]+@sha256:[0-9a-f]{64}")
_PRIVILEGED = frozenset({"pull_request_target", "workflow_run", "issue_comment"})
_HEAD = re.compile(
    r"github\.event\.pull_request\.head\b|github\.event\.pull_request\.merge_commit_sha|github\.head_ref\b"
    r"|github\.event\.workflow_run\.head|github\.event\.workflow_run\.pull_requests|refs/pull/|\bpull/[^\s/]+/(?:head|merge)"
)
_FETCHING = re.compile(r"\bgh\s+pr\s+checkout\b")


def findings(workflow: Workflow) -> Iterator[TreeFinding]:
    """Yields what is wrong."""
    for job in workflow.jobs.values():
        yield from _called(workflow, job)
        yield from _images(workflow, job)
    for step in workflow.steps:
        yield from _used(workflow, step)
        yield from _checked_out(workflow, step)


def _called(workflow: Workflow, job: Job) -> Iterator[TreeFinding]:
    if job.uses and not job.uses.startswith("./") and not _COMMIT.fullmatch(job.uses):
        yield _unpinned(workflow, (*job.path, "uses"), job.uses)


def _used(workflow: Workflow, step: Step) -> Iterator[TreeFinding]:
    image = step.uses.removeprefix("docker://")
    pinned = _IMAGE if image != step.uses else _COMMIT
    if step.uses and not step.uses.startswith("./") and not pinned.fullmatch(image):
        yield _unpinned(workflow, step.at("uses"), step.uses)


def _images(workflow: Workflow, job: Job) -> Iterator[TreeFinding]:
    for path, image in _named_images(job):
        if image and not _IMAGE.fullmatch(image):
            yield _unpinned(workflow, path, image)


def _named_images(job: Job) -> Iterator[tuple[Path, str]]:
    yield from _named_image(job.value.get("container"), (*job.path, "container"))
    for name, service in mapping(job.value.get("services")).items():
        yield from _named_image(service, (*job.path, "services", name))


def _named_image(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    else:
        yield (*path, "image"), text(mapping(value).get("image"))


def _unpinned(workflow: Workflow, path: Path, found: str) -> TreeFinding:
    return workflow.finding(UNPINNED.name, path, f"{found} is not pinned", UNPINNED.remedy)


def _checked_out(workflow: Workflow, step: Step) -> Iterator[TreeFinding]:
    is_checkout = step.uses.lower().startswith("actions/checkout@")
    if is_checkout and str(step.inputs.get("persist-credentials")).lower() != "false":
        yield workflow.finding(CREDENTIALS.name, step.at("uses"), "the token stays in .git/config", CREDENTIALS.remedy)
    events = sorted(_PRIVILEGED & {*workflow.events})
    if not events:
        return
    for path, found in texts(step.inputs if is_checkout else {}, ("with",)):
        if _HEAD.search(found):
            message = f"started by {events[0]}, it checks out {found}"
            yield workflow.finding(CHECKOUT.name, step.at(*map(str, path)), message, CHECKOUT.remedy)
    if str(step.inputs.get("allow-unsafe-pr-checkout")).lower() == "true" and is_checkout:
        message = f"started by {events[0]}, it allows the checkout of any pull request"
        yield workflow.finding(CHECKOUT.name, step.at("with", "allow-unsafe-pr-checkout"), message, CHECKOUT.remedy)
    if _FETCHING.search(step.run) or _HEAD.search(step.run):
        message = f"started by {events[0]}, it fetches what a pull request proposes"
        yield workflow.finding(CHECKOUT.name, step.at("run"), message, CHECKOUT.remedy)
