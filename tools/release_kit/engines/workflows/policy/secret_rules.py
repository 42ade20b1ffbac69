"""Rules for secrets: each in the one step that needs it, and told to nobody."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from release_kit.engines.validation.rule import Rule
from release_kit.engines.validation.tree import TreeFinding, mapping
from release_kit.engines.workflows.policy import expressions, shell, trust
from release_kit.engines.workflows.policy.shell import Command
from release_kit.engines.workflows.policy.source import Step, Workflow
from release_kit.values.yaml_source import Path

_SOURCE = "docs.github.com, Secure use reference, Use secrets for sensitive information"
SCOPE = Rule(
    "secret-scope",
    "a secret in `env` of a job or of the whole workflow",
    "every step has it, those of other people's actions too",
    _SOURCE,
    "put it into `env` of the step that needs it",
)
INHERITED = Rule(
    "secrets-inherited",
    "secrets: inherit",
    "the called workflow has all secrets, those too that it does not need",
    "docs.github.com, Reuse workflows, Passing inputs and secrets",
    "name each: NAME: ${{ secrets.NAME }}; an environment's is found so, too",
)
IN_SCRIPT = Rule(
    "secret-in-script",
    "`${{ secrets.NAME }}` in a script",
    "it is a part of the script's text: of a file, of a command line, and of a fault's message",
    _SOURCE,
    "put it into `env` of the step",
)
TOLD = Rule(
    "secret-told",
    "a secret that is printed, by itself, with the whole environment, or by set -x",
    "the log is masked only where the very same text is found in it",
    _SOURCE,
    "take it out; a program reads it from its environment or from its input (<<<)",
)
ARGUMENT = Rule(
    "secret-argument",
    "a secret on a command line",
    "whoever may list the machine's processes reads it, and programs print how they were called",
    _SOURCE,
    "let the program read it from its environment or from its input (<<<)",
)
RULES = (SCOPE, INHERITED, IN_SCRIPT, TOLD, ARGUMENT)
_PRINTERS = frozenset({"cat", "echo", "logger", "print", "printf", "tee"})
_FILTERS = frozenset(
    ("awk", "base32", "base64", "cut", "fold", "head", "hexdump", "jq", "od", "rev", "sed", "sort", "tr", "xxd")
)
"""They print what they read, more or less."""
_DUMPS = frozenset({"env", "printenv", "set", "export", "declare", "typeset"})
_TESTS = frozenset({"[", "[[", "test", ":", "case", "export", "local", "declare", "readonly", "typeset"})
"""They look at a value without telling it."""
_TRACING = re.compile(r"-[a-zA-Z]*[xv][a-zA-Z]*|xtrace|verbose")
"""Options of a shell that has it print what it runs, and words after its `-o`."""


def findings(workflow: Workflow) -> Iterator[TreeFinding]:
    """Yields what is wrong."""
    yield from _scoped(workflow, workflow.value.get("env"), ("env",))
    for job in workflow.jobs.values():
        yield from _scoped(workflow, job.value.get("env"), (*job.path, "env"))
        if job.value.get("secrets") == "inherit":
            message = f"the job {job.name} hands on all secrets"
            yield workflow.finding(INHERITED.name, (*job.path, "secrets"), message, INHERITED.remedy)
    for step in workflow.steps:
        yield from _in_script(workflow, step)
        carried = trust.secret_variables(step.env)
        if carried:
            yield from _traced(workflow, step, carried)
        for command, known in trust.spread(shell.commands(step.run) if carried else (), carried):
            yield from _told(workflow, step, command, known)


def _scoped(workflow: Workflow, env: Any, path: Path) -> Iterator[TreeFinding]:
    for name, found in trust.secret_variables(mapping(env)).items():
        message = f"{name} has the secret {found[0]} in every step"
        yield workflow.finding(SCOPE.name, (*path, name), message, SCOPE.remedy)


def _in_script(workflow: Workflow, step: Step) -> Iterator[TreeFinding]:
    for each in expressions.within(step.run):
        if found := trust.secrets(f"${{{{ {each.text} }}}}"):
            row = step.run.count("\n", 0, each.start)
            message = f"the secret {found[0]} becomes a part of the script"
            yield workflow.finding(IN_SCRIPT.name, step.at("run"), message, IN_SCRIPT.remedy, row)


def _traced(workflow: Workflow, step: Step, carried: Mapping[str, list[str]]) -> Iterator[TreeFinding]:
    words = str(step.value.get("shell", "")).split()
    if any(map(_TRACING.fullmatch, words)):
        message = f"the shell prints each command, and ${next(iter(carried))} with it"
        yield workflow.finding(TOLD.name, step.at("shell"), message, TOLD.remedy)


def _prints(command: Command) -> bool:
    """Tells whether a command prints what it is given, and no program keeps that to itself."""
    is_kept = command.into and command.into[0] not in (_PRINTERS | _FILTERS)
    return command.program in _PRINTERS and not is_kept


def _told(workflow: Workflow, step: Step, command: Command, carried: Mapping[str, list[str]]) -> Iterator[TreeFinding]:
    if said := _dumped(command, carried):
        yield workflow.finding(TOLD.name, step.at("run"), said, TOLD.remedy, command.row)
    for word in command.words:
        for variable in word.variables:
            if variable.name not in carried or (word.redirect and word.redirect != "<<<"):
                continue
            secret = f"${variable.name} (the secret {carried[variable.name][0]})"
            if _prints(command):
                message = f"{command.program} tells {secret}"
                yield workflow.finding(TOLD.name, step.at("run"), message, TOLD.remedy, command.row)
            elif not word.redirect and command.program not in (_TESTS | _PRINTERS):
                message = f"{secret} is on the command line of {command.program[:100]}"
                yield workflow.finding(ARGUMENT.name, step.at("run"), message, ARGUMENT.remedy, command.row)


def _dumped(command: Command, carried: Mapping[str, list[str]]) -> str:
    """Returns what a command tells of the whole environment; empty where it does not."""
    arguments = [word.text for word in command.arguments]
    first = arguments[0] if arguments else ""
    rest = arguments[1:]
    if first in ("set", "bash", "sh", "zsh") and any(map(_TRACING.fullmatch, rest)):
        return f"{first} prints each command, and ${next(iter(carried))} with it"
    if first == "printenv" and (not rest or {*rest} & {*carried}):
        return f"printenv tells ${next(iter(carried))}"
    if first in _DUMPS and (not rest or rest == ["-p"]):
        return f"{first} tells all variables, and ${next(iter(carried))} with them"
    return ""
