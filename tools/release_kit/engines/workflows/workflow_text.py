"""Writes a workflow for people to read."""

import textwrap
from collections.abc import Mapping
from typing import Any, NamedTuple

from release_kit.engines.gitops.yaml_text import Noted, body, comment
from release_kit.engines.workflows.actions import with_releases

Job = Mapping[str, Any]
Step = dict[str, Any]


class Workflow(NamedTuple):
    """A workflow; each of its jobs with a comment."""

    name: str
    about: str
    on: Mapping[str, Any]
    concurrency: Mapping[str, Any] | None
    """None: its jobs have their own."""
    jobs: Mapping[str, Noted]


def text(workflow: Workflow) -> str:
    """Returns the file's text."""
    parts = ["\n".join(comment(workflow.about)) + "\n" + body({"name": workflow.name})]
    # A reader of YAML 1.1 takes a plain `on` for true; GitHub reads 1.2, and everybody writes it plainly.
    parts.append(f"on:\n{textwrap.indent(body(workflow.on), '  ')}")
    parts.append(body({"permissions": {}}))
    if workflow.concurrency:
        parts.append(body({"concurrency": workflow.concurrency}))
    parts.append(body({"defaults": {"run": {"shell": "bash"}}}))
    jobs = (textwrap.indent(body({name: job}), "  ") for name, job in workflow.jobs.items())
    parts.append("jobs:\n" + "\n".join(jobs))
    return with_releases("\n".join(parts))
