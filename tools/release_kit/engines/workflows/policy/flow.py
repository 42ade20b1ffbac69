"""In which order jobs run, and which of them run all the same where another one failed or was skipped.

docs.github.com, "Using conditions to control job execution" and "Evaluate expressions", status check functions. A job
whose `if` has none of these functions runs only where all jobs before it, and before those, have succeeded.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from release_kit.engines.validation.tree import text
from release_kit.engines.workflows.policy import expressions
from release_kit.engines.workflows.policy.expressions import UNKNOWN
from release_kit.engines.workflows.policy.source import Job, Workflow

SUCCESS, FAILURE, CANCELLED, SKIPPED = "success", "failure", "cancelled", "skipped"
STATUS = frozenset({"always()", "cancelled()", "failure()", "success()"})
_NEED = re.compile(r"needs\.([\w-]+)\.(result|outputs\.([\w-]+))")
_OUTPUT = re.compile(r"steps\.([\w-]+)\.outputs\.([\w-]+)")
IsPush = Callable[[Job, str], bool]
"""Tells whether the step of an id pushes the release."""


def before(job: Job) -> dict[str, Job]:
    """Returns all jobs that come before one, by their names."""
    found: dict[str, Job] = {}
    waiting = list(job.needs)
    while waiting:
        name = waiting.pop()
        if name in job.workflow.jobs and name not in found:
            found[name] = job.workflow.jobs[name]
            waiting += found[name].needs
    return found


def may_run(job: Job, forced: Mapping[str, str], skips: bool, is_push: IsPush) -> bool:
    """Tells whether a job may run.

    Args:
        job: which one.
        forced: how others have ended.
        skips: whether the release skips staging.
        is_push: which step says so.
    """
    return _Run(job.workflow, forced, skips, is_push).result(job.name) == SUCCESS


class _Run:
    """A run in which all jobs succeed that run, but for some."""

    def __init__(self, workflow: Workflow, forced: Mapping[str, str], skips: bool, is_push: IsPush) -> None:
        self._workflow = workflow
        self._results = dict(forced)
        self._skips = skips
        self._is_push = is_push

    def result(self, name: str) -> str:
        """Returns how a job ends."""
        if name not in self._results:
            # Whatever needs itself never runs.
            self._results[name] = SKIPPED
            job = self._workflow.jobs.get(name)
            self._results[name] = SUCCESS if job and self._may(job) else SKIPPED
        return self._results[name]

    def _may(self, job: Job) -> bool:
        earlier = [self.result(name) for name in before(job)]
        succeeded = all(result == SUCCESS for result in earlier)
        named = expressions.names(job.condition) if job.condition else set()
        if not STATUS & {name.lower() for name in named} and not succeeded:
            return False
        return not job.condition or expressions.evaluate(job.condition, self._look(earlier, succeeded)) is not False

    def _look(self, earlier: list[str], succeeded: bool) -> Callable[[str], Any]:
        status = {
            "always(0)": True,
            "cancelled(0)": CANCELLED in earlier,
            "failure(0)": FAILURE in earlier,
            "success(0)": succeeded,
        }

        def look(name: str) -> Any:
            match = _NEED.fullmatch(name)
            if name in status or not match:
                return status.get(name, UNKNOWN)
            return self._output(match[1], match[3]) if match[3] else self.result(match[1])

        return look

    def _output(self, job: str, name: str) -> Any:
        """Returns what a job tells: whether staging is skipped, if that is what the push has said."""
        found = self._workflow.jobs.get(job)
        told = expressions.condition(text(found.outputs.get(name))) if found else ""
        match = _OUTPUT.fullmatch(told)
        if found and match and match[2] == "skip-staging" and self._is_push(found, match[1]):
            return str(self._skips).lower()
        return UNKNOWN
