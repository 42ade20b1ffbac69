"""Workflows as they are written: their jobs and steps, and the line that each part of them stands in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PurePath
from typing import Any

from release_kit.engines.validation.tree import TreeFinding, clean, items, mapping, text
from release_kit.engines.workflows.policy import expressions
from release_kit.values.yaml_source import Document, Path, shown

_BLOCK = re.compile(r":\s+[|>][-+\d]*\s*(?:#.*)?$")
_SHOWN = 300


class Workflow:
    """One file."""

    def __init__(self, file: str, document: Document, source: str) -> None:
        """Takes a file that was read."""
        self.file = file
        self.name = PurePath(file).name
        self.value = mapping(document.value)
        self._document = document
        self._lines = source.split("\n")

    @cached_property
    def events(self) -> Mapping[str, Any]:
        """What starts it, by the events' names. YAML 1.1 takes a plain `on` for true."""
        on = self.value.get("on", self.value.get("true"))
        if isinstance(on, str):
            return {on: {}}
        return {text(each): {} for each in items(on)} if isinstance(on, list) else mapping(on)

    @cached_property
    def jobs(self) -> Mapping[str, "Job"]:
        """Its jobs, by their names."""
        return {name: Job(self, name, mapping(job)) for name, job in mapping(self.value.get("jobs")).items()}

    @cached_property
    def steps(self) -> Sequence["Step"]:
        """All steps of all jobs."""
        return [step for job in self.jobs.values() for step in job.steps]

    def line(self, path: Path, row: int = 0) -> int:
        """Returns the line of what stands at a path; `row` is one of the rows of a text of several, from 0."""
        line = self._document.line(path)
        is_block = 0 < line <= len(self._lines) and _BLOCK.search(self._lines[line - 1])
        return line + row + 1 if is_block else line

    def finding(self, rule: str, path: Path, message: str, remedy: str, row: int = -1) -> TreeFinding:
        """Makes a finding about what stands at a path, or in a row of it."""
        line = self._document.line(path) if row < 0 else self.line(path, row)
        place = clean(shown(path))[:_SHOWN]
        return TreeFinding(rule, clean(message), clean(remedy), self.file, line, "", place)


class Job:
    """One job."""

    def __init__(self, workflow: Workflow, name: str, value: Mapping[str, Any]) -> None:
        """Takes the job of a name."""
        self.workflow = workflow
        self.name = name
        self.value = value
        self.path: Path = ("jobs", name)

    @cached_property
    def steps(self) -> Sequence["Step"]:
        """Its steps, in order."""
        return [Step(self, i, mapping(step)) for i, step in enumerate(items(self.value.get("steps")))]

    @property
    def uses(self) -> str:
        """The workflow that it calls; empty where it has steps of its own."""
        return text(self.value.get("uses"))

    @property
    def needs(self) -> Sequence[str]:
        """The jobs that come before it."""
        found = self.value.get("needs")
        return [found] if isinstance(found, str) else [text(each) for each in items(found)]

    @property
    def condition(self) -> str:
        """The expression of its `if`; empty where it has none."""
        return condition(self.value)

    @property
    def environment(self) -> str:
        """The name of its environment as it is written, maybe an expression; empty where it has none."""
        found = self.value.get("environment")
        return text(found) or text(mapping(found).get("name"))

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What it tells later jobs."""
        return mapping(self.value.get("outputs"))


class Step:
    """One step of a job."""

    def __init__(self, job: Job, position: int, value: Mapping[str, Any]) -> None:
        """Takes a job's step at a position, from 0."""
        self.job = job
        self.workflow = job.workflow
        self.position = position
        self.value = value
        self.path: Path = (*job.path, "steps", position)

    @property
    def run(self) -> str:
        """Its script; empty where it has none."""
        return text(self.value.get("run"))

    @property
    def uses(self) -> str:
        """The action that it uses; empty where it uses none."""
        return text(self.value.get("uses"))

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the action is given."""
        return mapping(self.value.get("with"))

    @property
    def condition(self) -> str:
        """The expression of its `if`; empty where it has none."""
        return condition(self.value)

    @property
    def env(self) -> Mapping[str, Any]:
        """The variables that it has, by the nearest place that gives them."""
        above = (self.workflow.value, self.job.value, self.value)
        return {name: value for place in above for name, value in mapping(place.get("env")).items()}

    def at(self, *path: str) -> Path:
        """Returns a path inside of it."""
        return (*self.path, *path)


def condition(value: Mapping[str, Any]) -> str:
    """Returns the expression of the `if` of a job or step; empty where there is none."""
    found = value.get("if", "")
    if isinstance(found, bool):
        return str(found).lower()
    return expressions.condition(text(found))


def texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yields all texts below a value, each with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from texts(each, (*path, name))
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from texts(each, (*path, position))
