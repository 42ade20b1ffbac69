"""Holds workflows to all rules."""

from collections.abc import Iterator, Mapping, Sequence

from release_kit.documents.environments import Environments
from release_kit.engines.validation.rule import Rule
from release_kit.engines.validation.tree import TreeFinding, clean, mapping
from release_kit.engines.workflows.policy import (
    action_rules,
    command_rules,
    declared_rules,
    gate_rules,
    permission_rules,
    run_rules,
    script_rules,
    secret_rules,
)
from release_kit.engines.workflows.policy.source import Workflow
from release_kit.values.yaml_source import Duplicate, YamlError, read_one, shown

SYNTAX = Rule(
    "workflow-syntax",
    "a file that is no YAML, has a key twice, or has no jobs",
    "GitHub does not run it, or runs something else than is read here",
    "docs.github.com, Workflow syntax for GitHub Actions",
    "correct it, or leave it out",
)
_ALONE = (action_rules, permission_rules, run_rules, script_rules, secret_rules)
RULES = (
    SYNTAX,
    *(rule for module in _ALONE for rule in module.RULES),
    *declared_rules.RULES,
    *gate_rules.RULES,
    *command_rules.RULES,
)
NAMES = tuple(rule.name for rule in RULES)


def check(
    texts: Mapping[str, str], unreadable: Mapping[str, str], declared: Environments | None = None
) -> tuple[TreeFinding, ...]:
    """Returns what is wrong with workflows, in the order of their files and lines.

    Args:
        texts: contents by name.
        unreadable: why others could not be read.
        declared: the environments that they are held to, too.
    """
    found = [TreeFinding(SYNTAX.name, clean(fault), SYNTAX.remedy, name) for name, fault in unreadable.items()]
    workflows = []
    for name, text in texts.items():
        workflow, faults = _read(name, text)
        found += faults
        workflows += [workflow] if workflow else []
    for workflow in workflows:
        for module in _ALONE:
            found += module.findings(workflow)
    if declared:
        way = gate_rules.Way(workflows, declared)
        found += [*declared_rules.findings(way), *gate_rules.findings(way), *command_rules.findings(way)]
    return tuple(sorted({*found}, key=lambda each: (each.file, each.line, NAMES.index(each.rule), each.message)))


def _read(name: str, text: str) -> tuple[Workflow | None, list[TreeFinding]]:
    try:
        document = read_one(text)
    except YamlError as error:
        return None, [TreeFinding(SYNTAX.name, clean(error.message), SYNTAX.remedy, name, error.line)]
    if not mapping(mapping(document.value).get("jobs")):
        return None, [TreeFinding(SYNTAX.name, "there are no jobs", SYNTAX.remedy, name, document.start)]
    workflow = Workflow(name, document, text)
    return workflow, list(_twice(workflow, document.duplicates))


def _twice(workflow: Workflow, duplicates: Sequence[Duplicate]) -> Iterator[TreeFinding]:
    for each in duplicates:
        message = f"{shown(each.path)} stands twice, first in line {each.first_line}"
        yield TreeFinding(SYNTAX.name, clean(message), SYNTAX.remedy, workflow.file, each.line)


def table() -> str:
    """Returns the rules as a table in Markdown."""
    lines = ["| rule | finds | why | remedy | source |", "| --- | --- | --- | --- | --- |"]
    for rule in RULES:
        cells = (f"`{rule.name}`", rule.finds, rule.why, rule.remedy, rule.source)
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines) + "\n"
