"""Rules for scripts: nothing that somebody outside has written becomes a part of one."""

import re
from collections.abc import Iterator, Mapping, Sequence

from release_kit.engines.validation.rule import Rule
from release_kit.engines.validation.tree import TreeFinding
from release_kit.engines.workflows.policy import expressions, shell, trust
from release_kit.engines.workflows.policy.shell import Command
from release_kit.engines.workflows.policy.source import Step, Workflow

_SOURCE = "docs.github.com, Script injections"
INJECTED = Rule(
    "expression-injected",
    "`${{ }}` in a script, but for a short list of what nobody chooses",
    "it is put in before the shell reads the script: a title such as `$(...)` becomes a program",
    _SOURCE,
    'put it into `env` of the step, and write "$NAME" in the script',
)
UNQUOTED = Rule(
    "variable-unquoted",
    "a variable from outside without quotes",
    "the shell takes it apart at spaces, and looks for files where it has a star",
    "POSIX.1-2017, Shell Command Language, section 2.6.5",
    'write "$NAME"',
)
FILE = Rule(
    "file-injected",
    "a variable from outside that is written to GITHUB_ENV, GITHUB_PATH or GITHUB_OUTPUT",
    "a line break in it makes a line of its own: a variable for all later steps",
    "docs.github.com, Workflow commands for GitHub Actions, Environment files",
    "give it to the step that needs it, in `env`",
)
DOWNLOAD = Rule(
    "download-run",
    "a program that is downloaded and run at once",
    "whoever answers there decides what runs, today another than yesterday",
    "docs.github.com, Secure use reference",
    "use an action that is pinned, or compare a digest first",
)
RULES = (INJECTED, UNQUOTED, FILE, DOWNLOAD)
_FILES = frozenset({"GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT"})
_FETCHERS = frozenset({"curl", "wget"})
_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "python", "python3", "perl", "ruby", "node", "source", "."))
_AT_ONCE = re.compile(
    r"(?:^|[\s;&|])(?:(?:ba|z|da|k)?sh|source|\.|python3?|eval)\s+(?:-\S+\s+)*[\"']?(?:<\(|\$\()\s*(?:curl|wget)\b",
    re.MULTILINE,
)
_SCRIPT = ("actions/github-script@", "script")
"""An action that runs one of its inputs."""


def findings(workflow: Workflow) -> Iterator[TreeFinding]:
    """Yields what is wrong."""
    for step in workflow.steps:
        yield from _injected(workflow, step, ("run",), step.run)
        if step.uses.startswith(_SCRIPT[0]):
            yield from _injected(workflow, step, ("with", _SCRIPT[1]), str(step.inputs.get(_SCRIPT[1], "")))
        outside = trust.untrusted_variables(step.env)
        commands = shell.commands(step.run)
        for command, known in trust.spread(commands, outside):
            yield from _unquoted(workflow, step, command, known)
            yield from _written(workflow, step, command, known)
        yield from _downloaded(workflow, step, commands)


def _injected(workflow: Workflow, step: Step, path: tuple[str, ...], script: str) -> Iterator[TreeFinding]:
    for each in expressions.within(script):
        if found := trust.untrusted(each.text):
            row = script.count("\n", 0, each.start)
            message = f"{found[0]} becomes a part of the script"
            yield workflow.finding(INJECTED.name, step.at(*path), message, INJECTED.remedy, row)


def _unquoted(workflow: Workflow, step: Step, command: Command, outside: Mapping[str, str]) -> Iterator[TreeFinding]:
    if command.program == "[[":
        return
    for word in command.words:
        for variable in word.variables:
            if variable.name in outside and not variable.is_quoted and word.redirect != "<<<":
                message = f"${variable.name} has {outside[variable.name]} in it, and stands without quotes"
                yield workflow.finding(UNQUOTED.name, step.at("run"), message, UNQUOTED.remedy, command.row)


def _written(workflow: Workflow, step: Step, command: Command, outside: Mapping[str, str]) -> Iterator[TreeFinding]:
    targets = {each.name for word in command.words if word.redirect in (">", ">>") for each in word.variables}
    if command.program == "tee":
        targets |= {each.name for word in command.arguments for each in word.variables}
    told = {each.name for word in command.arguments for each in word.variables if each.name in outside}
    for file in sorted(targets & _FILES):
        for name in sorted(told):
            message = f"{outside[name]} gets into {file}"
            yield workflow.finding(FILE.name, step.at("run"), message, FILE.remedy, command.row)


def _downloaded(workflow: Workflow, step: Step, commands: Sequence[Command]) -> Iterator[TreeFinding]:
    for command in commands:
        runs = [word for word in command.into if word not in ("sudo", "-E", "env")]
        if command.program in _FETCHERS and runs and runs[0].rpartition("/")[2] in _SHELLS:
            message = f"what {command.program} gets is run by {runs[0]}"
            yield workflow.finding(DOWNLOAD.name, step.at("run"), message, DOWNLOAD.remedy, command.row)
    for match in _AT_ONCE.finditer(step.run):
        row = step.run.count("\n", 0, match.start())
        yield workflow.finding(DOWNLOAD.name, step.at("run"), "what is downloaded is run", DOWNLOAD.remedy, row)
