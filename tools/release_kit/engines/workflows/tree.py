"""All workflows of a pipeline, by the names of their files."""

from collections.abc import Iterator

from release_kit.documents.environments import Environments
from release_kit.engines.gitops.origin import Origin
from release_kit.engines.workflows import releasing, testing
from release_kit.engines.workflows.stages import pipeline_of
from release_kit.engines.workflows.workflow_text import Workflow, text

FOLDERS = ("",)
"""All folders that files are in."""


def origin(declared: Environments) -> Origin:
    """Returns what generated workflows say that they come from."""
    return Origin("workflows generate", declared.name)


def files(declared: Environments) -> dict[str, str]:
    """Returns the text of each file by its name.

    Raises:
        InputError: there is no pipeline, or it lacks something; says what to declare.
    """
    made = {f"{workflow.name}.yml": text(workflow) for workflow in _workflows(declared)}
    return {name: origin(declared).commented(made[name]) for name in sorted(made)}


def _workflows(declared: Environments) -> Iterator[Workflow]:
    yield testing.ci(declared)
    if pipeline_of(declared).charts:
        yield testing.charts(declared)
    yield releasing.release(declared)
    if testing.tested(declared):
        yield testing.e2e(declared)
    yield releasing.rollback(declared)
