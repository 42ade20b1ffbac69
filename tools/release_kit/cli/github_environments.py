"""`release-kit github environments`: GitHub's environments are as they are declared."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from release_kit.cli import github_access, promotion_setting
from release_kit.cli.console import Console
from release_kit.errors import InputError, ReleaseError

if TYPE_CHECKING:
    from release_kit.documents.environments import Environments
    from release_kit.documents.pipeline import Pipeline
    from release_kit.engines.github_environments.apply import Value
    from release_kit.engines.github_environments.plan import Plan

SCHEMA = "rules_release/github-plan/v1"
_NEEDS = "administer the repository, and read and write its environments; docs/github.md names the permissions"
_MOST_SHOWN = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("environments", metavar="ENVIRONMENTS.json", help="the declaration of the environments")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--apply", action="store_true", help="change what differs; by default nothing is changed")
    what.add_argument("--check", action="store_true", help="fail if anything differs, or a secret is missing")
    parser.add_argument(
        "--set-secret",
        action="append",
        default=[],
        metavar="[ENVIRONMENT:]NAME",
        help="with --apply: set it to what the variable NAME has, in each environment that declares it, or in one",
    )
    parser.add_argument("--json", action="store_true", help="print the plan as JSON")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Shows the plan, or carries it out; returns the exit code.

    Raises:
        ReleaseError: GitHub refuses, or --check finds a difference, which has been printed.
    """
    from release_kit.adapters.github.environments import GitHubEnvironments
    from release_kit.documents import environments
    from release_kit.engines.github_environments.apply import apply, look

    declared = environments.load(Path(arguments.environments))
    pipeline = _pipeline(declared)
    values = _values(arguments, declared)
    with github_access.opened(pipeline.domain, "github environments", _NEEDS) as api:
        host = GitHubEnvironments(pipeline, api)
        console.step(f"environments of {pipeline.owner}/{pipeline.name} at {api.host}")
        plan = apply(declared, host, values, console) if arguments.apply else look(declared, host)
    _show(plan, pipeline, arguments, console)
    if arguments.check and not plan.is_as_declared:
        raise ReleaseError(
            f"GitHub's environments are not as declared: {_count(plan)}",
            "look at the table, change them with --apply, and set the secrets that are missing",
        )
    return 0


def _pipeline(declared: "Environments") -> "Pipeline":
    if declared.pipeline is None:
        remedy = "declare `pipeline`: it names the repository whose environments these are"
        raise InputError("the declaration has no pipeline", remedy)
    return declared.pipeline


def _values(arguments: argparse.Namespace, declared: "Environments") -> "list[Value]":
    """Takes the secrets' values from the environment; no error tells one."""
    from release_kit.engines.github_environments.apply import Value, chosen

    if arguments.set_secret and not arguments.apply:
        raise InputError("--set-secret changes what is at GitHub", "say --apply, too")
    secrets = [secret for wanted in arguments.set_secret for secret in chosen(declared, wanted)]
    for secret in secrets:
        if not os.environ.get(secret.name):
            remedy = "let it have the secret's value: it is never taken from the command line"
            raise InputError(f"--set-secret: the environment variable {secret.name} is empty or not set", remedy)
    return [Value(secret, os.environ[secret.name]) for secret in dict.fromkeys(secrets)]


def _show(plan: "Plan", pipeline: "Pipeline", arguments: argparse.Namespace, console: Console) -> None:
    if arguments.json:
        console.result(_json(plan, pipeline, arguments.apply))
    else:
        rows = [(each.environment, each.what, each.now, each.declared, each.action) for each in plan.rows]
        header = ("ENVIRONMENT", "WHAT", "NOW", "DECLARED", "ACTION")
        console.table(header, [tuple(_cell(cell) for cell in row) for row in rows])
        if lines := [*_lines(plan, pipeline, arguments.apply)]:
            console.result("\n" + "\n".join(lines))
    if arguments.apply:
        console.step(f"done: {len(plan.calls)} changes" if plan.calls else "everything was as declared already")
    elif plan.calls:
        console.step("nothing was changed; --apply does what the table says")
    if plan.missing:
        console.note(f"secrets that are missing: {len(plan.missing)}; set them with `gh secret set`, or --set-secret")


def _lines(plan: "Plan", pipeline: "Pipeline", applied: bool) -> Iterator[str]:
    """Yields the commands of gh that do what is still to be done."""
    from release_kit.engines.github_environments import commands

    yield from () if applied else (commands.of_call(call, pipeline) for call in plan.calls)
    yield from (commands.of_secret(secret, pipeline) for secret in plan.missing)


def _json(plan: "Plan", pipeline: "Pipeline", applied: bool) -> str:
    return promotion_setting.document(
        SCHEMA,
        repository=f"{pipeline.owner}/{pipeline.name}",
        applied=applied,
        things=[each._asdict() for each in plan.rows],
        requests=[{"method": each.method, "path": each.path, "body": each.body} for each in plan.calls],
        missing_secrets=[each._asdict() for each in plan.missing],
        commands=[*_lines(plan, pipeline, applied)],
    )


def _count(plan: "Plan") -> str:
    return f"{len(plan.calls)} changes, {len(plan.missing)} missing secrets"


def _cell(text: str) -> str:
    """Returns what a cell shows of a text, which may come from GitHub."""
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text) or "-"
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}..."
