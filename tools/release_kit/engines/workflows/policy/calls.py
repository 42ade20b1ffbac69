"""Commands of release-kit in the scripts of workflows, and the environments that they are about."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from release_kit.documents.environments import Environments
from release_kit.engines.validation.tree import items, mapping, text
from release_kit.engines.workflows.policy import expressions, shell
from release_kit.engines.workflows.policy.source import Job, Step, Workflow

_PLACE = "{command}"
_INPUT = re.compile(r"inputs\.([\w-]+)")
_APART = r"(?:[ \t]|\\\n)+"
"""What is between two words."""
_GROUPS = {("argocd", "wait"): "argocd-wait"}
"""Commands of two words, and what the targets of such are called."""


class Call(NamedTuple):
    """One command of release-kit."""

    name: str
    """Such as `promote`, or `argocd-wait`."""
    options: Mapping[str, str]
    """Such as `--to`; one without a value has an empty one. A variable stands for what `env` has in its place."""
    step: Step
    row: int
    """Of the script, from 0."""
    is_alone: bool
    """Whether the script is this one command, so that it ends as the command does."""

    @property
    def environment(self) -> str:
        """What it is about: a name or an expression; empty where it says none."""
        return self.options.get("--to" if self.name == "promote" else "--environment", "")


def calls(workflow: Workflow, declared: Environments) -> Iterator[Call]:
    """Yields the commands of all steps, in order."""
    for step in workflow.steps:
        for command in shell.commands(step.run):
            words = [word.text for word in command.arguments]
            if found := _named(words, declared):
                name, rest = found
                yield Call(name, _options(rest, step), step, command.row, _is_alone(step.run, name, declared))


def _push(declared: Environments) -> str:
    return declared.pipeline.push if declared.pipeline else ""


def _is_alone(script: str, name: str, declared: Environments) -> bool:
    known = [declared.command.format(command=name), _push(declared) if name == "push" else ""]
    beginnings = [_APART.join(map(re.escape, each.split())) for each in known if each]
    beginnings.append(r"(?:[\w./-]*/)?release-kit")
    match = re.match(rf"(?:\s|#[^\n]*)*(?:{'|'.join(beginnings)})(?=\s|\\\n|$)", script)
    return match is not None and shell.is_rest(script[match.end() :])


def _named(words: Sequence[str], declared: Environments) -> tuple[str, Sequence[str]] | None:
    """Returns a command's name and the words after it; None where it is another program's."""
    push = _push(declared).split()
    if push and list(words[: len(push)]) == push:
        return "push", words[len(push) :]
    if words and words[0].rpartition("/")[2] == "release-kit":
        rest = [word for word in words[1:] if word not in ("-q", "-v")]
        two = _GROUPS.get(tuple(rest[:2]))  # type: ignore[arg-type]
        return (two, rest[2:]) if two else (rest[0], rest[1:]) if rest else None
    place = next((word for word in declared.command.split() if _PLACE in word), _PLACE)
    if place == _PLACE:
        return None
    pattern = re.compile(re.escape(place).replace(re.escape(_PLACE), r"([\w-]+)"))
    for position, word in enumerate(words):
        if match := pattern.fullmatch(word):
            return match[1], [each for each in words[position + 1 :] if each != "--"]
    return None


def _options(words: Sequence[str], step: Step) -> dict[str, str]:
    found: dict[str, str] = {}
    known = list(_known(words, step))
    for word, then in zip(known, [*known[1:], "--"], strict=False):
        name, is_given, value = word.partition("=")
        if name.startswith("--"):
            found[name] = _value(value if is_given else "" if then.startswith("--") else then, step)
    return found


def _known(words: Sequence[str], step: Step) -> Iterator[str]:
    """Yields words, and in the place of a variable that has options those."""
    for word in words:
        value = _value(word, step)
        yield from value.split() if value.startswith("--") and value != word else [word]


def _value(word: str, step: Step) -> str:
    """Returns what a word comes to: a variable of the step has what `env` says."""
    match = re.fullmatch(r"\$\{?(\w+)\}?", word)
    return text(step.env.get(match[1])) or word if match else word


def places(job: Job) -> list[str] | None:
    """Returns the environments that a job may run in, by their names; None where that can't be told."""
    named = job.environment
    found = list(expressions.within(named))
    if not found:
        return [named] if named else []
    match = _INPUT.fullmatch(found[0].text)
    options = [text(each) for each in items(_input(job.workflow, match[1]).get("options"))] if match else []
    return options or None


def _input(workflow: Workflow, name: str) -> Mapping[str, object]:
    return mapping(mapping(mapping(workflow.events.get("workflow_dispatch")).get("inputs")).get(name))


def called_with(job: Job, called: Workflow) -> list[str]:
    """Returns the environments that a job names to a workflow that it calls."""
    names = {
        match[1]
        for inner in called.jobs.values()
        for each in expressions.within(inner.environment)
        if (match := _INPUT.fullmatch(each.text))
    }
    given = mapping(job.value.get("with"))
    return [text(given[name]) for name in sorted(names) if name in given]
